//! What the house does at the desk by itself: it tells of broken promises, sends the daily digest, and looks at what
//! only the network can tell.

use super::desk::sent;
use super::remember;
use crate::model::{Verdict, WaitingCheck, What};
use crate::rules::{addresses, day_of, is_working};
use crate::store::{
    ADD_FLAG, COUNT_FREE, COUNT_LATE, COUNT_PENDING, ESCALATE, LIST_OVERDUE, LIST_WAITING, MOVE_DIGEST,
    SETTLE_CHECK,
};
use crate::{Answer, Review};
use kernel::{By, Failure, Lang, RequestId, Time};
use people::{News, StaffRole};
use serde_json::json;
use std::future::Future;
use std::pin::Pin;
use store::{audit, params};

/// The check that waits for the network: whether the callback can be reached over TLS.
pub const CALLBACK: &str = "callback";

/// What was found at an address. The detail is a code of the page's, and a host: nothing that a stranger wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probed {
    pub verdict: Verdict,
    pub detail: String,
}

/// Knocks at an address outside. Whoever implements it goes nowhere inside the operator's network.
pub trait Probe: Send + Sync {
    fn knock<'a>(&'a self, address: &'a str) -> Pin<Box<dyn Future<Output = Probed> + Send + 'a>>;
}

/// Tells reviewers and applicants of promises that are broken, each once, some at a time; says how many.
pub async fn escalate(review: &Review) -> Answer<usize> {
    let now = review.house.now();
    let overdue: Vec<(RequestId,)> =
        review.house.db.read(move |l| l.all(&LIST_OVERDUE, params![now])).await.map_err(Failure::Fault)?;
    let mut told = 0;
    for (id,) in overdue {
        told += usize::from(escalate_one(review, id).await?);
    }
    Ok(told)
}

async fn escalate_one(review: &Review, id: RequestId) -> Answer<bool> {
    let h = review.house.clone();
    review
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&ESCALATE, params![id, h.now()])? {
                return Ok(false);
            }
            let r = sent(tx, id)?;
            remember(tx, &h, &r, None, What::Escalated, "")?;
            let args = |lang: Lang| json!({"title": r.title.get(lang), "reference": r.reference});
            let path = format!("/desk/requests/{id}");
            let news = News { letter: "request-escalated", args: &args, path: &path };
            people::tell_staff(tx, &h, StaffRole::Reviewer, &news)?;
            audit::record(tx, &h, &By::house("desk"), "request.escalated", id, &json!({"round": r.round}))?;
            Ok(true)
        })
        .await
}

/// From this hour on (UTC) of every working day.
const DIGEST_HOUR: i64 = 7;

/// Tells reviewers once a day what waits, however many processes ask; nothing if nothing does.
pub async fn digest(review: &Review) -> Answer<bool> {
    let (h, now) = (review.house.clone(), review.house.now());
    let day = day_of(now);
    if !is_working(day) || now.0.rem_euclid(Time::DAY) < DIGEST_HOUR * Time::HOUR {
        return Ok(false);
    }
    review
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&MOVE_DIGEST, params![day])? {
                return Ok(false);
            }
            let (pending,) = tx.one::<(i64,)>(&COUNT_PENDING, &[])?.unwrap_or_default();
            let (late,) = tx.one::<(i64,)>(&COUNT_LATE, params![now])?.unwrap_or_default();
            let (free,) = tx.one::<(i64,)>(&COUNT_FREE, &[])?.unwrap_or_default();
            let counts = json!({"pending": pending, "late": late, "free": free});
            if pending > 0 {
                let args = |_: Lang| counts.clone();
                let news = News { letter: "desk-digest", args: &args, path: "/desk" };
                people::tell_staff(tx, &h, StaffRole::Reviewer, &news)?;
            }
            audit::record(tx, &h, &By::house("desk"), "desk.digested", day, &counts)?;
            Ok(pending > 0)
        })
        .await
}

/// Knocks at the addresses of some checks that wait; says how many were settled. Nothing is held meanwhile.
pub async fn settle_checks(review: &Review, probe: &dyn Probe) -> Answer<usize> {
    let waiting: Vec<WaitingCheck> =
        review.house.db.read(|l| l.all(&LIST_WAITING, params![CALLBACK])).await.map_err(Failure::Fault)?;
    let mut settled = 0;
    for check in waiting {
        let mut found = Probed { verdict: Verdict::Unknown, detail: "nothing".to_owned() };
        for address in addresses(&check.form, &check.answers, &check.detail) {
            found = probe.knock(&address).await;
            if found.verdict != Verdict::Fine {
                break;
            }
        }
        settled += usize::from(settle(review, check, found).await?);
    }
    Ok(settled)
}

async fn settle(review: &Review, check: WaitingCheck, found: Probed) -> Answer<bool> {
    let h = review.house.clone();
    review
        .house
        .db
        .write(move |tx| {
            let (id, round) = (check.request, check.round);
            let p = params![id, round, &check.name, found.verdict, &found.detail, h.now()];
            if !tx.moved(&SETTLE_CHECK, p)? {
                return Ok(false);
            }
            if found.verdict == Verdict::Warns {
                tx.change(&ADD_FLAG, params![id, round])?;
            }
            let detail = json!({"check": check.name, "verdict": found.verdict.word()});
            audit::record(tx, &h, &By::house("desk"), "request.checked", id, &detail)?;
            Ok(true)
        })
        .await
}
