//! Tickets: asking the operator's staff, from wherever one is.

use crate::{frame, seat};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use files::Purpose;
use kernel::Errors;
use kernel::TicketId;
use lobby::{Answer, Cx, Retry, Stop, retry, take_file};
use tickets::{Seen, State, TICKETS_PAGE, TicketLine, Typed};
use web::{Field, FileForm, Form, Frame, Page, Summary, Trouble, Words, see_other};

fn gone() -> Stop {
    Trouble::new(StatusCode::NOT_FOUND, "not-found").into()
}

/// How a state is shown to the developer: class, icon, message.
fn badge(state: State) -> (&'static str, &'static str, &'static str) {
    match state {
        State::Open => ("badge-wait", "clock", "ticket-state-open"),
        State::Waiting => ("badge-info", "flag", "ticket-state-waiting"),
        State::Solved => ("badge-ok", "check", "ticket-state-solved"),
        State::Closed => ("badge-off", "lock", "ticket-state-closed"),
    }
}

#[derive(Template)]
#[template(path = "tickets.html")]
struct Tickets {
    f: Frame,
    lines: Vec<TicketLine>,
    next: Option<String>,
    may_write: bool,
}

impl Tickets {
    fn badge(&self, l: &TicketLine) -> (&'static str, &'static str, &'static str) {
        let (class, icon, key) = badge(l.state);
        (class, icon, self.f.t(key))
    }
}

pub async fn show(cx: Cx) -> Answer {
    let seat = seat(&cx)?;
    let house = &cx.people().house;
    let list = format!("tickets {}", seat.developer());
    let before = house.read_cursor(&list, cx.query("after")).and_then(|p| p.parse().ok());
    let mut lines = tickets::list(cx.tickets(), &seat, before).await?;
    let more = lines.len() > TICKETS_PAGE;
    lines.truncate(TICKETS_PAGE);
    let next = more.then(|| lines.last().map(|l| house.cursor(&list, &l.id.to_string()))).flatten();
    let f = frame(&cx, "nav-tickets", "/console/tickets").await?;
    Ok(Page(Tickets { f, lines, next, may_write: seat.role().builds() }).into_response())
}

/// What may go with a message.
fn file_field(w: &Words, errors: &Errors) -> Field {
    let purpose = Purpose::Attachment;
    Field::file(w, "file", "ticket-file")
        .hint(lobby::file_hint(w, purpose, purpose.most_megabytes()))
        .accept(purpose.accept())
        .optional()
        .error(w, errors)
}

#[derive(Template)]
#[template(path = "ticket_new.html")]
struct New {
    f: Frame,
    summary: Summary,
    subject: Field,
    text: Field,
    file: Field,
    t: Typed,
}

/// The app whose page this is.
fn app_of(page: &str) -> &str {
    let rest = page.strip_prefix("/console/apps/").unwrap_or("");
    let id = rest.split(['/', '?']).next().unwrap_or("");
    if id.parse::<kernel::AppId>().is_ok() { id } else { "" }
}

async fn new_page(cx: &Cx, mut t: Typed, r: Retry) -> Answer {
    if !seat(cx)?.role().builds() {
        return Err(Trouble::new(StatusCode::FORBIDDEN, "not-allowed").into());
    }
    let w = cx.w();
    // Only what is ours is shown and sent along.
    t.page = tickets::page(&t.page);
    t.trace = tickets::trace(&t.trace);
    if t.app.parse::<kernel::AppId>().is_err() {
        t.app = app_of(&t.page).to_owned();
    }
    let subject = Field::text(w, "subject", "ticket-subject")
        .max(tickets::SUBJECT_MAX)
        .autocomplete("off")
        .value(&t.subject)
        .error(w, &r.errors);
    let text = Field::area(w, "text", "ticket-text")
        .hint(w.t("ticket-text-hint"))
        .rows(8)
        .max(tickets::TEXT_MAX)
        .value(&t.text)
        .error(w, &r.errors);
    let file = file_field(w, &r.errors);
    let summary =
        if r.said.is_empty() { Summary::new(w, &[&subject, &text, &file]) } else { Summary::said(r.said) };
    let f = frame(cx, "ticket-open", "/console/tickets").await?;
    let f = f.crumb("/console/tickets", w.t("nav-tickets"));
    Ok((r.status, Page(New { f, summary, subject, text, file, t })).into_response())
}

