//! Who is there: finding, ending and listing sessions.

use super::{NOTICE_DAYS, no};
use crate::rules::{Refusal, SESSION_IDLE_DAYS};
use crate::store::{
    DELETE_SESSION, FIND_SESSION, Found, LIST_SESSIONS, PURGE_LINKS, PURGE_NOTICES, PURGE_SESSIONS,
    PURGE_THROTTLE, SEE_SESSION,
};
use crate::{Answer, People, Session, SessionLine};
use kernel::{AccountId, By, Fault, NoticeId, SessionId, Time, Token};
use serde_json::json;
use store::{audit, params};

/// A session that still owes the second factor. It opens nothing but that one page.
#[derive(Clone)]
pub struct Half {
    pub(crate) id: SessionId,
    pub(crate) account: AccountId,
    pub(crate) token: Token,
}

impl Half {
    pub fn token(&self) -> &Token {
        &self.token
    }
}

pub enum Visitor {
    Nobody,
    Half(Half),
    SignedIn(Box<Session>),
}

/// Who holds this session token.
pub async fn visitor(people: &People, token: Option<Token>) -> Result<Visitor, Fault> {
    let Some(token) = token else { return Ok(Visitor::Nobody) };
    let (hash, now) = (token.hash(), people.house.now());
    let idle = now.plus_days(-SESSION_IDLE_DAYS);
    let found: Option<Found> =
        people.house.db.read(move |l| l.one(&FIND_SESSION, params![hash, now, idle])).await?;
    let Some(found) = found else { return Ok(Visitor::Nobody) };
    if found.stage == "half" {
        return Ok(Visitor::Half(Half { id: found.id, account: found.account.id, token }));
    }
    // Written once in a while, so that reading a page does not write.
    let stale = now.plus_minutes(-5);
    if found.seen_at < stale {
        let id = found.id;
        let seen = people.house.db.write(move |tx| tx.change(&SEE_SESSION, params![id, now, stale])).await;
        // Nobody is turned away from a page because the time of the visit could not be noted.
        if let Err(fault) = seen {
            tracing::warn!(error = %fault, "a visit was not noted");
        }
    }
    Ok(Visitor::SignedIn(Box::new(Session {
        id: found.id,
        token,
        account: found.account,
        membership: found.membership,
        staff: found.staff,
        sudo_until: found.sudo_until,
        unread: found.unread,
    })))
}

pub async fn list_sessions(people: &People, session: &Session) -> Answer<Vec<SessionLine>> {
    let (id, now) = (session.account.id, people.house.now());
    Ok(people.house.db.read(move |l| l.all::<SessionLine>(&LIST_SESSIONS, params![id, now])).await?)
}

/// Ends one of one's own sessions. Another's is not there.
pub async fn end_session(people: &People, by: &By, session: &Session, which: SessionId) -> Answer<()> {
    let (h, by, account) = (people.house.clone(), by.with(session.account.id), session.account.id);
    let what = if which == session.id { "session.closed" } else { "session.ended" };
    people
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&DELETE_SESSION, params![which, account])? {
                return no(Refusal::NotFound);
            }
            audit::record(tx, &h, &by, what, account, &json!({"session": which.to_string()}))?;
            Ok(())
        })
        .await
}

/// Ends a session that never got its second factor.
pub async fn end_half(people: &People, by: &By, half: &Half) -> Answer<()> {
    let (h, by, half) = (people.house.clone(), by.with(half.account), half.clone());
    people
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&DELETE_SESSION, params![half.id, half.account])? {
                return no(Refusal::NotFound);
            }
            let detail = json!({"session": half.id.to_string(), "second_factor": "owed"});
            audit::record(tx, &h, &by, "session.closed", half.account, &detail)?;
            Ok(())
        })
        .await
}

/// Removes what ran out, a bounded number at a time; says how much.
pub async fn sweep(people: &People) -> Result<u64, Fault> {
    let now = people.house.now();
    // An id begins with its time: the oldest that is kept.
    let oldest = NoticeId::new(now.plus_days(-NOTICE_DAYS), &*people.house.random);
    people
        .house
        .db
        .write(move |tx| {
            // Links are kept a while, so that a second click is told "used" by the same words.
            let n = tx.change(&PURGE_SESSIONS, params![now])?
                + tx.change(&PURGE_LINKS, params![now.plus_days(-7)])?
                + tx.change(&PURGE_THROTTLE, params![now.plus(-Time::HOUR)])?
                + tx.change(&PURGE_NOTICES, params![oldest])?;
            Ok(n)
        })
        .await
}
