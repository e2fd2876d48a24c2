//! What one asked for: the list, and each Request as its applicant sees it.

use crate::shown::{self, Badge, Line, Step, Told};
use crate::{frame, seat};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{Errors, Failure, Lang, Problem, RequestId};
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::Seat;
use review::{Entry, Kind, Refusal, RequestLine, Seen, State, What};
use web::{Field, Form, Frame, Page, Summary, Trouble, see_other};

const PAGE: usize = 25;

#[derive(Template)]
#[template(path = "requests.html")]
struct Requests {
    f: Frame,
    lines: Vec<RequestLine>,
    next: Option<String>,
}

impl Requests {
    fn badge(&self, r: &RequestLine) -> Badge {
        shown::badge(&self.f.w, r.state)
    }
    fn kind(&self, r: &RequestLine) -> &'static str {
        shown::kind_words(&self.f.w, r.kind)
    }
    fn lang(&self) -> Lang {
        self.f.w.lang
    }
}

pub async fn list(cx: Cx) -> Answer {
    let seat = seat(&cx)?;
    let house = &cx.people().house;
    let list = format!("requests {}", seat.developer());
    let after = house.read_cursor(&list, cx.query("after")).and_then(|p| p.parse().ok());
    let mut lines = review::list_of(cx.review(), &seat, after).await?;
    let more = lines.len() > PAGE;
    lines.truncate(PAGE);
    let next = more.then(|| lines.last().map(|r| house.cursor(&list, &r.id.to_string()))).flatten();
    let page = Requests { f: frame(&cx, "rq-title", "/console/requests").await?, lines, next };
    Ok(Page(page).into_response())
}

pub(crate) fn id_of(text: &str) -> Result<RequestId, Stop> {
    text.parse().map_err(|_| Stop::from(Trouble::new(StatusCode::NOT_FOUND, "not-found")))
}

#[derive(Template)]
#[template(path = "request_refused.html")]
struct Refused {
    f: Frame,
    said: String,
    needs_company: bool,
}

/// Nothing was begun, and why.
async fn refused(cx: &Cx, failure: Failure<Refusal>) -> Answer {
    let needs_company = matches!(failure, Failure::Refused(Refusal::NeedsCompany));
    let r = retry(cx.w(), failure)?;
    let f = frame(cx, "rq-refused", "/console/categories").await?;
    Ok((r.status, Page(Refused { f, said: r.said, needs_company })).into_response())
}

/// From a card or a button: leads into the questions, or to the Request that there is already.
pub async fn begin(cx: Cx, form: Form) -> Answer {
    let seat = seat(&cx)?;
    let kind = Kind::from_word(form.get("kind"));
    let kind = kind.ok_or_else(|| Stop::from(Trouble::new(StatusCode::NOT_FOUND, "not-found")))?;
    let begun = review::begin(cx.review(), cx.by(), &seat, kind, form.get("about"), cx.w().lang).await;
    let id = match begun {
        Ok(id) => id,
        Err(failure) => return refused(&cx, failure).await,
    };
    let state = review::find(cx.review(), &seat, id).await?.request.state;
    let questions = if state == State::Draft { "/edit" } else { "" };
    Ok(see_other(&format!("/console/requests/{id}{questions}")))
}

/// What one round changed: each field with what it was, what it is, and what the reviewer had said.
pub struct Difference {
    pub round: i64,
    pub fields: Vec<Changed>,
}

pub struct Changed {
    pub label: String,
    pub remark: String,
    pub before: Vec<String>,
    pub now: Vec<String>,
}

fn differences(cx: &Cx, s: &Seen) -> Vec<Difference> {
    let w = cx.w();
    let words = |answers: &review::Answers, key: &str| -> Vec<String> {
        let told = s.request.form.field(key).map(|f| shown::told(w, f, answers, &s.files));
        match told {
            Some(Told::Text(text)) => text.lines().map(str::to_owned).collect(),
            Some(Told::File(k)) => vec![format!("{} ({})", k.name, k.size)],
            _ => Vec::new(),
        }
    };
    let one = |pair: &[review::Round]| {
        let (now, before) = (&pair[0], &pair[1]);
        let changed = s.request.form.difference(&before.answers, &now.answers);
        let field = |(key, _, _): &(String, String, String)| Changed {
            label: s.request.form.field(key).map_or("", |f| f.label.get(w.lang)).to_owned(),
            remark: s
                .remarks
                .iter()
                .find(|m| m.round == before.round && m.field == *key)
                .map_or_else(String::new, |m| m.text.clone()),
            before: words(&before.answers, key),
            now: words(&now.answers, key),
        };
        Difference { round: now.round, fields: changed.iter().map(field).collect() }
    };
    s.rounds.windows(2).map(one).filter(|d| !d.fields.is_empty()).collect()
}

