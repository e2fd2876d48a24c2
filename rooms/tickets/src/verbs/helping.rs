//! What the staff do with tickets.

use super::{Said, body, hold, no, say, seen, tell_desk, tell_developer, ticket};
use crate::model::{Queue, Seen, State, Then, Ticket, TicketLine};
use crate::rules::{CLOSE_DAYS, Refusal};
use crate::store::{
    ASSIGN, CLAIM, CLOSE, CLOSE_OLD, IS_SUPPORT, LIST_IN_STATE, LIST_MINE, LIST_OPEN, LIST_SUPPORT, RELEASE,
    STAFF_WRITES,
};
use crate::{Answer, Tickets};
use kernel::{AccountId, By, Failure, Fault, FileId, TicketId, Time};
use people::OnStaff;
use serde_json::json;
use store::{Tx, audit, params};

/// A page of a queue; one more than a page says that another follows. `after` is the last line's time and id.
pub async fn queue(
    tickets: &Tickets,
    staff: &OnStaff,
    which: Queue,
    after: Option<(Time, TicketId)>,
) -> Answer<Vec<TicketLine>> {
    let who = staff.account();
    let rising = !matches!(which, Queue::In(_));
    let (at, id) = match after {
        Some((at, id)) => (at, id.to_string()),
        None if rising => (Time(i64::MIN), String::new()),
        None => (Time(i64::MAX), String::new()),
    };
    let found = tickets.house.db.read(move |l| match which {
        Queue::Open => l.all(&LIST_OPEN, params![at, &id]),
        Queue::Mine => l.all(&LIST_MINE, params![at, &id, who]),
        Queue::In(state) => l.all(&LIST_IN_STATE, params![at, &id, state]),
    });
    found.await.map_err(Failure::Fault)
}

pub async fn look_at(tickets: &Tickets, _staff: &OnStaff, id: TicketId) -> Answer<Seen> {
    tickets
        .house
        .db
        .read(move |look| {
            let t = ticket(look, id)?;
            seen(look, t, true)
        })
        .await
}

/// Whoever may take a ticket: ids and names.
pub async fn support(tickets: &Tickets, _staff: &OnStaff) -> Answer<Vec<(AccountId, String)>> {
    tickets.house.db.read(|l| l.all(&LIST_SUPPORT, &[])).await.map_err(Failure::Fault)
}

/// Answers what was shown. If the developer wrote meanwhile, nothing is sent.
pub async fn answer(
    tickets: &Tickets,
    by: &By,
    staff: &OnStaff,
    id: TicketId,
    turn: i64,
    (typed, file): (&str, Option<FileId>),
    then: Then,
) -> Answer<()> {
    let text = body(typed)?;
    let (h, who) = (tickets.house.clone(), staff.account());
    let by = by.with(who);
    tickets
        .house
        .db
        .write(move |tx| {
            let t = ticket(tx, id)?;
            hold(tx, &h, who)?;
            let (to, letter, what) = match then {
                Then::Wait => (State::Waiting, "ticket-replied", "ticket.replied"),
                Then::Solve => (State::Solved, "ticket-solved", "ticket.solved"),
            };
            if !tx.moved(&STAFF_WRITES, params![id, turn, to, h.now(), who])? {
                return moved_or_closed(&t);
            }
            let file = file.map(|f| (t.developer, f));
            say(tx, &h, id, &Said { who, is_staff: true, internal: false, text: &text, file })?;
            tell_developer(tx, &h, &t, letter)?;
            audit::record(tx, &h, &by, what, id, &json!({"by": "staff"}))?;
            Ok(())
        })
        .await
}

fn moved_or_closed(t: &Ticket) -> Answer<()> {
    no(if t.state.takes_replies() { Refusal::TicketMoved } else { Refusal::TicketClosed })
}

