//! The second factor: an authenticator's codes, and recovery codes for the day it is lost.

use super::no;
use crate::rules::{RECOVERY_CODES, Refusal};
use crate::store::{
    CONFIRM_TOTP, COUNT_RECOVERY, Credentials, DELETE_RECOVERY, FIND_BY_ID, HOLD_TOTP, INSERT_RECOVERY,
    LIST_SEALED, RENEW_TOTP, START_TOTP, STOP_TOTP, USE_RECOVERY, USE_STEP,
};
use crate::{Answer, People, Session, Sudo};
use kernel::{AccountId, By, Errors, Failure, Fault, Problem, Random, TokenHash, sha256};
use serde_json::json;
use store::{House, Tx, audit, outbox, params};

const SEALED_FOR: &str = "totp";

fn totp(secret: &[u8]) -> totp_rs::Totp {
    totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(1)
        .with_secret(secret.to_vec())
        .build_noncompliant()
}

/// The step of a right code. The clock comes from the house; codes of the steps beside are taken too.
fn step_of(secret: &[u8], code: &str, now: kernel::Time) -> Option<i64> {
    let seconds = u64::try_from(now.seconds()).unwrap_or(0);
    let step = totp(secret).check(code, seconds)?;
    i64::try_from(step).ok()
}

/// Recovery codes are typed by hand: case and dashes do not matter.
fn recovery_hash(code: &str) -> TokenHash {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    TokenHash(sha256(format!("recovery {plain}").as_bytes()))
}

/// Checks and uses up a code; says which kind it was.
pub(super) fn check(
    tx: &mut Tx<'_>,
    h: &House,
    c: &Credentials,
    code: &str,
) -> Result<Option<&'static str>, Fault> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).take(64).collect();
    if code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()) {
        let Some(sealed) = &c.totp else { return Ok(None) };
        let secret = h.vault.open(SEALED_FOR, &c.id.to_string(), sealed)?;
        let Some(step) = step_of(secret.reveal(), &code, h.now()) else { return Ok(None) };
        // A step below the last one was used already, whoever used it.
        return Ok(tx.moved(&USE_STEP, params![c.id, step, sealed])?.then_some("authenticator"));
    }
    let used = tx.moved(&USE_RECOVERY, params![c.id, recovery_hash(&code), h.now()])?;
    Ok(used.then_some("recovery code"))
}

/// What the page shows while an authenticator is being added.
pub struct TotpStart {
    pub secret: String,
    pub uri: String,
}

/// Makes a secret for an authenticator; it counts only once a code proved it.
pub async fn start_totp(people: &People, session: &Session, _sudo: Sudo) -> Answer<()> {
    let (h, id) = (people.house.clone(), session.account.id);
    people
        .house
        .db
        .write(move |tx| {
            let sealed = h.vault.seal(&*h.random, SEALED_FOR, &id.to_string(), &h.random.array::<20>())?;
            if tx.moved(&START_TOTP, params![id, &sealed])? { Ok(()) } else { no(Refusal::WrongState) }
        })
        .await
}

/// The secret that waits for its first code, for its owner's page alone.
pub async fn pending_totp(
    people: &People,
    session: &Session,
    issuer: &str,
    _sudo: Sudo,
) -> Answer<Option<TotpStart>> {
    let id = session.account.id;
    let c: Option<Credentials> =
        people.house.db.read(move |l| l.one(&FIND_BY_ID, params![id])).await.map_err(fault)?;
    let Some((Some(sealed), None)) = c.map(|c| (c.totp, c.totp_since)) else { return Ok(None) };
    let secret = people.house.vault.open(SEALED_FOR, &id.to_string(), &sealed)?;
    let text = totp_rs::Secret::from(secret.reveal().to_vec()).to_base32();
    let encode = |s: &str| {
        s.bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                    (b as char).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect::<String>()
    };
    let (issuer, email) = (encode(issuer), encode(&session.account.email));
    let uri = format!("otpauth://totp/{issuer}:{email}?secret={text}&issuer={issuer}");
    Ok(Some(TotpStart { secret: text, uri }))
}

fn fault(f: Fault) -> Failure<Refusal> {
    Failure::Fault(f)
}

