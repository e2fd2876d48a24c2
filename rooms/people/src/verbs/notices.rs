//! Telling people: a message in the portal, and a letter for those who are to hear of it outside.
//!
//! These are called inside the transaction of what happened.

use super::no;
use crate::rules::Refusal;
use crate::store::{
    FIND_NOTICE, FIND_READER, INSERT_NOTICE, LIST_NOTICES, LIST_READERS, LIST_STAFF_READERS, READ_NOTICE,
    READ_NOTICES, Reader,
};
use crate::{Answer, People, Session, StaffRole};
use kernel::{AccountId, DeveloperId, Failure, Fault, Lang, NoticeId, Time};
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

/// A message in the portal. Its words are made when it is read.
#[derive(Clone, Debug)]
pub struct Notice {
    pub id: NoticeId,
    pub at: Time,
    /// The name of a letter.
    pub what: String,
    pub args: serde_json::Map<String, Value>,
    pub path: String,
    pub read: bool,
}

/// Days after which a message is forgotten.
pub const NOTICE_DAYS: i64 = 180;

/// A page of one's messages, newest first; one more than a page says that another follows.
pub async fn list_notices(
    people: &People,
    session: &Session,
    before: Option<NoticeId>,
) -> Answer<Vec<Notice>> {
    let (id, before) = (session.account.id, before.map_or_else(|| "o".to_owned(), |id| id.to_string()));
    people.house.db.read(move |l| l.all(&LIST_NOTICES, params![id, &before])).await.map_err(Failure::Fault)
}

/// Marks all up to one as read; what came after it was not seen yet. Reading is no act: no audit entry.
pub async fn read_notices(people: &People, session: &Session, up_to: NoticeId) -> Answer<()> {
    let (id, now) = (session.account.id, people.house.now());
    let done = people.house.db.write(move |tx| tx.change(&READ_NOTICES, params![id, now, up_to]));
    done.await.map(drop).map_err(Failure::Fault)
}

/// Marks one as read, and says where it leads. Another's is not there.
pub async fn open_notice(people: &People, session: &Session, which: NoticeId) -> Answer<String> {
    let (id, now) = (session.account.id, people.house.now());
    people
        .house
        .db
        .write(move |tx| {
            let found = tx.one::<(String,)>(&FIND_NOTICE, params![which, id])?;
            let Some((path,)) = found else { return no(Refusal::NotFound) };
            tx.change(&READ_NOTICE, params![which, id, now])?;
            Ok(path)
        })
        .await
}
