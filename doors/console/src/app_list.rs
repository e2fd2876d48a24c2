//! The apps of this developer: their list, and what all pages about one share.

use crate::{frame, seat};
use apps::{App, AppLine, Policy, Stage, Step};
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{AppId, Lang};
use lobby::{Answer, Cx, Stop};
use web::{Frame, Page, Trouble, Words};

pub fn not_there() -> Stop {
    Trouble::new(StatusCode::NOT_FOUND, "not-found").into()
}

pub fn id_of(text: &str) -> Result<AppId, Stop> {
    text.parse().map_err(|_| not_there())
}

/// A number with its thousands parted as the reader parts them.
pub fn figure(lang: Lang, n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let (mut out, sep) = (String::new(), if lang == Lang::Es { '.' } else { ',' });
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && (lang != Lang::Es || digits.len() > 4) {
            out.push(sep);
        }
        out.push(d);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// Class, icon and message of a stage's badge.
pub fn stage_look(stage: Stage) -> (&'static str, &'static str, &'static str) {
    match stage {
        Stage::Test => ("badge-wait", "code", "app-stage-test"),
        Stage::Online => ("badge-ok", "check-circle", "app-stage-online"),
        Stage::Offline => ("badge-off", "minus", "app-stage-offline"),
        Stage::Suspended => ("badge-bad", "lock", "app-stage-suspended"),
        Stage::Hibernating => ("badge-info", "moon", "app-stage-hibernating"),
        Stage::Deleted => ("badge-off", "trash", "app-stage-deleted"),
    }
}

pub fn policy_key(policy: Policy) -> &'static str {
    match policy {
        Policy::Whitelist => "app-policy-whitelist",
        Policy::Any => "app-policy-any",
        Policy::Own => "app-policy-own",
    }
}

pub fn step_key(step: Step) -> &'static str {
    match step {
        Step::Warning => "app-step-warning",
        Step::NoNewGrants => "app-step-no-new-grants",
        Step::Limited => "app-step-limited",
        Step::Stopped => "app-step-stopped",
        Step::Offline => "app-step-offline",
    }
}

/// The picture of an app: its logo, or its first letters on a colour that its key gives.
pub struct Picture {
    pub logo: Option<String>,
    pub letters: String,
    pub tone: u8,
}

impl Picture {
    pub fn of(name: &str, key: &str, logo: Option<String>) -> Picture {
        let mut parts = name.split(['.', '_']).filter_map(|p| p.chars().next());
        let (first, next) = (parts.next(), parts.next());
        let second = next.or_else(|| name.chars().skip(1).find(char::is_ascii_uppercase));
        let letters = first.into_iter().chain(second).flat_map(char::to_uppercase).collect();
        let tone = (key.bytes().map(u32::from).sum::<u32>() % 6) as u8;
        Picture { logo: logo.map(|id| format!("/files/{id}")), letters, tone }
    }
}

pub struct AppTab {
    pub href: String,
    pub label: &'static str,
    pub current: bool,
}

/// What stands on top of every page about one app.
pub struct Head {
    pub id: String,
    pub name: String,
    pub key: String,
    pub picture: Picture,
    pub badge: (&'static str, &'static str, &'static str),
    pub tabs: Vec<AppTab>,
}

const TABS: [(&str, &str); 7] = [
    ("", "app-overview"),
    ("/credentials", "app-credentials"),
    ("/authorization", "app-authorization"),
    ("/permissions", "app-permissions"),
    ("/limits", "app-limits"),
    ("/live", "app-live"),
    ("/settings", "app-settings"),
];

impl Head {
    pub fn new(w: &Words, app: &App, here: &str) -> Head {
        let base = format!("/console/apps/{}", app.id);
        let (class, icon, word) = stage_look(app.stage);
        Head {
            id: app.id.to_string(),
            name: app.name.clone(),
            key: app.key.clone(),
            picture: Picture::of(&app.name, &app.key, app.settings.logo.clone()),
            badge: (class, icon, w.t(word)),
            tabs: TABS
                .iter()
                .map(|(end, label)| AppTab {
                    href: format!("{base}{end}"),
                    label: w.t(label),
                    current: *end == here,
                })
                .collect(),
        }
    }
}

/// The frame and the head of a page about one app.
pub async fn around(cx: &Cx, app: &App, here: &'static str) -> Result<(Frame, Head), Stop> {
    let w = cx.w();
    let mut f = frame(cx, "nav-apps", "/console/apps").await?.crumb("/console/apps", w.t("nav-apps"));
    let tab = TABS.iter().find(|(end, _)| *end == here).map_or("nav-apps", |(_, label)| label);
    f.title = if here.is_empty() { app.name.clone() } else { format!("{} · {}", app.name, w.t(tab)) };
    Ok((f, Head::new(w, app, here)))
}

#[derive(Template)]
#[template(path = "apps.html")]
struct List {
    f: Frame,
    lines: Vec<AppLine>,
    next: Option<String>,
    is_first: bool,
    builds: bool,
}

impl List {
    fn badge(&self, line: &AppLine) -> (&'static str, &'static str, &'static str) {
        let (class, icon, word) = stage_look(line.stage);
        (class, icon, self.f.t(word))
    }
    fn picture(&self, line: &AppLine) -> Picture {
        Picture::of(&line.name, &line.key, line.logo.map(|id| id.to_string()))
    }
    fn figure(&self, n: &i64) -> String {
        figure(self.f.w.lang, *n)
    }
}

pub async fn show(cx: Cx) -> Answer {
    let (seat, w) = (seat(&cx)?, cx.w());
    let house = &cx.apps().house;
    let list = format!("apps {}", seat.developer());
    let after = house.read_cursor(&list, cx.query("after")).and_then(|p| p.parse().ok());
    let mut lines = apps::list_apps(cx.apps(), &seat, after, w.lang).await?;
    let more = lines.len() > apps::APPS_PAGE;
    lines.truncate(apps::APPS_PAGE);
    let next = more.then(|| lines.last().map(|l| house.cursor(&list, &l.id.to_string()))).flatten();
    let page = List {
        f: frame(&cx, "nav-apps", "/console/apps").await?,
        lines,
        next,
        is_first: after.is_none(),
        builds: seat.role().builds(),
    };
    Ok(Page(page).into_response())
}
