//! Settings: a draft that nobody sees but the team, then a release.

use super::{must_build, no};
use crate::app_name::look_alike_key;
use crate::ip::IpRules;
use crate::store::{INSERT_RELEASE, RELEASE, SET_DRAFT, SET_IP_RULES, as_json};
use crate::verbs::look::find_app;
use crate::{Answer, Apps, Refusal, Settings};
use kernel::{AppId, By, Errors, Failure, FaultKind, FileId, Problem};
use people::Seat;
use serde_json::json;
use std::net::IpAddr;
use store::{Tx, audit, params};

/// A new logo is held from now on. What other releases show stays kept: a release can be looked at later.
pub(super) fn hold_logo(
    tx: &mut Tx<'_>,
    seat: &Seat,
    before: Option<FileId>,
    now: Option<FileId>,
) -> Answer<()> {
    let Some(id) = now.filter(|id| Some(*id) != before) else { return Ok(()) };
    let picture = files::keep(tx, seat.developer(), id)?;
    match picture.map(|f| f.media) {
        Some(files::Media::Png | files::Media::Jpeg) => Ok(()),
        _ => no(Refusal::Invalid(Errors::one("logo", Problem::BadFile))),
    }
}

/// Keeps a draft of the next release. It may not be shown to sellers before it is released.
pub async fn save_draft(
    apps: &Apps,
    by: &By,
    seat: &Seat,
    id: AppId,
    shown_release: i64,
    settings: Settings,
) -> Answer<()> {
    must_build(seat)?;
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    apps.house
        .db
        .write(move |tx| {
            let app = find_app(tx, &seat, id)?;
            let kept = app.draft.as_ref().and_then(Settings::logo_id).or_else(|| app.settings.logo_id());
            hold_logo(tx, &seat, kept, settings.logo_id())?;
            // A draft like what is released is none.
            let draft = (settings != app.settings).then(|| as_json(&settings)).transpose()?;
            if !tx.moved(&SET_DRAFT, params![id, seat.developer(), draft, h.now(), shown_release])? {
                return no(Refusal::Changed);
            }
            let fields: Vec<&str> = app.settings.difference(&settings).into_iter().map(|(f, ..)| f).collect();
            audit::record(tx, &h, &by, "app.drafted", id, &json!({"differs": fields}))?;
            Ok(())
        })
        .await
}

pub async fn drop_draft(apps: &Apps, by: &By, seat: &Seat, id: AppId, shown_release: i64) -> Answer<()> {
    must_build(seat)?;
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    apps.house
        .db
        .write(move |tx| {
            let none = Option::<&str>::None;
            if !tx.moved(&SET_DRAFT, params![id, seat.developer(), none, h.now(), shown_release])? {
                find_app(tx, &seat, id)?;
                return no(Refusal::Changed);
            }
            audit::record(tx, &h, &by, "app.draft_dropped", id, &json!({}))?;
            Ok(())
        })
        .await
}

/// Makes the draft what sellers see and what addresses are compared with.
pub async fn release(apps: &Apps, by: &By, seat: &Seat, id: AppId, shown_release: i64) -> Answer<i64> {
    must_build(seat)?;
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    let name_taken = || Failure::Refused(Refusal::Invalid(Errors::one("name", Problem::NameTaken)));
    let released = apps
        .house
        .db
        .write(move |tx| {
            let app = find_app(tx, &seat, id)?;
            let Some(draft) = app.draft.clone() else { return no(Refusal::NothingToRelease) };
            let (text, key) = (as_json(&draft)?, look_alike_key(&draft.name));
            let moved = tx.moved(
                &RELEASE,
                params![
                    id,
                    seat.developer(),
                    &draft.name,
                    &key,
                    &text,
                    draft.logo.as_deref(),
                    h.now(),
                    shown_release,
                    &text
                ],
            )?;
            if !moved {
                let there = tx.one::<(AppId,)>(&crate::store::FIND_APP_BY_NAME, params![&key])?;
                return match there {
                    Some((other,)) if other != id => Err(name_taken()),
                    _ => no(Refusal::Changed),
                };
            }
            let n = shown_release + 1;
            tx.change(&INSERT_RELEASE, params![id, n, &text, seat.account(), h.now()])?;
            let changes: Vec<_> = app.settings.difference(&draft);
            let detail = json!({"release": n, "changes": changes});
            audit::record(tx, &h, &by, "app.released", id, &detail)?;
            Ok(n)
        })
        .await;
    match released {
        // Another app took the name in the same moment.
        Err(Failure::Fault(f)) if f.kind == FaultKind::Constraint => Err(name_taken()),
        other => other,
    }
}

/// From which addresses the app may call. Whoever would be kept out by them is asked once more.
pub async fn set_ip_rules(
    apps: &Apps,
    by: &By,
    seat: &Seat,
    id: AppId,
    typed: &str,
    from: Option<IpAddr>,
    anyway: bool,
) -> Answer<()> {
    must_build(seat)?;
    let rules = match IpRules::parse(typed) {
        Ok(rules) if rules.len() > crate::ip::IP_RULES_MAX as usize => {
            return no(Refusal::Invalid(Errors::one("rules", Problem::TooMany(crate::ip::IP_RULES_MAX))));
        }
        Ok(rules) => rules,
        Err(bad) => {
            let problem = Problem::BadLines(u32::try_from(bad.len()).unwrap_or(u32::MAX));
            return no(Refusal::BadLines(Errors::one("rules", problem), bad));
        }
    };
    if !anyway && from.is_some_and(|a| !rules.admits(a)) {
        return no(Refusal::LocksOut);
    }
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    apps.house
        .db
        .write(move |tx| {
            let text = rules.text();
            if !tx.moved(&SET_IP_RULES, params![id, seat.developer(), &text, h.now()])? {
                return no(Refusal::NotFound);
            }
            audit::record(tx, &h, &by, "app.addresses_set", id, &json!({"rules": text}))?;
            Ok(())
        })
        .await
}
