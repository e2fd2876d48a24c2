//! Signing in: the password, then the second factor where there is one.

use super::{hold, no};
use crate::rules::{
    CODE_MISSES, CODES, HALF_MINUTES, PASSWORD_MAX, Refusal, SESSION_DAYS, SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS,
    SIGN_IN_DEVICE, SUDO, SUDO_MINUTES, network,
};
use crate::store::{
    COMPLETE_SESSION, Credentials, DELETE_SESSION, FIND_BY_EMAIL, FIND_BY_ID, FIND_DEVICE, HOLD_ACCOUNT,
    INSERT_DEVICE, INSERT_SESSION, MISS_SESSION, REPLACE_SESSION, ROTATE_SESSION,
};
use crate::{Answer, Half, People, Session};
use kernel::{AccountId, By, Email, Failure, Fault, SessionId, Time, Token, TokenKind};
use serde_json::json;
use store::{House, Tx, audit, params};

/// What a browser carries away from signing in.
pub struct SignedIn {
    pub session: Token,
    /// Given to browsers that are not known yet.
    pub device: Option<Token>,
    /// The second factor is still owed.
    pub half: bool,
}

/// What a browser brings along when somebody signs in with it.
#[derive(Clone, Default)]
pub struct Browser {
    /// By which it is known from an earlier time.
    pub device: Option<Token>,
    /// The session that it had until now, and that ends when another takes its place.
    pub session: Option<Token>,
    pub agent: String,
}

/// One that brings nothing but its name.
impl From<&str> for Browser {
    fn from(agent: &str) -> Browser {
        Browser { agent: agent.to_owned(), ..Browser::default() }
    }
}

pub(crate) const AGENT_MAX: usize = 200;

pub(crate) fn short(agent: &str) -> String {
    agent.chars().filter(|c| !kernel::text::is_hidden(*c)).take(AGENT_MAX).collect()
}

/// Opens a session: half if the second factor is owed, else full and fresh enough for sensitive acts.
/// Whatever the browser had before ends; its cookie is about to be written over. Tells which that was.
fn open_session(
    tx: &mut Tx<'_>,
    h: &House,
    by: &By,
    account: AccountId,
    half: bool,
    browser: &Browser,
) -> Result<(Token, Option<String>), Fault> {
    let now = h.now();
    let mut replaced = None;
    if let Some(before) = &browser.session {
        replaced = tx.changed::<(SessionId,)>(&REPLACE_SESSION, params![before.hash()])?;
    }
    let token = Token::new(TokenKind::Session, &*h.random);
    let id = SessionId::new(now, &*h.random);
    let (stage, until, sudo) = if half {
        ("half", now.plus_minutes(HALF_MINUTES), Time(0))
    } else {
        ("full", now.plus_days(SESSION_DAYS), now.plus_minutes(SUDO_MINUTES))
    };
    tx.change(
        &INSERT_SESSION,
        params![id, token.hash(), account, stage, now, until, sudo, &by.address, short(&browser.agent)],
    )?;
    Ok((token, replaced.map(|(id,)| id.to_string())))
}

