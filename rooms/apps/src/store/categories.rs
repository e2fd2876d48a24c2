//! Categories: their rows, their texts, their groups; and what Requests about them look up.

use crate::category::Category;
use kernel::{AppId, Fault};
use store::{FromRow, Row, Texts};

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|e| Fault::internal(e.to_string()))
}

impl FromRow for Category {
    fn from_row(row: &mut Row<'_>) -> Result<Category, Fault> {
        Ok(Category {
            id: row.take()?,
            key: row.take()?,
            place: row.take()?,
            state: row.take()?,
            audience: row.take()?,
            needs_company: row.take()?,
            review_days: row.take()?,
            two_person: row.take()?,
            terms: read(&row.take::<String>()?)?,
            version: row.take()?,
            edits: row.take()?,
            has_draft: row.take()?,
            changed_at: row.take()?,
            form: read(&row.take::<String>()?)?,
            name: Texts::default(),
            description: Texts::default(),
            groups: Vec::new(),
        })
    }
}

/// An app as far as its category is concerned.
pub(crate) struct AppTerms {
    pub id: AppId,
    pub name: String,
    pub app_key: String,
    pub category_version: i64,
    pub terms: crate::Terms,
}

impl FromRow for AppTerms {
    fn from_row(row: &mut Row<'_>) -> Result<AppTerms, Fault> {
        Ok(AppTerms {
            id: row.take()?,
            name: row.take()?,
            app_key: row.take()?,
            category_version: row.take()?,
            terms: read(&row.take::<String>()?)?,
        })
    }
}

/// What is known about a developer already, and what its Requests are checked against.
pub(crate) struct Known {
    pub kind: people::DeveloperKind,
    pub name: String,
    pub country: String,
    pub contact_name: String,
    pub mobile: String,
    pub email: String,
    pub company: Option<String>,
    pub licence_number: Option<String>,
}

impl FromRow for Known {
    fn from_row(row: &mut Row<'_>) -> Result<Known, Fault> {
        Ok(Known {
            kind: row.take()?,
            name: row.take()?,
            country: row.take()?,
            contact_name: row.take()?,
            mobile: row.take()?,
            email: row.take()?,
            company: row.take()?,
            licence_number: row.take()?,
        })
    }
}

macro_rules! category {
    () => {
        "SELECT c.id, c.key, c.place, c.state, c.audience, c.needs_company, c.review_days, c.two_person, c.terms, c.version,
            c.edits, CASE WHEN c.draft IS NULL THEN 0 ELSE 1 END, c.changed_at, f.body
            FROM category c JOIN form f ON f.hash = c.form"
    };
}