/// Words among the staff. The developer never sees them, and is not told.
pub async fn note(tickets: &Tickets, by: &By, staff: &OnStaff, id: TicketId, typed: &str) -> Answer<()> {
    let text = body(typed)?;
    let (h, who) = (tickets.house.clone(), staff.account());
    let by = by.with(who);
    tickets
        .house
        .db
        .write(move |tx| {
            ticket(tx, id)?;
            hold(tx, &h, who)?;
            say(tx, &h, id, &Said { who, is_staff: true, internal: true, text: &text, file: None })?;
            audit::record(tx, &h, &by, "ticket.noted", id, &json!({}))?;
            Ok(())
        })
        .await
}

/// What moves a ticket between people.
type Move = fn(&mut Tx<'_>, &Ticket, AccountId) -> Result<bool, Fault>;

async fn hand(
    tickets: &Tickets,
    by: &By,
    staff: &OnStaff,
    id: TicketId,
    what: &'static str,
    f: Move,
) -> Answer<()> {
    let (h, who) = (tickets.house.clone(), staff.account());
    let by = by.with(who);
    tickets
        .house
        .db
        .write(move |tx| {
            let t = ticket(tx, id)?;
            if !f(tx, &t, who)? {
                return moved_or_closed(&t);
            }
            audit::record(tx, &h, &by, what, id, &json!({}))?;
            Ok(())
        })
        .await
}

/// Takes a ticket that nobody has.
pub async fn claim(tickets: &Tickets, by: &By, staff: &OnStaff, id: TicketId) -> Answer<()> {
    hand(tickets, by, staff, id, "ticket.claimed", |tx, t, who| tx.moved(&CLAIM, params![t.id, who])).await
}

/// Lays down a ticket that one has.
pub async fn release(tickets: &Tickets, by: &By, staff: &OnStaff, id: TicketId) -> Answer<()> {
    hand(tickets, by, staff, id, "ticket.released", |tx, t, who| tx.moved(&RELEASE, params![t.id, who])).await
}

/// Gives a ticket to a colleague, from whoever had it when the page was shown.
pub async fn assign(
    tickets: &Tickets,
    by: &By,
    staff: &OnStaff,
    id: TicketId,
    from: Option<AccountId>,
    to: AccountId,
) -> Answer<()> {
    let (h, by) = (tickets.house.clone(), by.with(staff.account()));
    tickets
        .house
        .db
        .write(move |tx| {
            let t = ticket(tx, id)?;
            if tx.one::<(String,)>(&IS_SUPPORT, params![to])?.is_none() {
                return no(Refusal::NotFound);
            }
            let moved = match from {
                None => tx.moved(&CLAIM, params![id, to])?,
                Some(from) => tx.moved(&ASSIGN, params![id, from, to])?,
            };
            if !moved {
                return moved_or_closed(&t);
            }
            if to != by.account.unwrap_or(to) {
                tell_desk(tx, &h, &Ticket { assignee: Some(to), ..t }, "ticket-assigned")?;
            }
            audit::record(tx, &h, &by, "ticket.assigned", id, &json!({"to": to.to_string()}))?;
            Ok(())
        })
        .await
}

/// For good: who has more to say opens another.
pub async fn close(tickets: &Tickets, by: &By, staff: &OnStaff, id: TicketId) -> Answer<()> {
    let (h, by) = (tickets.house.clone(), by.with(staff.account()));
    tickets
        .house
        .db
        .write(move |tx| {
            let t = ticket(tx, id)?;
            if !tx.moved(&CLOSE, params![id, h.now()])? {
                return moved_or_closed(&t);
            }
            tell_developer(tx, &h, &t, "ticket-closed")?;
            audit::record(tx, &h, &by, "ticket.closed", id, &json!({}))?;
            Ok(())
        })
        .await
}

/// Closes what was solved long ago; says how many.
pub async fn close_old(tickets: &Tickets) -> Result<u64, Fault> {
    let now = tickets.house.now();
    tickets.house.db.write(move |tx| tx.change(&CLOSE_OLD, params![now.plus_days(-CLOSE_DAYS), now])).await
}