/// Signs in with a password. Known and unknown addresses, right and wrong passwords do the same work.
pub async fn sign_in(
    people: &People,
    by: &By,
    email: &Email,
    password: &str,
    browser: impl Into<Browser>,
) -> Answer<SignedIn> {
    let browser = browser.into();
    if password.len() > PASSWORD_MAX as usize {
        return no(Refusal::BadCredentials);
    }
    let (h, key, from) = (people.house.clone(), email.key().to_owned(), by.address.clone());
    let known_hash = browser.device.as_ref().map(Token::hash);
    let (found, knows) = people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            let found: Option<Credentials> = tx.one(&FIND_BY_EMAIL, params![&key])?;
            let found = found.filter(|c| c.state == "active");
            // Asked of an account that is nobody's, too.
            let whose = found.as_ref().map_or_else(|| AccountId::new(now, &*h.random), |c| c.id);
            let knows = match known_hash {
                Some(hash) => tx.one::<(i64,)>(&FIND_DEVICE, params![hash, whose])?.is_some(),
                None => false,
            };
            match (&found, known_hash) {
                (Some(c), Some(hash)) if knows => {
                    let whose = format!("{} {:02x?}", c.id, &hash.0[..8]);
                    hold(tx, SIGN_IN_DEVICE, &whose, now)?;
                }
                _ => {
                    hold(tx, SIGN_IN_ADDRESS, &network(&from), now)?;
                    hold(tx, SIGN_IN_ACCOUNT, &key, now)?;
                }
            }
            Ok::<_, Failure<Refusal>>((found, knows))
        })
        .await?;
    let right = people.hasher.verify(password, found.as_ref().and_then(|c| c.password.as_deref())).await?;
    let (h, by) = (people.house.clone(), by.clone());
    let accepted = people
        .house
        .db
        .write(move |tx| {
            // The refusal is an answer, not an error: its audit entry must be kept.
            let mut held = None;
            if let Some(c) = found.as_ref().filter(|_| right) {
                held = tx.changed::<(Option<Time>,)>(&HOLD_ACCOUNT, params![c.id, c.password.as_deref()])?;
            }
            let (Some(c), Some((totp_since,))) = (found.as_ref(), held) else {
                let subject = found.as_ref().map_or_else(|| "nobody".to_owned(), |c| c.id.to_string());
                audit::record(tx, &h, &by, "session.refused", subject, &json!({"why": "password"}))?;
                return Ok::<_, Failure<Refusal>>(None);
            };
            let now = h.now();
            let half = totp_since.is_some();
            let (session, replaced) = open_session(tx, &h, &by, c.id, half, &browser)?;
            let mut fresh = None;
            match known_hash {
                // A browser becomes known only when both factors were shown.
                _ if half && !knows => {}
                Some(hash) => {
                    tx.change(&INSERT_DEVICE, params![hash, c.id, now])?;
                }
                None => {
                    let device = Token::new(TokenKind::Device, &*h.random);
                    tx.change(&INSERT_DEVICE, params![device.hash(), c.id, now])?;
                    fresh = Some(device);
                }
            }
            let what = if half { "session.half_opened" } else { "session.opened" };
            let detail = json!({"known_browser": knows, "replaced": replaced});
            audit::record(tx, &h, &by.with(c.id), what, c.id, &detail)?;
            Ok(Some(SignedIn { session, device: fresh, half }))
        })
        .await?;
    accepted.map_or_else(|| no(Refusal::BadCredentials), Ok)
}

/// Signs in whoever just proved the address by a mailed link. A second factor is still owed.
pub async fn sign_in_after_link(
    people: &People,
    by: &By,
    account: AccountId,
    browser: impl Into<Browser>,
) -> Answer<SignedIn> {
    let (h, by, browser) = (people.house.clone(), by.clone(), browser.into());
    people
        .house
        .db
        .write(move |tx| {
            let c: Credentials =
                tx.one(&FIND_BY_ID, params![account])?.ok_or(Failure::Refused(Refusal::NotFound))?;
            let half = c.totp_since.is_some();
            let (session, replaced) = open_session(tx, &h, &by, account, half, &browser)?;
            let device = (!half).then(|| Token::new(TokenKind::Device, &*h.random));
            if let Some(d) = &device {
                tx.change(&INSERT_DEVICE, params![d.hash(), account, h.now()])?;
            }
            let what = if half { "session.half_opened" } else { "session.opened" };
            let detail = json!({"by": "link", "replaced": replaced});
            audit::record(tx, &h, &by.with(account), what, account, &detail)?;
            Ok(SignedIn { session, device, half })
        })
        .await
}

