//! The desk's own things: reasons, saved views, and what figures are made of.

use crate::model::{DecidedRow, OpenRow, SavedView};
use kernel::{Fault, Lang, ReasonId};
use store::{FromRow, Row};

/// A reason without its words.
pub(crate) struct ReasonRow {
    pub id: ReasonId,
    pub key: String,
    pub decision: crate::Decision,
    pub kind: Option<crate::Kind>,
    pub place: i64,
    pub retired: bool,
}

impl FromRow for ReasonRow {
    fn from_row(row: &mut Row<'_>) -> Result<ReasonRow, Fault> {
        Ok(ReasonRow {
            id: row.take()?,
            key: row.take()?,
            decision: row.take()?,
            kind: row.take()?,
            place: row.take()?,
            retired: row.take()?,
        })
    }
}

pub(crate) struct ReasonTextRow {
    pub reason: ReasonId,
    pub lang: Lang,
    pub title: String,
    pub body: String,
}

impl FromRow for ReasonTextRow {
    fn from_row(row: &mut Row<'_>) -> Result<ReasonTextRow, Fault> {
        Ok(ReasonTextRow { reason: row.take()?, lang: row.take()?, title: row.take()?, body: row.take()? })
    }
}

impl FromRow for SavedView {
    fn from_row(row: &mut Row<'_>) -> Result<SavedView, Fault> {
        Ok(SavedView { id: row.take()?, name: row.take()?, query: row.take()? })
    }
}

impl FromRow for DecidedRow {
    fn from_row(row: &mut Row<'_>) -> Result<DecidedRow, Fault> {
        Ok(DecidedRow {
            kind: row.take()?,
            by: row.take()?,
            submitted_at: row.take()?,
            due_at: row.take()?,
            decided_at: row.take()?,
        })
    }
}

impl FromRow for OpenRow {
    fn from_row(row: &mut Row<'_>) -> Result<OpenRow, Fault> {
        Ok(OpenRow { kind: row.take()?, submitted_at: row.take()?, due_at: row.take()? })
    }
}

store::statements! {
    LIST_REASONS = "SELECT id, key, decision, kind, place, retired FROM reason ORDER BY decision, place, id LIMIT 200";
    LIST_REASON_TEXTS = "SELECT reason_id, lang, title, body FROM reason_text LIMIT 1000";
    COUNT_REASONS = "SELECT count(*) FROM reason";
    INSERT_REASON = "INSERT INTO reason (id, key, decision, kind, place, retired) VALUES ($1, $2, $3, $4, $5, 0)
        ON CONFLICT (key) DO NOTHING";
    SET_REASON = "UPDATE reason SET decision = $2, kind = $3, place = $4 WHERE id = $1";
    RETIRE_REASON = "UPDATE reason SET retired = $2 WHERE id = $1 AND retired <> $2";
    PUT_REASON_TEXT = "INSERT INTO reason_text (reason_id, lang, title, body) VALUES ($1, $2, $3, $4)
        ON CONFLICT (reason_id, lang) DO UPDATE SET title = excluded.title, body = excluded.body";

    LIST_VIEWS = "SELECT id, name, query FROM saved_view WHERE account_id = $1 ORDER BY made_at, id LIMIT 12";
    // Twelve at most, counted in the statement that adds one.
    PUT_VIEW = "INSERT INTO saved_view (id, account_id, name, query, made_at)
        SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT)
        WHERE (SELECT count(*) FROM saved_view v WHERE v.account_id = $2 AND v.name <> $3) < 12
        ON CONFLICT (account_id, name) DO UPDATE SET query = excluded.query";
    DELETE_VIEW = "DELETE FROM saved_view WHERE id = $1 AND account_id = $2";

    LIST_DECIDED = "SELECT r.kind, a.name, r.submitted_at, r.due_at, r.decided_at FROM request r JOIN account a ON a.id = r.decided_by
        WHERE r.decided_at >= $1 ORDER BY r.decided_at DESC LIMIT 20000";
    LIST_OPEN_TIMES = "SELECT kind, submitted_at, due_at FROM request WHERE state = 'pending' ORDER BY due_at, id LIMIT 20000";
}
