//! What the applicant does.

use super::{no, remember, request};
use crate::form::Answers;
use crate::model::{Kind, Request, RequestLine, Seen, State, Verdict, What};
use crate::rules::{NOTE_MAX, Refusal, due, new_reference, word};
use crate::store::{
    COUNT_ANSWERED, COUNT_BEFORE, DELETE_REQUEST_FILE, FIND_HOLDER, FIND_OPEN, HOLD_REQUEST, INSERT_CHECK,
    INSERT_REQUEST, INSERT_REQUEST_FILE, INSERT_ROUND, INSERT_WORD, LIST_ANSWERS, LIST_ENTRIES, LIST_OF,
    LIST_OF_APP, LIST_OF_KIND, LIST_REMARKS, LIST_REQUEST_FILES, LIST_ROUNDS, NAME_OF_DEVELOPER,
    SAVE_ANSWERS, SUBMIT, TOUCH, WITHDRAW, json, keep_form,
};
use crate::{Answer, Opening, Review};
use kernel::{AppId, By, Errors, Failure, FileId, Lang, Problem, RequestId, Time};
use people::{News, Seat, StaffRole};
use serde_json::json;
use store::{House, Look, Tx, audit, params};

/// Each is a letter to reviewers.
const ANSWERS_AN_HOUR: i64 = 20;

fn must_build(seat: &Seat) -> Answer<()> {
    if seat.role().builds() { Ok(()) } else { no(Refusal::NotAllowed) }
}

/// One's own Request, held: until this transaction ends nobody else changes it, and what is read is so.
fn held(tx: &mut Tx<'_>, seat: &Seat, id: RequestId) -> Answer<Request> {
    if tx.moved(&HOLD_REQUEST, params![id, seat.developer()])? {
        request(tx, id)
    } else {
        no(Refusal::NotFound)
    }
}

/// One's own Request; others are not there.
fn own(look: &mut Look<'_>, seat: &Seat, id: RequestId) -> Answer<Request> {
    let r = request(look, id)?;
    if r.developer == seat.developer() { Ok(r) } else { no(Refusal::NotFound) }
}

/// On what terms one may ask: for the page that explains it before anything is begun.
pub async fn opening(review: &Review, seat: &Seat, kind: Kind, about: &str, lang: Lang) -> Answer<Opening> {
    let (subject, seat, about) = (review.subject(kind)?, seat.clone(), about.to_owned());
    review.house.db.read(move |look| subject.opening(look, &seat, &about, lang)).await
}

/// Begins a Request as a draft, or gives the one that is open: however often the button is pressed.
pub async fn begin(
    review: &Review,
    by: &By,
    seat: &Seat,
    kind: Kind,
    about: &str,
    lang: Lang,
) -> Answer<RequestId> {
    must_build(seat)?;
    let (h, by, subject) = (review.house.clone(), by.with(seat.account()), review.subject(kind)?);
    let (seat, about) = (seat.clone(), about.to_owned());
    review
        .house
        .db
        .write(move |tx| {
            if let Some((open,)) =
                tx.one::<(RequestId,)>(&FIND_OPEN, params![seat.developer(), kind, &about])?
            {
                return Ok(open);
            }
            let o = subject.opening(tx, &seat, &about, lang)?;
            let (now, form) = (h.now(), keep_form(tx, &o.form)?);
            let id = RequestId::new(now, &*h.random);
            let made = tx.moved(
                &INSERT_REQUEST,
                params![
                    id,
                    new_reference("R", &*h.random),
                    kind,
                    &about,
                    &o.title,
                    seat.developer(),
                    o.app,
                    &form,
                    json(&o.form.draft(&o.known))?,
                    lang,
                    o.days,
                    o.two_person,
                    o.once,
                    seat.account(),
                    now
                ],
            )?;
            if !made {
                // Another hand was quicker.
                let open = tx.one::<(RequestId,)>(&FIND_OPEN, params![seat.developer(), kind, &about])?;
                return open.map_or_else(|| no(Refusal::Changed), |(open,)| Ok(open));
            }
            let r = request(tx, id)?;
            let developer = tx.one::<(String,)>(&NAME_OF_DEVELOPER, params![seat.developer()])?;
            let words = [r.reference.clone()].into_iter().chain(r.title.0.values().cloned());
            for found_by in words.chain(developer.map(|(name,)| name)) {
                tx.change(&INSERT_WORD, params![word(&found_by), id])?;
            }
            remember(tx, &h, &r, Some(seat.account()), What::Begun, "")?;
            audit::record(
                tx,
                &h,
                &by,
                "request.begun",
                id,
                &json!({"kind": kind.word(), "about": about, "developer": seat.developer().to_string()}),
            )?;
            Ok(id)
        })
        .await
}

