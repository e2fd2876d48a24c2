//! A house with people in it, and what its tests ask of the tables.

use kernel::{AccountId, By, Email, Lang, Time, Token};
use people::{Half, Hasher, People, Session, SignedIn, Sudo, Visitor};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::testing::{TestDb, TestHouse};
use store::{Statement, params};
use tokio::sync::Barrier;
use tokio::task::JoinHandle;

pub const PASSWORD: &str = "a long enough sentence";
/// How often each race is run.
pub const ROUNDS: usize = 40;

pub struct Town {
    pub people: People,
    pub t: TestHouse,
    visits: AtomicU32,
}

pub struct Person {
    pub id: AccountId,
    pub email: Email,
}

impl Town {
    pub async fn on(db: TestDb) -> Town {
        let t = db.house().await;
        let people = People { house: t.house.clone(), hasher: Hasher::with_memory(2, 64) };
        Town { people, t, visits: AtomicU32::new(0) }
    }

    /// Everybody comes from an address of their own, so that no throttle stands between them.
    pub fn by(&self) -> By {
        let n = self.visits.fetch_add(1, Ordering::Relaxed);
        By {
            account: None,
            address: format!("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255),
            request: None,
        }
    }

    pub async fn person(&self, name: &str) -> Person {
        let email = Email::parse(&format!("{name}@x.example")).expect("fine");
        let by = By::house("test");
        let made =
            people::make_account(&self.people, &by, email.clone(), name.to_owned(), PASSWORD, Lang::En);
        Person { id: made.await.expect("makes"), email }
    }

    pub async fn sign_in(&self, p: &Person) -> SignedIn {
        let signed = people::sign_in(&self.people, &self.by(), &p.email, PASSWORD, "test").await;
        signed.unwrap_or_else(|e| panic!("signs in: {e:?}"))
    }

    pub async fn session(&self, p: &Person) -> Session {
        let token = self.sign_in(p).await.session;
        self.visitor(token).await.expect("a full session")
    }

    pub async fn half(&self, p: &Person) -> Half {
        let token = self.sign_in(p).await.session;
        match people::visitor(&self.people, Some(token)).await.expect("finds") {
            Visitor::Half(half) => half,
            _ => panic!("the second factor is owed"),
        }
    }

    /// Who holds this token, if it still opens anything.
    pub async fn visitor(&self, token: Token) -> Option<Session> {
        match people::visitor(&self.people, Some(token)).await.expect("finds") {
            Visitor::SignedIn(session) => Some(*session),
            _ => None,
        }
    }

    pub fn sudo(&self, session: &Session) -> Sudo {
        session.sudo(self.t.house.now()).expect("a fresh password")
    }

    /// Turns the second factor on; gives its secret and the recovery codes.
    pub async fn with_totp(&self, p: &Person) -> (String, Vec<String>) {
        let session = self.session(p).await;
        let secret = self.starts_totp(&session).await;
        let sudo = self.sudo(&session);
        let code = code_at(&secret, self.t.house.now());
        let codes = people::confirm_totp(&self.people, &self.by(), &session, &code, sudo).await;
        (secret, codes.expect("the first code"))
    }

    pub async fn starts_totp(&self, session: &Session) -> String {
        people::start_totp(&self.people, session, self.sudo(session)).await.expect("starts");
        let start = people::pending_totp(&self.people, session, "Test", self.sudo(session)).await;
        start.expect("asks").expect("one that waits").secret
    }

    pub async fn count(&self, statement: &'static Statement, p: &Person) -> i64 {
        let id = p.id;
        let found = self.t.house.db.read(move |l| l.one::<(i64,)>(statement, params![id])).await;
        found.expect("reads").expect("a row").0
    }
}

/// What an authenticator shows.
pub fn code_at(secret: &str, now: Time) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).expect("base32");
    let totp = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
    totp.generate(u64::try_from(now.seconds()).expect("after 1970")).to_string()
}

/// Tasks that all begin at once.
pub struct Gate(Arc<Barrier>);

impl Gate {
    pub fn of(n: usize) -> Gate {
        Gate(Arc::new(Barrier::new(n)))
    }

    pub fn run<T: Send + 'static>(&self, f: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        let gate = self.0.clone();
        tokio::spawn(async move {
            gate.wait().await;
            f.await
        })
    }
}
