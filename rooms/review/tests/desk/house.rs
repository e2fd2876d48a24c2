//! A house with a desk, a developer who asks for things, and a Subject that nothing else knows.

use kernel::{AccountId, AppId, By, DeveloperId, Email, Failure, Lang, RequestId};
use people::{DeveloperInformation, Hasher, OnStaff, People, Seat, Session, StaffRole, Sudo, Typed, Visitor};
use review::{
    Answer, Answers, Check, Deciding, Decision, FieldDef, FieldKind, FormDef, Kind, Opening, Refusal,
    Request, Review, Subject, Verdict,
};
use std::sync::Arc;
use store::testing::{TestDb, TestHouse};
use store::{House, Look, Texts, Tx, params};

store::statements! {
    // What an approval does: once, or it fails loudly.
    MARK = "INSERT INTO digest (name, day) VALUES ($1, 1)";
    COUNT_MARKS = "SELECT count(*) FROM digest WHERE name = $1";
    JOIN = "INSERT INTO member (developer_id, account_id, role, since) VALUES ($1, $2, 'engineer', 0)";
    STATE_OF = "SELECT state, round FROM request WHERE id = $1";
    COUNT_DECISIONS = "SELECT count(*) FROM audit WHERE subject = $1
        AND action IN ('request.approved', 'request.rejected', 'request.sent_back')";
    COUNT_ACTION = "SELECT count(*) FROM audit WHERE subject = $1 AND action = $2";
    COUNT_NOTICES = "SELECT count(*) FROM notice WHERE account_id = $1 AND what = $2";
    COUNT_DECIDED_NOTICES = "SELECT count(*) FROM notice WHERE account_id = $1
        AND what IN ('request-approved', 'request-rejected', 'request-needs-changes')";
    COUNT_LETTERS = "SELECT count(*) FROM outbox";
    LAST_NOTICE = "SELECT args FROM notice WHERE account_id = $1 AND what = $2 ORDER BY id DESC LIMIT 1";
    FLAGS = "SELECT flags FROM request WHERE id = $1";
    COUNT_ENTRIES = "SELECT count(*) FROM request_entry WHERE request_id = $1 AND what = $2";
}

pub const PASSWORD: &str = "a long enough sentence";

/// Asks for a name and an address. What it is about decides its terms: `two…` wants two reviewers, `no…` refuses when
/// it is approved.
struct Trial;

pub fn form() -> FormDef {
    FormDef {
        fields: vec![
            FieldDef::new("name", FieldKind::Line, Texts::all("Name", "名称", "Nombre")),
            FieldDef::new("site", FieldKind::Url, Texts::all("Callback", "回调地址", "Retorno")).optional(),
        ],
    }
}

impl Subject for Trial {
    fn kind(&self) -> Kind {
        Kind::Category
    }
    fn opening(&self, _: &mut Look<'_>, _: &Seat, about: &str, _: Lang) -> Answer<Opening> {
        Ok(Opening {
            title: Texts::all("A trial", "试用", "Una prueba"),
            app: None::<AppId>,
            form: form(),
            known: Answers::new(),
            days: 2,
            two_person: about.starts_with("two"),
            once: false,
        })
    }
    fn approved(&self, tx: &mut Tx<'_>, _: &House, _: &By, r: &Request) -> Answer<()> {
        if r.about.starts_with("no") {
            return Err(Failure::Refused(Refusal::NotNow));
        }
        tx.change(&MARK, params![r.id])?;
        Ok(())
    }
    fn checks(&self, look: &mut Look<'_>, r: &Request) -> Answer<Vec<Check>> {
        let _ = look;
        let waits = r.answers.contains_key("site");
        let check = |name: &str, verdict| Check {
            name: name.to_owned(),
            verdict,
            detail: String::new(),
            at: r.changed_at,
        };
        let mut out = vec![check("email_domain", Verdict::Fine)];
        out.extend(waits.then(|| check(review::CALLBACK, Verdict::Waiting)));
        Ok(out)
    }
}

/// Somebody at the desk, with a fresh password.
#[derive(Clone)]
pub struct Reviewer {
    pub id: AccountId,
    pub staff: OnStaff,
    pub sudo: Sudo,
}

pub struct Desk {
    pub t: TestHouse,
    pub people: People,
    pub review: Review,
    pub by: By,
    pub ana: AccountId,
    pub seat: Seat,
}

pub fn review_of(house: &House) -> Review {
    Review { house: house.clone(), subjects: Arc::new(vec![Arc::new(Trial)]) }
}

