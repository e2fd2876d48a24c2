//! All apps, and the penalty ladder of each.

use crate::frame;
use ::apps::{App, AppLine, Penalty, Stage, Step, Whole};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{AppId, Errors, PenaltyId, Problem, text};
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::{OnStaff, StaffRole};
use web::{Choice, Field, Form, Frame, Page, Summary, Trouble, see_other};

/// Class, icon and message of a stage's badge.
fn stage_look(stage: Stage) -> (&'static str, &'static str, &'static str) {
    match stage {
        Stage::Test => ("badge-wait", "code", "app-stage-test"),
        Stage::Online => ("badge-ok", "check-circle", "app-stage-online"),
        Stage::Offline => ("badge-off", "minus", "app-stage-offline"),
        Stage::Suspended => ("badge-bad", "lock", "app-stage-suspended"),
        Stage::Hibernating => ("badge-info", "moon", "app-stage-hibernating"),
        Stage::Deleted => ("badge-off", "trash", "app-stage-deleted"),
    }
}

fn step_keys(step: Step) -> (&'static str, &'static str) {
    match step {
        Step::Warning => ("app-step-warning", "app-step-warning-hint"),
        Step::NoNewGrants => ("app-step-no-new-grants", "app-step-no-new-grants-hint"),
        Step::Limited => ("app-step-limited", "app-step-limited-hint"),
        Step::Stopped => ("app-step-stopped", "app-step-stopped-hint"),
        Step::Offline => ("app-step-offline", "app-step-offline-hint"),
    }
}

fn not_there() -> Stop {
    Trouble::new(StatusCode::NOT_FOUND, "not-found").into()
}

fn staff(cx: &Cx) -> Result<OnStaff, Stop> {
    Ok(cx.session()?.on_staff(StaffRole::Support)?)
}

#[derive(Template)]
#[template(path = "desk_apps.html")]
struct List {
    f: Frame,
    q: String,
    stage: String,
    stages: Vec<Choice>,
    lines: Vec<AppLine>,
    next: Option<String>,
}

impl List {
    fn badge(&self, stage: &Stage) -> (&'static str, &'static str, &'static str) {
        let (class, icon, word) = stage_look(*stage);
        (class, icon, self.f.t(word))
    }
    fn is_chosen(&self, choice: &Choice) -> bool {
        choice.value == self.stage
    }
}

pub async fn show(cx: Cx) -> Answer {
    let (staff, w) = (staff(&cx)?, cx.w());
    let house = &cx.apps().house;
    let q: String = cx.query("q").chars().take(60).collect();
    let stage = Stage::from_word(cx.query("stage")).filter(|s| *s != Stage::Deleted);
    let word = stage.map_or("", Stage::word);
    let list = format!("desk apps {word}");
    let after = house.read_cursor(&list, cx.query("after")).and_then(|p| p.parse().ok());
    let mut lines = ::apps::list_all_apps(cx.apps(), &staff, &q, stage, after, w.lang).await?;
    let more = lines.len() > ::apps::APPS_PAGE && q.is_empty();
    lines.truncate(::apps::APPS_PAGE);
    let next = more.then(|| lines.last().map(|l| house.cursor(&list, &l.id.to_string()))).flatten();
    let stages = Stage::ALL.iter().filter(|s| **s != Stage::Deleted);
    let page = List {
        f: frame(&cx, "nav-desk-apps", "/desk/apps"),
        stages: stages.map(|s| Choice::new(s.word(), w.t(stage_look(*s).2))).collect(),
        stage: word.to_owned(),
        q,
        lines,
        next,
    };
    Ok(Page(page).into_response())
}