pub async fn show_new(cx: Cx) -> Answer {
    let given = |name| cx.query(name).to_owned();
    let t = Typed { page: given("page"), app: given("app"), trace: given("trace"), ..Typed::default() };
    new_page(&cx, t, Retry::default()).await
}

pub async fn open(cx: Cx, mut form: FileForm) -> Answer {
    let seat = seat(&cx)?;
    let mut errors = Errors::default();
    let file = take_file(&cx, &mut form, "file", Purpose::Attachment, &mut errors).await?;
    let given = |name| form.get(name).to_owned();
    let t = Typed {
        subject: given("subject"),
        text: given("text"),
        page: given("page"),
        app: given("app"),
        trace: given("trace"),
    };
    if !errors.is_empty() {
        return new_page(&cx, t, Retry::fields(errors)).await;
    }
    match tickets::open(cx.tickets(), cx.by(), &seat, &t, file.map(|f| f.id)).await {
        Ok(id) => {
            cx.ring();
            Ok(see_other(&format!("/console/tickets/{id}?said=ticket-opened")))
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            new_page(&cx, t, r).await
        }
    }
}

#[derive(Template)]
#[template(path = "ticket.html")]
struct One {
    f: Frame,
    summary: Summary,
    s: Seen,
    text: Field,
    file: Field,
    may_write: bool,
}

impl One {
    fn badge(&self) -> (&'static str, &'static str, &'static str) {
        let (class, icon, key) = badge(self.s.ticket.state);
        (class, icon, self.f.t(key))
    }
}

async fn page(cx: &Cx, id: &str, typed: &str, r: Retry) -> Answer {
    let (seat, w) = (seat(cx)?, cx.w());
    let s = tickets::find(cx.tickets(), &seat, id.parse().map_err(|_| gone())?).await?;
    let text = Field::area(w, "text", "ticket-reply")
        .rows(5)
        .max(tickets::TEXT_MAX)
        .value(typed)
        .error(w, &r.errors);
    let file = file_field(w, &r.errors);
    let summary = if r.said.is_empty() { Summary::new(w, &[&text, &file]) } else { Summary::said(r.said) };
    let mut f = frame(cx, "nav-tickets", "/console/tickets").await?;
    f = f.crumb("/console/tickets", w.t("nav-tickets"));
    f.title = s.ticket.subject.clone();
    Ok((r.status, Page(One { f, summary, s, text, file, may_write: seat.role().builds() })).into_response())
}

pub async fn show_one(cx: Cx, Path(id): Path<String>) -> Answer {
    page(&cx, &id, "", Retry::default()).await
}

pub async fn reply(cx: Cx, Path(id): Path<String>, mut form: FileForm) -> Answer {
    let seat = seat(&cx)?;
    let ticket: TicketId = id.parse().map_err(|_| gone())?;
    let mut errors = Errors::default();
    let file = take_file(&cx, &mut form, "file", Purpose::Attachment, &mut errors).await?;
    if !errors.is_empty() {
        return page(&cx, &id, form.get("text"), Retry::fields(errors)).await;
    }
    let turn: i64 = form.get("turn").parse().unwrap_or(-1);
    match tickets::reply(cx.tickets(), cx.by(), &seat, ticket, turn, form.get("text"), file.map(|f| f.id))
        .await
    {
        Ok(()) => {
            cx.ring();
            Ok(see_other(&format!("/console/tickets/{id}?said=ticket-sent")))
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, &id, form.get("text"), r).await
        }
    }
}

pub async fn solved(cx: Cx, Path(id): Path<String>, _form: Form) -> Answer {
    let seat = seat(&cx)?;
    let ticket: TicketId = id.parse().map_err(|_| gone())?;
    match tickets::solved(cx.tickets(), cx.by(), &seat, ticket).await {
        Ok(()) => {
            cx.ring();
            Ok(see_other(&format!("/console/tickets/{id}?said=ticket-solved")))
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, &id, "", r).await
        }
    }
}
