//! A house with people in it, and a kind of Request that is about nothing.

use kernel::{AccountId, By, DeveloperId, Email, FileId, Lang, Time};
use people::{DeveloperInformation, Hasher, People, Seat, Session, Typed, Visitor};
use review::{
    Answer, Answers, Check, FieldDef, FieldKind, FormDef, Kind, Opening, Refusal, Request, Review, Subject,
    Verdict,
};
use std::sync::Arc;
use store::testing::{TestDb, TestHouse};
use store::{House, Look, Texts, Tx, params};

store::statements! {
    MAKE_FILE = "INSERT INTO file (id, developer_id, made_by, made_at, name, media, size, sha256, state, loose_since)
        VALUES ($1, $2, $3, $4, $5, $6, 10, $7, 'loose', $4)";
    FILE_STATE = "SELECT state FROM file WHERE id = $1";
    SET_ROLE = "UPDATE member SET role = $2 WHERE account_id = $1";
    COUNT_REQUESTS = "SELECT count(*) FROM request";
    COUNT_ROUNDS = "SELECT count(*) FROM request_round";
    COUNT_AUDIT = "SELECT count(*) FROM audit WHERE action LIKE 'request.%'";
}

/// Asks a name, a picture of the licence, and on a second page a remark. What it is about says how it behaves.
pub struct Trial;

pub fn form() -> FormDef {
    FormDef {
        fields: vec![
            FieldDef::new("name", FieldKind::Line, Texts::one("Name")).max(20),
            FieldDef::new("licence", FieldKind::Picture, Texts::one("Licence")).optional(),
            FieldDef::new("more", FieldKind::Prose, Texts::one("More")).optional().on_page(2),
        ],
    }
}

impl Subject for Trial {
    fn kind(&self) -> Kind {
        Kind::Category
    }
    fn opening(&self, _: &mut Look<'_>, _: &Seat, about: &str, _: Lang) -> Answer<Opening> {
        if about == "closed" {
            return Err(kernel::Failure::Refused(Refusal::NotOffered));
        }
        Ok(Opening {
            title: Texts::one("Trial"),
            app: None,
            form: form(),
            known: Answers::from([
                ("name".to_owned(), "Ana".to_owned()),
                ("other".to_owned(), "x".to_owned()),
            ]),
            days: 2,
            two_person: about.starts_with("two"),
            once: about.starts_with("once"),
        })
    }
    fn approved(&self, _: &mut Tx<'_>, _: &House, _: &By, request: &Request) -> Answer<()> {
        if request.about == "refuses" { Err(kernel::Failure::Refused(Refusal::NotNow)) } else { Ok(()) }
    }
    fn checks(&self, _: &mut Look<'_>, request: &Request) -> Answer<Vec<Check>> {
        let odd = request.answers.get("name").is_some_and(|n| n.contains("odd"));
        let verdict = if odd { Verdict::Warns } else { Verdict::Fine };
        Ok(vec![Check { name: "name".into(), verdict, detail: String::new(), at: Time(0) }])
    }
}

pub struct Place {
    pub people: People,
    pub review: Review,
    pub t: TestHouse,
}

/// A developer's owner.
pub struct Owner {
    pub account: AccountId,
    pub developer: DeveloperId,
    pub session: Session,
    pub seat: Seat,
}

pub fn by() -> By {
    By::house("test")
}

impl Place {
    pub async fn over(db: TestDb) -> Place {
        let t = db.house().await;
        let people = People { house: t.house.clone(), hasher: Hasher::with_memory(1, 64) };
        let texts = vec![(Lang::En, "Agreement".to_owned(), "Text".to_owned())];
        people::publish_agreement(&t.house, &by(), people::API_USE, 1, texts).await.expect("publishes");
        let review = Review { house: t.house.clone(), subjects: Arc::new(vec![Arc::new(Trial)]) };
        Place { people, review, t }
    }

    async fn session(&self, token: kernel::Token) -> Session {
        match people::visitor(&self.people, Some(token)).await.expect("looks") {
            Visitor::SignedIn(session) => *session,
            _ => panic!("not signed in"),
        }
    }

    pub async fn account(&self, name: &str) -> (AccountId, Session) {
        let email = Email::parse(&format!("{name}@x.example")).expect("an address");
        let by = by();
        let made = people::make_account(
            &self.people,
            &by,
            email,
            name.to_owned(),
            "a long enough sentence",
            Lang::En,
        );
        let account = made.await.expect("makes");
        let signed = people::sign_in_after_link(&self.people, &by, account, "test").await.expect("signs in");
        (account, self.session(signed.session).await)
    }

    pub async fn owner(&self, name: &str) -> Owner {
        let (account, session) = self.account(name).await;
        let agreement = people::agreement(&self.people, Lang::En).await.expect("is there");
        people::accept_agreement(&self.people, &by(), &session, agreement.id).await.expect("accepts");
        let typed = Typed {
            kind: "organisation".into(),
            name: name.into(),
            country: "ES".into(),
            contact_name: name.into(),
            mobile: "+34 600 111 222".into(),
            email: format!("{name}@x.example"),
            company: format!("{name} S.L."),
            licence_number: "B12345674".into(),
        };
        let information = DeveloperInformation::check(&typed).expect("is fine");
        let (developer, token) =
            people::activate(&self.people, &by(), &session, information).await.expect("activates");
        let session = self.session(token).await;
        let seat = session.seat().expect("a seat");
        Owner { account, developer, session, seat }
    }

    /// The same person in a role that looks only.
    pub async fn as_viewer(&self, o: &Owner) -> Seat {
        self.set_role(o, "viewer").await;
        let seat = self.session(o.session.token().clone()).await.seat().expect("a seat");
        self.set_role(o, "owner").await;
        seat
    }

    async fn set_role(&self, o: &Owner, role: &'static str) {
        let account = o.account;
        let set = self.t.house.db.write(move |tx| tx.change(&SET_ROLE, params![account, role]));
        set.await.map_err(|e: kernel::Fault| e).expect("sets");
    }

    pub async fn file(&self, o: &Owner, media: &'static str) -> FileId {
        let (now, house) = (self.t.house.now(), self.t.house.clone());
        let id = FileId::new(now, &*house.random);
        let (account, developer) = (o.account, o.developer);
        let made = house.db.write(move |tx| {
            let sha = kernel::sha256(id.to_string().as_bytes()).to_vec();
            tx.change(&MAKE_FILE, params![id, developer, account, now, "licence.png", media, &sha])
        });
        made.await.map_err(|e: kernel::Fault| e).expect("makes");
        id
    }

    pub async fn file_state(&self, id: FileId) -> String {
        let found = self.t.house.db.read(move |l| l.one::<(String,)>(&FILE_STATE, params![id])).await;
        found.expect("reads").expect("is there").0
    }

    pub async fn count(&self, s: &'static store::Statement) -> i64 {
        self.t.house.db.read(move |l| l.one::<(i64,)>(s, &[])).await.expect("reads").expect("a row").0
    }
}

pub fn answers(pairs: &[(&str, &str)]) -> Answers {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}