#[derive(Template)]
#[template(path = "desk_app.html")]
struct One {
    f: Frame,
    summary: Summary,
    app: App,
    badge: (&'static str, &'static str, &'static str),
    category: String,
    developer: String,
    company: Option<String>,
    today: i64,
    penalties: Vec<(Penalty, bool)>,
    step: Field,
    reason: Field,
    days: Field,
}

impl One {
    fn step_name(&self, p: &Penalty) -> &'static str {
        self.f.t(step_keys(p.step).0)
    }
}

async fn page(cx: &Cx, id: &str, form: Option<&Form>, r: Retry) -> Answer {
    let (staff, w) = (staff(cx)?, cx.w());
    let id: AppId = id.parse().map_err(|_| not_there())?;
    let Whole { app, category, developer, company, today, penalties, .. } =
        ::apps::any_app_whole(cx.apps(), &staff, id, w.lang).await?;
    let steps =
        Step::ALL.iter().map(|s| Choice::new(s.word(), w.t(step_keys(*s).0)).hint(w.t(step_keys(*s).1)));
    let typed = |name| form.map_or("", |f| f.get(name));
    let step =
        Field::cards(w, "step", "app-penalty-step", steps.collect()).value(typed("step")).error(w, &r.errors);
    let reason = Field::area(w, "reason", "app-penalty-reason")
        .hint(w.t("app-penalty-reason-hint"))
        .max(::apps::REASON_MAX)
        .value(typed("reason"))
        .error(w, &r.errors);
    let days = Field::number(w, "days", "app-penalty-days")
        .hint(w.t("app-penalty-days-hint"))
        .max(3)
        .optional()
        .value(typed("days"))
        .error(w, &r.errors);
    let now = cx.apps().house.now();
    let (class, icon, word) = stage_look(app.stage);
    let mut f = frame(cx, "nav-desk-apps", "/desk/apps").crumb("/desk/apps", w.t("nav-desk-apps"));
    f.title = app.name.clone();
    let live = |p: &Penalty| p.lifted_at.is_none() && p.until.is_none_or(|t| t > now);
    let page = One {
        f,
        summary: if r.said.is_empty() {
            Summary::new(w, &[&step, &reason, &days])
        } else {
            Summary::said(r.said)
        },
        badge: (class, icon, w.t(word)),
        penalties: penalties
            .into_iter()
            .map(|p| {
                let l = live(&p);
                (p, l)
            })
            .collect(),
        app,
        category,
        developer,
        company,
        today,
        step,
        reason,
        days,
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show_one(cx: Cx, Path(id): Path<String>) -> Answer {
    page(&cx, &id, None, Retry::default()).await
}

pub async fn penalise(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let app: AppId = id.parse().map_err(|_| not_there())?;
    let sudo = cx.sudo(&format!("/desk/apps/{app}"))?;
    let mut errors = Errors::default();
    let step = errors.take("step", Step::from_word(form.get("step")).ok_or(Problem::NotOneOfThese));
    let days = match form.get("days").trim() {
        "" => Some(None),
        typed => errors.take("days", text::number(typed, 1, ::apps::PENALTY_DAYS_MAX)).map(Some),
    };
    let (Some(step), Some(days)) = (step, days) else {
        return page(&cx, &id, Some(&form), Retry::fields(errors)).await;
    };
    let done = ::apps::penalise(cx.apps(), cx.by(), &staff, app, step, form.get("reason"), days, sudo).await;
    match done {
        Ok(()) => {
            cx.ring();
            Ok(see_other(&format!("/desk/apps/{app}?said=penalty-taken")))
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, &id, Some(&form), r).await
        }
    }
}

pub async fn lift(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let app: AppId = id.parse().map_err(|_| not_there())?;
    let sudo = cx.sudo(&format!("/desk/apps/{app}"))?;
    let which: PenaltyId = form.get("penalty").parse().map_err(|_| not_there())?;
    ::apps::lift_penalty(cx.apps(), cx.by(), &staff, app, which, sudo).await?;
    cx.ring();
    Ok(see_other(&format!("/desk/apps/{app}?said=penalty-lifted")))
}
