//! The SQL of this room: the mailbox, and what the operator made of our templates.

use crate::model::{Mail, MailLine};
use kernel::{Fault, Lang, Time};
use store::{FromRow, Row};

impl FromRow for MailLine {
    fn from_row(row: &mut Row<'_>) -> Result<MailLine, Fault> {
        Ok(MailLine {
            id: row.take()?,
            at: row.take()?,
            recipient: row.take()?,
            lang: row.take()?,
            template: row.take()?,
            subject: row.take()?,
        })
    }
}

impl FromRow for Mail {
    fn from_row(row: &mut Row<'_>) -> Result<Mail, Fault> {
        Ok(Mail { line: MailLine::from_row(row)?, text: row.take()?, html: row.take()? })
    }
}

/// A template as the operator left it.
pub(crate) struct Edited {
    pub name: String,
    pub lang: Lang,
    pub subject: String,
    pub body: String,
    pub at: Time,
    pub by: String,
}

impl FromRow for Edited {
    fn from_row(row: &mut Row<'_>) -> Result<Edited, Fault> {
        Ok(Edited {
            name: row.take()?,
            lang: row.take()?,
            subject: row.take()?,
            body: row.take()?,
            at: row.take()?,
            by: row.take()?,
        })
    }
}

macro_rules! line {
    () => {
        "SELECT id, at, recipient, lang, template, subject"
    };
}
macro_rules! edited {
    () => {
        "SELECT name, lang, subject, body, changed_at, changed_by FROM mail_template"
    };
}

store::statements! {
    INSERT_MAIL = "INSERT INTO mail (id, outbox_id, at, recipient, lang, template, subject, text, html)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LIST_MAIL = concat!(line!(), " FROM mail WHERE id < $1 ORDER BY id DESC LIMIT 26");
    LIST_MAIL_TO = concat!(line!(), " FROM mail WHERE lower(recipient) = $1 AND id < $2 ORDER BY id DESC LIMIT 26");
    FIND_MAIL = concat!(line!(), ", text, html FROM mail WHERE id = $1");
    PURGE_MAIL = "DELETE FROM mail WHERE id IN (SELECT id FROM mail WHERE at < $1 ORDER BY id LIMIT 1000)";
    LIST_EDITED = concat!(edited!(), " ORDER BY name, lang LIMIT 1000");
    FIND_EDITED = concat!(edited!(), " WHERE name = $1 AND lang = $2");
    PUT_EDITED = "INSERT INTO mail_template (name, lang, subject, body, changed_at, changed_by)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name, lang) DO UPDATE SET subject = excluded.subject,
        body = excluded.body, changed_at = excluded.changed_at, changed_by = excluded.changed_by";
    DELETE_EDITED = "DELETE FROM mail_template WHERE name = $1 AND lang = $2";
}

/// Every statement of the room, for the test that prepares them all.
pub fn statements() -> impl Iterator<Item = &'static store::Statement> {
    STATEMENTS.iter().copied()
}
