//! What developers do with tickets.

use super::{Said, body, hold, no, say, seen, tell_desk, tell_developer, ticket};
use crate::model::{Seen, Ticket, TicketLine, Typed};
use crate::rules::{OPENED, Refusal, check};
use crate::store::{DEVELOPER_SOLVES, DEVELOPER_WRITES, INSERT_TICKET, LIST_OF_DEVELOPER};
use crate::{Answer, Tickets};
use kernel::{By, Failure, Fault, FileId, TicketId, readable};
use people::Seat;
use serde_json::json;
use store::{Look, audit, params};

fn must_build(seat: &Seat) -> Answer<()> {
    if seat.role().builds() { Ok(()) } else { no(Refusal::NotAllowed) }
}

/// One's own ticket; others are not there.
fn own(look: &mut Look<'_>, seat: &Seat, id: TicketId) -> Answer<Ticket> {
    let t = ticket(look, id)?;
    if t.developer == seat.developer() { Ok(t) } else { no(Refusal::NotFound) }
}

pub async fn open(
    tickets: &Tickets,
    by: &By,
    seat: &Seat,
    typed: &Typed,
    file: Option<FileId>,
) -> Answer<TicketId> {
    must_build(seat)?;
    let fresh = check(typed).map_err(|e| Failure::Refused(Refusal::Invalid(e)))?;
    let (h, by, seat) = (tickets.house.clone(), by.with(seat.account()), seat.clone());
    tickets
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            if let Some(seconds) = people::limit(tx, OPENED, &seat.developer().to_string(), now)? {
                return no(Refusal::Throttled(seconds));
            }
            let id = TicketId::new(now, &*h.random);
            let reference = format!("TK-{}-{}", readable(&*h.random, 4), readable(&*h.random, 4));
            let made = tx.moved(
                &INSERT_TICKET,
                params![
                    id,
                    &reference,
                    seat.developer(),
                    fresh.app,
                    &fresh.page,
                    &fresh.trace,
                    &fresh.subject,
                    seat.account(),
                    now
                ],
            )?;
            if !made {
                return Err(Fault::internal("a reference came twice").into());
            }
            let file = file.map(|f| (seat.developer(), f));
            let said =
                Said { who: seat.account(), is_staff: false, internal: false, text: &fresh.text, file };
            say(tx, &h, id, &said)?;
            let t = ticket(tx, id)?;
            tell_developer(tx, &h, &t, "ticket-opened")?;
            tell_desk(tx, &h, &t, "ticket-opened")?;
            let detail = json!({"reference": reference, "developer": seat.developer().to_string()});
            audit::record(tx, &h, &by, "ticket.opened", id, &detail)?;
            Ok(id)
        })
        .await
}

/// A page of one's developer's tickets, newest first; one more than a page says that another follows.
pub async fn list(tickets: &Tickets, seat: &Seat, before: Option<TicketId>) -> Answer<Vec<TicketLine>> {
    let (id, before) = (seat.developer(), before.map_or_else(|| "u".to_owned(), |id| id.to_string()));
    let found = tickets.house.db.read(move |l| l.all(&LIST_OF_DEVELOPER, params![id, &before]));
    found.await.map_err(Failure::Fault)
}

pub async fn find(tickets: &Tickets, seat: &Seat, id: TicketId) -> Answer<Seen> {
    let seat = seat.clone();
    tickets
        .house
        .db
        .read(move |look| {
            let t = own(look, &seat, id)?;
            seen(look, t, false)
        })
        .await
}

/// Writes on one's own ticket, in answer to what was shown: it waits for the staff again, also when it was
/// solved.
pub async fn reply(
    tickets: &Tickets,
    by: &By,
    seat: &Seat,
    id: TicketId,
    turn: i64,
    typed: &str,
    file: Option<FileId>,
) -> Answer<()> {
    must_build(seat)?;
    let text = body(typed)?;
    let (h, by, seat) = (tickets.house.clone(), by.with(seat.account()), seat.clone());
    tickets
        .house
        .db
        .write(move |tx| {
            let t = own(tx, &seat, id)?;
            hold(tx, &h, seat.account())?;
            if !tx.moved(&DEVELOPER_WRITES, params![id, seat.developer(), turn, h.now()])? {
                return no(if t.state.takes_replies() {
                    Refusal::TicketMoved
                } else {
                    Refusal::TicketClosed
                });
            }
            let file = file.map(|f| (seat.developer(), f));
            let said = Said { who: seat.account(), is_staff: false, internal: false, text: &text, file };
            say(tx, &h, id, &said)?;
            tell_desk(tx, &h, &t, "ticket-replied")?;
            audit::record(tx, &h, &by, "ticket.replied", id, &json!({"by": "developer"}))?;
            Ok(())
        })
        .await
}

/// The developer needs no more help with it.
pub async fn solved(tickets: &Tickets, by: &By, seat: &Seat, id: TicketId) -> Answer<()> {
    must_build(seat)?;
    let (h, by, seat) = (tickets.house.clone(), by.with(seat.account()), seat.clone());
    tickets
        .house
        .db
        .write(move |tx| {
            let t = own(tx, &seat, id)?;
            if !tx.moved(&DEVELOPER_SOLVES, params![id, seat.developer(), h.now()])? {
                return no(if t.state.takes_replies() {
                    Refusal::TicketMoved
                } else {
                    Refusal::TicketClosed
                });
            }
            if t.assignee.is_some() {
                tell_desk(tx, &h, &t, "ticket-solved")?;
            }
            audit::record(tx, &h, &by, "ticket.solved", id, &json!({"by": "developer"}))?;
            Ok(())
        })
        .await
}