/// Holds the files that the answers name, and lets go of those that no answer names any more: neither the
/// present ones nor those of an earlier round.
fn hold_files(tx: &mut Tx<'_>, h: &House, r: &Request, answers: &Answers) -> Answer<()> {
    let mut errors = Errors::default();
    let named = r.form.files(answers);
    for (key, id) in &named {
        let file = files::keep(tx, r.developer, *id)?;
        let kind = r.form.field(key).map(|f| f.kind);
        match file {
            Some(f) if kind.is_some_and(|k| k.takes(f.media)) => {
                tx.change(&INSERT_REQUEST_FILE, params![r.id, *id])?;
            }
            _ => errors.add(key.clone(), Problem::BadFile),
        }
    }
    if !errors.is_empty() {
        return no(Refusal::Invalid(errors));
    }
    let mut wanted: Vec<FileId> = named.into_iter().map(|(_, id)| id).collect();
    for (text,) in tx.all::<(String,)>(&LIST_ANSWERS, params![r.id])? {
        let earlier: Answers = serde_json::from_str(&text).unwrap_or_default();
        wanted.extend(r.form.files(&earlier).into_iter().map(|(_, id)| id));
    }
    for (_, id) in r.form.files(&r.answers) {
        if !wanted.contains(&id) {
            let_go(tx, h, r, id)?;
        }
    }
    Ok(())
}

/// This Request no longer names the file; if no other does, nothing holds it.
fn let_go(tx: &mut Tx<'_>, h: &House, r: &Request, file: FileId) -> Answer<()> {
    if !tx.moved(&DELETE_REQUEST_FILE, params![r.id, file])? {
        return Ok(());
    }
    // Its row is ours while we look, so that nobody takes it up in between.
    files::keep(tx, r.developer, file)?;
    if tx.one::<(RequestId,)>(&FIND_HOLDER, params![file])?.is_none() {
        files::let_go(tx, file, h.now())?;
    }
    Ok(())
}

/// Keeps a page of answers, right or wrong: a draft is nobody's business yet. Fields that `page` does not
/// name stay as they were.
pub async fn save(review: &Review, by: &By, seat: &Seat, id: RequestId, page: Answers) -> Answer<()> {
    must_build(seat)?;
    let (h, by, seat) = (review.house.clone(), by.with(seat.account()), seat.clone());
    review
        .house
        .db
        .write(move |tx| {
            let r = held(tx, &seat, id)?;
            if !r.state.is_editable() {
                return no(Refusal::Changed);
            }
            let mut answers = r.answers.clone();
            answers.extend(page.clone());
            let answers = r.form.draft(&answers);
            hold_files(tx, &h, &r, &answers)?;
            let kept =
                tx.moved(&SAVE_ANSWERS, params![id, seat.developer(), json(&answers)?, h.now(), r.round])?;
            if !kept {
                return no(Refusal::Changed);
            }
            audit::record(
                tx,
                &h,
                &by,
                "request.saved",
                id,
                &json!({"fields": page.keys().collect::<Vec<_>>()}),
            )?;
            Ok(())
        })
        .await
}

