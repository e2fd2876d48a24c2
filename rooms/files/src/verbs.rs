//! What one can do here.

use crate::FileLine;
use crate::store::{FIND_OWN, KEEP, LET_GO};
use kernel::{DeveloperId, Fault, FileId, Time};
use store::{Look, Tx, params};

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
