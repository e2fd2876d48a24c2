//! The SQL of this room.

use crate::FileLine;
use kernel::Fault;
use store::{FromRow, Row};

/// Every statement of the room, for the test that prepares them all.
pub fn statements() -> impl Iterator<Item = &'static store::Statement> {
    STATEMENTS.iter().copied()
}

impl FromRow for FileLine {
    fn from_row(row: &mut Row<'_>) -> Result<FileLine, Fault> {
        Ok(FileLine {
            id: row.take()?,
            name: row.take()?,
            media: row.take()?,
            size: row.take()?,
            made_at: row.take()?,
        })
    }
}

store::statements! {
    FIND_OWN = "SELECT id, name, media, size, made_at FROM file
        WHERE id = $1 AND developer_id = $2 AND state IN ('loose', 'kept')";
    KEEP = "UPDATE file SET state = 'kept' WHERE id = $1 AND developer_id = $2 AND state IN ('loose', 'kept')
        RETURNING id, name, media, size, made_at";
    LET_GO = "UPDATE file SET state = 'loose', loose_since = $2 WHERE id = $1 AND state = 'kept'";
}
