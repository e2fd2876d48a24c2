//! What one can do here.

mod collect;
mod take;

pub use collect::{Missing, collect, counts, missing};
pub use take::{take, take_as_staff, take_up_to};

use crate::store::{FIND_ANY, FIND_OWN, KEEP, LET_GO};
use crate::{Answer, FileLine, Files, Opened, Refusal};
use kernel::{DeveloperId, Failure, Fault, FileId, Time};
use people::{Session, StaffRole};
use store::{Look, Tx, params};

fn no<T>(refusal: Refusal) -> Answer<T> {
    Err(Failure::Refused(refusal))
}

/// A developer's own file, if it is there.
pub fn find(look: &mut Look<'_>, developer: DeveloperId, id: FileId) -> Result<Option<FileLine>, Fault> {
    look.one(&FIND_OWN, params![id, developer])
}

/// From now on something names this file: it is not collected. Inside the transaction of what names it.
pub fn keep(tx: &mut Tx<'_>, developer: DeveloperId, id: FileId) -> Result<Option<FileLine>, Fault> {
    tx.changed(&KEEP, params![id, developer])
}

/// Nothing names this file any more: it is collected after a day.
pub fn let_go(tx: &mut Tx<'_>, id: FileId, now: Time) -> Result<(), Fault> {
    tx.change(&LET_GO, params![id, now]).map(drop)
}

/// Opens a file for its reader: the members of the developer whose it is, and the staff who decide or help.
/// For everybody else it is not there.
pub async fn open(files: &Files, session: &Session, id: FileId) -> Answer<Opened> {
    let all = [StaffRole::Reviewer, StaffRole::Support].into_iter().any(|role| session.may(role));
    let seat = session.seat().ok().map(|seat| seat.developer());
    let line: Option<FileLine> = files
        .house
        .db
        .read(move |l| match (all, seat) {
            (true, _) => l.one(&FIND_ANY, params![id]),
            (false, Some(developer)) => find(l, developer, id),
            (false, None) => Ok(None),
        })
        .await
        .map_err(Failure::Fault)?;
    let Some(line) = line else { return no(Refusal::NotFound) };
    match files.depot.get(id).await? {
        Some(reading) => Ok(Opened { line, reading }),
        None => Err(Fault::internal(format!("the bytes of {id} are not in {}", files.depot.place())).into()),
    }
}
