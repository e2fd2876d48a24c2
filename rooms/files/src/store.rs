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
    FIND_ANY = "SELECT id, name, media, size, made_at FROM file WHERE id = $1 AND state IN ('loose', 'kept')";
    KEEP = "UPDATE file SET state = 'kept' WHERE id = $1 AND developer_id = $2 AND state IN ('loose', 'kept')
        RETURNING id, name, media, size, made_at";
    LET_GO = "UPDATE file SET state = 'loose', loose_since = $2 WHERE id = $1 AND state = 'kept'";

    BEGIN_USE = "INSERT INTO file_use (developer_id, files, bytes) VALUES ($1, 0, 0)
        ON CONFLICT (developer_id) DO NOTHING";
    // Another request may stand at this row: what it adds is seen before this adds.
    TAKE_ROOM = "UPDATE file_use SET files = files + 1, bytes = bytes + $2
        WHERE developer_id = $1 AND files < $3 AND bytes + $2 <= $4";
    GIVE_BACK = "UPDATE file_use SET files = files - 1, bytes = bytes - $2 WHERE developer_id = $1";
    INSERT_COMING = "INSERT INTO file
        (id, developer_id, made_by, made_at, name, media, size, sha256, state, loose_since)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'coming', $4)";
    ARRIVE = "UPDATE file SET state = 'loose', loose_since = $2 WHERE id = $1 AND state = 'coming'
        RETURNING id, name, media, size, made_at";

    LIST_ORPHANS = "SELECT id FROM file WHERE state <> 'kept' AND loose_since < $1 AND id > $2
        ORDER BY id LIMIT $3";
    // Whatever names a file names it by a reference: then it is not deleted, whatever its state says.
    DELETE_ORPHAN = "DELETE FROM file WHERE id = $1 AND state <> 'kept' AND loose_since < $2
        RETURNING developer_id, size, name";
    INSERT_GONE = "INSERT INTO file_gone (id, developer_id, size) VALUES ($1, $2, $3)";
    KEEP_NAMED = "UPDATE file SET state = 'kept' WHERE id = $1 AND state = 'loose'";
    LIST_GONE = "SELECT id FROM file_gone WHERE id > $1 ORDER BY id LIMIT $2";
    DELETE_GONE = "DELETE FROM file_gone WHERE id = $1 RETURNING developer_id, size";

    LIST_STORED = "SELECT id, size FROM file WHERE state <> 'coming' AND id > $1 ORDER BY id LIMIT $2";
    COUNT_FILES = "SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT) FROM file";
}
