//! Apps, their releases, their whitelist.

use crate::store::read_json;
use crate::{App, AppLine, ListedSeller, Release};
use kernel::Fault;
use store::{FromRow, Row};

impl FromRow for App {
    fn from_row(row: &mut Row<'_>) -> Result<App, Fault> {
        Ok(App {
            id: row.take()?,
            key: row.take()?,
            developer: row.take()?,
            category: row.take()?,
            request: row.take()?,
            name: row.take()?,
            stage: row.take()?,
            stage_before: row.take()?,
            settings: read_json(&row.take::<String>()?)?,
            draft: row.take::<Option<String>>()?.map(|d| read_json(&d)).transpose()?,
            release: row.take()?,
            terms: read_json(&row.take::<String>()?)?,
            raised: read_json(&row.take::<String>()?)?,
            // A rule that this version cannot read lets nobody in unseen: it is a fault.
            ip_rules: crate::ip::IpRules::parse(&row.take::<String>()?)
                .map_err(|_| Fault::internal("the address rules of an app cannot be read"))?,
            whitelist_version: row.take()?,
            seats: row.take()?,
            made_by: row.take()?,
            made_at: row.take()?,
            changed_at: row.take()?,
            active_at: row.take()?,
            idle_warnings: row.take()?,
        })
    }
}

impl FromRow for AppLine {
    fn from_row(row: &mut Row<'_>) -> Result<AppLine, Fault> {
        Ok(AppLine {
            id: row.take()?,
            key: row.take()?,
            name: row.take()?,
            stage: row.take()?,
            logo: row.take()?,
            seats: row.take()?,
            calls: row.take()?,
            category: row.take::<Option<String>>()?.unwrap_or_default(),
            developer: row.take()?,
        })
    }
}

impl FromRow for Release {
    fn from_row(row: &mut Row<'_>) -> Result<Release, Fault> {
        Ok(Release {
            release: row.take()?,
            settings: read_json(&row.take::<String>()?)?,
            by: row.take()?,
            at: row.take()?,
        })
    }
}

impl FromRow for ListedSeller {
    fn from_row(row: &mut Row<'_>) -> Result<ListedSeller, Fault> {
        Ok(ListedSeller {
            id: row.take()?,
            typed: row.take()?,
            short_code: row.take()?,
            name: row.take()?,
            country: row.take()?,
            state: row.take()?,
        })
    }
}

/// The approved application of a developer, with what its category gives.
pub(crate) struct Approved {
    pub category: kernel::CategoryId,
    pub terms: String,
    pub version: i64,
}

impl FromRow for Approved {
    fn from_row(row: &mut Row<'_>) -> Result<Approved, Fault> {
        Ok(Approved { category: row.take()?, terms: row.take()?, version: row.take()? })
    }
}

macro_rules! app_columns {
    () => {
        "SELECT id, app_key, developer_id, category_id, request_id, name, stage, stage_before, settings, draft, release, terms,
        raised, ip_rules, whitelist_version, seats, made_by, made_at, changed_at, active_at, idle_warnings FROM app "
    };
}
macro_rules! line_columns {
    () => {
        "SELECT a.id, a.app_key, a.name, a.stage, a.logo, a.seats, COALESCE(d.calls, 0),
        (SELECT t.name FROM category_text t WHERE t.category_id = a.category_id
            ORDER BY CASE t.lang WHEN $2 THEN 0 WHEN 'en' THEN 1 ELSE 2 END, t.lang LIMIT 1), v.name
        FROM app a JOIN developer v ON v.id = a.developer_id LEFT JOIN app_day d ON d.app_id = a.id AND d.day = $1 "
    };
}

