//! A changed category is for new apps; here staff bring it to those that are there.

use super::categories::find_category;
use crate::category::AffectedApp;
use crate::category_rules::CategoryRefusal as Refusal;
use crate::store::{
    ADD_GIVEN, AppTerms, BRING_APPS, COUNT_APPS, COUNT_BEHIND, DROP_GIVEN, LIST_BEHIND, LIST_GIVEN,
};
use crate::{Apps, Category};
use kernel::{AppId, By, CategoryId, Failure, Fault};
use people::{OnStaff, Sudo};
use serde_json::json;
use store::{Look, audit, difference, params};

type Answer<T> = Result<T, Failure<Refusal>>;

/// How many apps a category has, how many of them are behind it, and which: a page of them.
#[derive(Clone, Debug)]
pub struct Affected {
    pub all: i64,
    pub behind: i64,
    pub apps: Vec<AffectedApp>,
    pub next: Option<AppId>,
}

fn given_keys(look: &mut Look<'_>, c: &Category) -> Result<Vec<String>, Fault> {
    Ok(super::categories::def_of(look, c)?.given)
}

fn affected_in(look: &mut Look<'_>, c: &Category, after: Option<AppId>) -> Result<Affected, Fault> {
    let count = |row: Option<(i64,)>| row.map_or(0, |(n,)| n);
    let all = count(look.one(&COUNT_APPS, params![c.id])?);
    let behind = count(look.one(&COUNT_BEHIND, params![c.id, c.version])?);
    let from = after.map_or_else(String::new, |id| id.to_string());
    let given = given_keys(look, c)?;
    let json_of = |terms: &crate::Terms, given: &[String]| json!({"terms": terms, "given": given});
    let rows: Vec<AppTerms> = look.all(&LIST_BEHIND, params![c.id, c.version, &from])?;
    let next = (rows.len() == 50).then(|| rows.last().map(|a| a.id)).flatten();
    let mut apps = Vec::new();
    for a in rows {
        let has: Vec<(String,)> = look.all(&LIST_GIVEN, params![a.id])?;
        let has: Vec<String> = has.into_iter().map(|(k,)| k).collect();
        apps.push(AffectedApp {
            id: a.id,
            name: a.name,
            app_key: a.app_key,
            category_version: a.category_version,
            changes: difference(&json_of(&a.terms, &has), &json_of(&c.terms, &given)),
        });
    }
    Ok(Affected { all, behind, apps, next })
}

/// What would differ, app by app.
pub async fn affected_apps(apps: &Apps, id: CategoryId, after: Option<AppId>) -> Answer<Affected> {
    apps.house
        .db
        .read(move |look| {
            let c = find_category(look, id)?.ok_or(Failure::Refused(Refusal::NotFound))?;
            affected_in(look, &c, after).map_err(Failure::Fault)
        })
        .await
}

/// Brings one batch of apps to the version that was shown; says how many. What was raised for an app and
/// what was granted to it stays. However often it is called, an app is brought there once.
pub async fn bring_apps(
    apps: &Apps,
    by: &By,
    staff: &OnStaff,
    _sudo: Sudo,
    id: CategoryId,
    shown: i64,
) -> Answer<usize> {
    let (h, by) = (apps.house.clone(), by.with(staff.account()));
    apps.house
        .db
        .write(move |tx| {
            let c = find_category(tx, id)?.ok_or(Failure::Refused(Refusal::NotFound))?;
            if c.version != shown {
                return Err(Failure::Refused(Refusal::Changed));
            }
            let terms = serde_json::to_string(&c.terms).map_err(|e| Fault::internal(e.to_string()))?;
            let moved: Vec<(AppId,)> =
                tx.changed_all(&BRING_APPS, params![id, c.version, &terms, h.now()])?;
            for (app,) in &moved {
                tx.change(&DROP_GIVEN, params![*app, id])?;
                tx.change(&ADD_GIVEN, params![*app, id, h.now()])?;
            }
            if !moved.is_empty() {
                let named: Vec<String> = moved.iter().map(|(app,)| app.to_string()).collect();
                let detail = json!({"version": c.version, "count": named.len(), "apps": named});
                audit::record(tx, &h, &by, "category.brought", id, &detail)?;
            }
            Ok(moved.len())
        })
        .await
}