impl Desk {
    pub async fn open(on: TestDb) -> Desk {
        let t = on.house().await;
        let people = People { house: t.house.clone(), hasher: Hasher::with_memory(2, 64) };
        let by = By::house("test");
        let text = |l: Lang| (l, "Terms".to_owned(), "Be good.".to_owned());
        people::publish_agreement(&t.house, &by, people::API_USE, 1, Lang::ALL.map(text).to_vec())
            .await
            .expect("publishes");
        let review = review_of(&t.house);
        let (ana, _) = make(&people, "ana@x.example", Lang::Es).await;
        let session = session(&people, ana).await;
        let agreement = people::agreement(&people, Lang::En).await.expect("there");
        people::accept_agreement(&people, &by, &session, agreement.id).await.expect("accepts");
        let typed = Typed {
            kind: "organisation".into(),
            name: "Lumen Tools".into(),
            country: "ES".into(),
            contact_name: "Ana".into(),
            mobile: "+34600111222".into(),
            email: "ana@x.example".into(),
            company: "Lumen S.L.".into(),
            licence_number: "B1".into(),
        };
        let information = DeveloperInformation::check(&typed).expect("fine");
        let (_, token) = people::activate(&people, &by, &session, information).await.expect("activates");
        let Visitor::SignedIn(session) = people::visitor(&people, Some(token)).await.expect("reads") else {
            panic!("Ana is out")
        };
        let seat = session.seat().expect("a seat");
        Desk { t, people, review, by, ana, seat }
    }

    pub fn developer(&self) -> DeveloperId {
        self.seat.developer()
    }

    pub async fn reviewer(&self, email: &str) -> Reviewer {
        let (id, email) = make(&self.people, email, Lang::En).await;
        people::add_staff_by_hand(&self.people, &self.by, email, StaffRole::Reviewer).await.expect("adds");
        self.seated(id).await
    }

    pub async fn seated(&self, id: AccountId) -> Reviewer {
        let session = session(&self.people, id).await;
        let token =
            people::confirm_sudo(&self.people, &self.by, &session, PASSWORD, "").await.expect("confirms");
        let Visitor::SignedIn(session) = people::visitor(&self.people, Some(token)).await.expect("reads")
        else {
            panic!("out")
        };
        Reviewer {
            id,
            staff: session.on_staff(StaffRole::Reviewer).expect("staff"),
            sudo: session.sudo(self.t.house.now()).expect("sudo"),
        }
    }

    /// A Request that waits at the desk.
    pub async fn pending(&self, about: &str) -> RequestId {
        self.pending_with(about, "").await
    }

    pub async fn pending_with(&self, about: &str, site: &str) -> RequestId {
        let id = self.draft(about).await;
        let answers: Answers =
            [("name".to_owned(), "Order Sync".to_owned()), ("site".to_owned(), site.to_owned())].into();
        review::save(&self.review, &self.by, &self.seat, id, answers).await.expect("saves");
        review::submit(&self.review, &self.by, &self.seat, id, 0).await.expect("submits");
        id
    }

    pub async fn draft(&self, about: &str) -> RequestId {
        review::begin(&self.review, &self.by, &self.seat, Kind::Category, about, Lang::Es)
            .await
            .expect("begins")
    }

    pub async fn decide(&self, who: &Reviewer, id: RequestId, decision: Decision) -> Answer<review::Decided> {
        review::decide(&self.review, &self.by, &who.staff, id, &said(decision, 1), who.sudo).await
    }

    pub async fn count(&self, s: &'static store::Statement, p: Vec<String>) -> i64 {
        let read = move |l: &mut Look<'_>| {
            let p: Vec<store::Value<'_>> = p.iter().map(store::Value::from).collect();
            l.one::<(i64,)>(s, &p)
        };
        self.t.house.db.read(read).await.expect("reads").expect("a row").0
    }

    pub async fn state(&self, id: RequestId) -> (String, i64) {
        let found = self.t.house.db.read(move |l| l.one(&STATE_OF, params![id])).await;
        found.expect("reads").expect("a row")
    }

    pub async fn join(&self, who: AccountId) {
        let developer = self.developer();
        let joined: Result<u64, kernel::Fault> =
            self.t.house.db.write(move |tx| tx.change(&JOIN, params![developer, who])).await;
        joined.expect("joins");
    }
}

pub fn said(decision: Decision, round: i64) -> Deciding {
    Deciding { decision, round, reasons: Vec::new(), text: "Because it is so.".to_owned() }
}

pub fn refused<T: std::fmt::Debug>(answer: Answer<T>) -> Refusal {
    match answer {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("no refusal: {other:?}"),
    }
}

pub async fn make(people: &People, email: &str, lang: Lang) -> (AccountId, Email) {
    let parsed = Email::parse(email).expect(email);
    let name = email.split('@').next().unwrap_or("x").to_owned();
    let made = people::make_account(people, &By::house("test"), parsed.clone(), name, PASSWORD, lang).await;
    (made.expect("makes"), parsed)
}

async fn session(people: &People, id: AccountId) -> Session {
    let signed = people::sign_in_after_link(people, &By::house("test"), id, "test").await.expect("signs in");
    match people::visitor(people, Some(signed.session)).await.expect("reads") {
        Visitor::SignedIn(session) => *session,
        _ => panic!("out"),
    }
}
