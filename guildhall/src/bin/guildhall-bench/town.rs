//! A house with a town's worth of accounts in it, as they would be after a year.

use anyhow::{Context, anyhow};
use guildhall::config::Config;
use guildhall::open;
use kernel::{AccountId, By, Clock, Email, Lang, SystemClock, SystemRandom, Time, Token};
use people::{People, StaffRole};
use std::path::Path;
use store::{Db, Opening, Settings, SqliteSettings, Statement, migrate, params};
use tempfile::TempDir;

/// The host under which the house is asked for; the port that it listens on is another matter.
pub const HOST: &str = "bench.localhost";

/// So long as a real one: what stands in a row is part of what reading it costs.
pub const PASSWORD: &str = "argon2id$19456$2$00112233445566778899aabbccddeeff$00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// A statement of the house, by its name.
pub fn statement(name: &str) -> anyhow::Result<&'static Statement> {
    guildhall::statements()
        .into_iter()
        .find(|s| s.name == name)
        .with_context(|| format!("no statement {name}"))
}

pub fn folder() -> anyhow::Result<TempDir> {
    tempfile::Builder::new().prefix("guildhall-bench-").tempdir().context("a temporary folder")
}

/// A database with all tables and nothing in them.
pub async fn database(path: &Path) -> anyhow::Result<Db> {
    let settings = Settings::Sqlite(SqliteSettings { path: path.to_owned() });
    let db = Db::open(&settings, Opening::Tool)?;
    migrate::run(&db, SystemClock.now()).await?;
    Ok(db)
}

/// A row of the table of accounts.
#[derive(Clone)]
pub struct Row {
    pub id: String,
    pub email: String,
    pub name: String,
    pub lang: &'static str,
    pub password: &'static str,
    pub at: Time,
}

impl Row {
    pub fn new(n: usize, at: Time) -> Row {
        let id = AccountId::new(at, &SystemRandom).to_string();
        // By the id, and not by the number: addresses do not come in the order of the alphabet.
        let mark = &id[id.len() - 8..];
        let email = format!("{mark}.{n}@town.example");
        let name = format!("Person {mark} {n}");
        Row { id, email, name, lang: "en", password: PASSWORD, at }
    }

    pub fn params(&self) -> [store::Value<'_>; 7] {
        let r = self;
        params![&r.id, &r.email, &r.email, &r.name, r.lang, r.password, r.at].clone()
    }
}

/// Puts in so many accounts, made one after the other over a year; gives their ids.
pub async fn settle(db: &Db, accounts: usize) -> anyhow::Result<Vec<String>> {
    const AT_ONCE: usize = 1_000;
    let insert = statement("INSERT_FIRST")?;
    let (from, step) = (SystemClock.now().plus_days(-365), 365 * Time::DAY / accounts.max(1) as i64);
    let rows: Vec<Row> = (0..accounts).map(|n| Row::new(n, from.plus(step * n as i64))).collect();
    for part in rows.chunks(AT_ONCE) {
        let part = part.to_vec();
        db.write(move |tx| {
            for row in &part {
                tx.change(insert, &row.params())?;
            }
            Ok::<_, kernel::Fault>(())
        })
        .await?;
    }
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A whole house, ready to be served, and the session of an administrator.
pub struct Town {
    pub people: People,
    pub session: Token,
}

impl Town {
    pub async fn build(folder: &Path, accounts: usize) -> anyhow::Result<Town> {
        Town::with(folder, &[], accounts).await
    }

    /// As [`Town::build`], with settings beyond the place.
    pub async fn with(folder: &Path, extra: &[(String, String)], accounts: usize) -> anyhow::Result<Town> {
        let flags = [&settings(folder), extra].concat();
        let loaded = Config::load(None, std::iter::empty(), &flags).map_err(|problems| {
            anyhow!("{:?}", problems.iter().map(ToString::to_string).collect::<Vec<_>>())
        })?;
        let people = open::people(&loaded.config, open::house(&loaded.config, Opening::Tool).await?);
        let no = |e| anyhow!("the administrator: {e:?}");
        let email = Email::parse("dee@town.example").map_err(|p| anyhow!("{p:?}"))?;
        let by = By::house("bench");
        let password = "dee-measures-the-harbour";
        let dee = people::make_account(&people, &by, email.clone(), "Dee".to_owned(), password, Lang::En);
        let dee = dee.await.map_err(no)?;
        people::add_staff_by_hand(&people, &by, email, StaffRole::Administrator).await.map_err(no)?;
        let session = people::sign_in_after_link(&people, &by, dee, "bench").await.map_err(no)?.session;
        settle(&people.house.db, accounts).await?;
        Ok(Town { people, session })
    }
}

/// What differs from the defaults: only the place, and a name that does not tell the port.
pub fn settings(folder: &Path) -> Vec<(String, String)> {
    [("data.folder", folder.display().to_string()), ("site.public_url", format!("http://{HOST}"))]
        .map(|(key, value)| (key.to_owned(), value))
        .to_vec()
}
