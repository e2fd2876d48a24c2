//! App Secrets: two places, sealed, shown to those who prove that it is them.

use super::{must_build, no};
use crate::store::{
    AGE_NEWEST, DROP_ALL_SECRETS, DROP_OVER, END_SECRET, FIND_NEWEST, FIND_SEALED, HOLD_APP, INSERT_SECRET,
    LIST_SECRETS, LIST_SECRETS_SEALED, LIVE_SEALED, RENEW_SECRET, SWEEP_SECRETS, TAKEN_PLACES,
};
use crate::verbs::look::find_app;
use crate::{Answer, Apps, Refusal, SecretLine};
use kernel::{AppId, By, Errors, Failure, Fault, Lang, Problem, Random, SecretId, SecretText, Time};
use people::{News, Seat, Sudo};
use serde_json::json;
use store::{House, Look, audit, params};

const SEALED_FOR: &str = "app-secret";
const LENGTH: usize = 40;
/// The longest that an old secret goes on beside the new one.
pub const OVERLAP_HOURS_MAX: u32 = 720;

pub(super) struct Fresh {
    pub id: SecretId,
    pub secret: SecretText,
    pub sealed: Vec<u8>,
    pub hint: String,
}

/// A new secret: letters and digits, each as likely as any other.
pub(super) fn fresh(h: &House) -> Result<Fresh, Fault> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let random: &dyn Random = &*h.random;
    let mut text = String::with_capacity(LENGTH);
    while text.len() < LENGTH {
        for b in random.array::<32>() {
            // Beyond the last whole round of the alphabet some letters would come more often.
            if b < 248 && text.len() < LENGTH {
                text.push(char::from(LETTERS[usize::from(b) % 62]));
            }
        }
    }
    let id = SecretId::new(h.now(), random);
    let sealed = h.vault.seal(random, SEALED_FOR, &id.to_string(), text.as_bytes())?;
    let hint = text[LENGTH - 4..].to_owned();
    Ok(Fresh { id, secret: SecretText::new(text), sealed, hint })
}

fn opened(h: &House, id: SecretId, sealed: &[u8]) -> Result<SecretText, Fault> {
    let plain = h.vault.open(SEALED_FOR, &id.to_string(), sealed)?;
    let text = String::from_utf8(plain.reveal().to_vec());
    text.map(SecretText::new).map_err(|_| Fault::internal("a secret is no text"))
}

pub async fn list_secrets(apps: &Apps, seat: &Seat, id: AppId) -> Answer<Vec<SecretLine>> {
    let (seat, now) = (seat.clone(), apps.house.now());
    let found = apps.house.db.read(move |l| {
        let app = find_app(l, &seat, id)?;
        Ok(l.all(&LIST_SECRETS, params![app.id, now])?)
    });
    found.await
}

/// Shows a secret again. Who looked stands in the audit.
pub async fn view_secret(
    apps: &Apps,
    by: &By,
    seat: &Seat,
    id: AppId,
    secret: SecretId,
    _sudo: Sudo,
) -> Answer<SecretText> {
    must_build(seat)?;
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    apps.house
        .db
        .write(move |tx| {
            let app = find_app(tx, &seat, id)?;
            let sealed = tx.one::<(Vec<u8>,)>(&FIND_SEALED, params![secret, app.id, h.now()])?;
            let (sealed,) = sealed.ok_or(Failure::Refused(Refusal::NotFound))?;
            let text = opened(&h, secret, &sealed)?;
            let detail = json!({"secret": secret.to_string(), "app_key": app.key});
            audit::record(tx, &h, &by, "app_secret.viewed", id, &detail)?;
            Ok(text)
        })
        .await
}

