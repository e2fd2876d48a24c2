//! The penalty ladder, taken and lifted by staff.

use super::no;
use crate::stage::comes_back_to;
use crate::store::{HARDEN, INSERT_PENALTY, LIFT_OVER, LIFT_PENALTY, RESTORE, SUSPEND};
use crate::verbs::look::any_app;
use crate::{Answer, App, Apps, Refusal, Stage, Step};
use kernel::{AppId, By, Errors, Failure, Fault, Lang, PenaltyId, Problem, Time, text};
use people::{News, OnStaff, Sudo};
use serde_json::json;
use store::{House, Tx, audit, params};

pub const REASON_MAX: u32 = 1_000;
pub const PENALTY_DAYS_MAX: u32 = 365;

fn tell(tx: &mut Tx<'_>, h: &House, app: &App, step: Step, reason: &str) -> Result<(), Fault> {
    let letter = if step.suspends() { "app-suspended" } else { "app-penalty" };
    let args = |_: Lang| json!({"app": app.name, "step": step.word(), "reason": reason});
    let path = format!("/console/apps/{}", app.id);
    let news = News { letter, args: &args, path: &path };
    people::tell_team(tx, h, app.developer, app.made_by, &news)
}

/// Takes a step. `days` is how long it lasts; without it, until somebody lifts it.
#[allow(clippy::too_many_arguments, reason = "what is decided, and by whom")]
pub async fn penalise(
    apps: &Apps,
    by: &By,
    staff: &OnStaff,
    id: AppId,
    step: Step,
    reason: &str,
    days: Option<u32>,
    _sudo: Sudo,
) -> Answer<()> {
    let mut errors = Errors::default();
    let reason = errors.take("reason", text::prose(reason, 1, REASON_MAX));
    if days.is_some_and(|d| d == 0 || d > PENALTY_DAYS_MAX) {
        errors.add("days", Problem::TooLarge(PENALTY_DAYS_MAX));
    }
    let Some(reason) = reason.filter(|_| errors.is_empty()) else { return no(errors.into()) };
    let (h, by, who) = (apps.house.clone(), by.with(staff.account()), staff.account());
    apps.house
        .db
        .write(move |tx| {
            let app = any_app(tx, id)?;
            let now = h.now();
            let until = days.map(|d| now.plus_days(i64::from(d)));
            let penalty = PenaltyId::new(now, &*h.random);
            if !tx.moved(&INSERT_PENALTY, params![penalty, id, step, &reason, until, now, who])? {
                return no(Refusal::PenaltyThere);
            }
            if step.suspends() {
                let online_back_to = comes_back_to(step, Stage::Online);
                if !tx.moved(&SUSPEND, params![id, now, online_back_to])? && step == Step::Offline {
                    tx.change(&HARDEN, params![id, now])?;
                }
            }
            tell(tx, &h, &app, step, &reason)?;
            let detail = json!({"step": step.word(), "until": until.map(|t| t.0), "reason": reason, "app_key": app.key});
            audit::record(tx, &h, &by, "app.penalised", id, &detail)?;
            Ok(())
        })
        .await
}

/// Lifts a step before its time. The app comes back when no step that suspends is left.
pub async fn lift_penalty(
    apps: &Apps,
    by: &By,
    staff: &OnStaff,
    id: AppId,
    penalty: PenaltyId,
    _sudo: Sudo,
) -> Answer<()> {
    let (h, by, who) = (apps.house.clone(), by.with(staff.account()), staff.account());
    apps.house
        .db
        .write(move |tx| {
            let app = any_app(tx, id)?;
            let lifted = tx.changed::<(Step,)>(&LIFT_PENALTY, params![penalty, id, h.now(), who])?;
            let (step,) = lifted.ok_or(Failure::Refused(Refusal::Changed))?;
            let back = step.suspends() && tx.moved(&RESTORE, params![id, h.now()])?;
            let args = |_: Lang| json!({"app": app.name, "step": step.word()});
            let path = format!("/console/apps/{id}");
            let news = News { letter: "app-penalty-lifted", args: &args, path: &path };
            people::tell_team(tx, &h, app.developer, app.made_by, &news)?;
            let detail = json!({"step": step.word(), "restored": back});
            audit::record(tx, &h, &by, "app.penalty_lifted", id, &detail)?;
            Ok(())
        })
        .await
}

/// Lifts steps whose time is over, a bounded number at a time; says how many.
pub async fn lift_over(apps: &Apps) -> Result<u64, Fault> {
    let h = apps.house.clone();
    apps.house
        .db
        .write(move |tx| {
            let now = h.now();
            let over: Vec<(AppId, Step)> = tx.changed_all(&LIFT_OVER, params![now])?;
            for (id, step) in &over {
                if step.suspends() {
                    tx.change(&RESTORE, params![*id, now])?;
                }
                let by = By::house("penalties");
                audit::record(tx, &h, &by, "app.penalty_over", *id, &json!({"step": step.word()}))?;
            }
            Ok(over.len() as u64)
        })
        .await
}

/// What the steps in force mean for the gateway and for consent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Bounds {
    pub no_new_grants: bool,
    /// Calls a day at the most, whatever else was granted.
    pub calls_a_day: Option<i64>,
    pub no_calls: bool,
}

pub const LIMITED_CALLS_A_DAY: i64 = 1_000;

pub fn bounds(penalties: &[crate::Penalty], now: Time) -> Bounds {
    let mut b = Bounds::default();
    let in_force = |p: &&crate::Penalty| p.lifted_at.is_none() && p.until.is_none_or(|t| t > now);
    for p in penalties.iter().filter(in_force) {
        match p.step {
            Step::Warning => {}
            Step::NoNewGrants => b.no_new_grants = true,
            Step::Limited => b.calls_a_day = Some(LIMITED_CALLS_A_DAY),
            Step::Stopped | Step::Offline => (b.no_calls, b.no_new_grants) = (true, true),
        }
    }
    b
}
