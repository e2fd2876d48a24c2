//! A house with a developer in it, whose application was approved.

use apps::{Apps, Settings, TypedSettings};
use kernel::{AccountId, AppId, By, CategoryId, DeveloperId, Email, Lang, RequestId, SellerId};
use people::{DeveloperInformation, Hasher, OnStaff, People, Seat, Session, StaffRole, Sudo, Typed, Visitor};
use review::FormDef;
use store::params;
use store::testing::{TestDb, TestHouse};

pub const PASSWORD: &str = "a long enough sentence";

store::statements! {
    INSERT_CATEGORY = "INSERT INTO category (id, key, place, state, audience, needs_company, review_days, two_person, form, terms,
        version, edits, changed_at) VALUES ($1, $2, 1, 'open', 'commercial', 0, 2, 0, $3, $4, 1, 1, 0)";
    INSERT_NAME = "INSERT INTO category_text (category_id, lang, name, description) VALUES ($1, 'en', 'Trial', 'x')";
    INSERT_REQUEST = "INSERT INTO request (id, reference, kind, about, title, developer_id, state, round, form, answers, lang, days,
        two_person, once, made_by, made_at, changed_at, submitted_by, submitted_at, due_at, decided_by, decided_at)
        VALUES ($1, $2, 'category', $3, '{}', $4, $5, 1, $6, '{}', 'en', 2, 0, 1, $7, 0, 0, $7, 0, 0, $8, CAST($9 AS BIGINT))";
    INSERT_SELLER = "INSERT INTO seller (id, short_code, code_key, name, country, state, made_at, changed_at) VALUES ($1, $2, $3, $2, 'ES', 'active', 0, 0)";
    INSERT_SELLER_KEY = "INSERT INTO seller_key (key, seller_id) VALUES ($1, $2)";
    SET_ROLE = "UPDATE member SET role = $2 WHERE account_id = $1";
    SET_ACTIVE_AT = "UPDATE app SET active_at = $2 WHERE id = $1";
    PUT_DAY = "INSERT INTO app_day (app_id, day, calls, fine) VALUES ($1, $2, $3, $4)";
    COUNT_LIVE_APPS = "SELECT count(*) FROM app WHERE stage <> 'deleted'";
    COUNT_SECRETS = "SELECT count(*) FROM app_secret";
    COUNT_LISTED = "SELECT count(*) FROM app_seller";
    COUNT_LETTERS = "SELECT count(*) FROM notice WHERE what = $1";
    COUNT_AUDIT = "SELECT count(*) FROM audit WHERE action = $1";
    STAGE_OF = "SELECT stage FROM app WHERE id = $1";
}

pub struct Place {
    pub people: People,
    pub apps: Apps,
    pub t: TestHouse,
    pub category: CategoryId,
}

#[derive(Clone)]
pub struct Owner {
    pub account: AccountId,
    pub developer: DeveloperId,
    pub session: Session,
    pub seat: Seat,
}

pub fn by() -> By {
    By::house("test")
}

pub fn settings(name: &str) -> Settings {
    let typed = TypedSettings {
        name: name.to_owned(),
        callbacks: "https://a.example/cb".to_owned(),
        ..TypedSettings::default()
    };
    Settings::check(&typed).expect("settings")
}

fn terms(policy: &str) -> String {
    let stage = |n: i64| {
        format!(
            "{{\"access_seconds\":86400,\"refresh_seconds\":172800,\"user_limit\":{n},\"calls_a_day\":{}}}",
            n * 1_000
        )
    };
    format!(
        "{{\"policy\":\"{policy}\",\"auth_page\":true,\"test\":{},\"online\":{},\"method_qps\":10,\"sign_methods\":[\"sha256\"],
        \"pkce\":false,\"go_online\":{{\"min_calls\":100,\"min_success\":95}}}}",
        stage(5),
        stage(300)
    )
}

