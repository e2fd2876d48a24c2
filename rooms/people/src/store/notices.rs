//! Messages in the portal.

use crate::model::Role;
use crate::verbs::Notice;
use kernel::{AccountId, Fault, Lang};
use store::{FromRow, Row};

/// Somebody who is told something.
pub(crate) struct Reader {
    pub id: AccountId,
    pub email: String,
    pub name: String,
    pub lang: Lang,
    pub role: Option<Role>,
}

impl FromRow for Reader {
    fn from_row(row: &mut Row<'_>) -> Result<Reader, Fault> {
        Ok(Reader {
            id: row.take()?,
            email: row.take()?,
            name: row.take()?,
            lang: row.take()?,
            role: row.take()?,
        })
    }
}

impl FromRow for Notice {
    fn from_row(row: &mut Row<'_>) -> Result<Notice, Fault> {
        let (id, at, what) = (row.take()?, row.take()?, row.take()?);
        let args: String = row.take()?;
        Ok(Notice {
            id,
            at,
            what,
            args: serde_json::from_str(&args).unwrap_or_default(),
            path: row.take()?,
            read: row.take::<Option<i64>>()?.is_some(),
        })
    }
}

store::statements! {
    LIST_NOTICES = "SELECT id, at, what, args, path, read_at FROM notice WHERE account_id = $1 AND id < $2
        ORDER BY id DESC LIMIT 26";
    READ_NOTICES = "UPDATE notice SET read_at = $2 WHERE account_id = $1 AND read_at IS NULL AND id <= $3";
    READ_NOTICE = "UPDATE notice SET read_at = $3 WHERE id = $1 AND account_id = $2 AND read_at IS NULL";
    FIND_NOTICE = "SELECT path FROM notice WHERE id = $1 AND account_id = $2";
    PURGE_NOTICES = "DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE id < $1 LIMIT 1000)";
    INSERT_NOTICE = "INSERT INTO notice (id, account_id, at, what, args, path) VALUES ($1, $2, $3, $4, $5, $6)";
    FIND_READER = "SELECT id, email, name, lang, CAST(NULL AS TEXT) FROM account WHERE id = $1 AND state = 'active'";
    LIST_READERS = "SELECT a.id, a.email, a.name, a.lang, m.role FROM member m JOIN account a ON a.id = m.account_id
        WHERE m.developer_id = $1 AND a.state = 'active' ORDER BY m.since, a.id LIMIT 200";
    LIST_STAFF_READERS = "SELECT DISTINCT a.id, a.email, a.name, a.lang, CAST(NULL AS TEXT)
        FROM staff s JOIN account a ON a.id = s.account_id
        WHERE s.role IN ($1, 'administrator') AND a.state = 'active' ORDER BY a.id LIMIT 200";
}
