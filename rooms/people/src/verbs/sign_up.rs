//! From a stranger to an account: the address first, the password only once the address is proved, so
//! that nobody prepares an account in another's name.

use super::{has_room, hold, no};
use crate::rules::{
    LETTERS_ADDRESS, LINK_MINUTES, RESET_LETTERS, Refusal, SIGN_UP_LETTERS, VERIFY_HOURS, network,
    new_password,
};
use crate::store::{
    COUNT_FIRST, Credentials, DELETE_DEVICES, DELETE_SESSIONS, END_LINKS, END_SETUP_LINKS, FIND_BY_EMAIL,
    FIND_BY_ID, GoodLink, INSERT_ACCOUNT, INSERT_FIRST, INSERT_LINK, INSERT_LINK_IF, INSERT_STAFF,
    MOVE_TO_ACTIVE, RESET_PASSWORD, USE_LINK, find_link,
};
use crate::{Answer, People, StaffRole};
use kernel::{AccountId, By, Email, Errors, Failure, Fault, Lang, Time, Token, TokenKind};
use serde_json::json;
use store::{audit, outbox, params};

/// What a mailed link is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkKind {
    Verify,
    Reset,
    Email,
    SetUp,
}

impl LinkKind {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            LinkKind::Verify => "verify",
            LinkKind::Reset => "reset",
            LinkKind::Email => "email",
            LinkKind::SetUp => "setup",
        }
    }
}

/// Asks for an account. The answer is the same whether the address is known or not; the mail tells.
pub async fn sign_up(people: &People, by: &By, email: Email, name: String, lang: Lang) -> Answer<()> {
    let (h, by) = (people.house.clone(), by.clone());
    people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            hold(tx, LETTERS_ADDRESS, &network(&by.address), now)?;
            if !has_room(tx, SIGN_UP_LETTERS, email.key(), now)? {
                // Told to nobody: it would tell that somebody asked for this address before.
                return Ok(());
            }
            let id = AccountId::new(now, &*h.random);
            let made =
                tx.moved(&INSERT_ACCOUNT, params![id, email.as_typed(), email.key(), &name, lang, now])?;
            let found: Credentials = tx
                .one(&FIND_BY_EMAIL, params![email.key()])?
                .ok_or_else(|| Fault::internal("the account that was just made is gone"))?;
            // The same work for all; which letter goes is for the mailbox alone to know.
            let token = Token::new(TokenKind::Link, &*h.random);
            let until = now.plus(VERIFY_HOURS * Time::HOUR);
            let link = params![token.hash(), "verify", found.id, now, until, "unverified"];
            if tx.moved(&INSERT_LINK_IF, link)? {
                let args = json!({"name": name, "path": format!("/verify?t={}", token.reveal())});
                outbox::post_letter(tx, &h, email.as_typed(), lang, "verify", &args)?;
            } else {
                let args = json!({"name": found.name, "path": "/login", "reset_path": "/reset"});
                outbox::post_letter(tx, &h, &found.email, found.lang, "known", &args)?;
            }
            let what = if made { "account.asked" } else { "account.asked_again" };
            audit::record(tx, &h, &by, what, found.id, &json!({}))?;
            Ok(())
        })
        .await
}

/// Whose link this is, if it is good. Looking consumes nothing: mail scanners open every link.
pub async fn look_at_link(people: &People, kind: LinkKind, token: Option<Token>) -> Answer<Option<String>> {
    let Some(hash) = token.map(|t| t.hash()) else { return no(Refusal::BadLink) };
    let now = people.house.now();
    let found = people
        .house
        .db
        .read(move |look| {
            let Some(link) = find_link(look, kind.word(), hash, now)? else { return Ok::<_, Fault>(None) };
            let email = match (link.email, link.account) {
                (Some(email), _) => Some(email),
                (None, Some(id)) => look.one::<Credentials>(&FIND_BY_ID, params![id])?.map(|c| c.email),
                (None, None) => None,
            };
            Ok(Some(email))
        })
        .await?;
    found.map_or_else(|| no(Refusal::BadLink), Ok)
}

async fn hashed(people: &People, password: &str, email: &str) -> Answer<String> {
    new_password(password, email)
        .map_err(|p| Failure::Refused(Refusal::Invalid(Errors::one("password", p))))?;
    Ok(people.hasher.hash(&*people.house.random, password).await?)
}

/// Proves the address and sets the first password.
pub async fn verify(people: &People, by: &By, token: Token, password: &str) -> Answer<AccountId> {
    let email = look_at_link(people, LinkKind::Verify, Some(token.clone())).await?.unwrap_or_default();
    let hash = hashed(people, password, &email).await?;
    let (h, by) = (people.house.clone(), by.clone());
    people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            let used: Option<GoodLink> = tx.changed(&USE_LINK, params![token.hash(), "verify", now])?;
            let Some(id) = used.and_then(|l| l.account) else { return no(Refusal::BadLink) };
            if !tx.moved(&MOVE_TO_ACTIVE, params![id, &hash, now])? {
                return no(Refusal::BadLink);
            }
            tx.change(&END_LINKS, params![id, now])?;
            audit::record(tx, &h, &by.with(id), "account.verified", id, &json!({}))?;
            Ok(id)
        })
        .await
}