impl Place {
    pub async fn over(db: TestDb) -> Place {
        let t = db.house().await;
        let people = People { house: t.house.clone(), hasher: Hasher::with_memory(1, 64) };
        let texts = vec![(Lang::En, "Agreement".to_owned(), "Text".to_owned())];
        people::publish_agreement(&t.house, &by(), people::API_USE, 1, texts).await.expect("publishes");
        let apps = Apps { house: t.house.clone() };
        let category = CategoryId::new(t.house.now(), &*t.house.random);
        let wrote = t.house.db.write(move |tx| {
            let form = review::keep_form(tx, &FormDef::default())?;
            tx.change(&INSERT_CATEGORY, params![category, "trial", &form, terms("whitelist")])?;
            tx.change(&INSERT_NAME, params![category])
        });
        wrote.await.expect("writes");
        Place { people, apps, t, category }
    }

    pub async fn count(&self, s: &'static store::Statement) -> i64 {
        self.t.house.db.read(move |l| l.one::<(i64,)>(s, &[])).await.expect("reads").expect("a row").0
    }
    pub async fn count_of(&self, s: &'static store::Statement, what: &'static str) -> i64 {
        self.t
            .house
            .db
            .read(move |l| l.one::<(i64,)>(s, params![what]))
            .await
            .expect("reads")
            .expect("a row")
            .0
    }
    pub async fn stage(&self, id: AppId) -> String {
        self.t
            .house
            .db
            .read(move |l| l.one::<(String,)>(&STAGE_OF, params![id]))
            .await
            .expect("reads")
            .expect("a row")
            .0
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
        let made = people::make_account(&self.people, &by, email, name.to_owned(), PASSWORD, Lang::En);
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

    pub async fn sudo(&self, session: &Session) -> Sudo {
        let token = people::confirm_sudo(&self.people, &by(), session, PASSWORD, "").await.expect("confirms");
        self.session(token).await.sudo(self.t.house.now()).expect("sudo")
    }

    pub async fn staff(&self, name: &str) -> (OnStaff, Sudo) {
        let (account, _) = self.account(name).await;
        let email = Email::parse(&format!("{name}@x.example")).expect("an address");
        people::add_staff_by_hand(&self.people, &by(), email, StaffRole::Support).await.expect("adds");
        let signed =
            people::sign_in_after_link(&self.people, &by(), account, "test").await.expect("signs in");
        let session = self.session(signed.session).await;
        (session.on_staff(StaffRole::Support).expect("staff"), self.sudo(&session).await)
    }

    /// An application of the owner's for the category, in some state.
    pub async fn request(&self, owner: &Owner, state: &'static str) -> RequestId {
        let (decider, _) =
            self.account(&format!("decider{}", self.t.house.random.as_ref().array_hex())).await;
        let id = RequestId::new(self.t.house.now(), &*self.t.house.random);
        let (category, developer, account) = (self.category, owner.developer, owner.account);
        let decided = state == "approved" || state == "rejected";
        let wrote = self.t.house.db.write(move |tx| {
            let form = review::keep_form(tx, &FormDef::default())?;
            tx.change(
                &INSERT_REQUEST,
                params![
                    id,
                    id.to_string(),
                    category,
                    developer,
                    state,
                    &form,
                    account,
                    decided.then_some(decider),
                    decided.then_some(0)
                ],
            )
        });
        wrote.await.expect("writes");
        id
    }

    pub async fn app(&self, owner: &Owner, name: &str) -> apps::Made {
        let request = self.request(owner, "approved").await;
        apps::create_app(&self.apps, &by(), &owner.seat, request, settings(name)).await.expect("makes")
    }

    pub async fn seller(&self, code: &'static str, email: &'static str) -> SellerId {
        let id = SellerId::new(self.t.house.now(), &*self.t.house.random);
        let wrote = self.t.house.db.write(move |tx| {
            tx.change(&INSERT_SELLER, params![id, code, kernel::fold(code)])?;
            tx.change(&INSERT_SELLER_KEY, params![kernel::fold(code), id])?;
            tx.change(&INSERT_SELLER_KEY, params![kernel::fold(email), id])
        });
        wrote.await.expect("writes");
        id
    }
}

/// Eight letters that nobody else has.
trait Letters {
    fn array_hex(&self) -> String;
}

impl Letters for dyn kernel::Random {
    fn array_hex(&self) -> String {
        self.array::<4>().iter().map(|b| format!("{b:02x}")).collect()
    }
}
