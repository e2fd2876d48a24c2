//! The courier: brings out what the outbox holds. Today that is letters to people, by SMTP or into the
//! built-in mailbox; pushes and webhooks come to live here.
//!
//! Owns the tables `mail` (the mailbox) and `mail_template` (what the operator changed of our letters).
//! A letter that another room posted in its own transaction is rendered here, in the language of its
//! reader, and carried until it arrives or is given up: once, whoever dies meanwhile.
//!
//! Verbs: `run`, `deliver_due`; `list_mail`, `find_mail`, `purge_mail`; `list_templates`,
//! `find_template`, `preview`, `preview_draft`, `preview_with`, `edit_template`, `restore_template`, `send_test`.

mod clear;
mod letters;
mod model;
mod rules;
mod smtp;
mod store;
mod templates;
mod verbs;

pub use letters::{LETTERS, LetterKind};
pub use model::*;
pub use rules::{BODY_MAX, GIVE_UP_AFTER, Refusal, SUBJECT_MAX, next_try};
pub use smtp::{SettingsError, Smtp, SmtpSettings, SmtpTls};
pub use store::statements;
pub use verbs::*;

use ::store::House;
use std::sync::Arc;

/// How letters leave the house.
#[derive(Clone)]
pub enum Transport {
    /// Into the table `mail`, for people to read in their browser: the demo, and development.
    Mailbox,
    Smtp(Arc<Smtp>),
}

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct Courier {
    pub house: House,
    /// The marketplace's name, as its people know it.
    pub site_name: String,
    /// Where the pages are, as configured. Links begin with it, whatever a request said.
    pub public_url: String,
    pub transport: Transport,
}

pub(crate) type Answer<T> = Result<T, kernel::Failure<Refusal>>;
