//! The penalty ladder.

use crate::Penalty;
use kernel::Fault;
use store::{FromRow, Row};

impl FromRow for Penalty {
    fn from_row(row: &mut Row<'_>) -> Result<Penalty, Fault> {
        Ok(Penalty {
            id: row.take()?,
            step: row.take()?,
            reason: row.take()?,
            until: row.take()?,
            at: row.take()?,
            by: row.take()?,
            lifted_at: row.take()?,
            lifted_by: row.take()?,
        })
    }
}

store::statements! {
    INSERT_PENALTY = "INSERT INTO app_penalty (id, app_id, step, reason, until_at, at, by_account)
        SELECT $1, a.id, $3, $4, CAST($5 AS BIGINT), $6, $7 FROM app a WHERE a.id = $2 AND a.stage <> 'deleted'
        ON CONFLICT (app_id, step) WHERE lifted_at IS NULL DO NOTHING";
    LIFT_PENALTY = "UPDATE app_penalty SET lifted_at = $3, lifted_by = $4 WHERE id = $1 AND app_id = $2 AND lifted_at IS NULL RETURNING step";
    LIFT_OVER = "UPDATE app_penalty SET lifted_at = $1 WHERE id IN (
        SELECT id FROM app_penalty WHERE lifted_at IS NULL AND until_at IS NOT NULL AND until_at <= $1 ORDER BY until_at LIMIT 50)
        AND lifted_at IS NULL RETURNING app_id, step";
    LIST_PENALTIES = "SELECT p.id, p.step, p.reason, p.until_at, p.at, a.name, p.lifted_at, b.name
        FROM app_penalty p JOIN account a ON a.id = p.by_account LEFT JOIN account b ON b.id = p.lifted_by
        WHERE p.app_id = $1 ORDER BY p.id DESC LIMIT 100";
}
