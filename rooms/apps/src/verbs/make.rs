//! Making an app from an approved application, once.

use super::{must_build, no};
use crate::app_name::{app_name, look_alike_key};
use crate::callback::callbacks;
use crate::rules::BadLine;
use crate::store::{
    Approved, FIND_APP_BY_NAME, FIND_APP_BY_REQUEST, FIND_APPROVED, FIND_CATEGORY_NAME, GIVE_GROUPS,
    INSERT_APP, INSERT_RELEASE, INSERT_SECRET, as_json,
};
use crate::{Answer, Apps, Refusal, Settings, verbs::secrets};
use kernel::{AppId, By, Errors, Failure, FileId, Lang, Problem, Random, RequestId, SecretText, text};
use people::{News, Seat};
use serde_json::json;
use store::{audit, params};

pub const APP_DESCRIPTION_MAX: u32 = 500;
pub const HOMEPAGE_MAX: u32 = 300;

/// The settings as they are typed.
#[derive(Clone, Default, Debug)]
pub struct TypedSettings {
    pub name: String,
    pub description: String,
    pub homepage: String,
    pub callbacks: String,
    pub native: bool,
    pub logo: Option<FileId>,
}

/// What is wrong with typed settings: field by field, and which lines of the callbacks.
#[derive(Debug)]
pub struct BadSettings {
    pub errors: Errors,
    pub lines: Vec<BadLine>,
}

impl From<BadSettings> for Refusal {
    fn from(bad: BadSettings) -> Refusal {
        Refusal::BadLines(bad.errors, bad.lines)
    }
}

impl Settings {
    pub fn check(t: &TypedSettings) -> Result<Settings, BadSettings> {
        let (mut errors, mut lines) = (Errors::default(), Vec::new());
        let name = errors.take("name", app_name(&t.name));
        let description = errors.take("description", text::prose(&t.description, 0, APP_DESCRIPTION_MAX));
        let homepage = errors.take("homepage", homepage(&t.homepage));
        let callbacks = callbacks(&t.callbacks, t.native).map_err(|(problem, bad)| {
            lines = bad;
            problem
        });
        let callbacks = errors.take("callbacks", callbacks);
        match (name, description, homepage, callbacks) {
            (Some(name), Some(description), Some(homepage), Some(callbacks)) => Ok(Settings {
                name,
                description,
                homepage,
                callbacks,
                native: t.native,
                logo: t.logo.map(|id| id.to_string()),
            }),
            _ => Err(BadSettings { errors, lines }),
        }
    }
}

fn homepage(typed: &str) -> Result<String, Problem> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(String::new());
    }
    if typed.len() > HOMEPAGE_MAX as usize {
        return Err(Problem::TooLong(HOMEPAGE_MAX));
    }
    crate::callback::callback(typed, false)
}

/// A number of eight digits: nobody can tell from it how many there are, or which comes next.
fn fresh_key(random: &dyn Random) -> String {
    loop {
        let n = u32::from_be_bytes(random.array()) >> 5;
        if (10_000_000..=99_999_999).contains(&n) {
            return n.to_string();
        }
    }
}

/// What is told of a new app, once.
pub struct Made {
    pub id: AppId,
    pub key: String,
    pub secret: SecretText,
}

/// Which approved application an app can be made from, and whether one was made already.
pub async fn approval(
    apps: &Apps,
    seat: &Seat,
    request: RequestId,
    lang: Lang,
) -> Answer<(String, Option<AppId>)> {
    let seat = seat.clone();
    let found = apps.house.db.read(move |l| {
        let approved = l.one::<Approved>(&FIND_APPROVED, params![request, seat.developer()])?;
        let approved = approved.ok_or(Failure::Refused(Refusal::NotFound))?;
        let name = l.one::<(String,)>(&FIND_CATEGORY_NAME, params![approved.category, lang])?;
        let there = l.one::<(AppId,)>(&FIND_APP_BY_REQUEST, params![request])?;
        Ok((name.map(|(n,)| n).unwrap_or_default(), there.map(|(id,)| id)))
    });
    found.await
}

/// Makes the app with its key and first secret.
pub async fn create_app(
    apps: &Apps,
    by: &By,
    seat: &Seat,
    request: RequestId,
    settings: Settings,
) -> Answer<Made> {
    must_build(seat)?;
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    apps.house
        .db
        .write(move |tx| {
            let now = h.now();
            let approved = tx.one::<Approved>(&FIND_APPROVED, params![request, seat.developer()])?;
            let approved = approved.ok_or(Failure::Refused(Refusal::NotApproved))?;
            super::settings::hold_logo(tx, &seat, None, settings.logo_id())?;
            let (id, name_key) = (AppId::new(now, &*h.random), look_alike_key(&settings.name));
            let released = as_json(&settings)?;
            let mut tries = 0;
            let key = loop {
                let key = fresh_key(&*h.random);
                let made = tx.moved(
                    &INSERT_APP,
                    params![
                        id,
                        &key,
                        approved.category,
                        &settings.name,
                        &name_key,
                        &released,
                        settings.logo.as_deref(),
                        &approved.terms,
                        approved.version,
                        seat.account(),
                        now,
                        request,
                        seat.developer()
                    ],
                )?;
                if made {
                    break key;
                }
                // Something unique was there: find out what. If it was the key, another one is drawn.
                if let Some((there,)) = tx.one::<(AppId,)>(&FIND_APP_BY_REQUEST, params![request])? {
                    return no(Refusal::AppThere(there));
                }
                if tx.one::<(AppId,)>(&FIND_APP_BY_NAME, params![&name_key])?.is_some() {
                    return no(Refusal::Invalid(Errors::one("name", Problem::NameTaken)));
                }
                tries += 1;
                if tries > 20 {
                    return no(Refusal::Changed);
                }
            };
            tx.change(&GIVE_GROUPS, params![id, approved.category, now])?;
            tx.change(&INSERT_RELEASE, params![id, 1, &released, seat.account(), now])?;
            let fresh = secrets::fresh(&h)?;
            tx.change(
                &INSERT_SECRET,
                params![id, 1, fresh.id, &fresh.sealed, &fresh.hint, seat.account(), now],
            )?;
            let args = |_: Lang| json!({"app": settings.name, "app_key": key});
            let path = format!("/console/apps/{id}");
            let news = News { letter: "app-created", args: &args, path: &path };
            people::tell_team(tx, &h, seat.developer(), seat.account(), &news)?;
            let detail = json!({"app_key": key, "name": settings.name, "category": approved.category.to_string(),
                "request": request.to_string(), "developer": seat.developer().to_string()});
            audit::record(tx, &h, &by, "app.created", id, &detail)?;
            Ok(Made { id, key, secret: fresh.secret })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_keys_are_eight_digits_and_in_no_order() {
        let r = kernel::SeededRandom::new("keys");
        let keys: Vec<u32> = (0..500).map(|_| fresh_key(&r).parse().expect("a number")).collect();
        assert!(keys.iter().all(|k| (10_000_000..=99_999_999).contains(k)));
        let rising = keys.windows(2).filter(|p| p[0] < p[1]).count();
        assert!((150..350).contains(&rising), "{rising}");
        let near = keys.windows(2).filter(|p| p[0].abs_diff(p[1]) < 100).count();
        assert!(near < 3);
    }
}
