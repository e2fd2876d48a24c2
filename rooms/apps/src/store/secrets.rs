//! Secrets, sealed.

use crate::SecretLine;
use kernel::Fault;
use store::{FromRow, Row};

impl FromRow for SecretLine {
    fn from_row(row: &mut Row<'_>) -> Result<SecretLine, Fault> {
        Ok(SecretLine {
            id: row.take()?,
            place: row.take()?,
            hint: row.take()?,
            by: row.take()?,
            made_at: row.take()?,
            expires_at: row.take()?,
            used_at: row.take()?,
            used_from: row.take()?,
        })
    }
}

store::statements! {
    LIST_SECRETS = "SELECT s.id, s.place, s.hint, a.name, s.made_at, s.expires_at, s.used_at, s.used_from
        FROM app_secret s JOIN account a ON a.id = s.made_by
        WHERE s.app_id = $1 AND (s.expires_at IS NULL OR s.expires_at > $2) ORDER BY CASE WHEN s.expires_at IS NULL THEN 0 ELSE 1 END LIMIT 2";
    FIND_SEALED = "SELECT s.sealed FROM app_secret s WHERE s.id = $1 AND s.app_id = $2 AND (s.expires_at IS NULL OR s.expires_at > $3)";
    LIVE_SEALED = "SELECT s.id, s.sealed FROM app_secret s JOIN app a ON a.id = s.app_id
        WHERE a.app_key = $1 AND a.stage <> 'deleted' AND (s.expires_at IS NULL OR s.expires_at > $2)
        ORDER BY CASE WHEN s.expires_at IS NULL THEN 0 ELSE 1 END LIMIT 2";
    TAKEN_PLACES = "SELECT place FROM app_secret WHERE app_id = $1 LIMIT 2";
    DROP_OVER = "DELETE FROM app_secret WHERE app_id = $1 AND expires_at <= $2";
    DROP_ALL_SECRETS = "DELETE FROM app_secret WHERE app_id = $1";
    // Only the newest has no end; it gets one.
    AGE_NEWEST = "UPDATE app_secret SET expires_at = $2 WHERE app_id = $1 AND expires_at IS NULL";
    INSERT_SECRET = "INSERT INTO app_secret (app_id, place, id, sealed, hint, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    END_SECRET = "DELETE FROM app_secret WHERE id = $1 AND app_id = $2 AND expires_at IS NOT NULL";
    FIND_NEWEST = "SELECT id FROM app_secret WHERE app_id = $1 AND expires_at IS NULL";
    SWEEP_SECRETS = "DELETE FROM app_secret WHERE id IN (
        SELECT id FROM app_secret WHERE expires_at IS NOT NULL AND expires_at <= $1 ORDER BY expires_at LIMIT 1000)";
    LIST_SECRETS_SEALED = "SELECT id, sealed FROM app_secret WHERE id > $1 ORDER BY id LIMIT 100";
    RENEW_SECRET = "UPDATE app_secret SET sealed = $3 WHERE id = $1 AND sealed = $2";
}
