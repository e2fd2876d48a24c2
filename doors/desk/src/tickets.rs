//! Tickets of developers: who waits longest, what was said, and the answer.

use crate::frame;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use files::Purpose;
use kernel::{AccountId, Errors, Failure, TicketId, Time};
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::OnStaff;
use tickets::{Queue, Seen, State, TICKETS_PAGE, TICKETS_ROLE, Then, TicketLine};
use web::{Choice, Field, FileForm, Form, Frame, Page, Summary, Trouble, see_other};

fn gone() -> Stop {
    Trouble::new(StatusCode::NOT_FOUND, "not-found").into()
}

fn staff(cx: &Cx) -> Result<OnStaff, Stop> {
    Ok(cx.session()?.on_staff(TICKETS_ROLE)?)
}

/// How a state is shown to the staff: class, icon, message.
fn badge(state: State) -> (&'static str, &'static str, &'static str) {
    match state {
        State::Open => ("badge-wait", "clock", "desk-ticket-open"),
        State::Waiting => ("badge-info", "pause", "desk-ticket-waiting"),
        State::Solved => ("badge-ok", "check", "desk-ticket-solved"),
        State::Closed => ("badge-off", "lock", "desk-ticket-closed"),
    }
}

/// The queues: their words in addresses, and their names.
const QUEUES: [(&str, Queue, &str); 5] = [
    ("open", Queue::Open, "desk-tickets-open"),
    ("mine", Queue::Mine, "desk-tickets-mine"),
    ("waiting", Queue::In(State::Waiting), "desk-ticket-waiting"),
    ("solved", Queue::In(State::Solved), "desk-ticket-solved"),
    ("closed", Queue::In(State::Closed), "desk-ticket-closed"),
];

#[derive(Template)]
#[template(path = "tickets.html")]
struct Tickets {
    f: Frame,
    which: &'static str,
    lines: Vec<TicketLine>,
    next: Option<String>,
}

impl Tickets {
    fn queues(&self) -> Vec<(&'static str, &'static str, bool)> {
        QUEUES.iter().map(|(word, _, key)| (*word, self.f.t(key), *word == self.which)).collect()
    }
    fn badge(&self, l: &TicketLine) -> (&'static str, &'static str, &'static str) {
        let (class, icon, key) = badge(l.state);
        (class, icon, self.f.t(key))
    }
}

fn place(text: &str) -> Option<(Time, TicketId)> {
    let (at, id) = text.split_once(' ')?;
    Some((Time(at.parse().ok()?), id.parse().ok()?))
}

pub async fn show(cx: Cx) -> Answer {
    let staff = staff(&cx)?;
    let asked = cx.query("state");
    let (which, queue, _) = QUEUES.iter().find(|(word, ..)| *word == asked).copied().unwrap_or(QUEUES[0]);
    let house = &cx.people().house;
    let list = format!("desk tickets {which} {}", staff.account());
    let after = house.read_cursor(&list, cx.query("after")).and_then(|p| place(&p));
    let mut lines = tickets::queue(cx.tickets(), &staff, queue, after).await?;
    let more = lines.len() > TICKETS_PAGE;
    lines.truncate(TICKETS_PAGE);
    let last = lines.last().filter(|_| more);
    let next = last.map(|l| house.cursor(&list, &format!("{} {}", l.changed_at.0, l.id)));
    let f = frame(&cx, "nav-tickets", "/desk/tickets");
    Ok(Page(Tickets { f, which, lines, next }).into_response())
}

#[derive(Template)]
#[template(path = "ticket.html")]
struct One {
    f: Frame,
    summary: Summary,
    s: Seen,
    text: Field,
    file: Field,
    note: Field,
    to: Field,
    own: AccountId,
}

impl One {
    fn badge(&self) -> (&'static str, &'static str, &'static str) {
        let (class, icon, key) = badge(self.s.ticket.state);
        (class, icon, self.f.t(key))
    }
    fn is_mine(&self) -> bool {
        self.s.ticket.assignee == Some(self.own)
    }
    fn from(&self) -> String {
        self.s.ticket.assignee.map(|id| id.to_string()).unwrap_or_default()
    }
}

/// What was typed and came back.
#[derive(Default)]
struct Tried<'a> {
    text: &'a str,
    note: &'a str,
}

