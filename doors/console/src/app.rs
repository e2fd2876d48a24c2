//! One app at a glance: its stage, how it does, what is missing before it goes online; and its moves.

use crate::app_list::{Head, around, figure, id_of, policy_key, step_key};
use crate::seat;
use apps::{App, Criterion, Penalty, Stage, Whole};
use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse;
use kernel::Failure;
use lobby::{Answer, Cx};
use web::{Form, Frame, Page, see_other};

/// A column of the chart: where it stands, how high it is, its class.
pub struct Bar {
    pub x: i64,
    pub y: i64,
    pub height: i64,
    pub class: &'static str,
}

#[derive(Template)]
#[template(path = "app.html")]
struct Overview {
    f: Frame,
    head: Head,
    app: App,
    category: String,
    policy: &'static str,
    strip: String,
    stats: [(&'static str, String, String); 4],
    bars: Vec<Bar>,
    penalties: Vec<Penalty>,
    criteria: Vec<Criterion>,
    listed: usize,
    needs_sellers: bool,
    is_test: bool,
    builds: bool,
}

impl Overview {
    fn step(&self, p: &Penalty) -> &'static str {
        self.f.t(step_key(p.step))
    }
    fn is_met(&self) -> bool {
        self.criteria.iter().all(Criterion::is_met)
    }
}

fn bars(days: &[(i64, i64, i64)], today: i64) -> Vec<Bar> {
    let most = days.iter().map(|(_, calls, _)| *calls).max().unwrap_or(0).max(1);
    let first = today - apps::MEASURED_DAYS + 1;
    (first..=today)
        .zip(0..)
        .map(|(day, place)| {
            let (calls, fine) = days.iter().find(|(d, ..)| *d == day).map_or((0, 0), |(_, c, f)| (*c, *f));
            let height = if calls == 0 { 1 } else { (calls * 30 / most).max(2) };
            let class = match (calls, fine * 100 / calls.max(1)) {
                (0, _) => "b-off",
                (_, 95..) => "",
                (_, 80..) => "b-wait",
                _ => "b-bad",
            };
            Bar { x: place * 8, y: 32 - height, height, class }
        })
        .collect()
}

pub fn in_force(penalties: &[Penalty], now: kernel::Time) -> Vec<Penalty> {
    let live = |p: &&Penalty| p.lifted_at.is_none() && p.until.is_none_or(|t| t > now);
    penalties.iter().filter(live).cloned().collect()
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    let (seat, w) = (seat(&cx)?, cx.w());
    let id = id_of(&id)?;
    let Whole { app, category, measured, days, today, penalties, .. } =
        apps::app_whole(cx.apps(), &seat, id, w.lang).await?;
    let now = cx.apps().house.now();
    let terms = app.stage_terms();
    let needs_sellers = app.terms.policy == apps::Policy::Whitelist;
    let listed = apps::list_sellers_of(cx.apps(), &seat, id).await?.len();
    let n = |n| figure(w.lang, n);
    let success = apps::success(&measured).map_or_else(|| "–".to_owned(), |s| format!("{s}%"));
    let strip = match app.stage {
        Stage::Test => w.t1("app-strip-test", "sellers", n(terms.user_limit)),
        Stage::Online => w.t1("app-strip-online", "sellers", n(app.seats)),
        Stage::Offline => w.t("app-strip-offline").to_owned(),
        Stage::Suspended => w.t("app-strip-suspended").to_owned(),
        Stage::Hibernating | Stage::Deleted => w.t("app-strip-hibernating").to_owned(),
    };
    let (f, head) = around(&cx, &app, "").await?;
    let page = Overview {
        stats: [
            (w.t("app-calls-today"), n(today), w.t1("app-of-limit", "n", n(terms.calls_a_day))),
            (w.t("app-success"), success, w.t("app-fourteen-days").to_owned()),
            (w.t("app-calls"), n(measured.calls), w.t("app-fourteen-days").to_owned()),
            (w.t("app-sellers"), n(app.seats), w.t1("app-of-limit", "n", n(terms.user_limit))),
        ],
        bars: bars(&days, apps::quota_day(now)),
        policy: w.t(policy_key(app.terms.policy)),
        penalties: in_force(&penalties, now),
        criteria: apps::criteria(&app, &app.terms.go_online, &measured),
        is_test: app.stage == Stage::Test,
        builds: seat.role().builds(),
        f,
        head,
        category,
        strip,
        listed,
        needs_sellers,
        app,
    };
    Ok(Page(page).into_response())
}

/// Offline, back online, or awake again.
pub async fn move_stage(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (seat, id) = (seat(&cx)?, id_of(&id)?);
    let said = match form.get("to") {
        "wake" => {
            apps::wake(cx.apps(), cx.by(), &seat, id).await?;
            "app-woken"
        }
        "offline" => {
            apps::move_stage(cx.apps(), cx.by(), &seat, id, Stage::Offline).await?;
            "app-offline"
        }
        "online" => {
            apps::move_stage(cx.apps(), cx.by(), &seat, id, Stage::Online).await?;
            "app-online"
        }
        _ => return Err(Failure::Refused(apps::Refusal::WrongStage).into()),
    };
    cx.ring();
    Ok(see_other(&format!("/console/apps/{id}?said={said}")))
}
