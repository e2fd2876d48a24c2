//! What the database says afterwards, read beside the binary and without it.

use super::load::{Asked, DOMAIN};
use super::place::Place;
use kernel::Fault;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::{Db, FromRow, MasterKeys, Opening, PostgresSettings, Row, Settings, SqliteSettings, Vault};

store::statements! {
    KEPT = "SELECT a.email,
            (SELECT count(*) FROM audit u WHERE u.subject = a.id AND u.action = 'account.asked'),
            (SELECT count(*) FROM audit u WHERE u.subject = a.id AND u.action = 'account.asked_again'),
            (SELECT count(*) FROM link l WHERE l.account_id = a.id)
        FROM account a WHERE a.email LIKE '%@load.example'";
    AUDITED_NOBODY = "SELECT count(*) FROM audit u WHERE u.action LIKE 'account.%'
        AND NOT EXISTS (SELECT 1 FROM account a WHERE a.id = u.subject)";
    MAILED = "SELECT recipient, count(*) FROM mail GROUP BY recipient";
    WAITING = "SELECT id, payload FROM outbox WHERE state = 'waiting'";
    LOST_LETTERS = "SELECT count(*) FROM outbox o WHERE o.state = 'dead' OR (o.state = 'done'
        AND (o.payload IS NOT NULL OR NOT EXISTS (SELECT 1 FROM mail m WHERE m.outbox_id = o.id)))";
    SENT_EARLY = "SELECT count(*) FROM mail m
        WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = m.outbox_id AND o.state = 'done')";
}

pub struct Book {
    pub db: Db,
    vault: Vault,
}

impl Drop for Book {
    fn drop(&mut self) {
        self.db.close();
    }
}

/// One account, and how much of it there is.
struct Kept {
    email: String,
    asked: i64,
    again: i64,
    links: i64,
}

impl FromRow for Kept {
    fn from_row(row: &mut Row<'_>) -> Result<Kept, Fault> {
        Ok(Kept { email: row.take()?, asked: row.take()?, again: row.take()?, links: row.take()? })
    }
}

impl Book {
    pub fn of(place: &Place) -> Book {
        let settings = match &place.database {
            None => Settings::Sqlite(SqliteSettings { path: place.data.join("guildhall.db") }),
            Some(url) => Settings::Postgres(PostgresSettings {
                url: url.clone(),
                ca_file: None,
                connections: 2,
                statement_timeout: Duration::from_secs(20),
            }),
        };
        let key = std::fs::read_to_string(place.data.join("master.key")).expect("the key is there");
        let vault = Vault::new(&MasterKeys::parse(&key).expect("a key"));
        Book { db: Db::open(&settings, Opening::Tool).expect("opens beside the server"), vault }
    }

    pub async fn all<T: FromRow + Send + 'static>(&self, s: &'static store::Statement) -> Vec<T> {
        self.db
            .read(move |l| l.all(s, &[]))
            .await
            .unwrap_or_else(|fault: Fault| panic!("{}: {fault}", s.name))
    }

    pub async fn count(&self, s: &'static store::Statement) -> i64 {
        self.all::<(i64,)>(s).await[0].0
    }

    pub async fn change(&self, s: &'static store::Statement) -> u64 {
        let changed: Result<u64, Fault> = self.db.write(move |tx| tx.change(s, &[])).await;
        changed.unwrap_or_else(|fault| panic!("{}: {fault}", s.name))
    }

    /// The letters on their way, which only the key can read.
    pub async fn waiting(&self) -> Vec<serde_json::Value> {
        let sealed: Vec<(String, Vec<u8>)> = self.all(&WAITING).await;
        let opened = sealed.iter().map(|(id, payload)| {
            let letter = self.vault.open("outbox", id, payload).expect("sealed under the key");
            serde_json::from_slice(letter.reveal()).expect("a letter")
        });
        opened.collect()
    }

    /// Letters by recipient: those in the mailbox and those on their way.
    async fn letters(&self) -> BTreeMap<String, i64> {
        let mut letters: BTreeMap<String, i64> =
            self.all::<(String, i64)>(&MAILED).await.into_iter().collect();
        for letter in self.waiting().await {
            *letters.entry(letter["to"].as_str().expect("a recipient").to_owned()).or_default() += 1;
        }
        letters
    }

    /// Everything acknowledged is here, and all that is here is whole. Gives how many accounts there are.
    pub async fn is_whole(&self, asked: &[Asked]) -> usize {
        let kept: Vec<Kept> = self.all(&KEPT).await;
        let mut letters = self.letters().await;
        letters.retain(|to, _| to.ends_with(DOMAIN));
        let tries: BTreeMap<&str, i64> = asked.iter().map(|a| (a.email.as_str(), a.tries)).collect();
        let there: BTreeSet<&str> = kept.iter().map(|k| k.email.as_str()).collect();
        let lost: Vec<_> =
            asked.iter().filter(|a| a.is_acknowledged() && !there.contains(a.email.as_str())).collect();
        assert!(lost.is_empty(), "{} acknowledged sign-ups are lost: {lost:?}", lost.len());
        for k in &kept {
            let tries = tries.get(k.email.as_str()).unwrap_or_else(|| panic!("{} never signed up", k.email));
            assert_eq!(k.asked, 1, "{}: entries of the audit", k.email);
            assert!(k.again < *tries, "{}: {} more entries for {tries} tries", k.email, k.again);
            assert_eq!(k.links, 1 + k.again, "{}: links, one of each transaction", k.email);
            let letters = letters.remove(&k.email).unwrap_or_default();
            assert_eq!(letters, 1 + k.again, "{}: letters, one of each transaction", k.email);
        }
        assert!(letters.is_empty(), "letters to nobody: {letters:?}");
        assert_eq!(self.count(&AUDITED_NOBODY).await, 0, "entries of the audit about nobody");
        assert_eq!(self.count(&LOST_LETTERS).await, 0, "letters that were closed and are nowhere");
        assert_eq!(self.count(&SENT_EARLY).await, 0, "letters that were delivered and not closed");
        kept.len()
    }
}

/// As the operator asks.
pub async fn audit_is_whole(place: &Place) {
    let verdict = place.run(&["audit", "verify"]).await.well();
    assert!(verdict.out.contains("the audit is whole"), "{verdict:?}");
}