#[derive(Template)]
#[template(path = "request.html")]
struct OneRequest {
    f: Frame,
    summary: Summary,
    title: String,
    badge: Badge,
    kind: &'static str,
    builds: bool,
    late: bool,
    stage: usize,
    steps: Vec<Step>,
    lines: Vec<Line>,
    differences: Vec<Difference>,
    text: Field,
    sure: Field,
    s: Seen,
}

impl OneRequest {
    fn is(&self, word: &str) -> bool {
        self.s.request.state.word() == word
    }
    fn is_over(&self) -> bool {
        matches!(self.s.request.state, State::Approved | State::Rejected)
    }
    fn is_about(&self, word: &str) -> bool {
        self.s.request.kind.word() == word
    }
    fn happened(&self, e: &Entry) -> (&'static str, &'static str, &'static str) {
        shown::happened(&self.f.w, e.what)
    }
    /// What the desk wrote with its last word.
    fn last_word(&self) -> &str {
        let decision = |e: &&Entry| matches!(e.what, What::SentBack | What::Approved | What::Rejected);
        self.s.entries.iter().rev().find(decision).map_or("", |e| e.text.as_str())
    }
    fn stages(&self) -> [&'static str; 4] {
        ["rq-stage-draft", "rq-stage-sent", "rq-stage-review", "rq-stage-decided"].map(|key| self.f.w.t(key))
    }
    fn remarked(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|l| !l.remark.is_empty())
    }
}

async fn page(cx: &Cx, seat: &Seat, id: RequestId, typed: &str, r: Retry) -> Answer {
    let (s, w) = (review::find(cx.review(), seat, id).await?, cx.w());
    let badge = shown::badge(w, s.request.state);
    let title = s.request.title.get(w.lang).to_owned();
    let text = Field::area(w, "text", "rq-answer").rows(4).max(4_000).value(typed).error(w, &r.errors);
    let sure = Field::check(w, "sure", "rq-withdraw-sure").error(w, &r.errors);
    let summary = if r.said.is_empty() { Summary::new(w, &[&text, &sure]) } else { Summary::said(r.said) };
    let f = frame(cx, "rq-title", "/console/requests").await?;
    let f = f.crumb("/console/requests", w.t("rq-title")).titled(format!("{title}: {}", badge.word));
    // Before anything was sent in, what was typed is what there is to see.
    let answers = s.rounds.first().map_or(&s.request.answers, |r| &r.answers);
    let page = OneRequest {
        summary,
        badge,
        kind: shown::kind_words(w, s.request.kind),
        builds: seat.role().builds(),
        late: s.request.state == State::Pending
            && s.request.due_at.is_some_and(|d| d < cx.people().house.now()),
        stage: shown::stage(&s),
        steps: shown::steps(w, &s, 0),
        lines: shown::lines(w, &s, answers, &Errors::default()),
        differences: differences(cx, &s),
        text,
        sure,
        title,
        s,
        f,
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    let seat = seat(&cx)?;
    page(&cx, &seat, id_of(&id)?, "", Retry::default()).await
}

pub async fn answer(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let seat = seat(&cx)?;
    let (id, text) = (id_of(&id)?, form.get("text"));
    match review::answer(cx.review(), cx.by(), &seat, id, text).await {
        Ok(()) => {
            cx.ring();
            Ok(see_other(&format!("/console/requests/{id}?said=rq-answered")))
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, &seat, id, text, r).await
        }
    }
}

pub async fn withdraw(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let seat = seat(&cx)?;
    let id = id_of(&id)?;
    if !form.is_checked("sure") {
        return page(&cx, &seat, id, "", Retry::fields(Errors::one("sure", Problem::Missing))).await;
    }
    match review::withdraw(cx.review(), cx.by(), &seat, id).await {
        Ok(()) => Ok(see_other(&format!("/console/requests/{id}?said=rq-withdrawn"))),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, &seat, id, "", r).await
        }
    }
}