/// Sends it in: all answers are right, what it is about still allows it, and nobody sent it meanwhile.
pub async fn submit(review: &Review, by: &By, seat: &Seat, id: RequestId, shown_round: i64) -> Answer<()> {
    must_build(seat)?;
    let (h, by, seat) = (review.house.clone(), by.with(seat.account()), seat.clone());
    let review = review.clone();
    h.clone()
        .db
        .write(move |tx| {
            let r = held(tx, &seat, id)?;
            if !r.state.is_editable() || r.round != shown_round {
                return no(Refusal::Changed);
            }
            let subject = review.subject(r.kind)?;
            let opening = subject.opening(tx, &seat, &r.about, r.lang)?;
            let answers = r.form.check(&r.answers).map_err(|e| Failure::Refused(Refusal::Invalid(e)))?;
            hold_files(tx, &h, &r, &answers)?;
            let (now, round) = (h.now(), shown_round + 1);
            let sent =
                Request { answers: answers.clone(), round, submitted_by: Some(seat.account()), ..r.clone() };
            let checks = subject.checks(tx, &sent)?;
            let flags = checks.iter().filter(|c| c.verdict == Verdict::Warns).count() as i64;
            let moved = tx.moved(
                &SUBMIT,
                params![
                    id,
                    seat.developer(),
                    json(&answers)?,
                    seat.account(),
                    now,
                    due(now, opening.days),
                    flags,
                    shown_round,
                    opening.days,
                    opening.two_person
                ],
            )?;
            if !moved {
                return no(Refusal::Changed);
            }
            tx.change(&INSERT_ROUND, params![id, round, json(&answers)?, seat.account(), now])?;
            for c in checks {
                tx.change(&INSERT_CHECK, params![id, round, &c.name, c.verdict, &c.detail, now])?;
            }
            let what = if round == 1 { What::Submitted } else { What::Resubmitted };
            remember(tx, &h, &sent, Some(seat.account()), what, "")?;
            let args = |lang: Lang| json!({"title": r.title.get(lang), "reference": r.reference});
            let path = format!("/console/requests/{id}");
            let news = News { letter: "request-submitted", args: &args, path: &path };
            people::tell_team(tx, &h, r.developer, seat.account(), &news)?;
            audit::record(
                tx,
                &h,
                &by,
                "request.submitted",
                id,
                &json!({"kind": r.kind.word(), "round": round, "flags": flags}),
            )?;
            Ok(())
        })
        .await
}

/// Takes it back, as long as nobody has decided.
pub async fn withdraw(review: &Review, by: &By, seat: &Seat, id: RequestId) -> Answer<()> {
    must_build(seat)?;
    let (h, by, seat) = (review.house.clone(), by.with(seat.account()), seat.clone());
    review
        .house
        .db
        .write(move |tx| {
            let r = held(tx, &seat, id)?;
            if !tx.moved(&WITHDRAW, params![id, seat.developer(), h.now()])? {
                return no(Refusal::Changed);
            }
            if r.state == State::Draft {
                // Nobody ever read it. What was sent in stays as it was.
                for f in tx.all::<files::FileLine>(&LIST_REQUEST_FILES, params![id])? {
                    let_go(tx, &h, &r, f.id)?;
                }
            }
            remember(tx, &h, &r, Some(seat.account()), What::Withdrawn, "")?;
            audit::record(
                tx,
                &h,
                &by,
                "request.withdrawn",
                id,
                &json!({"kind": r.kind.word(), "from": r.state.word()}),
            )?;
            Ok(())
        })
        .await
}

