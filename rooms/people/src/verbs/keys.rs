//! Keys of the management API: made by staff, shown once, good as long as their owner is staff.

use super::no;
use crate::rules::Refusal;
use crate::store::{DELETE_KEY, FIND_KEY, Holder, INSERT_KEY, LIST_KEYS, SEE_KEY};
use crate::{Answer, OnStaff, People, Session, StaffRole, Sudo};
use kernel::{AccountId, By, Errors, Failure, KeyId, Problem, Time, Token, TokenKind, text};
use serde_json::json;
use store::{audit, params};

pub const KEY_DAYS_MAX: u32 = 365;

/// One key in its owner's list.
#[derive(Clone, Debug)]
pub struct KeyLine {
    pub id: KeyId,
    pub name: String,
    /// Its beginning: enough to tell it from others.
    pub hint: String,
    pub made_at: Time,
    pub expires_at: Time,
    pub used_at: Option<Time>,
}

/// Whoever sent a key that is good.
#[derive(Clone, Debug)]
pub struct KeyHolder {
    account: AccountId,
    staff: Vec<StaffRole>,
}

impl KeyHolder {
    pub fn account(&self) -> AccountId {
        self.account
    }
    pub fn on_staff(&self, role: StaffRole) -> Answer<OnStaff> {
        if self.staff.contains(&role) || self.staff.contains(&StaffRole::Administrator) {
            Ok(OnStaff { account: self.account })
        } else {
            no(Refusal::NotAllowed)
        }
    }
}

pub async fn list_keys(people: &People, session: &Session) -> Answer<Vec<KeyLine>> {
    let id = session.account.id;
    people.house.db.read(move |l| l.all(&LIST_KEYS, params![id])).await.map_err(Failure::Fault)
}

/// Makes a key. Only its hash is kept: what is returned is never seen again.
pub async fn make_key(
    people: &People,
    by: &By,
    session: &Session,
    name: &str,
    days: &str,
    _sudo: Sudo,
) -> Answer<Token> {
    if !session.is_staff() {
        return no(Refusal::NotFound);
    }
    let mut e = Errors::default();
    let name = e.take("name", text::name(name));
    let days = e.take("days", text::number(days, 1, KEY_DAYS_MAX));
    let (Some(name), Some(days)) = (name, days) else { return no(Refusal::Invalid(e)) };
    let (h, by, account) = (people.house.clone(), by.with(session.account.id), session.account.id);
    people
        .house
        .db
        .write(move |tx| {
            let (now, token) = (h.now(), Token::new(TokenKind::Key, &*h.random));
            let id = KeyId::new(now, &*h.random);
            let until = now.plus_days(i64::from(days));
            let hint: String = token.reveal().chars().take(9).collect();
            if !tx.moved(&INSERT_KEY, params![id, token.hash(), account, &name, &hint, now, until])? {
                return no(Refusal::Invalid(Errors::one("name", Problem::TooMany(50))));
            }
            audit::record(tx, &h, &by, "api_key.made", id, &json!({"name": name, "days": days}))?;
            Ok(token)
        })
        .await
}

/// Ends one of one's own keys, at once.
pub async fn revoke_key(people: &People, by: &By, session: &Session, id: KeyId) -> Answer<()> {
    let (h, by, account) = (people.house.clone(), by.with(session.account.id), session.account.id);
    people
        .house
        .db
        .write(move |tx| {
            let gone: Option<(String,)> = tx.changed(&DELETE_KEY, params![id, account])?;
            let Some((name,)) = gone else { return no(Refusal::NotFound) };
            audit::record(tx, &h, &by, "api_key.revoked", id, &json!({"name": name}))?;
            Ok(())
        })
        .await
}

/// Who holds this key, and what that account may do now.
pub async fn key_holder(people: &People, sent: &str) -> Answer<Option<KeyHolder>> {
    let Some(token) = Token::read(TokenKind::Key, sent) else { return Ok(None) };
    let (hash, now) = (token.hash(), people.house.now());
    let found: Option<Holder> = people
        .house
        .db
        .read(move |l| l.one(&FIND_KEY, params![hash, now]))
        .await
        .map_err(Failure::<Refusal>::Fault)?;
    let Some(found) = found else { return Ok(None) };
    let stale = now.plus_minutes(-5);
    if found.used_at.is_none_or(|at| at < stale) {
        let id = found.id;
        let seen = people.house.db.write(move |tx| tx.change(&SEE_KEY, params![id, now, stale])).await;
        // Nobody is turned away because the time of use could not be noted.
        if let Err(fault) = seen {
            tracing::warn!(error = %fault, "the use of a key was not noted");
        }
    }
    Ok(Some(KeyHolder { account: found.account, staff: found.staff }))
}
