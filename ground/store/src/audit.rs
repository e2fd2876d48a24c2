//! The audit: append-only entries, written in the transaction of what they tell, and sealed into a
//! keyed chain soon after, so that no entry can be changed, removed or slipped in unnoticed.
//!
//! Why the chain is closed behind the transaction and not inside it: `docs/decisions/audit.md`.

use crate::{FromRow, House, Look, Row, Tx, Value, params};
use kernel::{AccountId, AuditId, By, Fault, SecretBytes, Time, TraceId};

/// An entry as it is read back.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: AuditId,
    pub at: Time,
    pub account: Option<AccountId>,
    pub address: String,
    pub request: Option<TraceId>,
    pub action: String,
    pub subject: String,
    pub detail: String,
    /// Its number in the chain, once it is sealed.
    pub seq: Option<i64>,
}

impl FromRow for Entry {
    fn from_row(row: &mut Row<'_>) -> Result<Entry, Fault> {
        Ok(Entry {
            id: row.take()?,
            at: row.take()?,
            account: row.take()?,
            address: row.take()?,
            request: row.take()?,
            action: row.take()?,
            subject: row.take()?,
            detail: row.take()?,
            seq: row.take()?,
        })
    }
}

/// Writes one entry. `detail` tells what changed, in names and numbers; never a secret.
pub fn record(
    tx: &mut Tx<'_>,
    house: &House,
    by: &By,
    action: &'static str,
    subject: impl ToString,
    detail: &serde_json::Value,
) -> Result<(), Fault> {
    let now = house.now();
    let id = AuditId::new(now, &*house.random);
    tx.change(
        &INSERT,
        params![
            id,
            now,
            by.account,
            &by.address,
            by.request,
            action,
            subject.to_string(),
            detail.to_string()
        ],
    )?;
    Ok(())
}

fn link(key: &SecretBytes, before: &[u8], seq: i64, e: &Entry) -> Vec<u8> {
    let mut text = Vec::with_capacity(256);
    let mut put = |part: &[u8]| {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    };
    put(before);
    put(&seq.to_be_bytes());
    put(e.id.to_string().as_bytes());
    put(&e.at.0.to_be_bytes());
    put(e.account.map(|a| a.to_string()).unwrap_or_default().as_bytes());
    put(e.address.as_bytes());
    put(e.request.map(|r| r.to_string()).unwrap_or_default().as_bytes());
    put(e.action.as_bytes());
    put(e.subject.as_bytes());
    put(e.detail.as_bytes());
    crate::house::keyed(key, &text)
}

/// Seals what was written since the last time; says how much. One process at a time: the head's row
/// is held until the end.
pub async fn seal(house: &House) -> Result<usize, Fault> {
    let h = house.clone();
    house
        .db
        .write(move |tx| {
            tx.change(&INSERT_HEAD, params![&[][..]])?;
            let (mut seq, mut hash): (i64, Vec<u8>) =
                tx.changed(&HOLD_HEAD, &[])?.ok_or_else(|| Fault::internal("the audit has no head"))?;
            let fresh: Vec<Entry> = tx.all(&FIND_UNSEALED, &[])?;
            for e in &fresh {
                seq += 1;
                hash = link(&h.audit_key, &hash, seq, e);
                if !tx.moved(&SEAL, params![e.id, seq, &hash])? {
                    return Err(Fault::internal("an audit entry was sealed twice"));
                }
            }
            if !fresh.is_empty() {
                tx.change(&MOVE_HEAD, params![seq, &hash])?;
            }
            Ok(fresh.len())
        })
        .await
}

/// What `audit verify` found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Whole {
        entries: i64,
        unsealed: i64,
    },
    /// The first entry of the chain that is not as it was sealed, or is missing.
    Broken {
        seq: i64,
        why: &'static str,
    },
}

/// Walks the chain from its first entry to its head.
pub fn verify(look: &mut Look<'_>, house: &House) -> Result<Verdict, Fault> {
    verify_with(look, &house.audit_key)
}

