//! What every verb is handed: the database, the clock, chance, and the vault.

use crate::{Db, Look, Vault, VaultError, params};
use kernel::{Clock, Fault, Random, SecretBytes, Time};
use std::sync::Arc;

#[derive(Clone)]
pub struct House {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub vault: Vault,
    pub(crate) audit_key: SecretBytes,
    cursor_key: SecretBytes,
}

impl House {
    /// Proves the master key against the database and opens the house's own keys, which the first
    /// process to come makes.
    pub async fn open(
        db: Db,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        vault: Vault,
    ) -> Result<House, VaultError> {
        vault.prove(&db, &*random, clock.now()).await?;
        let audit_key = house_key(&db, &vault, &*random, "audit").await?;
        let cursor_key = house_key(&db, &vault, &*random, "cursor").await?;
        Ok(House { db, clock, random, vault, audit_key, cursor_key })
    }

    /// Seals the house's own keys and what waits in the outbox anew, under the first master key. Each row by
    /// itself, and only if it is still as it was read: it can be stopped and begun again anywhere.
    pub async fn renew_seals(&self) -> Result<u64, Fault> {
        let mut renewed = 0;
        let keys: Vec<(String, Vec<u8>)> = self.db.read(|l| l.all(&LIST_KEYS, &[])).await?;
        for (name, old) in keys {
            if let Some(new) = self.vault.renew(&*self.random, "house key", &name, &old)? {
                renewed += self.db.write(move |tx| tx.change(&RENEW_KEY, params![&name, &old, &new])).await?;
            }
        }
        let mut after = String::new();
        loop {
            let from = after.clone();
            let parcels: Vec<(String, Vec<u8>)> =
                self.db.read(move |l| l.all(&LIST_PARCELS, params![&from])).await?;
            let Some((last, _)) = parcels.last() else { return Ok(renewed) };
            after.clone_from(last);
            for (id, old) in parcels {
                if let Some(new) = self.vault.renew(&*self.random, "outbox", &id, &old)? {
                    renewed +=
                        self.db.write(move |tx| tx.change(&RENEW_PARCEL, params![&id, &old, &new])).await?;
                }
            }
        }
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// A place in a list, as a text that only this house can make: `place` is kept as it is, for one
    /// list and nothing else.
    pub fn cursor(&self, list: &str, place: &str) -> String {
        format!("{place}.{}", self.cursor_tag(list, place))
    }

    /// The place, if we made this cursor for this list.
    pub fn read_cursor(&self, list: &str, cursor: &str) -> Option<String> {
        let (place, tag) = cursor.rsplit_once('.')?;
        kernel::same_bytes(tag.as_bytes(), self.cursor_tag(list, place).as_bytes()).then(|| place.to_owned())
    }

    fn cursor_tag(&self, list: &str, place: &str) -> String {
        let text = [list.as_bytes(), &[0], place.as_bytes()].concat();
        crate::vault::hex(&keyed(&self.cursor_key, &text)[..12])
    }
}

/// The audit's key, as it stands in a database that was just brought back.
pub(crate) fn audit_key(look: &mut Look<'_>, vault: &Vault) -> Result<Option<SecretBytes>, Fault> {
    let found: Option<(Vec<u8>,)> = look.one(&FIND_KEY, params!["audit"])?;
    found.map(|(sealed,)| vault.open("house key", "audit", &sealed)).transpose()
}

pub(crate) fn keyed(key: &SecretBytes, text: &[u8]) -> Vec<u8> {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.reveal());
    aws_lc_rs::hmac::sign(&key, text).as_ref().to_vec()
}

async fn house_key(
    db: &Db,
    vault: &Vault,
    random: &dyn Random,
    name: &'static str,
) -> Result<SecretBytes, Fault> {
    let fresh = vault.seal(random, "house key", name, &random.array::<32>())?;
    let (sealed,): (Vec<u8>,) = db
        .write(move |tx| {
            tx.change(&INSERT_KEY, params![name, &fresh])?;
            tx.one(&FIND_KEY, params![name])?.ok_or_else(|| Fault::internal("a house key is gone"))
        })
        .await?;
    vault.open("house key", name, &sealed)
}

crate::statements! {
    INSERT_KEY = "INSERT INTO house_key (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    LIST_KEYS = "SELECT name, sealed FROM house_key";
    RENEW_KEY = "UPDATE house_key SET sealed = $3 WHERE name = $1 AND sealed = $2";
    LIST_PARCELS = "SELECT id, payload FROM outbox WHERE id > $1 AND payload IS NOT NULL ORDER BY id LIMIT 200";
    RENEW_PARCEL = "UPDATE outbox SET payload = $3 WHERE id = $1 AND payload = $2";
    FIND_KEY = "SELECT sealed FROM house_key WHERE name = $1";
}
