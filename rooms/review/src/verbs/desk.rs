//! What the desk does with a Request before it is decided: finds it, takes it up, talks about it.

use super::{no, remember, request};
use crate::model::{Applicant, Colleague, Counts, DeskItem, Filter, QueueLine, Request, State, What, Whose};
use crate::rules::{NOTE_MAX, REMARK_MAX, Refusal, word};
use crate::store::{
    ASSIGN, CLAIM, COUNT_FLAGGED, COUNT_FREE, COUNT_LATE, COUNT_MINE, COUNT_PENDING, DELETE_REMARK,
    FIND_APPLICANT, FIND_BY_WORD, FIND_COLLEAGUE, HOLD_OPEN, HOLD_PENDING, HOLD_SENT, IS_MEMBER, LIST_CHECKS,
    LIST_ENTRIES, LIST_OTHERS, LIST_REMARKS, LIST_REQUEST_FILES, LIST_REVIEWERS, LIST_ROUNDS, PUT_REMARK,
    QUEUE_ALL, QUEUE_ASSIGNEE, QUEUE_FLAGGED, QUEUE_FREE, QUEUE_KIND, QUEUE_LANG, RELEASE, SNOOZE,
};
use crate::{Answer, Review};
use kernel::{AccountId, By, Errors, Failure, Fault, Lang, RequestId, Time};
use people::{News, OnStaff};
use serde_json::json;
use store::{House, Look, Tx, audit, params};

/// How many lines a page of the queue has. One more says that another page follows.
pub const QUEUE_PAGE: usize = 25;

/// A page of what waits, the earliest promise first, after a place in it. The narrowest index leads; all other wishes
/// are looked at row by row.
pub async fn queue(
    review: &Review,
    staff: &OnStaff,
    filter: Filter,
    after: Option<(Time, RequestId)>,
) -> Answer<Vec<QueueLine>> {
    let (now, me) = (review.house.now(), staff.account());
    let found = review.house.db.read(move |look| page(look, &filter, after, now, me)).await;
    found.map_err(Failure::Fault)
}

fn page(
    look: &mut Look<'_>,
    f: &Filter,
    after: Option<(Time, RequestId)>,
    now: Time,
    me: AccountId,
) -> Result<Vec<QueueLine>, Fault> {
    let by = match (f.whose, f.flagged, f.kind, f.lang) {
        (Whose::Mine, ..) => &QUEUE_ASSIGNEE,
        (_, true, ..) => &QUEUE_FLAGGED,
        (_, _, Some(_), _) => &QUEUE_KIND,
        (Whose::Nobody, ..) => &QUEUE_FREE,
        (_, _, _, Some(_)) => &QUEUE_LANG,
        _ => &QUEUE_ALL,
    };
    let (due, id) = after.map_or((i64::MIN, String::new()), |(due, id)| (due.0, id.to_string()));
    let until = if f.late { now } else { Time(i64::MAX) };
    let awake = if f.snoozed { Time(i64::MAX) } else { now };
    let whose = match f.whose {
        Whose::Anyone => None,
        Whose::Mine => Some(me.to_string()),
        Whose::Nobody => Some(String::new()),
    };
    look.all(by, params![due, &id, until, awake, f.kind, whose, f.lang, i64::from(f.flagged)])
}

/// Requests in any state whose reference, title or developer's name begins so, at most a page of them.
pub async fn find_by_word(review: &Review, _: &OnStaff, text: &str) -> Answer<Vec<QueueLine>> {
    let from = word(text);
    if from.is_empty() {
        return Ok(Vec::new());
    }
    let to = format!("{from}\u{10ffff}");
    let found = review.house.db.read(move |l| l.all::<QueueLine>(&FIND_BY_WORD, params![&from, &to])).await;
    let mut lines = found.map_err(Failure::Fault)?;
    let mut seen = std::collections::BTreeSet::new();
    lines.retain(|l| seen.insert(l.id));
    lines.truncate(QUEUE_PAGE);
    Ok(lines)
}

