//! The nouns of this room.

use kernel::{Lang, MailId, Time};

/// A letter as it goes out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Which half of a template is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Subject,
    Body,
}

/// Why a template does not render: where, and what to tell who wrote it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{part:?}, line {line}: {text}")]
pub struct TemplateError {
    pub part: Part,
    pub line: usize,
    /// May quote what was filled in: for samples only, never for a log.
    pub text: String,
}

/// What the operator may change of a letter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    pub subject: String,
    pub body: String,
}

/// One letter in one language, as it is now.
#[derive(Clone, Debug)]
pub struct Template {
    pub name: &'static str,
    pub lang: Lang,
    pub draft: Draft,
    /// What may be filled in, besides `site`.
    pub args: &'static [&'static str],
    /// Since when it is the operator's own, and by whom; else it is the built-in one.
    pub changed: Option<(Time, String)>,
}

/// One line of the list of templates.
#[derive(Clone, Debug)]
pub struct TemplateLine {
    pub name: &'static str,
    pub lang: Lang,
    pub subject: String,
    pub changed: Option<(Time, String)>,
}

/// One line of the mailbox.
#[derive(Clone, Debug)]
pub struct MailLine {
    pub id: MailId,
    pub at: Time,
    pub recipient: String,
    pub lang: String,
    pub template: String,
    pub subject: String,
}

/// A letter in the mailbox.
#[derive(Clone, Debug)]
pub struct Mail {
    pub line: MailLine,
    pub text: String,
    pub html: String,
}

/// Which page of the mailbox. `after` is the last one of the page before.
#[derive(Clone, Default, Debug)]
pub struct MailSearch {
    pub recipient: Option<String>,
    pub after: Option<MailId>,
}
