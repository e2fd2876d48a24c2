//! Looking: lists, one app, what belongs to it.

use super::no;
use crate::stage::{MEASURED_DAYS, Measured, quota_day};
use crate::store::{
    FIND_APP, FIND_CATEGORY_NAME, FIND_COMPANY_NAME, FIND_DEVELOPER_NAME, GroupRow, LIST_ALL_APPS,
    LIST_APP_GROUPS, LIST_APPS, LIST_APPS_IN_STAGE, LIST_DAYS, LIST_GROUP_METHODS, LIST_LISTED,
    LIST_OWN_STORES, LIST_PENALTIES, LIST_RELEASES, SEARCH_APPS, SUM_DAYS,
};
use crate::{Answer, App, AppLine, Apps, GroupLine, ListedSeller, Penalty, Policy, Refusal, Release, Stage};
use kernel::{AppId, Failure, Fault, Lang};
use people::{OnStaff, Seat};
use store::{Look, params};

/// One's own app; others are not there.
pub fn find_app(look: &mut Look<'_>, seat: &Seat, id: AppId) -> Answer<App> {
    let found = any_app(look, id)?;
    if found.developer == seat.developer() { Ok(found) } else { no(Refusal::NotFound) }
}

/// An app of anybody's: for Subjects and for staff.
pub fn any_app(look: &mut Look<'_>, id: AppId) -> Answer<App> {
    look.one::<App>(&FIND_APP, params![id])?.ok_or(Failure::Refused(Refusal::NotFound))
}

pub async fn app(apps: &Apps, seat: &Seat, id: AppId) -> Answer<App> {
    let seat = seat.clone();
    apps.house.db.read(move |l| find_app(l, &seat, id)).await
}

/// How many an answer holds; one more says that another page follows.
pub const APPS_PAGE: usize = 25;

fn before(after: Option<AppId>) -> String {
    after.map_or_else(|| "app_z".to_owned(), |id| id.to_string())
}

/// A page of the developer's apps, newest first.
pub async fn list_apps(apps: &Apps, seat: &Seat, after: Option<AppId>, lang: Lang) -> Answer<Vec<AppLine>> {
    let (developer, day) = (seat.developer(), quota_day(apps.house.now()));
    let before = before(after);
    let found = apps.house.db.read(move |l| l.all(&LIST_APPS, params![day, lang, developer, &before]));
    found.await.map_err(Failure::Fault)
}

/// A page of all apps for staff: those that are found by key or name, else newest first, all or of one stage.
pub async fn list_all_apps(
    apps: &Apps,
    _staff: &OnStaff,
    wanted: &str,
    stage: Option<Stage>,
    after: Option<AppId>,
    lang: Lang,
) -> Answer<Vec<AppLine>> {
    let (day, before) = (quota_day(apps.house.now()), before(after));
    let wanted: String = wanted.trim().chars().take(60).collect();
    let low = crate::app_name::look_alike_key(&wanted);
    let found = apps.house.db.read(move |l| match stage {
        _ if !wanted.is_empty() => {
            let high = format!("{low}\u{10ffff}");
            l.all(&SEARCH_APPS, params![day, lang, &wanted, &low, &high])
        }
        Some(stage) => l.all(&LIST_APPS_IN_STAGE, params![day, lang, &before, stage]),
        None => l.all(&LIST_ALL_APPS, params![day, lang, &before]),
    });
    found.await.map_err(Failure::Fault)
}

/// What stands around an app on its pages.
#[derive(Clone, Debug)]
pub struct Whole {
    pub app: App,
    pub category: String,
    pub developer: String,
    pub company: Option<String>,
    pub measured: Measured,
    /// Calls and how many went well, day by day; days without calls are not there.
    pub days: Vec<(i64, i64, i64)>,
    pub today: i64,
    pub penalties: Vec<Penalty>,
}

