//! Fresh databases for tests, of either kind.

mod authority;

pub use authority::{Authority, Identity};

use crate::{Db, House, MasterKeys, Opening, PostgresSettings, Settings, SqliteSettings, Vault, migrate};
use kernel::{Clock, Fault, Random, SetClock, SystemRandom, Time};
use std::sync::Arc;
use std::time::Duration;

/// A database of its own, gone when it is dropped.
pub struct TestDb {
    pub db: Db,
    pub settings: Settings,
    pub folder: tempfile::TempDir,
}

/// A house on it, whose clock stands still until told.
pub struct TestHouse {
    pub house: House,
    pub clock: Arc<SetClock>,
    pub on: TestDb,
}

/// Compares a text with the file that pins it; with `GUILDHALL_BLESS=1` it writes the file instead.
pub fn pinned(file: &str, text: &str) {
    #[allow(clippy::disallowed_methods, reason = "asked for by hand, in tests only")]
    if std::env::var_os("GUILDHALL_BLESS").is_some() {
        std::fs::write(file, text).expect("the pinned file can be written");
    }
    let pinned = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        pinned == text,
        "{file} does not say what is so; if it should, run again with GUILDHALL_BLESS=1\n{text}"
    );
}

/// When the tests' clock starts: a day in November 2026.
pub const START: Time = Time(1_795_000_000_000);

impl TestDb {
    /// An empty one, not migrated yet.
    pub async fn empty_sqlite() -> TestDb {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = Settings::Sqlite(SqliteSettings { path: folder.path().join("guildhall.db") });
        let db = Db::open(&settings, Opening::Server).expect("a fresh file opens");
        TestDb { db, settings, folder }
    }

    pub async fn empty_postgres() -> TestDb {
        #[allow(
            clippy::disallowed_methods,
            reason = "tests are told by the environment where their server is"
        )]
        let server = std::env::var("GUILDHALL_TEST_POSTGRES")
            .expect("GUILDHALL_TEST_POSTGRES names a server: `cargo xtask test` starts one");
        let name = format!("t{}", crate::vault::hex(&(&SystemRandom as &dyn Random).array::<8>()));
        let at = |database: &str| {
            Settings::Postgres(PostgresSettings {
                url: server.replace("/postgres?", &format!("/{database}?")),
                ca_file: None,
                connections: 4,
                statement_timeout: Duration::from_secs(20),
            })
        };
        let admin = Db::open(&at("postgres"), Opening::Tool).expect("the server's address is fine");
        let create = format!("CREATE DATABASE {name}");
        admin.raw(|_| Ok(()), move |session| session.batch(&create)).await.expect("a database can be made");
        admin.close();
        let settings = at(&name);
        let db = Db::open(&settings, Opening::Server).expect("a fresh database opens");
        TestDb { db, settings, folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub async fn sqlite() -> TestDb {
        TestDb::empty_sqlite().await.migrated().await
    }
    pub async fn postgres() -> TestDb {
        TestDb::empty_postgres().await.migrated().await
    }
    async fn migrated(self) -> TestDb {
        migrate::run(&self.db, START).await.expect("migrations run");
        self
    }

    /// Another process on the same database.
    pub fn beside(&self) -> Db {
        Db::open(&self.settings, Opening::Tool).expect("opens twice")
    }

    pub async fn house(self) -> TestHouse {
        let clock = Arc::new(SetClock::at(START));
        let vault = Vault::new(&MasterKeys::parse(&"42".repeat(32)).expect("a key"));
        let as_clock: Arc<dyn Clock> = clock.clone();
        let house = House::open(self.db.clone(), as_clock, Arc::new(SystemRandom), vault)
            .await
            .expect("a fresh house opens");
        TestHouse { house, clock, on: self }
    }

    /// Runs any SQL, as somebody with the database's password would.
    pub async fn by_hand(&self, sql: &str) -> Result<(), Fault> {
        let (one, two) = (sql.to_owned(), sql.to_owned());
        self.db
            .raw(
                move |conn| conn.execute_batch(&one).map_err(|e| crate::tx::sqlite_fault(&e)),
                move |session| session.batch(&two),
            )
            .await
    }
}

/// Runs one test on SQLite, and with the feature `postgres-tests` on PostgreSQL too.
///
/// ```ignore
/// store::on_both!(async fn it_holds(on: TestDb) { … });
/// ```
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: $kind:ty) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;
            async fn run($db: $kind) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn on_sqlite() {
                run(<$kind>::from($crate::testing::TestDb::sqlite().await)).await;
            }

            #[cfg(feature = "postgres-tests")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn on_postgres() {
                run(<$kind>::from($crate::testing::TestDb::postgres().await)).await;
            }
        }
    )*};
}
