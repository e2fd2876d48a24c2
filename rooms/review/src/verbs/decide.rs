//! Deciding. Whatever two reviewers do at once, a Request is decided once: every change names the state and the round
//! that it starts from.

use super::desk::{explain, sent};
use super::{no, remember};
use crate::model::{Decided, Deciding, Decision, Preview, Remark, Request, State, What};
use crate::rules::{NOTE_MAX, Refusal, wording};
use crate::store::{AGREE, APPROVE, FIND_ASKER, LIST_REMARKS, REJECT, SEND_BACK};
use crate::{Answer, Review};
use kernel::{By, Errors, Failure, Lang, Problem, RequestId};
use people::{News, OnStaff, Sudo};
use serde_json::{Value, json};
use store::{Look, audit, params};

/// The letter that tells of a decision.
const fn letter(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "request-approved",
        Decision::NeedsChanges => "request-needs-changes",
        Decision::Reject => "request-rejected",
    }
}

/// What fills the letter in, for a reader of that language. The reason stays in the applicant's.
fn args(r: &Request, lang: Lang, reason: &str) -> Value {
    json!({"title": r.title.get(lang), "reference": r.reference, "reason": reason})
}

fn checked(d: &Deciding) -> Answer<Deciding> {
    let text = kernel::text::prose(&d.text, 0, NOTE_MAX)
        .map_err(|p| Failure::Refused(Errors::one("text", p).into()))?;
    Ok(Deciding { text, ..d.clone() })
}

/// What the applicant will read, or why it is not enough.
fn reason(look: &mut Look<'_>, r: &Request, d: &Deciding) -> Answer<String> {
    let mut bodies = Vec::new();
    if d.decision != Decision::Approve && !d.reasons.is_empty() {
        let library = super::library::reasons(look)?;
        for id in &d.reasons {
            let fits = library.iter().find(|x| {
                x.id == *id && !x.retired && x.decision == d.decision && x.kind.is_none_or(|k| k == r.kind)
            });
            let Some(found) = fits else {
                return no(Errors::one("reason", Problem::NotOneOfThese).into());
            };
            bodies.push(found.body.get(r.lang).to_owned());
        }
    }
    let mut remarks = Vec::new();
    if d.decision != Decision::Approve {
        let all: Vec<Remark> = look.all(&LIST_REMARKS, params![r.id])?;
        for m in all.into_iter().filter(|m| m.round == r.round) {
            let label = r.form.field(&m.field).map_or(m.field.as_str(), |f| f.label.get(r.lang));
            remarks.push((label.to_owned(), m.text));
        }
    }
    let text = wording(&bodies, &d.text, &remarks);
    if text.is_empty() && d.decision != Decision::Approve { no(Refusal::NeedsReason) } else { Ok(text) }
}

/// The letter as it would go out to whoever asked, if this were decided now.
pub async fn preview(review: &Review, staff: &OnStaff, id: RequestId, d: &Deciding) -> Answer<Preview> {
    let (d, me) = (checked(d)?, staff.account());
    review
        .house
        .db
        .read(move |look| {
            let r = sent(look, id)?;
            if r.state != State::Pending || r.round != d.round || super::desk::is_own(look, &r, me)? {
                return explain(look, id, me);
            }
            let reason = reason(look, &r, &d)?;
            let asker = r.submitted_by.unwrap_or(r.made_by);
            let (name, lang) =
                look.one::<(String, Lang)>(&FIND_ASKER, params![asker])?.unwrap_or((String::new(), r.lang));
            let agrees_first = d.decision == Decision::Approve && r.two_person && r.first_yes.is_none();
            let mut args = args(&r, lang, &reason);
            args["name"] = json!(name);
            args["path"] = json!(format!("/console/requests/{id}"));
            Ok(Preview { letter: (!agrees_first).then(|| letter(d.decision)), name, lang, args })
        })
        .await
}

/// Decides. The effect of an approval, the history, the audit and the letters are there together or not at all.
pub async fn decide(
    review: &Review,
    by: &By,
    staff: &OnStaff,
    id: RequestId,
    d: &Deciding,
    _sudo: Sudo,
) -> Answer<Decided> {
    let (d, me) = (checked(d)?, staff.account());
    let (h, by, review) = (review.house.clone(), by.with(me), review.clone());
    h.clone()
        .db
        .write(move |tx| {
            let now = h.now();
            let p = params![id, me, d.round, now];
            let (moved, state, what, action) = match d.decision {
                Decision::Approve => {
                    (tx.moved(&APPROVE, p)?, State::Approved, What::Approved, "request.approved")
                }
                Decision::Reject => {
                    (tx.moved(&REJECT, p)?, State::Rejected, What::Rejected, "request.rejected")
                }
                Decision::NeedsChanges => {
                    (tx.moved(&SEND_BACK, p)?, State::NeedsChanges, What::SentBack, "request.sent_back")
                }
            };
            if !moved {
                // The first of two who must agree.
                if d.decision == Decision::Approve && tx.moved(&AGREE, params![id, me, d.round])? {
                    let r = sent(tx, id)?;
                    remember(tx, &h, &r, Some(me), What::Agreed, &d.text)?;
                    audit::record(tx, &h, &by, "request.agreed", id, &json!({"round": d.round}))?;
                    return Ok(Decided::Agreed);
                }
                return explain(tx, id, me);
            }
            let r = sent(tx, id)?;
            let reason = reason(tx, &r, &d)?;
            if d.decision == Decision::Approve {
                review.subject(r.kind)?.approved(tx, &h, &by, &r)?;
            }
            remember(tx, &h, &r, Some(me), what, &reason)?;
            let args = |lang| args(&r, lang, &reason);
            let path = format!("/console/requests/{id}");
            let news = News { letter: letter(d.decision), args: &args, path: &path };
            people::tell_team(tx, &h, r.developer, r.submitted_by.unwrap_or(r.made_by), &news)?;
            let detail = json!({"kind": r.kind.word(), "round": r.round, "reasons": d.reasons.len(),
                "first_yes": r.first_yes.map(|a| a.to_string())});
            audit::record(tx, &h, &by, action, id, &detail)?;
            Ok(Decided::As(state))
        })
        .await
}
