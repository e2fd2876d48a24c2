//! From stage to stage, by the team's hand; and the Subjects by which the desk moves an app on.

use super::{must_build, must_manage, no};
use crate::stage::{Mover, may_move};
use crate::store::{DELETE_APP, DROP_ALL_SECRETS, MOVE_STAGE, WAKE};
use crate::verbs::look::find_app;
use crate::{Answer, Apps, Refusal, Stage};
use kernel::{AppId, By, Errors, Problem};
use people::{Seat, Sudo};
use serde_json::json;
use store::{audit, params};

/// Takes it offline, or brings it back: no seller can authorize it while it is.
pub async fn move_stage(apps: &Apps, by: &By, seat: &Seat, id: AppId, to: Stage) -> Answer<()> {
    must_build(seat)?;
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    apps.house
        .db
        .write(move |tx| {
            let app = find_app(tx, &seat, id)?;
            if to == Stage::Deleted
                || app.stage == Stage::Hibernating
                || !may_move(app.stage, to, Mover::Team)
            {
                return no(Refusal::WrongStage);
            }
            if !tx.moved(&MOVE_STAGE, params![id, app.stage, to, h.now()])? {
                return no(Refusal::Changed);
            }
            let detail = json!({"from": app.stage.word(), "to": to.word()});
            audit::record(tx, &h, &by, "app.moved", id, &detail)?;
            Ok(())
        })
        .await
}

/// Wakes it up from hibernation: it is again what it was.
pub async fn wake(apps: &Apps, by: &By, seat: &Seat, id: AppId) -> Answer<()> {
    must_build(seat)?;
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    apps.house
        .db
        .write(move |tx| {
            if !tx.moved(&WAKE, params![id, seat.developer(), h.now()])? {
                find_app(tx, &seat, id)?;
                return no(Refusal::WrongStage);
            }
            audit::record(tx, &h, &by, "app.woken", id, &json!({}))?;
            Ok(())
        })
        .await
}

/// Deletes an app that was never Online. Its secrets are gone at once; its approval can make another one.
pub async fn delete_app(
    apps: &Apps,
    by: &By,
    seat: &Seat,
    id: AppId,
    typed_name: &str,
    _sudo: Sudo,
) -> Answer<()> {
    must_manage(seat)?;
    let typed = typed_name.trim().to_owned();
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    apps.house
        .db
        .write(move |tx| {
            let app = find_app(tx, &seat, id)?;
            if app.stage != Stage::Test {
                return no(Refusal::WrongStage);
            }
            if app.name != typed {
                return no(Refusal::Invalid(Errors::one("name", Problem::NotTheSame)));
            }
            if !tx.moved(&DELETE_APP, params![id, seat.developer(), h.now()])? {
                return no(Refusal::Changed);
            }
            tx.change(&DROP_ALL_SECRETS, params![id])?;
            audit::record(tx, &h, &by, "app.deleted", id, &json!({"app_key": app.key, "name": app.name}))?;
            Ok(())
        })
        .await
}
