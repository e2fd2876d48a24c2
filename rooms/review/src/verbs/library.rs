//! The desk's own things: the library of reasons, saved views, figures.

use super::no;
use crate::model::{DecidedRow, Decision, Figures, Kind, OpenRow, Reason, ReasonDraft, SavedView};
use crate::rules::{FIGURES_MAX, Refusal, figures_of};
use crate::store::{
    COUNT_REASONS, DELETE_VIEW, INSERT_REASON, LIST_DECIDED, LIST_OPEN_TIMES, LIST_REASON_TEXTS,
    LIST_REASONS, LIST_VIEWS, PUT_REASON_TEXT, PUT_VIEW, RETIRE_REASON, ReasonRow, ReasonTextRow, SET_REASON,
};
use crate::{Answer, Review};
use kernel::{By, Errors, Failure, Fault, Problem, ReasonId, ViewId};
use people::OnStaff;
use serde_json::json;
use store::{House, Look, Texts, Tx, audit, params};

const TITLE_MAX: u32 = 80;
const BODY_MAX: u32 = 1_000;

pub(crate) fn reasons(look: &mut Look<'_>) -> Result<Vec<Reason>, Fault> {
    let rows: Vec<ReasonRow> = look.all(&LIST_REASONS, &[])?;
    let texts: Vec<ReasonTextRow> = look.all(&LIST_REASON_TEXTS, &[])?;
    let of = |id, pick: fn(&ReasonTextRow) -> &String| {
        Texts(texts.iter().filter(|t| t.reason == id).map(|t| (t.lang, pick(t).clone())).collect())
    };
    let whole = |r: ReasonRow| Reason {
        title: of(r.id, |t| &t.title),
        body: of(r.id, |t| &t.body),
        id: r.id,
        key: r.key,
        decision: r.decision,
        kind: r.kind,
        place: r.place,
        retired: r.retired,
    };
    Ok(rows.into_iter().map(whole).collect())
}

/// The whole library, retired ones too.
pub async fn list_reasons(review: &Review) -> Answer<Vec<Reason>> {
    review.house.db.read(reasons).await.map_err(Failure::Fault)
}

/// The reasons that one may give for a decision about this kind.
pub async fn reasons_for(review: &Review, kind: Kind, decision: Decision) -> Answer<Vec<Reason>> {
    let mut all = list_reasons(review).await?;
    all.retain(|r| !r.retired && r.decision == decision && r.kind.is_none_or(|k| k == kind));
    Ok(all)
}

/// The draft in its one form, or what is wrong with it.
fn checked(d: &ReasonDraft) -> Answer<ReasonDraft> {
    let mut errors = Errors::default();
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if d.key.is_empty() {
        errors.add("key", Problem::Missing);
    } else if d.key.len() > 40 || !d.key.bytes().all(fine) {
        errors.add("key", Problem::BadCharacters);
    }
    if d.decision == Decision::Approve {
        errors.add("decision", Problem::NotOneOfThese);
    }
    let (mut title, mut body) = (Texts::default(), Texts::default());
    for lang in kernel::Lang::ALL {
        let of = |texts: &Texts| texts.0.get(&lang).cloned().unwrap_or_default();
        let (t, b) =
            (kernel::text::line(&of(&d.title), 1, TITLE_MAX), kernel::text::prose(&of(&d.body), 1, BODY_MAX));
        if let Some(t) = errors.take(format!("title_{}", lang.tag()), t) {
            title.0.insert(lang, t);
        }
        if let Some(b) = errors.take(format!("body_{}", lang.tag()), b) {
            body.0.insert(lang, b);
        }
    }
    if errors.is_empty() { Ok(ReasonDraft { title, body, ..d.clone() }) } else { no(errors.into()) }
}

/// Writes a reason: a new one, or the one with this id.
pub async fn save_reason(
    review: &Review,
    by: &By,
    staff: &OnStaff,
    id: Option<ReasonId>,
    draft: &ReasonDraft,
) -> Answer<ReasonId> {
    let (h, by, d) = (review.house.clone(), by.with(staff.account()), checked(draft)?);
    review.house.db.write(move |tx| write(tx, &h, &by, id, &d)).await
}

