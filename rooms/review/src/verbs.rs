//! What one can do here. Each verb is one function and one transaction with one audit entry.

mod apply;
mod clock;
mod decide;
mod desk;
mod library;
mod reason_files;

pub use apply::*;
pub use clock::*;
pub use decide::{decide, preview};
pub use desk::{
    QUEUE_PAGE, ask, assign, claim, counts, find_by_word, find_for_desk, next, note, queue, release, remark,
    snooze,
};
pub use library::{
    figures, first_reasons, list_reasons, list_views, reasons_for, remove_view, retire_reason, save_reason,
    save_view,
};
pub use reason_files::*;

use crate::Answer;
use crate::model::{Request, What};
use crate::rules::Refusal;
use crate::store::{FIND_REQUEST, INSERT_ENTRY};
use ::store::{House, Look, Tx, params};
use kernel::{AccountId, EntryId, Failure, RequestId};

pub(crate) fn no<T>(refusal: Refusal) -> Answer<T> {
    Err(Failure::Refused(refusal))
}

pub(crate) fn request(look: &mut Look<'_>, id: RequestId) -> Answer<Request> {
    look.one::<Request>(&FIND_REQUEST, params![id])?.ok_or(Failure::Refused(Refusal::NotFound))
}

/// Writes a line of the history.
pub(crate) fn remember(
    tx: &mut Tx<'_>,
    h: &House,
    r: &Request,
    who: Option<AccountId>,
    what: What,
    text: &str,
) -> Answer<()> {
    let id = EntryId::new(h.now(), &*h.random);
    let for_applicant = !matches!(
        what,
        What::Noted | What::Claimed | What::Assigned | What::Released | What::Snoozed | What::Agreed
    );
    tx.change(&INSERT_ENTRY, params![id, r.id, h.now(), who, what, r.round, text, for_applicant])?;
    Ok(())
}
