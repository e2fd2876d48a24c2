//! What an app may call, what it may ask for; its limits; the way online.

use crate::app_list::{Head, around, figure, id_of};
use crate::seat;
use apps::{App, Criterion, GroupLine, Limit, Stage, Whole};
use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse;
use kernel::Lang;
use lobby::{Answer, Cx};
use review::{Kind, RequestLine, State};
use web::{Frame, Page};

/// Where a Request stands: its page, class, icon and word.
pub struct Asked {
    pub href: String,
    pub badge: (&'static str, &'static str, &'static str),
    pub is_open: bool,
}

fn asked(cx: &Cx, requests: &[RequestLine], kind: Kind, about: &str) -> Option<Asked> {
    let r = requests.iter().find(|r| r.kind == kind && r.about == about)?;
    let (class, icon, word) = match r.state {
        State::Draft => ("", "file", "app-asked-draft"),
        State::Pending => ("badge-wait", "clock", "app-asked-pending"),
        State::NeedsChanges => ("badge-info", "edit", "app-asked-needs-changes"),
        State::Approved => ("badge-ok", "check", "app-asked-approved"),
        State::Rejected => ("badge-bad", "x", "app-asked-rejected"),
        State::Withdrawn => return None,
    };
    let (href, badge) = (format!("/console/requests/{}", r.id), (class, icon, cx.w().t(word)));
    Some(Asked { href, badge, is_open: r.state.is_open() })
}

#[derive(Template)]
#[template(path = "app_permissions.html")]
struct Permissions {
    f: Frame,
    head: Head,
    active: Vec<GroupLine>,
    inactive: Vec<(GroupLine, Option<Asked>)>,
    builds: bool,
}

impl Permissions {
    fn waits(&self, asked: &Option<Asked>) -> bool {
        asked.as_ref().is_some_and(|a| a.is_open)
    }
    fn many(&self, methods: &[apps::Method]) -> i64 {
        methods.len() as i64
    }
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    let (seat, w) = (seat(&cx)?, cx.w());
    let app = apps::app(cx.apps(), &seat, id_of(&id)?).await?;
    let groups = apps::list_app_groups(cx.apps(), &seat, app.id, w.lang).await?;
    let requests = review::list_of_app(cx.review(), &seat, app.id).await?;
    let (active, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(|g| g.since.is_some());
    let inactive = others.into_iter().map(|g| {
        let asked = asked(&cx, &requests, Kind::Group, &format!("{}/{}", app.id, g.id));
        (g, asked)
    });
    let inactive = inactive.collect();
    let (f, head) = around(&cx, &app, "/permissions").await?;
    let builds = seat.role().builds();
    Ok(Page(Permissions { f, head, active, inactive, builds }).into_response())
}

/// A limit as its page shows it.
pub struct LimitLine {
    pub word: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub used: Option<i64>,
    pub used_words: String,
    pub most: i64,
    pub most_words: String,
    pub warn_at: i64,
    pub full_at: i64,
    pub is_raised: bool,
}

#[derive(Template)]
#[template(path = "app_limits.html")]
struct Limits {
    f: Frame,
    head: Head,
    limits: Vec<LimitLine>,
    asked: Option<Asked>,
    may_ask: bool,
    is_test: bool,
}

impl Limits {
    fn waits(&self) -> bool {
        self.asked.as_ref().is_some_and(|a| a.is_open)
    }
}

fn line(
    lang: Lang,
    app: &App,
    limit: Limit,
    words: (&'static str, &'static str),
    used: Option<i64>,
) -> LimitLine {
    let most = app.limit(limit);
    let raised = match limit {
        Limit::Sellers => app.raised.user_limit,
        Limit::CallsADay => app.raised.calls_a_day,
        Limit::MethodQps => app.raised.method_qps,
    };
    LimitLine {
        word: limit.word(),
        label: words.0,
        hint: words.1,
        used,
        used_words: figure(lang, used.unwrap_or_default()),
        most,
        most_words: figure(lang, most),
        warn_at: most * 7 / 10,
        full_at: most * 95 / 100,
        is_raised: raised > 0 && raised == most,
    }
}

pub async fn show_limits(cx: Cx, Path(id): Path<String>) -> Answer {
    let (seat, w) = (seat(&cx)?, cx.w());
    let Whole { app, today, .. } = apps::app_whole(cx.apps(), &seat, id_of(&id)?, w.lang).await?;
    let requests = review::list_of_app(cx.review(), &seat, app.id).await?;
    let calls = (w.t("app-limit-calls"), w.t("app-limit-calls-hint"));
    let sellers = (w.t("app-limit-sellers"), w.t("app-limit-sellers-hint"));
    let method = (w.t("app-limit-method"), w.t("app-limit-method-hint"));
    let (f, head) = around(&cx, &app, "/limits").await?;
    let page = Limits {
        limits: vec![
            line(w.lang, &app, Limit::CallsADay, calls, Some(today)),
            line(w.lang, &app, Limit::Sellers, sellers, Some(app.seats)),
            line(w.lang, &app, Limit::MethodQps, method, None),
        ],
        asked: asked(&cx, &requests, Kind::Limit, &app.id.to_string()),
        may_ask: seat.role().builds() && app.stage == Stage::Online,
        is_test: app.stage == Stage::Test,
        f,
        head,
    };
    Ok(Page(page).into_response())
}

#[derive(Template)]
#[template(path = "app_live.html")]
struct Live {
    f: Frame,
    head: Head,
    criteria: Vec<(bool, String, String, Option<&'static str>)>,
    all_met: bool,
    asked: Option<Asked>,
    is_test: bool,
    builds: bool,
}

impl Live {
    fn waits(&self) -> bool {
        self.asked.as_ref().is_some_and(|a| a.is_open)
    }
}

/// A criterion in words: what is wanted, what there is, and where it can be met.
fn told(cx: &Cx, c: &Criterion) -> (bool, String, String, Option<&'static str>) {
    let w = cx.w();
    let n = |n: &i64| figure(w.lang, *n);
    let (wanted, have, cure) = match c {
        Criterion::Calls { wanted, have } => {
            (w.t1("app-wants-calls", "n", n(wanted)), w.t1("app-has-calls", "n", n(have)), None)
        }
        Criterion::Success { wanted, have } => {
            let have =
                have.map_or_else(|| w.t("app-no-calls").to_owned(), |h| w.tn("app-has-success", "n", h));
            (w.tn("app-wants-success", "n", *wanted), have, None)
        }
        Criterion::Company { have } => {
            let word = if *have { "app-company-verified" } else { "app-company-missing" };
            (w.t("app-wants-company").to_owned(), w.t(word).to_owned(), Some("/console/company"))
        }
        Criterion::Callback { have } => {
            let word = if *have { "app-callback-there" } else { "app-callback-missing" };
            (w.t("app-wants-callback").to_owned(), w.t(word).to_owned(), None)
        }
        Criterion::Report => (w.t("app-wants-report").to_owned(), w.t("app-report-hint").to_owned(), None),
    };
    (c.is_met(), wanted, have, cure)
}

pub async fn show_live(cx: Cx, Path(id): Path<String>) -> Answer {
    let (seat, w) = (seat(&cx)?, cx.w());
    let Whole { app, measured, .. } = apps::app_whole(cx.apps(), &seat, id_of(&id)?, w.lang).await?;
    let requests = review::list_of_app(cx.review(), &seat, app.id).await?;
    let criteria = apps::criteria(&app, &app.terms.go_online, &measured);
    let (f, head) = around(&cx, &app, "/live").await?;
    let page = Live {
        all_met: criteria.iter().all(Criterion::is_met),
        criteria: criteria.iter().map(|c| told(&cx, c)).collect(),
        asked: asked(&cx, &requests, Kind::Online, &app.id.to_string()),
        is_test: app.stage == Stage::Test,
        builds: seat.role().builds(),
        f,
        head,
    };
    Ok(Page(page).into_response())
}
