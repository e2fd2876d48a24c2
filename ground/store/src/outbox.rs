//! The outbox: what must leave the house, written in the transaction of its cause, brought out later.
//!
//! A parcel is leased while somebody carries it. A process that dies lets its lease run out, and
//! another takes the parcel up; whoever finishes first closes it. Payloads are sealed, because a mail
//! may carry a link, and are erased when the parcel is done.

use crate::{FromRow, House, Row, Tx, params};
use kernel::{Fault, OutboxId, SecretBytes, Time};

pub struct Parcel {
    pub id: OutboxId,
    pub kind: String,
    pub at: Time,
    /// How often it was carried, this time included.
    pub tries: i64,
    pub payload: SecretBytes,
    lease: Time,
}

/// Puts something in.
pub fn post(tx: &mut Tx<'_>, house: &House, kind: &'static str, payload: &[u8]) -> Result<OutboxId, Fault> {
    post_if(tx, house, true, kind, payload)
}

fn post_if(
    tx: &mut Tx<'_>,
    house: &House,
    really: bool,
    kind: &'static str,
    payload: &[u8],
) -> Result<OutboxId, Fault> {
    let now = house.now();
    let id = OutboxId::new(now, &*house.random);
    let sealed = house.vault.seal(&*house.random, "outbox", &id.to_string(), payload)?;
    tx.change(&INSERT, params![id, kind, now, &sealed, i64::from(really)])?;
    Ok(id)
}

struct Claimed {
    id: OutboxId,
    kind: String,
    at: Time,
    tries: i64,
    payload: Vec<u8>,
    lease: Time,
}

impl FromRow for Claimed {
    fn from_row(row: &mut Row<'_>) -> Result<Claimed, Fault> {
        Ok(Claimed {
            id: row.take()?,
            kind: row.take()?,
            at: row.take()?,
            tries: row.take()?,
            payload: row.take()?,
            lease: row.take()?,
        })
    }
}

/// Takes up to `limit` parcels that are due, for `lease` milliseconds. One that does not open (sealed under
/// a key that is gone, or changed) is given up on the spot, so that it stops nobody behind it.
pub async fn claim(house: &House, limit: i64, lease: i64) -> Result<Vec<Parcel>, Fault> {
    let now = house.now();
    let claimed: Vec<Claimed> =
        house.db.write(move |tx| tx.changed_all(&CLAIM, params![now, now.plus(lease), limit])).await?;
    let mut opened = Vec::with_capacity(claimed.len());
    for c in claimed {
        match house.vault.open("outbox", &c.id.to_string(), &c.payload) {
            Ok(payload) => {
                opened.push(Parcel {
                    id: c.id,
                    kind: c.kind,
                    at: c.at,
                    tries: c.tries,
                    payload,
                    lease: c.lease,
                });
            }
            Err(fault) => {
                tracing::error!(parcel = %c.id, error = %fault, "a parcel does not open and is given up");
                let nobody = Parcel {
                    id: c.id,
                    kind: c.kind,
                    at: c.at,
                    tries: c.tries,
                    payload: SecretBytes::new(Vec::new()),
                    lease: c.lease,
                };
                house.db.write(move |tx| failed(tx, &nobody, None, "it does not open")).await?;
            }
        }
    }
    Ok(opened)
}

/// It arrived. `false` says that the lease had run out and somebody else carries it.
pub fn arrived(tx: &mut Tx<'_>, parcel: &Parcel) -> Result<bool, Fault> {
    tx.moved(&FINISH, params![parcel.id, parcel.lease, "done", parcel.lease, Option::<&str>::None])
}

/// It did not arrive: try again at `due`, or give up.
pub fn failed(tx: &mut Tx<'_>, parcel: &Parcel, due: Option<Time>, error: &str) -> Result<bool, Fault> {
    match due {
        Some(due) => tx.moved(&RETRY, params![parcel.id, parcel.lease, due, error]),
        None => tx.moved(&FINISH, params![parcel.id, parcel.lease, "dead", parcel.lease, Some(error)]),
    }
}

/// How many wait, and how many were given up.
pub async fn counts(house: &House) -> Result<(i64, i64), Fault> {
    let counts = house.db.read(|look| look.one(&COUNT, &[])).await?;
    Ok(counts.unwrap_or_default())
}

/// Removes what arrived before `before`, a bounded number at a time.
pub async fn purge(house: &House, before: Time) -> Result<u64, Fault> {
    house.db.write(move |tx| tx.change(&PURGE, params![before])).await
}

crate::statements! {
    INSERT = "INSERT INTO outbox (id, kind, at, due, state, payload)
        SELECT $1, $2, $3, $3, 'waiting', $4 WHERE CAST($5 AS BIGINT) = 1";
    CLAIM = "UPDATE outbox SET leased_until = $2, tries = tries + 1 WHERE id IN (
        SELECT id FROM outbox WHERE state = 'waiting' AND due <= $1 AND leased_until <= $1
        ORDER BY due LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING id, kind, at, tries, payload, leased_until";
    FINISH = "UPDATE outbox SET state = $3, payload = NULL, leased_until = $4, error = $5
        WHERE id = $1 AND leased_until = $2 AND state = 'waiting'";
    RETRY = "UPDATE outbox SET leased_until = 0, due = $3, error = $4
        WHERE id = $1 AND leased_until = $2 AND state = 'waiting'";
    COUNT = "SELECT count(CASE WHEN state = 'waiting' THEN 1 END), count(CASE WHEN state = 'dead' THEN 1 END)
        FROM outbox WHERE state <> 'done'";
    PURGE = "DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox WHERE state = 'done' AND at < $1 ORDER BY id LIMIT 1000)";
}

/// A letter to a person: which template, in which language, with what filled in. Where something is
/// to be opened, `path` begins with a slash: the public address is put in front when it is sent.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Letter {
    pub to: String,
    pub lang: String,
    pub template: String,
    pub args: serde_json::Value,
}

pub const LETTER: &str = "letter";

/// Puts a letter in.
pub fn post_letter(
    tx: &mut Tx<'_>,
    house: &House,
    to: &str,
    lang: kernel::Lang,
    template: &'static str,
    args: &serde_json::Value,
) -> Result<OutboxId, Fault> {
    post(tx, house, LETTER, &written(to, lang, template, args)?)
}

/// The same work, and the letter is kept only if it is really meant: so that whoever waits for the answer
/// cannot tell whether there is anybody to write to.
pub fn post_letter_if(
    tx: &mut Tx<'_>,
    house: &House,
    really: bool,
    to: &str,
    lang: kernel::Lang,
    template: &'static str,
    args: &serde_json::Value,
) -> Result<(), Fault> {
    post_if(tx, house, really, LETTER, &written(to, lang, template, args)?).map(drop)
}

fn written(
    to: &str,
    lang: kernel::Lang,
    template: &'static str,
    args: &serde_json::Value,
) -> Result<Vec<u8>, Fault> {
    let letter = Letter {
        to: to.to_owned(),
        lang: lang.tag().to_owned(),
        template: template.to_owned(),
        args: args.clone(),
    };
    serde_json::to_vec(&letter).map_err(|e| Fault::internal(e.to_string()))
}