/// Asks for a link to a new password. The answer is the same whether the address is known or not.
pub async fn ask_reset(people: &People, by: &By, email: Email) -> Answer<()> {
    let (h, by) = (people.house.clone(), by.clone());
    people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            hold(tx, LETTERS_ADDRESS, &network(&by.address), now)?;
            if !has_room(tx, RESET_LETTERS, email.key(), now)? {
                return Ok(());
            }
            let found: Option<Credentials> = tx.one(&FIND_BY_EMAIL, params![email.key()])?;
            let subject = found.as_ref().map_or_else(|| "nobody".to_owned(), |c| c.id.to_string());
            // For nobody, and for who is here no more, a link and a letter are made too, and not kept.
            let nobody =
                || (AccountId::new(now, &*h.random), String::new(), email.as_typed().to_owned(), Lang::En);
            let (id, name, to, lang) =
                found.as_ref().map_or_else(nobody, |c| (c.id, c.name.clone(), c.email.clone(), c.lang));
            // Who never proved the address proves it by this.
            let (state, kind, path, lasts) = match found.as_ref().map(|c| c.state.as_str()) {
                Some("unverified") => ("unverified", "verify", "/verify", VERIFY_HOURS * Time::HOUR),
                _ => ("active", "reset", "/reset/new", LINK_MINUTES * Time::MINUTE),
            };
            let token = Token::new(TokenKind::Link, &*h.random);
            let link = params![token.hash(), kind, id, now, now.plus(lasts), state];
            let kept = tx.moved(&INSERT_LINK_IF, link)?;
            let args = json!({"name": name, "path": format!("{path}?t={}", token.reveal())});
            outbox::post_letter_if(tx, &h, kept, &to, lang, kind, &args)?;
            audit::record(tx, &h, &by, "password.reset_asked", subject, &json!({}))?;
            Ok(())
        })
        .await
}

/// Sets a new password by a mailed link: every session ends and every other link dies.
pub async fn reset(people: &People, by: &By, token: Token, password: &str) -> Answer<AccountId> {
    let email = look_at_link(people, LinkKind::Reset, Some(token.clone())).await?.unwrap_or_default();
    let hash = hashed(people, password, &email).await?;
    let (h, by) = (people.house.clone(), by.clone());
    people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            let used: Option<GoodLink> = tx.changed(&USE_LINK, params![token.hash(), "reset", now])?;
            let Some(id) = used.and_then(|l| l.account) else { return no(Refusal::BadLink) };
            if !tx.moved(&RESET_PASSWORD, params![id, &hash])? {
                return no(Refusal::BadLink);
            }
            tx.change(&END_LINKS, params![id, now])?;
            tx.change(&DELETE_SESSIONS, params![id])?;
            tx.change(&DELETE_DEVICES, params![id])?;
            let c: Option<Credentials> = tx.one(&FIND_BY_ID, params![id])?;
            if let Some(c) = c {
                let args = json!({"name": c.name, "path": "/reset"});
                outbox::post_letter(tx, &h, &c.email, c.lang, "password-changed", &args)?;
            }
            audit::record(tx, &h, &by.with(id), "password.reset", id, &json!({}))?;
            Ok(id)
        })
        .await
}

/// Makes the link by which the first administrator comes in; earlier ones die. `None` once there is one.
pub async fn set_up_link(people: &People) -> Answer<Option<Token>> {
    let h = people.house.clone();
    people
        .house
        .db
        .write(move |tx| {
            let (n,) = tx.one::<(i64,)>(&crate::store::COUNT_ADMINISTRATORS, &[])?.unwrap_or_default();
            let now = h.now();
            tx.change(&END_SETUP_LINKS, params![now])?;
            if n > 0 {
                return Ok(None);
            }
            let token = Token::new(TokenKind::Link, &*h.random);
            let nobody = Option::<&str>::None;
            tx.change(&INSERT_LINK, params![token.hash(), "setup", nobody, nobody, now, now.plus_days(7)])?;
            audit::record(tx, &h, &By::house("start"), "setup.link_made", "house", &json!({}))?;
            Ok(Some(token))
        })
        .await
}

/// The first administrator, by the one-time link that the first start wrote.
pub async fn set_up(
    people: &People,
    by: &By,
    token: Token,
    email: Email,
    name: String,
    password: &str,
    lang: Lang,
) -> Answer<AccountId> {
    look_at_link(people, LinkKind::SetUp, Some(token.clone())).await?;
    let hash = hashed(people, password, email.key()).await?;
    let (h, by) = (people.house.clone(), by.clone());
    people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            let used: Option<GoodLink> = tx.changed(&USE_LINK, params![token.hash(), "setup", now])?;
            if used.is_none() {
                return no(Refusal::BadLink);
            }
            let id = AccountId::new(now, &*h.random);
            let made =
                tx.moved(&INSERT_FIRST, params![id, email.as_typed(), email.key(), &name, lang, &hash, now])?;
            if !made {
                return no(Refusal::Changed);
            }
            // However many links there are, and however they came about: there is one first.
            if !tx.moved(&COUNT_FIRST, &[])? {
                return no(Refusal::BadLink);
            }
            tx.change(&INSERT_STAFF, params![id, StaffRole::Administrator, now])?;
            tx.change(&END_SETUP_LINKS, params![now])?;
            audit::record(tx, &h, &by.with(id), "setup.done", id, &json!({"role": "administrator"}))?;
            Ok(id)
        })
        .await
}

/// Makes an account that is ready to sign in, for the operator at the machine itself and for the demo.
pub async fn make_account(
    people: &People,
    by: &By,
    email: Email,
    name: String,
    password: &str,
    lang: Lang,
) -> Answer<AccountId> {
    let hash = hashed(people, password, email.key()).await?;
    let (h, by) = (people.house.clone(), by.clone());
    people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            let id = AccountId::new(now, &*h.random);
            let row = params![id, email.as_typed(), email.key(), &name, lang, &hash, now];
            if !tx.moved(&INSERT_FIRST, row)? {
                return no(Refusal::MemberAlready);
            }
            audit::record(tx, &h, &by, "account.made", id, &json!({}))?;
            Ok(id)
        })
        .await
}