store::statements! {
    LIST_CATEGORIES = concat!(category!(), " ORDER BY c.place, c.key LIMIT 500");
    FIND_CATEGORY = concat!(category!(), " WHERE c.id = $1");
    FIND_CATEGORY_BY_KEY = concat!(category!(), " WHERE c.key = $1");
    FIND_DRAFT = "SELECT draft FROM category WHERE id = $1";
    LIST_CATEGORY_TEXTS = "SELECT category_id, lang, name, description FROM category_text LIMIT 2000";
    LIST_TEXTS_OF_CATEGORY = "SELECT category_id, lang, name, description FROM category_text WHERE category_id = $1";
    LIST_CATEGORY_GROUPS = "SELECT c.category_id, c.group_id, c.how, g.key FROM category_group c
        JOIN api_group g ON g.id = c.group_id ORDER BY g.place, g.key LIMIT 20000";
    LIST_GROUPS_OF_CATEGORY = "SELECT c.category_id, c.group_id, c.how, g.key FROM category_group c
        JOIN api_group g ON g.id = c.group_id WHERE c.category_id = $1 ORDER BY g.place, g.key LIMIT 500";
    INSERT_CATEGORY = "INSERT INTO category (id, key, place, state, audience, needs_company, review_days, two_person, form,
        terms, version, edits, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, 1, $11) ON CONFLICT (key) DO NOTHING";
    // Only as it was shown: of two who publish at once, one does.
    PUBLISH_CATEGORY = "UPDATE category SET place = $3, state = $4, audience = $5, needs_company = $6, review_days = $7,
        two_person = $8, form = $9, terms = $10, version = version + 1, edits = edits + 1, draft = NULL, changed_at = $11
        WHERE id = $1 AND edits = $2";
    SAVE_DRAFT = "UPDATE category SET draft = $3, edits = edits + 1, changed_at = $4 WHERE id = $1 AND edits = $2";
    DROP_DRAFT = "UPDATE category SET draft = NULL, edits = edits + 1, changed_at = $3
        WHERE id = $1 AND edits = $2 AND draft IS NOT NULL";
    SET_CATEGORY_STATE = "UPDATE category SET state = $3, edits = edits + 1, changed_at = $4
        WHERE id = $1 AND edits = $2 AND state <> $3";
    DELETE_CATEGORY_TEXTS = "DELETE FROM category_text WHERE category_id = $1";
    INSERT_CATEGORY_TEXT = "INSERT INTO category_text (category_id, lang, name, description) VALUES ($1, $2, $3, $4)";
    DELETE_CATEGORY_GROUPS = "DELETE FROM category_group WHERE category_id = $1";
    INSERT_CATEGORY_GROUP = "INSERT INTO category_group (category_id, group_id, how)
        SELECT $1, g.id, $3 FROM api_group g WHERE g.key = $2";

    // Apps that were made or brought up to date before the category's present version.
    COUNT_BEHIND = "SELECT count(*) FROM app WHERE category_id = $1 AND category_version < $2 AND stage <> 'deleted'";
    LIST_BEHIND = "SELECT id, name, app_key, category_version, terms FROM app
        WHERE category_id = $1 AND category_version < $2 AND stage <> 'deleted' AND id > $3 ORDER BY id LIMIT 50";
    LIST_MADE_FROM = "SELECT request_id, id FROM app WHERE developer_id = $1 AND stage <> 'deleted' ORDER BY id DESC LIMIT 500";
    COUNT_APPS = "SELECT count(*) FROM app WHERE category_id = $1 AND stage <> 'deleted'";
    // Takes a batch; what was raised for an app stays in its own column.
    BRING_APPS = "UPDATE app SET terms = $3, category_version = $2, changed_at = $4 WHERE id IN (
            SELECT id FROM app WHERE category_id = $1 AND category_version < $2 AND stage <> 'deleted' ORDER BY id LIMIT 200)
        AND category_version < $2 RETURNING id";
    LIST_GIVEN = "SELECT g.key FROM app_group a JOIN api_group g ON g.id = a.group_id
        WHERE a.app_id = $1 AND a.how = 'given' ORDER BY g.key LIMIT 500";
    DROP_GIVEN = "DELETE FROM app_group WHERE app_id = $1 AND how = 'given' AND group_id NOT IN (
        SELECT group_id FROM category_group WHERE category_id = $2 AND how = 'given')";
    // What was granted to the app itself stays so.
    ADD_GIVEN = "INSERT INTO app_group (app_id, group_id, how, since)
        SELECT $1, c.group_id, 'given', $3 FROM category_group c WHERE c.category_id = $2 AND c.how = 'given'
        ON CONFLICT (app_id, group_id) DO NOTHING";

    FIND_COMPANY = "SELECT 1 FROM company WHERE developer_id = $1";
    FIND_KNOWN = "SELECT kind, name, country, contact_name, mobile, email, company, licence_number
        FROM developer WHERE id = $1";
    SAME_LICENCE = "SELECT name FROM developer WHERE licence_number = $1 AND id <> $2 ORDER BY id LIMIT 3";
    SAME_COMPANY = "SELECT name FROM company WHERE licence_key = $1 AND developer_id <> $2 ORDER BY developer_id LIMIT 3";
    SAME_FILE = "SELECT d.name FROM file own JOIN file other ON other.sha256 = own.sha256
            AND other.developer_id <> own.developer_id
        JOIN developer d ON d.id = other.developer_id
        WHERE own.id = $1 AND own.developer_id = $2 AND other.state = 'kept' ORDER BY other.id LIMIT 3";

    // Of an app that is there and this developer's.
    FIND_APP_FOR_GROUP = "SELECT category_id, name FROM app WHERE id = $1 AND developer_id = $2 AND stage <> 'deleted'";
    FIND_OPEN_GROUP = "SELECT 1 FROM category_group WHERE category_id = $1 AND group_id = $2 AND how = 'open'";
    FIND_APP_GROUP = "SELECT how FROM app_group WHERE app_id = $1 AND group_id = $2";
    GRANT_GROUP = "INSERT INTO app_group (app_id, group_id, how, since)
        SELECT a.id, $2, 'granted', $3 FROM app a WHERE a.id = $1 AND a.developer_id = $4 AND a.stage <> 'deleted'
        ON CONFLICT (app_id, group_id) DO NOTHING";
}
