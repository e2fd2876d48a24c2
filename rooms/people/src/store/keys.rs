//! Keys of the management API.

use crate::model::StaffRole;
use crate::verbs::KeyLine;
use kernel::{AccountId, Fault, KeyId};
use store::{FromRow, Row};

impl FromRow for KeyLine {
    fn from_row(row: &mut Row<'_>) -> Result<KeyLine, Fault> {
        Ok(KeyLine {
            id: row.take()?,
            name: row.take()?,
            hint: row.take()?,
            made_at: row.take()?,
            expires_at: row.take()?,
            used_at: row.take()?,
        })
    }
}

/// A key that is good, and what its owner may do at this moment.
pub(crate) struct Holder {
    pub id: KeyId,
    pub account: AccountId,
    pub used_at: Option<kernel::Time>,
    pub staff: Vec<StaffRole>,
}

impl FromRow for Holder {
    fn from_row(row: &mut Row<'_>) -> Result<Holder, Fault> {
        let (id, account, used_at) = (row.take()?, row.take()?, row.take()?);
        let bits = row.take::<Option<i64>>()?.unwrap_or(0);
        let staff = StaffRole::ALL.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, r)| *r);
        Ok(Holder { id, account, used_at, staff: staff.collect() })
    }
}

store::statements! {
    INSERT_KEY = "INSERT INTO api_key (id, hash, account_id, name, hint, made_at, expires_at)
        SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM api_key WHERE account_id = $3) < 50";
    LIST_KEYS = "SELECT id, name, hint, made_at, expires_at, used_at FROM api_key WHERE account_id = $1
        ORDER BY id DESC LIMIT 50";
    DELETE_KEY = "DELETE FROM api_key WHERE id = $1 AND account_id = $2 RETURNING name";
    FIND_KEY = "SELECT k.id, k.account_id, k.used_at,
            (SELECT sum(CASE role WHEN 'reviewer' THEN 1 WHEN 'catalogue_manager' THEN 2 WHEN 'support' THEN 4
                ELSE 8 END) FROM staff WHERE account_id = a.id)
        FROM api_key k JOIN account a ON a.id = k.account_id AND a.state = 'active'
        WHERE k.hash = $1 AND k.expires_at > $2";
    SEE_KEY = "UPDATE api_key SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $3)";
}