async fn page(cx: &Cx, id: &str, tried: Tried<'_>, r: Retry) -> Answer {
    let (staff, w) = (staff(cx)?, cx.w());
    let s = tickets::look_at(cx.tickets(), &staff, id.parse().map_err(|_| gone())?).await?;
    let area = |name, label, value: &str| {
        Field::area(w, name, label).rows(5).max(tickets::TEXT_MAX).value(value).error(w, &r.errors)
    };
    let text = area("text", "ticket-answer", tried.text);
    let purpose = Purpose::Attachment;
    let file = Field::file(w, "file", "ticket-file")
        .hint(lobby::file_hint(w, purpose, purpose.most_megabytes()))
        .accept(purpose.accept())
        .optional()
        .error(w, &r.errors);
    let note = area("note", "ticket-note", tried.note).hint(w.t("ticket-note-hint"));
    let people = tickets::support(cx.tickets(), &staff).await?;
    let others = people.into_iter().filter(|(id, _)| Some(*id) != s.ticket.assignee);
    let choices = others.map(|(id, name)| Choice::new(id.to_string(), name)).collect();
    let to = Field::select(w, "to", "ticket-assign-to", choices);
    let summary = match r.said.is_empty() {
        true => Summary::new(w, &[&text, &file, &note]),
        false => Summary::said(r.said),
    };
    let mut f = frame(cx, "nav-tickets", "/desk/tickets").crumb("/desk/tickets", w.t("nav-tickets"));
    f.title = s.ticket.subject.clone();
    let own = staff.account();
    Ok((r.status, Page(One { f, summary, s, text, file, note, to, own })).into_response())
}

pub async fn show_one(cx: Cx, Path(id): Path<String>) -> Answer {
    page(&cx, &id, Tried::default(), Retry::default()).await
}

/// Back to the ticket, or its page with what is in the way.
async fn done(cx: &Cx, id: &str, tried: Tried<'_>, said: &str, did: Did) -> Answer {
    match did {
        Ok(()) => {
            cx.ring();
            Ok(see_other(&format!("/desk/tickets/{id}?said={said}")))
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(cx, id, tried, r).await
        }
    }
}

type Did = Result<(), kernel::Failure<tickets::Refusal>>;

pub async fn answer(cx: Cx, Path(id): Path<String>, mut form: FileForm) -> Answer {
    let staff = staff(&cx)?;
    let ticket: TicketId = id.parse().map_err(|_| gone())?;
    let turn: i64 = form.get("turn").parse().unwrap_or(-1);
    let then = if form.get("then") == "solve" { Then::Solve } else { Then::Wait };
    let mut file = None;
    if let Some(upload) = form.take_file("file") {
        // It is given to the developer whose ticket this is.
        let developer = tickets::look_at(cx.tickets(), &staff, ticket).await?.ticket.developer;
        let purpose = Purpose::Attachment;
        match files::take_as_staff(cx.files(), cx.by(), &staff, Some(developer), purpose, upload).await {
            Ok(line) => file = Some(line.id),
            Err(Failure::Refused(refusal)) => match refusal.problem() {
                Some(problem) => {
                    let tried = Tried { text: form.get("text"), ..Tried::default() };
                    return page(&cx, &id, tried, Retry::fields(Errors::one("file", problem))).await;
                }
                None => return Err(Failure::Refused(refusal).into()),
            },
            Err(fault) => return Err(fault.into()),
        }
    }
    let text = form.get("text");
    let did = tickets::answer(cx.tickets(), cx.by(), &staff, ticket, turn, (text, file), then).await;
    done(&cx, &id, Tried { text, ..Tried::default() }, "ticket-sent", did).await
}

pub async fn note(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let ticket: TicketId = id.parse().map_err(|_| gone())?;
    let note = form.get("note");
    let did = tickets::note(cx.tickets(), cx.by(), &staff, ticket, note).await;
    done(&cx, &id, Tried { note, ..Tried::default() }, "ticket-noted", did).await
}

pub async fn claim(cx: Cx, Path(id): Path<String>, _form: Form) -> Answer {
    let staff = staff(&cx)?;
    let did = tickets::claim(cx.tickets(), cx.by(), &staff, id.parse().map_err(|_| gone())?).await;
    done(&cx, &id, Tried::default(), "ticket-claimed", did).await
}

pub async fn release(cx: Cx, Path(id): Path<String>, _form: Form) -> Answer {
    let staff = staff(&cx)?;
    let did = tickets::release(cx.tickets(), cx.by(), &staff, id.parse().map_err(|_| gone())?).await;
    done(&cx, &id, Tried::default(), "ticket-released", did).await
}

pub async fn assign(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let ticket: TicketId = id.parse().map_err(|_| gone())?;
    let to: AccountId = form.get("to").parse().map_err(|_| gone())?;
    let from: Option<AccountId> = form.get("from").parse().ok();
    let did = tickets::assign(cx.tickets(), cx.by(), &staff, ticket, from, to).await;
    done(&cx, &id, Tried::default(), "ticket-assigned", did).await
}

pub async fn close(cx: Cx, Path(id): Path<String>, _form: Form) -> Answer {
    let staff = staff(&cx)?;
    let did = tickets::close(cx.tickets(), cx.by(), &staff, id.parse().map_err(|_| gone())?).await;
    done(&cx, &id, Tried::default(), "ticket-closed", did).await
}
