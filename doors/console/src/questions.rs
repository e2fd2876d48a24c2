//! The questions of a Request, page by page; the look at all answers; sending it in.

use crate::requests::id_of;
use crate::shown::{self, Line, Step, Told};
use crate::{frame, seat};
use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse;
use kernel::{Errors, RequestId};
use lobby::{Answer, Cx, Retry, retry};
use people::Seat;
use review::{Answers, Seen, State};
use web::{Field, Form, Frame, Page, Summary, see_other};

/// One question, and what the reviewer says about the answer.
pub struct Question {
    pub field: Field,
    pub remark: String,
}

#[derive(Template)]
#[template(path = "questions.html")]
struct Questions {
    f: Frame,
    summary: Summary,
    title: String,
    id: RequestId,
    page: u32,
    /// Which of how many, counted from 1.
    nth: usize,
    of: usize,
    from_check: bool,
    has_files: bool,
    has_optional: bool,
    back: String,
    questions: Vec<Question>,
    steps: Vec<Step>,
}

/// The page that was asked for, if it has questions; else the first that has.
fn page_of(s: &Seen, wanted: &str) -> Option<u32> {
    let pages = shown::pages(&s.request.form);
    let wanted = wanted.parse().unwrap_or(0);
    pages.iter().find(|p| **p == wanted).or(pages.first()).copied()
}

async fn page(cx: &Cx, s: &Seen, page: u32, from_check: bool, answers: &Answers, r: Retry) -> Answer {
    let (w, id) = (cx.w(), s.request.id);
    let errors = shown::renamed(&r.errors);
    let question = |f: &review::FieldDef| {
        let answer = answers.get(&f.key).map_or("", String::as_str);
        Question { field: shown::field(w, f, answer, &s.files, &errors), remark: shown::remark(s, &f.key) }
    };
    let questions: Vec<_> = s.request.form.on_page(page).map(question).collect();
    let fields: Vec<_> = questions.iter().map(|q| &q.field).collect();
    let summary = if r.said.is_empty() { Summary::new(w, &fields) } else { Summary::said(r.said) };
    let steps = shown::steps(w, s, page);
    let nth = steps.iter().position(|s| s.current).unwrap_or(0);
    let back = match nth.checked_sub(1).and_then(|n| steps.get(n)) {
        _ if from_check => format!("/console/requests/{id}/check"),
        Some(step) => format!("/console/requests/{id}/edit?page={}", step.page),
        None => format!("/console/requests/{id}"),
    };
    let title = s.request.title.get(w.lang).to_owned();
    let which = w.t2("rq-step", "n", nth + 1, "of", steps.len());
    let failed = if r.status.is_client_error() { w.t("rq-title-error") } else { "" };
    let f = frame(cx, "rq-title", "/console/requests").await?;
    let page = Questions {
        f: f.titled(format!("{failed}{which}: {title}")),
        summary,
        title,
        id,
        page,
        nth: nth + 1,
        of: steps.len(),
        from_check,
        has_files: s.request.form.on_page(page).any(|f| f.kind.is_file()),
        has_optional: s.request.form.on_page(page).any(|f| !f.required),
        back,
        questions,
        steps,
    };
    Ok((r.status, Page(page)).into_response())
}

/// What is wrong with the answers of one page.
fn wrong(s: &Seen, page: u32, answers: &Answers) -> Errors {
    let mut errors = Errors::default();
    for f in s.request.form.on_page(page) {
        let answer = answers.get(&f.key).map_or("", String::as_str);
        errors.take(f.key.clone(), f.check(answer));
    }
    errors
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    let seat = seat(&cx)?;
    let s = review::find(cx.review(), &seat, id_of(&id)?).await?;
    if !s.request.state.is_editable() || !seat.role().builds() {
        return Ok(see_other(&format!("/console/requests/{id}")));
    }
    let Some(n) = page_of(&s, cx.query("page")) else {
        return Ok(see_other(&format!("/console/requests/{id}/check")));
    };
    let (from_check, answers) = (cx.query("from") == "check", s.request.answers.clone());
    // Who comes to correct something sees at once what.
    let errors = if cx.query("wrong") == "1" { wrong(&s, n, &answers) } else { Errors::default() };
    page(&cx, &s, n, from_check, &answers, Retry { errors, ..Retry::default() }).await
}