store::statements! {
    FIND_APP = concat!(app_columns!(), "WHERE id = $1 AND stage <> 'deleted'");
    FIND_APP_BY_REQUEST = "SELECT id FROM app WHERE request_id = $1 AND stage <> 'deleted'";
    FIND_APP_BY_NAME = "SELECT id FROM app WHERE name_key = $1 AND stage <> 'deleted'";
    FIND_CATEGORY_NAME = "SELECT name FROM category_text WHERE category_id = $1
        ORDER BY CASE lang WHEN $2 THEN 0 WHEN 'en' THEN 1 ELSE 2 END, lang LIMIT 1";
    FIND_DEVELOPER_NAME = "SELECT name FROM developer WHERE id = $1";
    FIND_APPROVED = "SELECT c.id, c.terms, c.version FROM request r JOIN category c ON c.id = r.about
        WHERE r.id = $1 AND r.developer_id = $2 AND r.kind = 'category' AND r.state = 'approved'";
    // Only from an approved application of one's own, and once: whichever of many comes second inserts nothing.
    INSERT_APP = "INSERT INTO app (id, app_key, developer_id, category_id, request_id, name, name_key, stage, settings, release,
        logo, terms, raised, category_version, ip_rules, made_by, made_at, changed_at, active_at)
        SELECT $1, $2, r.developer_id, $3, r.id, $4, $5, 'test', $6, 1, CAST($7 AS TEXT), $8, '{}', CAST($9 AS BIGINT), '', $10, $11, $11, $11
        FROM request r WHERE r.id = $12 AND r.developer_id = $13 AND r.kind = 'category' AND r.state = 'approved'
        ON CONFLICT DO NOTHING";
    INSERT_RELEASE = "INSERT INTO app_release (app_id, release, settings, by_account, at) VALUES ($1, $2, $3, $4, $5)";
    LIST_RELEASES = "SELECT r.release, r.settings, a.name, r.at FROM app_release r JOIN account a ON a.id = r.by_account
        WHERE r.app_id = $1 ORDER BY r.release DESC LIMIT 21";
    LIST_APPS = concat!(line_columns!(), "WHERE a.developer_id = $3 AND a.stage <> 'deleted' AND a.id < $4 ORDER BY a.id DESC LIMIT 26");
    LIST_ALL_APPS = concat!(line_columns!(), "WHERE a.stage <> 'deleted' AND a.id < $3 ORDER BY a.id DESC LIMIT 26");
    LIST_APPS_IN_STAGE = concat!(line_columns!(), "WHERE a.stage = $4 AND a.stage <> 'deleted' AND a.id < $3 ORDER BY a.id DESC LIMIT 26");
    SEARCH_APPS = concat!(line_columns!(), "WHERE a.stage <> 'deleted' AND (a.app_key = $3 OR (a.name_key >= $4 AND a.name_key < $5))
        ORDER BY a.name_key LIMIT 26");
    // Whoever changes secrets holds the app's row, and waits for whoever held it before.
    HOLD_APP = "UPDATE app SET changed_at = $3 WHERE id = $1 AND developer_id = $2 AND stage <> 'deleted'";
    SET_DRAFT = "UPDATE app SET draft = $3, changed_at = $4
        WHERE id = $1 AND developer_id = $2 AND release = $5 AND stage NOT IN ('deleted', 'suspended')";
    RELEASE = "UPDATE app SET name = $3, name_key = $4, settings = $5, logo = CAST($6 AS TEXT), draft = NULL, release = release + 1,
        changed_at = $7, active_at = $7, idle_warnings = 0
        WHERE id = $1 AND developer_id = $2 AND release = $8 AND draft = $9 AND stage NOT IN ('deleted', 'suspended')
        AND NOT EXISTS (SELECT 1 FROM app b WHERE b.name_key = $4 AND b.id <> $1 AND b.stage <> 'deleted')";
    SET_IP_RULES = "UPDATE app SET ip_rules = $3, changed_at = $4 WHERE id = $1 AND developer_id = $2 AND stage <> 'deleted'";
    // The row lock that two who replace the whitelist at once meet at.
    TURN_WHITELIST = "UPDATE app SET whitelist_version = whitelist_version + 1, changed_at = $3
        WHERE id = $1 AND developer_id = $2 AND stage <> 'deleted'";
    DELETE_WHITELIST = "DELETE FROM app_seller WHERE app_id = $1 AND seller_id = $2";
    INSERT_LISTED = "INSERT INTO app_seller (app_id, seller_id, typed, at, by_account) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (app_id, seller_id) DO UPDATE SET typed = excluded.typed";
    LIST_LISTED_IDS = "SELECT seller_id FROM app_seller WHERE app_id = $1 LIMIT 10001";
    LIST_LISTED = "SELECT s.id, w.typed, s.short_code, s.name, s.country, s.state FROM app_seller w JOIN seller s ON s.id = w.seller_id
        WHERE w.app_id = $1 ORDER BY s.id LIMIT 10001";
    LIST_OWN_STORES = "SELECT s.id, s.short_code, s.short_code, s.name, s.country, s.state
        FROM company_seller w JOIN seller s ON s.id = w.seller_id WHERE w.developer_id = $1 ORDER BY s.id LIMIT 1000";
    IS_LISTED = "SELECT seller_id FROM app_seller WHERE app_id = $1 AND seller_id = $2";
    FIND_COMPANY_NAME = "SELECT name FROM company WHERE developer_id = $1";

    MOVE_STAGE = "UPDATE app SET stage = $3, changed_at = $4, active_at = $4, idle_warnings = 0
        WHERE id = $1 AND stage = $2";
    SUSPEND = "UPDATE app SET stage_before = CASE WHEN COALESCE(stage_before, stage) = 'online' THEN $3 ELSE COALESCE(stage_before, stage) END,
        stage = 'suspended', changed_at = $2 WHERE id = $1 AND stage IN ('test', 'online', 'offline', 'hibernating')";
    // A step that is harder than the one in force takes the way back too.
    HARDEN = "UPDATE app SET stage_before = 'offline', changed_at = $2 WHERE id = $1 AND stage = 'suspended' AND stage_before = 'online'";
    RESTORE = "UPDATE app SET stage = stage_before, stage_before = NULL, changed_at = $2, active_at = $2, idle_warnings = 0
        WHERE id = $1 AND stage = 'suspended'
        AND NOT EXISTS (SELECT 1 FROM app_penalty p WHERE p.app_id = $1 AND p.lifted_at IS NULL AND p.step IN ('stopped', 'offline'))";
    WAKE = "UPDATE app SET stage = stage_before, stage_before = NULL, changed_at = $3, active_at = $3, idle_warnings = 0
        WHERE id = $1 AND developer_id = $2 AND stage = 'hibernating'";
    DELETE_APP = "UPDATE app SET stage = 'deleted', draft = NULL, changed_at = $3 WHERE id = $1 AND developer_id = $2 AND stage = 'test'";
    FIND_RAISED = "SELECT raised FROM app WHERE id = $1";
    RAISE = "UPDATE app SET raised = $3, changed_at = $4 WHERE id = $1 AND raised = $2 AND stage <> 'deleted'";
    SUM_DAYS = "SELECT COALESCE(CAST(sum(calls) AS BIGINT), 0), COALESCE(CAST(sum(fine) AS BIGINT), 0) FROM app_day
        WHERE app_id = $1 AND day > $2 AND day <= $3";
    LIST_DAYS = "SELECT day, calls, fine FROM app_day WHERE app_id = $1 AND day > $2 ORDER BY day LIMIT 31";

    // A bounded number at a time. The second of two processes finds the rows changed and leaves them.
    WARN_IDLE = "UPDATE app SET idle_warnings = idle_warnings + 1, warned_at = $2 WHERE id IN (
        SELECT id FROM app WHERE stage IN ('test', 'online', 'offline') AND active_at <= $1 AND idle_warnings = $3 AND warned_at <= $4
        ORDER BY active_at LIMIT 50) AND idle_warnings = $3 AND stage IN ('test', 'online', 'offline')
        RETURNING id, developer_id, made_by, name, active_at";
    SLEEP_IDLE = "UPDATE app SET stage_before = stage, stage = 'hibernating', changed_at = $2 WHERE id IN (
        SELECT id FROM app WHERE stage IN ('test', 'online', 'offline') AND active_at <= $1 AND idle_warnings = 2 AND warned_at <= $3
        ORDER BY active_at LIMIT 50) AND stage IN ('test', 'online', 'offline') AND idle_warnings = 2
        RETURNING id, developer_id, made_by, name, active_at";
}