/// The second factor: a code of the authenticator, or a recovery code, each good once.
pub async fn second_factor(people: &People, by: &By, half: &Half, code: &str) -> Answer<SignedIn> {
    let (h, by, half, code) = (people.house.clone(), by.clone(), half.clone(), code.to_owned());
    let outcome = people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            hold(tx, CODES, &half.account.to_string(), now)?;
            let c: Credentials =
                tx.one(&FIND_BY_ID, params![half.account])?.ok_or(Failure::Refused(Refusal::BeginAgain))?;
            let by = by.with(half.account);
            match super::second_factor::check(tx, &h, &c, &code)? {
                None => {
                    let missed = tx.changed::<(i64,)>(&MISS_SESSION, params![half.id])?;
                    let ended = missed.is_none_or(|(n,)| n >= CODE_MISSES);
                    if ended {
                        tx.change(&DELETE_SESSION, params![half.id, half.account])?;
                    }
                    audit::record(tx, &h, &by, "session.refused", half.account, &json!({"why": "code"}))?;
                    Ok::<_, Failure<Refusal>>(Err(ended))
                }
                Some(how) => {
                    let session = Token::new(TokenKind::Session, &*h.random);
                    let (until, sudo) = (now.plus_days(SESSION_DAYS), now.plus_minutes(SUDO_MINUTES));
                    if !tx.moved(&COMPLETE_SESSION, params![half.id, session.hash(), until, sudo, now])? {
                        return no(Refusal::BeginAgain);
                    }
                    let device = Token::new(TokenKind::Device, &*h.random);
                    tx.change(&INSERT_DEVICE, params![device.hash(), half.account, now])?;
                    audit::record(
                        tx,
                        &h,
                        &by,
                        "session.opened",
                        half.account,
                        &json!({"second_factor": how}),
                    )?;
                    Ok(Ok(SignedIn { session, device: Some(device), half: false }))
                }
            }
        })
        .await?;
    match outcome {
        Ok(signed) => Ok(signed),
        Err(true) => no(Refusal::BeginAgain),
        Err(false) => no(Refusal::Invalid(kernel::Errors::one("code", kernel::Problem::WrongCode))),
    }
}

/// Shows again that it is you, for sensitive acts. The session gets a new token.
pub async fn confirm_sudo(
    people: &People,
    by: &By,
    session: &Session,
    password: &str,
    code: &str,
) -> Answer<Token> {
    let wrong = |field, problem| no(Refusal::Invalid(kernel::Errors::one(field, problem)));
    if password.len() > PASSWORD_MAX as usize {
        return wrong("password", kernel::Problem::WrongPassword);
    }
    let (h, account) = (people.house.clone(), session.account.id);
    let c: Credentials = people
        .house
        .db
        .write(move |tx| {
            hold(tx, SUDO, &account.to_string(), h.now())?;
            tx.one(&FIND_BY_ID, params![account])?.ok_or(Failure::Refused(Refusal::NotFound))
        })
        .await?;
    let right = people.hasher.verify(password, c.password.as_deref()).await?;
    let (h, by, id, code) = (people.house.clone(), by.with(c.id), session.id, code.to_owned());
    let confirmed = people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            // A refusal is an answer, not an error: its audit entry must be kept.
            let refused = |tx: &mut Tx<'_>, why| {
                audit::record(tx, &h, &by, "session.not_confirmed", c.id, &json!({"why": why}))
                    .map(|()| Err(why))
            };
            if !right {
                return Ok(refused(tx, "password")?);
            }
            let held = tx.changed::<(Option<Time>,)>(&HOLD_ACCOUNT, params![c.id, c.password.as_deref()])?;
            let Some((totp_since,)) = held else { return no(Refusal::BeginAgain) };
            if totp_since.is_some() {
                hold(tx, CODES, &c.id.to_string(), now)?;
                if super::second_factor::check(tx, &h, &c, &code)?.is_none() {
                    return Ok(refused(tx, "code")?);
                }
            }
            let token = Token::new(TokenKind::Session, &*h.random);
            let until = now.plus_minutes(SUDO_MINUTES);
            if !tx.moved(&ROTATE_SESSION, params![id, token.hash(), until])? {
                return no(Refusal::BeginAgain);
            }
            audit::record(tx, &h, &by, "session.confirmed", c.id, &json!({}))?;
            Ok::<_, Failure<Refusal>>(Ok(token))
        })
        .await?;
    match confirmed {
        Ok(token) => Ok(token),
        Err("code") => wrong("code", kernel::Problem::WrongCode),
        Err(_) => wrong("password", kernel::Problem::WrongPassword),
    }
}
