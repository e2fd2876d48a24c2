//! What the team decides about its app: a draft, what it would change, its releases; and the end of an app.

use crate::app_list::{Head, around, id_of};
use crate::app_new::{SettingFields, typed};
use crate::seat;
use apps::{App, BadLine, Release, Settings, Stage, TypedSettings};
use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse;
use lobby::{Answer, Cx, Retry, retry};
use web::{Form, Frame, Page, Summary, see_other};

/// One field that differs: its label, before, now; each line by itself.
pub struct Changed {
    pub label: &'static str,
    pub before: Vec<String>,
    pub now: Vec<String>,
}

#[derive(Template)]
#[template(path = "app_settings.html")]
struct SettingsPage {
    f: Frame,
    head: Head,
    summary: Summary,
    app: App,
    s: SettingFields,
    lines: Vec<BadLine>,
    draft: Vec<Changed>,
    releases: Vec<(Release, Vec<Changed>)>,
    builds: bool,
    manages: bool,
    may_edit: bool,
}

impl SettingsPage {
    fn tn(&self, key: &str, n: &i64) -> String {
        self.f.tn(key, "n", *n)
    }
    fn is(&self, word: &str) -> bool {
        self.app.stage.word() == word
    }
}

fn changes(cx: &Cx, before: &Settings, now: &Settings) -> Vec<Changed> {
    let label = |field| match field {
        "name" => "app-name",
        "description" => "app-description",
        "homepage" => "app-homepage",
        "callbacks" => "app-callbacks",
        "native" => "app-native",
        _ => "app-logo",
    };
    let w = cx.w();
    let parts = |field: &str, text: &str| -> Vec<String> {
        match (field, text) {
            ("native", "") => vec![w.t("app-no").to_owned()],
            ("native", _) => vec![w.t("app-yes").to_owned()],
            _ => text.lines().map(str::to_owned).collect(),
        }
    };
    let one = |(field, a, b): (&'static str, String, String)| {
        let (before, now) = (parts(field, &a), parts(field, &b));
        Changed {
            label: w.t(label(field)),
            before: before.iter().filter(|l| !now.contains(l)).cloned().collect(),
            now: now.iter().filter(|l| !before.contains(l)).cloned().collect(),
        }
    };
    before.difference(now).into_iter().map(one).collect()
}

fn as_typed(s: &Settings) -> TypedSettings {
    TypedSettings {
        name: s.name.clone(),
        description: s.description.clone(),
        homepage: s.homepage.clone(),
        callbacks: s.callbacks.join("\n"),
        native: s.native,
        logo: s.logo_id(),
    }
}

async fn page(cx: &Cx, id: &str, t: Option<TypedSettings>, lines: Vec<BadLine>, r: Retry) -> Answer {
    let (seat, w) = (seat(cx)?, cx.w());
    let app = apps::app(cx.apps(), &seat, id_of(id)?).await?;
    let released = apps::list_releases(cx.apps(), &seat, app.id).await?;
    let t = t.unwrap_or_else(|| as_typed(app.draft.as_ref().unwrap_or(&app.settings)));
    let (s, status) = (SettingFields::new(w, &t, &r), r.status);
    let before = released.iter().skip(1).map(|r| Some(&r.settings)).chain([None]);
    let with_changes = released
        .iter()
        .zip(before)
        .map(|(r, before)| (r.clone(), before.map(|b| changes(cx, b, &r.settings)).unwrap_or_default()))
        .take(20)
        .collect();
    let (f, head) = around(cx, &app, "/settings").await?;
    let page = SettingsPage {
        f,
        head,
        draft: app.draft.as_ref().map(|d| changes(cx, &app.settings, d)).unwrap_or_default(),
        releases: with_changes,
        builds: seat.role().builds(),
        manages: seat.role().manages_team(),
        may_edit: app.stage != Stage::Suspended,
        summary: s.summary(w, r),
        app,
        s,
        lines,
    };
    Ok((status, Page(page)).into_response())
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    page(&cx, &id, None, Vec::new(), Retry::default()).await
}

fn shown_release(form: &Form) -> i64 {
    form.get("release").parse().unwrap_or(0)
}

pub async fn save(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (seat, app) = (seat(&cx)?, apps::app(cx.apps(), &seat(&cx)?, id_of(&id)?).await?);
    let kept = app.draft.as_ref().unwrap_or(&app.settings).logo_id();
    let t = TypedSettings { logo: kept, ..typed(&form) };
    let settings = match Settings::check(&t) {
        Ok(settings) => settings,
        Err(bad) => return page(&cx, &id, Some(t), bad.lines, Retry::fields(bad.errors)).await,
    };
    match apps::save_draft(cx.apps(), cx.by(), &seat, app.id, shown_release(&form), settings).await {
        Ok(()) => Ok(see_other(&format!("/console/apps/{}/settings?said=draft-saved", app.id))),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, &id, Some(t), Vec::new(), r).await
        }
    }
}

pub async fn release(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (seat, app) = (seat(&cx)?, id_of(&id)?);
    match apps::release(cx.apps(), cx.by(), &seat, app, shown_release(&form)).await {
        Ok(_) => Ok(see_other(&format!("/console/apps/{app}/settings?said=app-released"))),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, &id, None, Vec::new(), r).await
        }
    }
}

pub async fn drop_draft(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (seat, app) = (seat(&cx)?, id_of(&id)?);
    apps::drop_draft(cx.apps(), cx.by(), &seat, app, shown_release(&form)).await?;
    Ok(see_other(&format!("/console/apps/{app}/settings?said=draft-dropped")))
}

pub async fn delete(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (seat, app) = (seat(&cx)?, id_of(&id)?);
    let sudo = cx.sudo(&format!("/console/apps/{app}/settings"))?;
    match apps::delete_app(cx.apps(), cx.by(), &seat, app, form.get("name"), sudo).await {
        Ok(()) => Ok(see_other("/console/apps?said=app-deleted")),
        Err(failure) => {
            let mut r = retry(cx.w(), failure)?;
            // The form above has a field of the same name: this is about the one below.
            if r.errors.0.remove("name").is_some() {
                r.said = cx.w().t("app-delete-not-the-name").to_owned();
            }
            page(&cx, &id, None, Vec::new(), r).await
        }
    }
}
