//! Messages in the portal.

use crate::model::Role;
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

store::statements! {
    INSERT_NOTICE = "INSERT INTO notice (id, account_id, at, what, args, path) VALUES ($1, $2, $3, $4, $5, $6)";
    FIND_READER = "SELECT id, email, name, lang, CAST(NULL AS TEXT) FROM account WHERE id = $1 AND state = 'active'";
    LIST_READERS = "SELECT a.id, a.email, a.name, a.lang, m.role FROM member m JOIN account a ON a.id = m.account_id
        WHERE m.developer_id = $1 AND a.state = 'active' ORDER BY m.since, a.id LIMIT 200";
    LIST_STAFF_READERS = "SELECT DISTINCT a.id, a.email, a.name, a.lang, CAST(NULL AS TEXT)
        FROM staff s JOIN account a ON a.id = s.account_id
        WHERE s.role IN ($1, 'administrator') AND a.state = 'active' ORDER BY a.id LIMIT 200";
}
