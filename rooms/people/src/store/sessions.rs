//! Sessions and the browsers that are known.

use crate::model::{Account, Membership, Role, SessionLine, StaffRole};
use kernel::{DeveloperId, Fault, SessionId, Time};
use store::{FromRow, Row};

/// A session as it is found by its token.
pub(crate) struct Found {
    pub id: SessionId,
    pub stage: String,
    pub seen_at: Time,
    pub sudo_until: Time,
    pub account: Account,
    pub membership: Option<Membership>,
    pub staff: Vec<StaffRole>,
    pub unread: i64,
}

impl FromRow for Found {
    fn from_row(row: &mut Row<'_>) -> Result<Found, Fault> {
        let (id, stage) = (row.take()?, row.take()?);
        let (seen_at, sudo_until) = (row.take()?, row.take()?);
        let account = Account {
            id: row.take()?,
            email: row.take()?,
            name: row.take()?,
            lang: row.take()?,
            has_totp: row.take::<Option<i64>>()?.is_some(),
        };
        let (developer, name, role) =
            (row.take::<Option<DeveloperId>>()?, row.take::<Option<String>>()?, row.take::<Option<Role>>()?);
        let bits = row.take::<Option<i64>>()?.unwrap_or(0);
        let staff = StaffRole::ALL.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, r)| *r);
        let membership = match (developer, name, role) {
            (Some(developer), Some(name), Some(role)) => Some(Membership { developer, name, role }),
            _ => None,
        };
        let (staff, unread) = (staff.collect(), row.take()?);
        Ok(Found { id, stage, seen_at, sudo_until, account, membership, staff, unread })
    }
}

impl FromRow for SessionLine {
    fn from_row(row: &mut Row<'_>) -> Result<SessionLine, Fault> {
        Ok(SessionLine {
            id: row.take()?,
            made_at: row.take()?,
            seen_at: row.take()?,
            address: row.take()?,
            agent: row.take()?,
        })
    }
}

store::statements! {
    INSERT_SESSION = "INSERT INTO session
        (id, hash, account_id, stage, made_at, seen_at, expires_at, sudo_until, developer_id, address, agent)
        VALUES ($1, $2, $3, $4, $5, $5, $6, $7,
            (SELECT developer_id FROM member WHERE account_id = $3 ORDER BY since LIMIT 1), $8, $9)";
    // One row tells everything that a page needs to know of its visitor. Messages are counted up to ten.
    FIND_SESSION = "SELECT s.id, s.stage, s.seen_at, s.sudo_until, a.id, a.email, a.name, a.lang, a.totp_since,
            d.id, d.name, m.role,
            (SELECT sum(CASE role WHEN 'reviewer' THEN 1 WHEN 'catalogue_manager' THEN 2 WHEN 'support' THEN 4
                ELSE 8 END) FROM staff WHERE account_id = a.id),
            (SELECT count(*) FROM (SELECT 1 FROM notice WHERE account_id = a.id AND read_at IS NULL LIMIT 10) AS few)
        FROM session s JOIN account a ON a.id = s.account_id AND a.state = 'active'
        LEFT JOIN member m ON m.developer_id = s.developer_id AND m.account_id = a.id
        LEFT JOIN developer d ON d.id = m.developer_id
        WHERE s.hash = $1 AND s.expires_at > $2 AND s.seen_at > $3";
    SEE_SESSION = "UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $3";
    // The token changes with what it may do; the old one is dead at once.
    ROTATE_SESSION = "UPDATE session SET hash = $2, sudo_until = $3 WHERE id = $1 AND stage = 'full'";
    COMPLETE_SESSION = "UPDATE session SET hash = $2, stage = 'full', expires_at = $3, sudo_until = $4, seen_at = $5
        WHERE id = $1 AND stage = 'half'";
    MISS_SESSION = "UPDATE session SET misses = misses + 1 WHERE id = $1 AND stage = 'half' RETURNING misses";
    SWITCH_SESSION = "UPDATE session SET developer_id = $2 WHERE id = $1
        AND EXISTS (SELECT 1 FROM member WHERE developer_id = $2 AND account_id = $3)";
    DELETE_SESSION = "DELETE FROM session WHERE id = $1 AND account_id = $2";
    // By its token: who shows it may end it, whoever's it is.
    REPLACE_SESSION = "DELETE FROM session WHERE hash = $1 RETURNING id";
    DELETE_SESSIONS = "DELETE FROM session WHERE account_id = $1";
    DELETE_OTHER_SESSIONS = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
    LIST_SESSIONS = "SELECT id, made_at, seen_at, address, agent FROM session
        WHERE account_id = $1 AND stage = 'full' AND expires_at > $2 ORDER BY seen_at DESC LIMIT 100";
    PURGE_SESSIONS = "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at < $1 LIMIT 1000)";

    FIND_DEVICE = "SELECT 1 FROM device WHERE hash = $1 AND account_id = $2";
    INSERT_DEVICE = "INSERT INTO device (hash, account_id, seen_at) VALUES ($1, $2, $3)
        ON CONFLICT (hash, account_id) DO UPDATE SET seen_at = $3";
    DELETE_DEVICES = "DELETE FROM device WHERE account_id = $1";
}