pub async fn save(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let seat = seat(&cx)?;
    let id = id_of(&id)?;
    let s = review::find(cx.review(), &seat, id).await?;
    let Some(n) = page_of(&s, form.get("page")) else {
        return Ok(see_other(&format!("/console/requests/{id}/check")));
    };
    let from_check = form.get("from") == "check";
    let mut typed = Answers::new();
    for f in s.request.form.on_page(n) {
        if !f.kind.is_file() {
            typed.insert(f.key.clone(), form.get(&shown::named(&f.key)).to_owned());
        }
    }
    let all = |typed: &Answers| {
        let mut all = s.request.answers.clone();
        all.extend(typed.clone());
        all
    };
    // Kept first, right or wrong: nobody types twice.
    if let Err(failure) = review::save(cx.review(), cx.by(), &seat, id, typed.clone()).await {
        let r = retry(cx.w(), failure)?;
        return page(&cx, &s, n, from_check, &all(&typed), r).await;
    }
    if form.get("go") == "draft" {
        return Ok(see_other(&format!("/console/requests/{id}?said=rq-draft-kept")));
    }
    let s = review::find(cx.review(), &seat, id).await?;
    let errors = wrong(&s, n, &s.request.answers);
    if !errors.is_empty() {
        return page(&cx, &s, n, from_check, &s.request.answers, Retry::fields(errors)).await;
    }
    let next = shown::pages(&s.request.form).into_iter().find(|p| *p > n).filter(|_| !from_check);
    Ok(see_other(&match next {
        Some(next) => format!("/console/requests/{id}/edit?page={next}"),
        None => format!("/console/requests/{id}/check"),
    }))
}

#[derive(Template)]
#[template(path = "request_check.html")]
struct CheckAnswers {
    f: Frame,
    said: String,
    title: String,
    id: RequestId,
    round: i64,
    lines: Vec<Line>,
    /// Whether it was tried to send it in like this.
    tried: bool,
}

impl CheckAnswers {
    fn wrong(&self) -> Vec<&Line> {
        self.lines.iter().filter(|l| !l.error.is_empty()).collect()
    }
    fn count(&self) -> i64 {
        self.wrong().len() as i64
    }
}

async fn check_page(cx: &Cx, seat: &Seat, id: RequestId, r: Retry) -> Answer {
    let (s, w) = (review::find(cx.review(), seat, id).await?, cx.w());
    // Sent in by another hand, or decided: there is nothing to check any more.
    if !s.request.state.is_editable() || !seat.role().builds() {
        return Ok(see_other(&format!("/console/requests/{id}")));
    }
    let tried = r.status.is_client_error();
    let errors = s.request.form.check(&s.request.answers).err().unwrap_or_default();
    let title = s.request.title.get(w.lang).to_owned();
    let failed = if tried { w.t("rq-title-error") } else { "" };
    let f = frame(cx, "rq-check", "/console/requests").await?;
    let named = format!("{failed}{}: {title}", f.title);
    let page = CheckAnswers {
        f: f.titled(named),
        said: r.said,
        title,
        id,
        round: s.request.round,
        lines: shown::lines(w, &s, &s.request.answers, &errors),
        tried,
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn check(cx: Cx, Path(id): Path<String>) -> Answer {
    let seat = seat(&cx)?;
    check_page(&cx, &seat, id_of(&id)?, Retry::default()).await
}

pub async fn submit(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let seat = seat(&cx)?;
    let id = id_of(&id)?;
    let shown_round = form.get("round").parse().unwrap_or(-1);
    match review::submit(cx.review(), cx.by(), &seat, id, shown_round).await {
        Ok(()) => {
            cx.ring();
            Ok(see_other(&format!("/console/requests/{id}/sent")))
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            check_page(&cx, &seat, id, r).await
        }
    }
}

#[derive(Template)]
#[template(path = "request_sent.html")]
struct Sent {
    f: Frame,
    title: String,
    s: Seen,
}

pub async fn sent(cx: Cx, Path(id): Path<String>) -> Answer {
    let seat = seat(&cx)?;
    let s = review::find(cx.review(), &seat, id_of(&id)?).await?;
    if s.request.state != State::Pending {
        return Ok(see_other(&format!("/console/requests/{id}")));
    }
    let title = s.request.title.get(cx.w().lang).to_owned();
    let f = frame(&cx, "rq-sent", "/console/requests").await?;
    Ok(Page(Sent { f, title, s }).into_response())
}
