//! The SQL of this room.

use crate::model::{Group, Method};
use kernel::Fault;
use store::{FromRow, Row, Texts};

/// Every statement of the room, for the test that prepares them all.
pub fn statements() -> impl Iterator<Item = &'static store::Statement> {
    STATEMENTS.iter().copied()
}

impl FromRow for Group {
    fn from_row(row: &mut Row<'_>) -> Result<Group, Fault> {
        Ok(Group {
            id: row.take()?,
            key: row.take()?,
            place: row.take()?,
            retired: row.take()?,
            wants_document: row.take()?,
            review_days: row.take()?,
            version: row.take()?,
            changed_at: row.take()?,
            methods: row.take()?,
            name: Texts::default(),
            description: Texts::default(),
        })
    }
}

impl FromRow for Method {
    fn from_row(row: &mut Row<'_>) -> Result<Method, Fault> {
        Ok(Method { name: row.take()?, group: row.take()?, summary: row.take()?, needs_seller: row.take()? })
    }
}

macro_rules! group {
    () => {
        "SELECT id, key, place, retired, wants_document, review_days, version, changed_at,
            (SELECT count(*) FROM method m WHERE m.group_id = g.id) FROM api_group g"
    };
}

store::statements! {
    LIST_GROUPS = concat!(group!(), " ORDER BY place, key LIMIT 500");
    FIND_GROUP = concat!(group!(), " WHERE id = $1");
    FIND_GROUP_BY_KEY = concat!(group!(), " WHERE key = $1");
    LIST_GROUP_TEXTS = "SELECT group_id, lang, name, description FROM api_group_text LIMIT 2000";
    LIST_TEXTS_OF_GROUP = "SELECT group_id, lang, name, description FROM api_group_text WHERE group_id = $1";
    INSERT_GROUP = "INSERT INTO api_group (id, key, place, retired, wants_document, review_days, version, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, 1, $7) ON CONFLICT (key) DO NOTHING";
    UPDATE_GROUP = "UPDATE api_group SET place = $3, retired = $4, wants_document = $5, review_days = $6,
        version = version + 1, changed_at = $7 WHERE id = $1 AND version = $2";
    DELETE_GROUP_TEXTS = "DELETE FROM api_group_text WHERE group_id = $1";
    INSERT_GROUP_TEXT = "INSERT INTO api_group_text (group_id, lang, name, description) VALUES ($1, $2, $3, $4)";
    LIST_METHODS = "SELECT name, group_id, summary, needs_seller FROM method WHERE group_id = $1 ORDER BY name LIMIT 2000";
    PUT_METHOD = "INSERT INTO method (name, group_id, summary, needs_seller) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO UPDATE SET group_id = excluded.group_id, summary = excluded.summary,
        needs_seller = excluded.needs_seller";
    DELETE_METHOD = "DELETE FROM method WHERE name = $1 AND group_id = $2";
}