fn write(tx: &mut Tx<'_>, h: &House, by: &By, id: Option<ReasonId>, d: &ReasonDraft) -> Answer<ReasonId> {
    let id = match id {
        Some(id) if tx.moved(&SET_REASON, params![id, d.decision, d.kind, d.place])? => id,
        Some(_) => return no(Refusal::NotFound),
        None => {
            let id = ReasonId::new(h.now(), &*h.random);
            if !tx.moved(&INSERT_REASON, params![id, &d.key, d.decision, d.kind, d.place])? {
                return no(Errors::one("key", Problem::NameTaken).into());
            }
            id
        }
    };
    for lang in kernel::Lang::ALL {
        let (title, body) = (d.title.0.get(&lang), d.body.0.get(&lang));
        if let (Some(title), Some(body)) = (title, body) {
            tx.change(&PUT_REASON_TEXT, params![id, lang, title, body])?;
        }
    }
    audit::record(tx, h, by, "reason.saved", id, &json!({"key": d.key, "decision": d.decision.word()}))?;
    Ok(id)
}

/// Takes a reason out of use, or back into it. What was said with it stays said.
pub async fn retire_reason(
    review: &Review,
    by: &By,
    staff: &OnStaff,
    id: ReasonId,
    retired: bool,
) -> Answer<()> {
    let (h, by) = (review.house.clone(), by.with(staff.account()));
    review
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&RETIRE_REASON, params![id, retired])? {
                return no(Refusal::Changed);
            }
            audit::record(tx, &h, &by, "reason.retired", id, &json!({"retired": retired}))?;
            Ok(())
        })
        .await
}

/// The reasons that a new house starts with. A house that has any keeps its own.
pub async fn first_reasons(house: &House, drafts: Vec<ReasonDraft>) -> Answer<()> {
    let h = house.clone();
    house
        .db
        .write(move |tx| {
            if tx.one::<(i64,)>(&COUNT_REASONS, &[])?.is_some_and(|(n,)| n > 0) {
                return Ok(());
            }
            for d in &drafts {
                match write(tx, &h, &By::house("start"), None, &checked(d)?) {
                    // Another process is opening the same house.
                    Ok(_) | Err(Failure::Refused(_)) => {}
                    Err(fault) => return Err(fault),
                }
            }
            Ok(())
        })
        .await
}

pub async fn list_views(review: &Review, staff: &OnStaff) -> Answer<Vec<SavedView>> {
    let me = staff.account();
    review.house.db.read(move |l| l.all(&LIST_VIEWS, params![me])).await.map_err(Failure::Fault)
}

/// Keeps a view of the queue under a name; the same name again replaces it.
pub async fn save_view(review: &Review, by: &By, staff: &OnStaff, name: &str, query: &str) -> Answer<()> {
    let name =
        kernel::text::line(name, 1, 40).map_err(|p| Failure::Refused(Errors::one("name", p).into()))?;
    let (h, by, me, query) =
        (review.house.clone(), by.with(staff.account()), staff.account(), query.to_owned());
    review
        .house
        .db
        .write(move |tx| {
            let id = ViewId::new(h.now(), &*h.random);
            if !tx.moved(&PUT_VIEW, params![id, me, &name, &query, h.now()])? {
                return no(Errors::one("name", Problem::TooMany(12)).into());
            }
            audit::record(tx, &h, &by, "view.saved", id, &json!({"name": name, "query": query}))?;
            Ok(())
        })
        .await
}

pub async fn remove_view(review: &Review, by: &By, staff: &OnStaff, id: ViewId) -> Answer<()> {
    let (h, by, me) = (review.house.clone(), by.with(staff.account()), staff.account());
    review
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&DELETE_VIEW, params![id, me])? {
                return no(Refusal::NotFound);
            }
            audit::record(tx, &h, &by, "view.removed", id, &json!({}))?;
            Ok(())
        })
        .await
}

/// The figures of the last so many days, and of what waits now.
pub async fn figures(review: &Review, _: &OnStaff, days: i64) -> Answer<Figures> {
    let now = review.house.now();
    let since = now.plus_days(-days.clamp(1, 366));
    let (decided, open): (Vec<DecidedRow>, Vec<OpenRow>) = review
        .house
        .db
        .read(move |l| Ok((l.all(&LIST_DECIDED, params![since])?, l.all(&LIST_OPEN_TIMES, &[])?)))
        .await
        .map_err(Failure::<Refusal>::Fault)?;
    let cut = decided.len() >= FIGURES_MAX || open.len() >= FIGURES_MAX;
    Ok(Figures { cut, ..figures_of(&decided, &open, now) })
}