pub async fn counts(review: &Review, staff: &OnStaff) -> Answer<Counts> {
    let (now, me) = (review.house.now(), staff.account());
    let counted = review.house.db.read(move |look| {
        let mut one =
            |s, p: &[store::Value<'_>]| look.one::<(i64,)>(s, p).map(|found| found.map_or(0, |(n,)| n));
        Ok(Counts {
            pending: one(&COUNT_PENDING, &[])?,
            late: one(&COUNT_LATE, params![now])?,
            free: one(&COUNT_FREE, &[])?,
            mine: one(&COUNT_MINE, params![me])?,
            flagged: one(&COUNT_FLAGGED, &[])?,
        })
    });
    counted.await.map_err(Failure::Fault)
}

/// What to go on with: one's own that is due next, else one that nobody has.
pub async fn next(review: &Review, staff: &OnStaff) -> Answer<Option<QueueLine>> {
    let (now, me) = (review.house.now(), staff.account());
    let found = review.house.db.read(move |look| {
        for whose in [Whose::Mine, Whose::Nobody] {
            let lines = page(look, &Filter { whose, ..Filter::default() }, None, now, me)?;
            for line in lines {
                if look.one::<(AccountId,)>(&IS_MEMBER, params![line.developer, me])?.is_none() {
                    return Ok(Some(line));
                }
            }
        }
        Ok(None)
    });
    found.await.map_err(Failure::Fault)
}

/// A Request that was sent in. Drafts are nobody's business.
pub(crate) fn sent(look: &mut Look<'_>, id: RequestId) -> Answer<Request> {
    let r = request(look, id)?;
    if r.submitted_at.is_some() { Ok(r) } else { no(Refusal::NotFound) }
}

pub(crate) fn is_own(look: &mut Look<'_>, r: &Request, who: AccountId) -> Answer<bool> {
    Ok(r.made_by == who
        || r.submitted_by == Some(who)
        || look.one::<(AccountId,)>(&IS_MEMBER, params![r.developer, who])?.is_some())
}

/// A Request, whole.
pub async fn find_for_desk(review: &Review, staff: &OnStaff, id: RequestId) -> Answer<DeskItem> {
    let me = staff.account();
    review
        .house
        .db
        .read(move |look| {
            let r = sent(look, id)?;
            let gone = || Fault::internal("a Request without its developer");
            let name = |look: &mut Look<'_>, id: AccountId| {
                look.one::<Colleague>(&FIND_COLLEAGUE, params![id]).map(|c| c.map(|c| c.name))
            };
            let assignee_name = r.assignee.map(|id| name(look, id)).transpose()?.flatten();
            let asker = r.submitted_by.map(|id| name(look, id)).transpose()?.flatten();
            Ok(DeskItem {
                rounds: look.all(&LIST_ROUNDS, params![id])?,
                remarks: look.all(&LIST_REMARKS, params![id])?,
                entries: look.all(&LIST_ENTRIES, params![id])?,
                checks: look.all(&LIST_CHECKS, params![id, r.round])?,
                files: look.all(&LIST_REQUEST_FILES, params![id])?,
                applicant: look.one::<Applicant>(&FIND_APPLICANT, params![r.developer])?.ok_or_else(gone)?,
                others: look.all(&LIST_OTHERS, params![r.developer, id])?,
                colleagues: look.all(&LIST_REVIEWERS, &[])?,
                asker: asker.unwrap_or_default(),
                assignee_name,
                is_own: is_own(look, &r, me)?,
                agreed: r.first_yes == Some(me),
                request: r,
            })
        })
        .await
}

/// Why a conditional change found nothing, as far as its reader can do something about it.
pub(crate) fn explain<T>(look: &mut Look<'_>, id: RequestId, me: AccountId) -> Answer<T> {
    let r = sent(look, id)?;
    if r.state != State::Pending {
        no(Refusal::Changed)
    } else if is_own(look, &r, me)? {
        no(Refusal::OwnRequest)
    } else if r.two_person && r.first_yes == Some(me) {
        no(Refusal::SecondPerson)
    } else {
        no(Refusal::Changed)
    }
}

/// Who is at it: for what all the verbs below have in common.
struct Hand {
    h: House,
    by: By,
    me: AccountId,
    id: RequestId,
}

impl Hand {
    fn new(review: &Review, by: &By, staff: &OnStaff, id: RequestId) -> Hand {
        Hand { h: review.house.clone(), by: by.with(staff.account()), me: staff.account(), id }
    }
    fn note(&self, tx: &mut Tx<'_>, what: What, text: &str, action: &'static str) -> Answer<()> {
        let r = request(tx, self.id)?;
        remember(tx, &self.h, &r, Some(self.me), what, text)?;
        audit::record(tx, &self.h, &self.by, action, self.id, &json!({"round": r.round}))?;
        Ok(())
    }
}

/// Takes it up. Of many who try at once, one gets it.
pub async fn claim(review: &Review, by: &By, staff: &OnStaff, id: RequestId) -> Answer<()> {
    let hand = Hand::new(review, by, staff, id);
    review
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&CLAIM, params![hand.id, hand.me, hand.h.now()])? {
                return explain(tx, hand.id, hand.me);
            }
            hand.note(tx, What::Claimed, "", "request.claimed")
        })
        .await
}

