//! What people change about themselves.

use super::{has_room, hold, no};
use crate::rules::{EMAIL_LETTERS, LETTERS_ADDRESS, LINK_MINUTES, Refusal, network, new_password};
use crate::store::{
    Credentials, DELETE_DEVICES, DELETE_OTHER_SESSIONS, END_LINKS, FIND_BY_ID, GoodLink,
    INSERT_EMAIL_LINK_IF, ROTATE_SESSION, SET_EMAIL, SET_LANG, SET_PASSWORD, SET_PROFILE, USE_LINK,
};
use crate::{Answer, People, Session, Sudo};
use kernel::{By, Email, Errors, Failure, Lang, Time, Token, TokenKind};
use serde_json::json;
use store::{audit, outbox, params};

pub async fn change_profile(
    people: &People,
    by: &By,
    session: &Session,
    name: String,
    lang: Lang,
) -> Answer<()> {
    let (h, by, id) = (people.house.clone(), by.with(session.account.id), session.account.id);
    people
        .house
        .db
        .write(move |tx| {
            tx.change(&SET_PROFILE, params![id, &name, lang])?;
            audit::record(
                tx,
                &h,
                &by,
                "account.profile_changed",
                id,
                &json!({"name": name, "lang": lang.tag()}),
            )?;
            Ok(())
        })
        .await
}

/// The language of pages and mails. A preference, not an act: no audit entry.
pub async fn choose_lang(people: &People, session: &Session, lang: Lang) -> Answer<()> {
    let id = session.account.id;
    Ok(people.house.db.write(move |tx| tx.change(&SET_LANG, params![id, lang]).map(|_| ())).await?)
}

/// A new password. This session gets a new token; all others end.
pub async fn change_password(
    people: &People,
    by: &By,
    session: &Session,
    password: &str,
    _sudo: Sudo,
) -> Answer<Token> {
    new_password(password, &session.account.email)
        .map_err(|p| Failure::Refused(Refusal::Invalid(Errors::one("password", p))))?;
    let id = session.account.id;
    let before: Option<Credentials> = people
        .house
        .db
        .read(move |l| l.one(&FIND_BY_ID, params![id]))
        .await
        .map_err(Failure::<Refusal>::Fault)?;
    let before = before.and_then(|c| c.password).ok_or(Failure::Refused(Refusal::NotFound))?;
    let hash = people.hasher.hash(&*people.house.random, password).await?;
    let (h, by, account, own) = (people.house.clone(), by.with(id), session.account.clone(), session.id);
    people
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&SET_PASSWORD, params![id, &hash, &before])? {
                return no(Refusal::Changed);
            }
            let token = Token::new(TokenKind::Session, &*h.random);
            tx.change(&DELETE_OTHER_SESSIONS, params![id, own])?;
            tx.change(&DELETE_DEVICES, params![id])?;
            tx.change(&END_LINKS, params![id, h.now()])?;
            if !tx.moved(&ROTATE_SESSION, params![own, token.hash(), Time(0)])? {
                return no(Refusal::BeginAgain);
            }
            let args = json!({"name": account.name, "path": "/reset"});
            outbox::post_letter(tx, &h, &account.email, account.lang, "password-changed", &args)?;
            audit::record(tx, &h, &by, "password.changed", id, &json!({}))?;
            Ok(token)
        })
        .await
}

/// Asks for another address: a link goes to the new one. Whether that one has an account is not told.
pub async fn ask_email(people: &People, by: &By, session: &Session, email: Email, _sudo: Sudo) -> Answer<()> {
    let (h, by, account) = (people.house.clone(), by.with(session.account.id), session.account.clone());
    people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            hold(tx, LETTERS_ADDRESS, &network(&by.address), now)?;
            if !has_room(tx, EMAIL_LETTERS, email.key(), now)? {
                return Ok(());
            }
            // Whether the address is free is answered by nothing, the work done included.
            let token = Token::new(TokenKind::Link, &*h.random);
            let until = now.plus_minutes(LINK_MINUTES);
            let link = params![token.hash(), account.id, email.as_typed(), now, until, email.key()];
            let free = tx.moved(&INSERT_EMAIL_LINK_IF, link)?;
            let args =
                json!({"name": account.name, "path": format!("/account/email/confirm?t={}", token.reveal())});
            outbox::post_letter_if(tx, &h, free, email.as_typed(), account.lang, "confirm-email", &args)?;
            audit::record(tx, &h, &by, "account.email_asked", account.id, &json!({}))?;
            Ok(())
        })
        .await
}

/// The new address is proved: it takes effect, and every other link dies.
pub async fn change_email(people: &People, by: &By, token: Token) -> Answer<()> {
    let (h, by) = (people.house.clone(), by.clone());
    people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            let used: Option<GoodLink> = tx.changed(&USE_LINK, params![token.hash(), "email", now])?;
            let Some((id, to)) = used.and_then(|l| Some((l.account?, l.email?))) else {
                return no(Refusal::BadLink);
            };
            let to = Email::parse(&to).map_err(|_| Failure::Refused(Refusal::BadLink))?;
            let before: Credentials =
                tx.one(&FIND_BY_ID, params![id])?.ok_or(Failure::Refused(Refusal::BadLink))?;
            if !tx.moved(&SET_EMAIL, params![id, to.as_typed(), to.key()])? {
                return no(Refusal::BadLink);
            }
            tx.change(&END_LINKS, params![id, now])?;
            let args = json!({"name": before.name, "email": to.as_typed(), "path": "/reset"});
            outbox::post_letter(tx, &h, &before.email, before.lang, "email-changed", &args)?;
            audit::record(tx, &h, &by.with(id), "account.email_changed", id, &json!({}))?;
            Ok(())
        })
        .await
}
