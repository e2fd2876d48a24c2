//! The SQL of this room.

use crate::model::{Entry, Ticket, TicketLine};
use files::FileLine;
use kernel::{EntryId, Fault};
use store::{FromRow, Row};

/// Every statement of the room, for the test that prepares them all.
pub fn statements() -> impl Iterator<Item = &'static store::Statement> {
    STATEMENTS.iter().copied()
}

impl FromRow for Ticket {
    fn from_row(row: &mut Row<'_>) -> Result<Ticket, Fault> {
        Ok(Ticket {
            id: row.take()?,
            reference: row.take()?,
            developer: row.take()?,
            developer_name: row.take()?,
            app: row.take()?,
            page: row.take()?,
            trace: row.take()?,
            subject: row.take()?,
            state: row.take()?,
            assignee: row.take()?,
            assignee_name: row.take()?,
            turn: row.take()?,
            made_by: row.take()?,
            made_at: row.take()?,
            changed_at: row.take()?,
        })
    }
}

impl FromRow for TicketLine {
    fn from_row(row: &mut Row<'_>) -> Result<TicketLine, Fault> {
        Ok(TicketLine {
            id: row.take()?,
            reference: row.take()?,
            subject: row.take()?,
            state: row.take()?,
            developer: row.take()?,
            assignee: row.take()?,
            made_at: row.take()?,
            changed_at: row.take()?,
        })
    }
}

impl FromRow for Entry {
    fn from_row(row: &mut Row<'_>) -> Result<Entry, Fault> {
        Ok(Entry {
            id: row.take()?,
            at: row.take()?,
            account: row.take()?,
            name: row.take()?,
            is_staff: row.take()?,
            internal: row.take()?,
            text: row.take()?,
            files: Vec::new(),
        })
    }
}

/// A file, and what it was sent with.
pub(crate) struct Attached {
    pub entry: EntryId,
    pub file: FileLine,
}

impl FromRow for Attached {
    fn from_row(row: &mut Row<'_>) -> Result<Attached, Fault> {
        let entry = row.take()?;
        let file = FileLine {
            id: row.take()?,
            name: row.take()?,
            media: row.take()?,
            size: row.take()?,
            made_at: row.take()?,
        };
        Ok(Attached { entry, file })
    }
}

macro_rules! line {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.reference, t.subject, t.state, d.name, a.name, t.made_at, t.changed_at
            FROM ticket t JOIN developer d ON d.id = t.developer_id LEFT JOIN account a ON a.id = t.assignee ",
            $rest
        )
    };
}

store::statements! {
    FIND_TICKET = "SELECT t.id, t.reference, t.developer_id, d.name, t.app_id, t.page, t.trace, t.subject, t.state,
            t.assignee, a.name, t.turn, t.made_by, t.made_at, t.changed_at
        FROM ticket t JOIN developer d ON d.id = t.developer_id LEFT JOIN account a ON a.id = t.assignee
        WHERE t.id = $1";
    LIST_OF_DEVELOPER = line!("WHERE t.developer_id = $1 AND t.id < $2 ORDER BY t.id DESC LIMIT 26");
    LIST_OPEN = line!("WHERE t.state = 'open' AND (t.changed_at, t.id) > ($1, $2) ORDER BY t.changed_at, t.id LIMIT 26");
    LIST_MINE = line!("WHERE t.assignee = $3 AND t.state IN ('open', 'waiting') AND (t.changed_at, t.id) > ($1, $2)
        ORDER BY t.changed_at, t.id LIMIT 26");
    LIST_IN_STATE = line!("WHERE t.state = $3 AND (t.changed_at, t.id) < ($1, $2)
        ORDER BY t.changed_at DESC, t.id DESC LIMIT 26");
    LIST_ENTRIES = "SELECT e.id, e.at, e.account_id, a.name, e.is_staff, e.internal, e.text
        FROM ticket_entry e JOIN account a ON a.id = e.account_id WHERE e.ticket_id = $1 ORDER BY e.id LIMIT 500";

    LIST_FILES = "SELECT x.entry_id, f.id, f.name, f.media, f.size, f.made_at FROM ticket_entry e
        JOIN ticket_file x ON x.entry_id = e.id JOIN file f ON f.id = x.file_id
        WHERE e.ticket_id = $1 ORDER BY f.id LIMIT 500";

    INSERT_FILE = "INSERT INTO ticket_file (entry_id, file_id) VALUES ($1, $2)";
    // An app of another's is left out.
    INSERT_TICKET = "INSERT INTO ticket (id, reference, developer_id, app_id, page, trace, subject, state, turn,
            made_by, made_at, changed_at)
        VALUES ($1, $2, $3, (SELECT id FROM app WHERE id = $4 AND developer_id = $3), $5, $6, $7, 'open', 1, $8, $9, $9)
        ON CONFLICT (reference) DO NOTHING";
    INSERT_ENTRY = "INSERT INTO ticket_entry (id, ticket_id, at, account_id, is_staff, internal, text)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";

    // It waits for the staff since its developer's first word that is not answered.
    DEVELOPER_WRITES = "UPDATE ticket SET state = 'open', turn = turn + 1,
            changed_at = CASE WHEN state = 'open' THEN changed_at ELSE $4 END
        WHERE id = $1 AND developer_id = $2 AND turn = $3 AND state <> 'closed'";
    DEVELOPER_SOLVES = "UPDATE ticket SET state = 'solved', changed_at = $3
        WHERE id = $1 AND developer_id = $2 AND state IN ('open', 'waiting')";
    STAFF_WRITES = "UPDATE ticket SET state = $3, turn = turn + 1, changed_at = $4, assignee = COALESCE(assignee, $5)
        WHERE id = $1 AND turn = $2 AND state <> 'closed'";
    CLAIM = "UPDATE ticket SET assignee = $2 WHERE id = $1 AND assignee IS NULL AND state <> 'closed'";
    ASSIGN = "UPDATE ticket SET assignee = $3 WHERE id = $1 AND assignee = $2 AND state <> 'closed'";
    RELEASE = "UPDATE ticket SET assignee = NULL WHERE id = $1 AND assignee = $2 AND state <> 'closed'";
    CLOSE = "UPDATE ticket SET state = 'closed', changed_at = $2 WHERE id = $1 AND state <> 'closed'";
    CLOSE_OLD = "UPDATE ticket SET state = 'closed', changed_at = $2 WHERE id IN
        (SELECT id FROM ticket WHERE state = 'solved' AND changed_at < $1 ORDER BY changed_at LIMIT 200) AND state = 'solved'";
    // Whoever may take tickets.
    IS_SUPPORT = "SELECT a.name FROM staff s JOIN account a ON a.id = s.account_id
        WHERE s.account_id = $1 AND s.role IN ('support', 'administrator') AND a.state = 'active' LIMIT 1";
    LIST_SUPPORT = "SELECT DISTINCT a.id, a.name FROM staff s JOIN account a ON a.id = s.account_id
        WHERE s.role IN ('support', 'administrator') AND a.state = 'active' ORDER BY a.name, a.id LIMIT 200";
}