/// Gives it to a colleague, or takes it over from one.
pub async fn assign(review: &Review, by: &By, staff: &OnStaff, id: RequestId, to: AccountId) -> Answer<()> {
    let hand = Hand::new(review, by, staff, id);
    review
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&ASSIGN, params![hand.id, to, hand.h.now()])? {
                return explain(tx, hand.id, to);
            }
            let name = tx.one::<Colleague>(&FIND_COLLEAGUE, params![to])?.map(|c| c.name).unwrap_or_default();
            hand.note(tx, What::Assigned, &name, "request.assigned")
        })
        .await
}

/// Gives it back to the queue.
pub async fn release(review: &Review, by: &By, staff: &OnStaff, id: RequestId) -> Answer<()> {
    let hand = Hand::new(review, by, staff, id);
    review
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&RELEASE, params![hand.id])? {
                return explain(tx, hand.id, hand.me);
            }
            hand.note(tx, What::Released, "", "request.released")
        })
        .await
}

/// Puts it out of sight for so many days; the promise stays where it is.
pub async fn snooze(review: &Review, by: &By, staff: &OnStaff, id: RequestId, days: u32) -> Answer<()> {
    let hand = Hand::new(review, by, staff, id);
    let days = i64::from(days.min(30));
    review
        .house
        .db
        .write(move |tx| {
            let until = if days == 0 { Time(0) } else { hand.h.now().plus_days(days) };
            if !tx.moved(&SNOOZE, params![hand.id, until])? {
                return explain(tx, hand.id, hand.me);
            }
            hand.note(tx, What::Snoozed, &days.to_string(), "request.snoozed")
        })
        .await
}

/// Says something about one field of the present round; an empty text takes it away again. Told with the decision.
pub async fn remark(
    review: &Review,
    by: &By,
    staff: &OnStaff,
    id: RequestId,
    shown_round: i64,
    field: &str,
    text: &str,
) -> Answer<()> {
    let text = kernel::text::prose(text, 0, REMARK_MAX)
        .map_err(|p| Failure::Refused(Errors::one("text", p).into()))?;
    let hand = Hand::new(review, by, staff, id);
    let field = field.to_owned();
    review
        .house
        .db
        .write(move |tx| {
            let r = sent(tx, hand.id)?;
            if r.form.field(&field).is_none() {
                return no(Refusal::NotFound);
            }
            if !tx.moved(&HOLD_PENDING, params![hand.id, shown_round])? {
                return no(Refusal::Changed);
            }
            if text.is_empty() {
                tx.change(&DELETE_REMARK, params![hand.id, shown_round, &field])?;
            } else {
                let p = params![hand.id, shown_round, &field, &text, hand.me, hand.h.now()];
                tx.change(&PUT_REMARK, p)?;
            }
            let detail = json!({"round": shown_round, "field": field, "length": text.chars().count()});
            audit::record(tx, &hand.h, &hand.by, "request.remarked", hand.id, &detail)?;
            Ok(())
        })
        .await
}

fn said(text: &str) -> Answer<String> {
    kernel::text::prose(text, 1, NOTE_MAX).map_err(|p| Failure::Refused(Errors::one("text", p).into()))
}

/// Notes something among staff.
pub async fn note(review: &Review, by: &By, staff: &OnStaff, id: RequestId, text: &str) -> Answer<()> {
    let (hand, text) = (Hand::new(review, by, staff, id), said(text)?);
    review
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&HOLD_SENT, params![hand.id])? {
                return no(Refusal::NotFound);
            }
            hand.note(tx, What::Noted, &text, "request.noted")
        })
        .await
}

/// Writes to the applicant without deciding anything.
pub async fn ask(review: &Review, by: &By, staff: &OnStaff, id: RequestId, text: &str) -> Answer<()> {
    let (hand, text) = (Hand::new(review, by, staff, id), said(text)?);
    review
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&HOLD_OPEN, params![hand.id, hand.h.now()])? {
                return no(Refusal::Changed);
            }
            let r = sent(tx, hand.id)?;
            hand.note(tx, What::Asked, &text, "request.asked")?;
            let args =
                |lang: Lang| json!({"title": r.title.get(lang), "reference": r.reference, "reason": text});
            let path = format!("/console/requests/{}", r.id);
            let news = News { letter: "request-message", args: &args, path: &path };
            people::tell_team(tx, &hand.h, r.developer, r.submitted_by.unwrap_or(r.made_by), &news)?;
            Ok(())
        })
        .await
}
