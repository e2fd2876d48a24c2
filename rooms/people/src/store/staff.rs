//! Staff and what they look up.

use crate::model::{AccountLine, StaffLine};
use kernel::Fault;
use store::{FromRow, Row};

impl FromRow for StaffLine {
    fn from_row(row: &mut Row<'_>) -> Result<StaffLine, Fault> {
        Ok(StaffLine {
            account: row.take()?,
            name: row.take()?,
            email: row.take()?,
            role: row.take()?,
            since: row.take()?,
        })
    }
}

impl FromRow for AccountLine {
    fn from_row(row: &mut Row<'_>) -> Result<AccountLine, Fault> {
        Ok(AccountLine {
            id: row.take()?,
            name: row.take()?,
            email: row.take()?,
            state: row.take()?,
            made_at: row.take()?,
        })
    }
}

store::statements! {
    INSERT_STAFF = "INSERT INTO staff (account_id, role, since) VALUES ($1, $2, $3)
        ON CONFLICT (account_id, role) DO NOTHING";
    DELETE_STAFF = "DELETE FROM staff WHERE account_id = $1 AND role = $2";
    // An administrator goes only while another is left: the count and the row move together.
    COUNT_UP = "UPDATE headcount SET n = n + 1 WHERE role = 'administrator'";
    COUNT_DOWN = "UPDATE headcount SET n = n - 1 WHERE role = 'administrator' AND n > 1";
    COUNT_FIRST = "UPDATE headcount SET n = 1 WHERE role = 'administrator' AND n = 0";
    COUNT_ADMINISTRATORS = "SELECT n FROM headcount WHERE role = 'administrator'";
    LIST_STAFF = "SELECT a.id, a.name, a.email, s.role, s.since FROM staff s JOIN account a ON a.id = s.account_id
        ORDER BY s.since, a.id, s.role LIMIT 500";
    LIST_ACCOUNTS = "SELECT id, name, email, state, made_at FROM account WHERE id < $1 ORDER BY id DESC LIMIT 26";
    FIND_ACCOUNTS = "SELECT id, name, email, state, made_at FROM account WHERE email_key >= $1 AND email_key < $2
        ORDER BY email_key LIMIT 26";
    NAME_OF = "SELECT name FROM account WHERE id = $1";
}
