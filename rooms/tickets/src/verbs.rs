//! What one can do here. Each verb is one function and one transaction with one audit entry.

mod asking;
mod helping;

pub use asking::*;
pub use helping::*;

use crate::Answer;
use crate::model::{Entry, Seen, Ticket};
use crate::rules::{Refusal, WRITTEN};
use crate::store::{Attached, FIND_TICKET, INSERT_ENTRY, INSERT_FILE, LIST_ENTRIES, LIST_FILES};
use kernel::{AccountId, DeveloperId, EntryId, Errors, Failure, FileId, Problem, TicketId, text};
use people::{News, StaffRole};
use serde_json::json;
use store::{House, Look, Tx, params};

/// Whose work tickets are.
pub const TICKETS_ROLE: StaffRole = StaffRole::Support;
pub const TICKETS_PAGE: usize = 25;

pub(crate) fn no<T>(refusal: Refusal) -> Answer<T> {
    Err(Failure::Refused(refusal))
}

pub(crate) fn ticket(look: &mut Look<'_>, id: TicketId) -> Answer<Ticket> {
    look.one::<Ticket>(&FIND_TICKET, params![id])?.ok_or(Failure::Refused(Refusal::NotFound))
}

pub(crate) fn hold(tx: &mut Tx<'_>, h: &House, who: AccountId) -> Answer<()> {
    match people::limit(tx, WRITTEN, &who.to_string(), h.now())? {
        Some(seconds) => no(Refusal::Throttled(seconds)),
        None => Ok(()),
    }
}

pub(crate) fn body(typed: &str) -> Answer<String> {
    let checked = text::prose(typed, 1, crate::rules::TEXT_MAX);
    checked.map_err(|p| Failure::Refused(Refusal::Invalid(Errors::one("text", p))))
}

/// Somebody's words.
pub(crate) struct Said<'a> {
    pub who: AccountId,
    pub is_staff: bool,
    pub internal: bool,
    pub text: &'a str,
    /// What goes with it: a file that is kept for this developer from now on.
    pub file: Option<(DeveloperId, FileId)>,
}

pub(crate) fn say(tx: &mut Tx<'_>, h: &House, id: TicketId, said: &Said<'_>) -> Answer<EntryId> {
    let entry = EntryId::new(h.now(), &*h.random);
    let row = params![entry, id, h.now(), said.who, said.is_staff, said.internal, said.text];
    tx.change(&INSERT_ENTRY, row)?;
    if let Some((developer, file)) = said.file {
        if files::keep(tx, developer, file)?.is_none() {
            return no(Refusal::Invalid(Errors::one("file", Problem::BadFile)));
        }
        tx.change(&INSERT_FILE, params![entry, file])?;
    }
    Ok(entry)
}

pub(crate) fn seen(look: &mut Look<'_>, ticket: Ticket, for_staff: bool) -> Answer<Seen> {
    let mut entries: Vec<Entry> = look.all(&LIST_ENTRIES, params![ticket.id])?;
    entries.retain(|e| for_staff || !e.internal);
    for a in look.all::<Attached>(&LIST_FILES, params![ticket.id])? {
        if let Some(e) = entries.iter_mut().find(|e| e.id == a.entry) {
            e.files.push(a.file);
        }
    }
    Ok(Seen { ticket, entries })
}

/// Tells the developer's people what became of a ticket.
pub(crate) fn tell_developer(tx: &mut Tx<'_>, h: &House, t: &Ticket, letter: &'static str) -> Answer<()> {
    let args = |_| json!({"reference": t.reference, "title": t.subject, "developer": t.developer_name});
    let path = format!("/console/tickets/{}", t.id);
    people::tell_team(tx, h, t.developer, t.made_by, &News { letter, args: &args, path: &path })?;
    Ok(())
}

/// Tells whoever of the staff has it, or all whose work it could be.
pub(crate) fn tell_desk(tx: &mut Tx<'_>, h: &House, t: &Ticket, letter: &'static str) -> Answer<()> {
    let args = |_| json!({"reference": t.reference, "title": t.subject, "developer": t.developer_name});
    let path = format!("/desk/tickets/{}", t.id);
    let news = News { letter, args: &args, path: &path };
    match t.assignee {
        Some(who) => people::tell(tx, h, who, &news)?,
        None => people::tell_staff(tx, h, TICKETS_ROLE, &news)?,
    }
    Ok(())
}
