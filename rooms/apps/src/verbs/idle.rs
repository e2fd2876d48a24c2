//! Apps that nobody uses: their team is warned twice, then they sleep until somebody wakes them.

use crate::Apps;
use crate::stage::{NOTICE_DAYS, SLEEP_DAYS, WARN_DAYS};
use crate::store::{SLEEP_IDLE, WARN_IDLE};
use kernel::{AccountId, AppId, By, DeveloperId, Fault, Lang, Time};
use people::News;
use serde_json::json;
use store::{House, Tx, audit, params};

type Idle = (AppId, DeveloperId, AccountId, String, Time);

fn tell(tx: &mut Tx<'_>, h: &House, letter: &'static str, idle: &[Idle]) -> Result<(), Fault> {
    for (id, developer, maker, name, active_at) in idle {
        let days = h.now().since(*active_at) / Time::DAY;
        let left = (SLEEP_DAYS - days).max(NOTICE_DAYS);
        let args = |_: Lang| match letter {
            "app-idle" => json!({"app": name, "days": days, "left": left}),
            _ => json!({"app": name, "days": days}),
        };
        let path = format!("/console/apps/{id}");
        let news = News { letter, args: &args, path: &path };
        people::tell_team(tx, h, *developer, *maker, &news)?;
        if letter == "app-hibernating" {
            let by = By::house("idle apps");
            audit::record(tx, h, &by, "app.hibernated", *id, &json!({"days": days}))?;
        }
    }
    Ok(())
}

/// One round of the job: those who were warned in time fall asleep, others are warned. A bounded number of
/// each; says how many, and is called again while there are some. Two processes may do it at once.
pub async fn tend_idle(apps: &Apps) -> Result<u64, Fault> {
    let (h, now) = (apps.house.clone(), apps.house.now());
    let slept = apps.house.db.write({
        let h = h.clone();
        move |tx| {
            let (idle, warned) = (now.plus_days(-SLEEP_DAYS), now.plus_days(-NOTICE_DAYS));
            let asleep: Vec<Idle> = tx.changed_all(&SLEEP_IDLE, params![idle, now, warned])?;
            tell(tx, &h, "app-hibernating", &asleep)?;
            Ok::<u64, Fault>(asleep.len() as u64)
        }
    });
    let mut done = slept.await?;
    for (given, days) in (0..).zip(WARN_DAYS) {
        let h = h.clone();
        let warned = apps.house.db.write(move |tx| {
            let (idle, last) = (now.plus_days(-days), now.plus_days(-NOTICE_DAYS));
            let warned: Vec<Idle> = tx.changed_all(&WARN_IDLE, params![idle, now, given, last])?;
            tell(tx, &h, "app-idle", &warned)?;
            Ok::<u64, Fault>(warned.len() as u64)
        });
        done += warned.await?;
    }
    Ok(done)
}