pub(crate) fn verify_with(look: &mut Look<'_>, key: &SecretBytes) -> Result<Verdict, Fault> {
    struct Sealed(Entry, Vec<u8>);
    impl FromRow for Sealed {
        fn from_row(row: &mut Row<'_>) -> Result<Sealed, Fault> {
            Ok(Sealed(Entry::from_row(row)?, row.take()?))
        }
    }
    let head: Option<(i64, Vec<u8>)> = look.one(&FIND_HEAD, &[])?;
    let (mut seq, mut hash) = (0, Vec::new());
    loop {
        let page: Vec<Sealed> = look.all(&FIND_SEALED, params![seq])?;
        for Sealed(entry, sealed) in &page {
            seq += 1;
            if entry.seq != Some(seq) {
                return Ok(Verdict::Broken { seq, why: "an entry is missing" });
            }
            hash = link(key, &hash, seq, entry);
            if hash != *sealed {
                return Ok(Verdict::Broken { seq, why: "an entry is not as it was sealed" });
            }
        }
        if page.is_empty() {
            break;
        }
    }
    if head.unwrap_or_default() != (seq, hash) {
        return Ok(Verdict::Broken { seq: seq + 1, why: "the chain does not end where its head says" });
    }
    let (unsealed,) = look.one::<(i64,)>(&COUNT_UNSEALED, &[])?.unwrap_or_default();
    Ok(Verdict::Whole { entries: seq, unsealed })
}

/// What staff may search by. `after` is the last entry of the page before.
#[derive(Clone, Default)]
pub struct Search {
    pub account: Option<AccountId>,
    pub subject: Option<String>,
    pub action: Option<String>,
    pub after: Option<AuditId>,
}

pub const PAGE: i64 = 50;

/// Newest first, one page and one more to see whether another follows. The narrowest index is chosen
/// here, because an optional condition in one statement would read past all that does not match.
pub fn search(look: &mut Look<'_>, s: &Search) -> Result<Vec<Entry>, Fault> {
    // "b" sorts after every id.
    let before = s.after.map_or_else(|| "b".to_owned(), |id| id.to_string());
    let rest = |v: &Option<String>| Value::from(v.clone());
    match (&s.account, &s.subject, &s.action) {
        (Some(account), ..) => {
            look.all(&SEARCH_ACCOUNT, params![*account, before, rest(&s.subject), rest(&s.action)])
        }
        (None, Some(subject), _) => look.all(&SEARCH_SUBJECT, params![subject, before, rest(&s.action)]),
        (None, None, Some(action)) => look.all(&SEARCH_ACTION, params![action, before]),
        (None, None, None) => look.all(&SEARCH_ALL, params![before]),
    }
}

macro_rules! columns {
    () => {
        "SELECT id, at, account_id, address, request_id, action, subject, detail, seq"
    };
}

crate::statements! {
    INSERT = "INSERT INTO audit (id, at, account_id, address, request_id, action, subject, detail)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    INSERT_HEAD = "INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, $1) ON CONFLICT (one) DO NOTHING";
    HOLD_HEAD = "UPDATE audit_head SET seq = seq WHERE one = 1 RETURNING seq, hash";
    MOVE_HEAD = "UPDATE audit_head SET seq = $1, hash = $2 WHERE one = 1";
    FIND_HEAD = "SELECT seq, hash FROM audit_head";
    FIND_UNSEALED = concat!(columns!(), " FROM audit WHERE seq IS NULL ORDER BY id LIMIT 500");
    COUNT_UNSEALED = "SELECT count(*) FROM audit WHERE seq IS NULL";
    SEAL = "UPDATE audit SET seq = $2, hash = $3 WHERE id = $1 AND seq IS NULL";
    FIND_SEALED = concat!(columns!(), ", hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT 1000");
    SEARCH_ALL = concat!(columns!(), " FROM audit WHERE id < $1 ORDER BY id DESC LIMIT 51");
    SEARCH_ACCOUNT = concat!(columns!(), " FROM audit WHERE account_id = $1 AND id < $2
        AND (CAST($3 AS TEXT) IS NULL OR subject = $3) AND (CAST($4 AS TEXT) IS NULL OR action = $4)
        ORDER BY id DESC LIMIT 51");
    SEARCH_SUBJECT = concat!(columns!(), " FROM audit WHERE subject = $1 AND id < $2
        AND (CAST($3 AS TEXT) IS NULL OR action = $3) ORDER BY id DESC LIMIT 51");
    SEARCH_ACTION = concat!(columns!(), " FROM audit WHERE action = $1 AND id < $2 ORDER BY id DESC LIMIT 51");
}