fn fresh_codes(tx: &mut Tx<'_>, h: &House, account: kernel::AccountId) -> Result<Vec<String>, Fault> {
    const DIGITS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567892";
    tx.change(&DELETE_RECOVERY, params![account])?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let bytes: [u8; 16] = (&*h.random as &dyn Random).array();
        let digits: String = bytes.iter().map(|b| DIGITS[usize::from(b & 31)] as char).collect();
        let code = format!("{}-{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..12], &digits[12..]);
        tx.change(&INSERT_RECOVERY, params![account, recovery_hash(&code)])?;
        codes.push(code);
    }
    Ok(codes)
}

/// The first code proves the authenticator. Gives the recovery codes, once.
pub async fn confirm_totp(
    people: &People,
    by: &By,
    session: &Session,
    code: &str,
    _sudo: Sudo,
) -> Answer<Vec<String>> {
    let (h, by, account, code) =
        (people.house.clone(), by.with(session.account.id), session.account.clone(), code.trim().to_owned());
    people
        .house
        .db
        .write(move |tx| {
            let c: Credentials =
                tx.one(&FIND_BY_ID, params![account.id])?.ok_or(Failure::Refused(Refusal::NotFound))?;
            let Some(sealed) = &c.totp else { return no(Refusal::WrongState) };
            let secret = h.vault.open(SEALED_FOR, &c.id.to_string(), sealed)?;
            let Some(step) = step_of(secret.reveal(), &code, h.now()) else {
                return no(Refusal::Invalid(Errors::one("code", Problem::WrongCode)));
            };
            if !tx.moved(&CONFIRM_TOTP, params![c.id, h.now(), step, sealed])? {
                return no(Refusal::WrongState);
            }
            let codes = fresh_codes(tx, &h, c.id)?;
            outbox::post_letter(
                tx,
                &h,
                &c.email,
                c.lang,
                "second-factor-on",
                &json!({"name": c.name, "path": "/account/security"}),
            )?;
            audit::record(tx, &h, &by, "second_factor.started", c.id, &json!({}))?;
            Ok(codes)
        })
        .await
}

pub async fn stop_totp(people: &People, by: &By, session: &Session, _sudo: Sudo) -> Answer<()> {
    let (h, by, account) = (people.house.clone(), by.with(session.account.id), session.account.clone());
    people
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&STOP_TOTP, params![account.id])? {
                return no(Refusal::WrongState);
            }
            tx.change(&DELETE_RECOVERY, params![account.id])?;
            outbox::post_letter(
                tx,
                &h,
                &account.email,
                account.lang,
                "second-factor-off",
                &json!({"name": account.name, "path": "/account/security"}),
            )?;
            audit::record(tx, &h, &by, "second_factor.stopped", account.id, &json!({}))?;
            Ok(())
        })
        .await
}

/// New recovery codes; the old ones die.
pub async fn renew_recovery_codes(
    people: &People,
    by: &By,
    session: &Session,
    _sudo: Sudo,
) -> Answer<Vec<String>> {
    let (h, by, account) = (people.house.clone(), by.with(session.account.id), session.account.clone());
    people
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&HOLD_TOTP, params![account.id])? {
                return no(Refusal::WrongState);
            }
            let codes = fresh_codes(tx, &h, account.id)?;
            audit::record(tx, &h, &by, "recovery_codes.renewed", account.id, &json!({}))?;
            Ok(codes)
        })
        .await
}

pub async fn recovery_codes_left(people: &People, session: &Session) -> Answer<i64> {
    let id = session.account.id;
    let n =
        people.house.db.read(move |l| l.one::<(i64,)>(&COUNT_RECOVERY, params![id])).await.map_err(fault)?;
    Ok(n.unwrap_or_default().0)
}

/// Seals every authenticator's secret anew under the first master key, row by row; says how many.
pub async fn renew_seals(people: &People) -> Result<u64, Fault> {
    let (h, mut renewed, mut after) = (&people.house, 0, String::new());
    loop {
        let from = after.clone();
        let page: Vec<(AccountId, Vec<u8>)> = h.db.read(move |l| l.all(&LIST_SEALED, params![&from])).await?;
        let Some((last, _)) = page.last() else { return Ok(renewed) };
        after = last.to_string();
        for (id, old) in page {
            if let Some(new) = h.vault.renew(&*h.random, SEALED_FOR, &id.to_string(), &old)? {
                renewed += h.db.write(move |tx| tx.change(&RENEW_TOTP, params![id, &old, &new])).await?;
            }
        }
    }
}