pub(crate) fn measure(look: &mut Look<'_>, app: &App, now: kernel::Time) -> Result<Measured, Fault> {
    let today = quota_day(now);
    let sums = look.one::<(i64, i64)>(&SUM_DAYS, params![app.id, today - MEASURED_DAYS, today])?;
    let (calls, fine) = sums.unwrap_or_default();
    let company = look.one::<(String,)>(&FIND_COMPANY_NAME, params![app.developer])?;
    Ok(Measured { calls, fine, verified_company: company.is_some() })
}

fn whole(look: &mut Look<'_>, app: App, now: kernel::Time, lang: Lang) -> Answer<Whole> {
    let today = quota_day(now);
    let name = |found: Option<(String,)>| found.map(|(n,)| n).unwrap_or_default();
    let days: Vec<(i64, i64, i64)> = look.all(&LIST_DAYS, params![app.id, today - MEASURED_DAYS])?;
    Ok(Whole {
        category: name(look.one(&FIND_CATEGORY_NAME, params![app.category, lang])?),
        developer: name(look.one(&FIND_DEVELOPER_NAME, params![app.developer])?),
        company: look.one::<(String,)>(&FIND_COMPANY_NAME, params![app.developer])?.map(|(n,)| n),
        measured: measure(look, &app, now)?,
        today: days.iter().find(|(d, ..)| *d == today).map_or(0, |(_, calls, _)| *calls),
        days,
        penalties: look.all(&LIST_PENALTIES, params![app.id])?,
        app,
    })
}

pub async fn app_whole(apps: &Apps, seat: &Seat, id: AppId, lang: Lang) -> Answer<Whole> {
    let (seat, now) = (seat.clone(), apps.house.now());
    let found = apps.house.db.read(move |l| {
        let app = find_app(l, &seat, id)?;
        whole(l, app, now, lang)
    });
    found.await
}

/// The same for staff.
pub async fn any_app_whole(apps: &Apps, _staff: &OnStaff, id: AppId, lang: Lang) -> Answer<Whole> {
    let now = apps.house.now();
    let found = apps.house.db.read(move |l| {
        let app = any_app(l, id)?;
        whole(l, app, now, lang)
    });
    found.await
}

/// Groups that the app has, then those that it may ask for, with their methods.
pub async fn list_app_groups(apps: &Apps, seat: &Seat, id: AppId, lang: Lang) -> Answer<Vec<GroupLine>> {
    let seat = seat.clone();
    let found = apps.house.db.read(move |l| {
        let app = find_app(l, &seat, id)?;
        let rows: Vec<GroupRow> = l.all(&LIST_APP_GROUPS, params![app.id, app.category, lang])?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            out.push(GroupLine {
                methods: l.all(&LIST_GROUP_METHODS, params![r.id])?,
                id: r.id,
                name: r.name.unwrap_or_else(|| r.key.clone()),
                key: r.key,
                description: r.description.unwrap_or_default(),
                since: r.since,
                is_given: r.how.as_deref() == Some("given"),
                is_open: r.offered.is_some(),
            });
        }
        Ok(out)
    });
    found.await
}

/// The sellers who may authorize, where the policy names them: the whitelist, or the company's own stores.
pub async fn list_sellers_of(apps: &Apps, seat: &Seat, id: AppId) -> Answer<Vec<ListedSeller>> {
    let seat = seat.clone();
    let found = apps.house.db.read(move |l| {
        let app = find_app(l, &seat, id)?;
        Ok(match app.terms.policy {
            Policy::Whitelist => l.all(&LIST_LISTED, params![app.id])?,
            Policy::Own => l.all(&LIST_OWN_STORES, params![app.developer])?,
            Policy::Any => Vec::new(),
        })
    });
    found.await
}

/// What was released so far, newest first.
pub async fn list_releases(apps: &Apps, seat: &Seat, id: AppId) -> Answer<Vec<Release>> {
    let seat = seat.clone();
    let found = apps.house.db.read(move |l| {
        let app = find_app(l, &seat, id)?;
        Ok(l.all(&LIST_RELEASES, params![app.id])?)
    });
    found.await
}
