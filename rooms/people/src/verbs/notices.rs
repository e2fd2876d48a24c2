//! Telling people: a message in the portal, and a letter for those who are to hear of it outside.
//!
//! These are called inside the transaction of what happened.

use crate::StaffRole;
use crate::store::{FIND_READER, INSERT_NOTICE, LIST_READERS, LIST_STAFF_READERS, Reader};
use kernel::{AccountId, DeveloperId, Fault, Lang, NoticeId};
use serde_json::{Value, json};
use store::{House, Tx, outbox, params};

/// What is told: the name of a letter, what it fills in for a language, and where it leads.
pub struct News<'a> {
    pub letter: &'static str,
    pub args: &'a dyn Fn(Lang) -> Value,
    pub path: &'a str,
}

fn tell_one(tx: &mut Tx<'_>, h: &House, who: &Reader, news: &News<'_>, by_mail: bool) -> Result<(), Fault> {
    let mut args = (news.args)(who.lang);
    let id = NoticeId::new(h.now(), &*h.random);
    tx.change(&INSERT_NOTICE, params![id, who.id, h.now(), news.letter, args.to_string(), news.path])?;
    if by_mail {
        args["name"] = json!(who.name);
        args["path"] = json!(news.path);
        outbox::post_letter(tx, h, &who.email, who.lang, news.letter, &args)?;
    }
    Ok(())
}

/// Tells one account, in the portal and by mail.
pub fn tell(tx: &mut Tx<'_>, h: &House, who: AccountId, news: &News<'_>) -> Result<(), Fault> {
    match tx.one::<Reader>(&FIND_READER, params![who])? {
        Some(reader) => tell_one(tx, h, &reader, news, true),
        None => Ok(()),
    }
}

/// Tells everybody in a team in the portal; by mail whoever asked and those who manage the team.
pub fn tell_team(
    tx: &mut Tx<'_>,
    h: &House,
    developer: DeveloperId,
    asker: AccountId,
    news: &News<'_>,
) -> Result<(), Fault> {
    for reader in tx.all::<Reader>(&LIST_READERS, params![developer])? {
        let by_mail = reader.id == asker || reader.role.is_some_and(|r| r.manages_team());
        tell_one(tx, h, &reader, news, by_mail)?;
    }
    Ok(())
}

/// Tells everybody on the staff who has a role.
pub fn tell_staff(tx: &mut Tx<'_>, h: &House, role: StaffRole, news: &News<'_>) -> Result<(), Fault> {
    for reader in tx.all::<Reader>(&LIST_STAFF_READERS, params![role])? {
        tell_one(tx, h, &reader, news, true)?;
    }
    Ok(())
}