/// Makes a new secret; the one before goes on for so many hours. With 0 whatever was before ends at once.
pub async fn reset_secret(
    apps: &Apps,
    by: &By,
    seat: &Seat,
    id: AppId,
    hours: u32,
    _sudo: Sudo,
) -> Answer<SecretText> {
    must_build(seat)?;
    if hours > OVERLAP_HOURS_MAX {
        return no(Refusal::Invalid(Errors::one("hours", Problem::TooLarge(OVERLAP_HOURS_MAX))));
    }
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    apps.house
        .db
        .write(move |tx| {
            let now = h.now();
            // First the app's row: of two who reset at once the second waits here, and sees what the first did.
            if !tx.moved(&HOLD_APP, params![id, seat.developer(), now])? {
                return no(Refusal::NotFound);
            }
            let app = find_app(tx, &seat, id)?;
            tx.change(&DROP_OVER, params![id, now])?;
            if hours == 0 {
                tx.change(&DROP_ALL_SECRETS, params![id])?;
            } else {
                let ends = now.plus(i64::from(hours) * Time::HOUR);
                tx.change(&AGE_NEWEST, params![id, ends])?;
            }
            let taken: Vec<(i64,)> = tx.all(&TAKEN_PLACES, params![id])?;
            let Some(place) = [1, 2].into_iter().find(|p| !taken.contains(&(*p,))) else {
                return no(Refusal::TwoSecrets);
            };
            let fresh = fresh(&h)?;
            tx.change(
                &INSERT_SECRET,
                params![id, place, fresh.id, &fresh.sealed, &fresh.hint, seat.account(), now],
            )?;
            let args = |_: Lang| json!({"app": app.name, "app_key": app.key, "hours": hours});
            let path = format!("/console/apps/{id}/credentials");
            let news = News { letter: "app-secret-reset", args: &args, path: &path };
            people::tell_team(tx, &h, seat.developer(), seat.account(), &news)?;
            let detail =
                json!({"secret": fresh.id.to_string(), "app_key": app.key, "old_ends_in_hours": hours});
            audit::record(tx, &h, &by, "app_secret.reset", id, &detail)?;
            Ok(fresh.secret)
        })
        .await
}

/// Ends the old secret before its time. The newest stays: without one nobody could call.
pub async fn end_secret(
    apps: &Apps,
    by: &By,
    seat: &Seat,
    id: AppId,
    secret: SecretId,
    _sudo: Sudo,
) -> Answer<()> {
    must_build(seat)?;
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    apps.house
        .db
        .write(move |tx| {
            if !tx.moved(&HOLD_APP, params![id, seat.developer(), h.now()])? {
                return no(Refusal::NotFound);
            }
            if !tx.moved(&END_SECRET, params![secret, id])? {
                let newest = tx.one::<(SecretId,)>(&FIND_NEWEST, params![id])?;
                let is_newest = newest.is_some_and(|(n,)| n == secret);
                return no(if is_newest { Refusal::LastSecret } else { Refusal::NotFound });
            }
            audit::record(tx, &h, &by, "app_secret.ended", id, &json!({"secret": secret.to_string()}))?;
            Ok(())
        })
        .await
}

/// The secrets by which calls of an app may be signed at this moment, newest first.
pub fn live_secrets(look: &mut Look<'_>, h: &House, key: &str) -> Result<Vec<(SecretId, SecretText)>, Fault> {
    let sealed: Vec<(SecretId, Vec<u8>)> = look.all(&LIVE_SEALED, params![key, h.now()])?;
    sealed.into_iter().map(|(id, s)| Ok((id, opened(h, id, &s)?))).collect()
}

/// Removes secrets whose time is over; says how many.
pub async fn sweep_secrets(apps: &Apps) -> Result<u64, Fault> {
    let now = apps.house.now();
    apps.house.db.write(move |tx| tx.change(&SWEEP_SECRETS, params![now])).await
}

/// Seals every secret anew under the first master key, row by row; says how many.
pub async fn renew_seals(apps: &Apps) -> Result<u64, Fault> {
    let (h, mut renewed, mut after) = (&apps.house, 0, String::new());
    loop {
        let from = after.clone();
        let page: Vec<(SecretId, Vec<u8>)> =
            h.db.read(move |l| l.all(&LIST_SECRETS_SEALED, params![&from])).await?;
        let Some((last, _)) = page.last() else { return Ok(renewed) };
        after = last.to_string();
        for (id, old) in page {
            if let Some(new) = h.vault.renew(&*h.random, SEALED_FOR, &id.to_string(), &old)? {
                renewed += h.db.write(move |tx| tx.change(&RENEW_SECRET, params![id, &old, &new])).await?;
            }
        }
    }
}
