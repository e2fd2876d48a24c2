//! The built-in mailbox: what would have been mailed, to read in a browser.

use crate::store::{FIND_MAIL, LIST_MAIL, LIST_MAIL_TO, PURGE_MAIL};
use crate::{Courier, Mail, MailLine, MailSearch};
use kernel::{Fault, MailId, Time};
use store::params;

pub const MAIL_PAGE: usize = 25;

/// A page of the mailbox, newest first; one more than a page says that another follows.
pub async fn list_mail(courier: &Courier, search: &MailSearch) -> Result<Vec<MailLine>, Fault> {
    // "n" sorts after every id.
    let before = search.after.map_or_else(|| "n".to_owned(), |id| id.to_string());
    let recipient = search.recipient.as_ref().map(|r| r.trim().to_lowercase());
    let db = &courier.house.db;
    db.read(move |look| match &recipient {
        Some(recipient) => look.all(&LIST_MAIL_TO, params![recipient, &before]),
        None => look.all(&LIST_MAIL, params![&before]),
    })
    .await
}

pub async fn find_mail(courier: &Courier, id: MailId) -> Result<Option<Mail>, Fault> {
    courier.house.db.read(move |look| look.one(&FIND_MAIL, params![id])).await
}

/// Removes what is older than `before`, a bounded number at a time; says how many.
pub async fn purge_mail(courier: &Courier, before: Time) -> Result<u64, Fault> {
    courier.house.db.write(move |tx| tx.change(&PURGE_MAIL, params![before])).await
}
