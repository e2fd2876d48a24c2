//! API groups of an app.

use crate::Method;
use kernel::Fault;
use store::{FromRow, Row};

/// A group as one row; its methods come beside it.
pub(crate) struct GroupRow {
    pub id: kernel::GroupId,
    pub key: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub since: Option<kernel::Time>,
    pub how: Option<String>,
    pub offered: Option<String>,
}

impl FromRow for GroupRow {
    fn from_row(row: &mut Row<'_>) -> Result<GroupRow, Fault> {
        Ok(GroupRow {
            id: row.take()?,
            key: row.take()?,
            name: row.take()?,
            description: row.take()?,
            since: row.take()?,
            how: row.take()?,
            offered: row.take()?,
        })
    }
}

impl FromRow for Method {
    fn from_row(row: &mut Row<'_>) -> Result<Method, Fault> {
        Ok(Method { name: row.take()?, summary: row.take()?, needs_seller: row.take()? })
    }
}

store::statements! {
    GIVE_GROUPS = "INSERT INTO app_group (app_id, group_id, how, since)
        SELECT $1, group_id, 'given', CAST($3 AS BIGINT) FROM category_group WHERE category_id = $2 AND how = 'given'";
    // Those that it has, and those that it may ask for.
    LIST_APP_GROUPS = "SELECT g.id, g.key,
        (SELECT t.name FROM api_group_text t WHERE t.group_id = g.id
            ORDER BY CASE t.lang WHEN $3 THEN 0 WHEN 'en' THEN 1 ELSE 2 END, t.lang LIMIT 1),
        (SELECT t.description FROM api_group_text t WHERE t.group_id = g.id
            ORDER BY CASE t.lang WHEN $3 THEN 0 WHEN 'en' THEN 1 ELSE 2 END, t.lang LIMIT 1),
        h.since, h.how, c.how
        FROM api_group g LEFT JOIN app_group h ON h.group_id = g.id AND h.app_id = $1
        LEFT JOIN category_group c ON c.group_id = g.id AND c.category_id = $2
        WHERE h.app_id IS NOT NULL OR (c.group_id IS NOT NULL AND g.retired = 0) ORDER BY g.place, g.key LIMIT 200";
    LIST_GROUP_METHODS = "SELECT name, summary, needs_seller FROM method WHERE group_id = $1 ORDER BY name LIMIT 500";
}