/// Writes to the desk about it.
pub async fn answer(review: &Review, by: &By, seat: &Seat, id: RequestId, text: &str) -> Answer<()> {
    must_build(seat)?;
    let text = kernel::text::prose(text, 1, NOTE_MAX)
        .map_err(|p| Failure::Refused(Errors::one("text", p).into()))?;
    let (h, by, seat) = (review.house.clone(), by.with(seat.account()), seat.clone());
    review
        .house
        .db
        .write(move |tx| {
            let r = held(tx, &seat, id)?;
            let since = Time(h.now().0 - Time::HOUR);
            let lately = tx.one::<(i64,)>(&COUNT_ANSWERED, params![id, since])?.map_or(0, |(n,)| n);
            if lately >= ANSWERS_AN_HOUR {
                return no(Refusal::Throttled(Time::HOUR / 1_000));
            }
            if !tx.moved(&TOUCH, params![id, h.now(), seat.developer()])? {
                return no(Refusal::Changed);
            }
            remember(tx, &h, &r, Some(seat.account()), What::Answered, &text)?;
            let args = |lang: Lang| json!({"title": r.title.get(lang), "reference": r.reference});
            let path = format!("/desk/requests/{id}");
            let news = News { letter: "request-answered", args: &args, path: &path };
            match r.assignee {
                Some(assignee) => people::tell(tx, &h, assignee, &news)?,
                None => people::tell_staff(tx, &h, StaffRole::Reviewer, &news)?,
            }
            audit::record(tx, &h, &by, "request.answered", id, &json!({"length": text.chars().count()}))?;
            Ok(())
        })
        .await
}

/// A Request as its applicant sees it: without what staff note among themselves.
pub async fn find(review: &Review, seat: &Seat, id: RequestId) -> Answer<Seen> {
    let seat = seat.clone();
    review
        .house
        .db
        .read(move |look| {
            let request = own(look, &seat, id)?;
            let place = match (request.state, request.due_at) {
                (State::Pending, Some(due)) => {
                    look.one::<(i64,)>(&COUNT_BEFORE, params![due, id])?.map_or(0, |(n,)| n)
                }
                _ => 0,
            };
            let mut entries: Vec<crate::Entry> = look.all(&LIST_ENTRIES, params![id])?;
            entries.retain(|e| e.for_applicant);
            for e in &mut entries {
                // Who at the desk said it is the desk's own business.
                let own = matches!(
                    e.what,
                    What::Begun | What::Submitted | What::Resubmitted | What::Answered | What::Withdrawn
                );
                if !own {
                    (e.account, e.name) = (None, None);
                }
            }
            let mut remarks: Vec<crate::Remark> = look.all(&LIST_REMARKS, params![id])?;
            // Remarks are told with the decision, not while they are being written.
            let decided = matches!(request.state, State::NeedsChanges | State::Approved | State::Rejected);
            remarks.retain(|m| m.round < request.round || decided);
            Ok(Seen {
                place,
                rounds: look.all(&LIST_ROUNDS, params![id])?,
                remarks,
                entries,
                is_claimed: request.assignee.is_some(),
                files: look.all(&LIST_REQUEST_FILES, params![id])?,
                request,
            })
        })
        .await
}

/// A page of the developer's Requests, newest first; one more than a page says that another follows.
pub async fn list_of(review: &Review, seat: &Seat, after: Option<RequestId>) -> Answer<Vec<RequestLine>> {
    let developer = seat.developer();
    let before = after.map_or_else(|| "rq_z".to_owned(), |id| id.to_string());
    let found = review.house.db.read(move |l| l.all(&LIST_OF, params![developer, &before]));
    found.await.map_err(Failure::Fault)
}

/// The developer's Requests of one kind, newest first, but those withdrawn.
pub async fn list_of_kind(review: &Review, seat: &Seat, kind: Kind) -> Answer<Vec<RequestLine>> {
    let developer = seat.developer();
    let found = review.house.db.read(move |l| l.all(&LIST_OF_KIND, params![developer, kind]));
    found.await.map_err(Failure::Fault)
}

/// The Requests about one app of the developer's.
pub async fn list_of_app(review: &Review, seat: &Seat, app: AppId) -> Answer<Vec<RequestLine>> {
    let developer = seat.developer();
    let found = review.house.db.read(move |l| l.all(&LIST_OF_APP, params![app, developer]));
    found.await.map_err(Failure::Fault)
}
