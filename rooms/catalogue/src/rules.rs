//! The decisions of this room, without a database, a clock or chance.

use crate::model::{GroupDef, MethodDef};
use kernel::{Errors, Problem, RefusalKind, Refuse, text};
use std::collections::BTreeSet;

/// Every "no" of this room; the messages are `refusal-…`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    Invalid(Errors),
    NotFound,
    /// It changed meanwhile.
    Changed,
    /// Another has this key.
    KeyTaken,
}

impl Refusal {
    pub const CODES: &[&str] = &["invalid", "not-found", "changed", "key-taken"];
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::Invalid(_) => "invalid",
            Refusal::NotFound => "not-found",
            Refusal::Changed => "changed",
            Refusal::KeyTaken => "key-taken",
        }
    }
    fn kind(&self) -> RefusalKind<'_> {
        match self {
            Refusal::Invalid(errors) => RefusalKind::Invalid(errors),
            Refusal::NotFound => RefusalKind::NotFound,
            Refusal::KeyTaken => RefusalKind::Mistaken,
            Refusal::Changed => RefusalKind::Conflict,
        }
    }
}

impl From<Errors> for Refusal {
    fn from(errors: Errors) -> Refusal {
        Refusal::Invalid(errors)
    }
}

pub const KEY_MAX: usize = 40;
pub const NAME_MAX: u32 = 80;
pub const PROSE_MAX: u32 = 2_000;
pub const METHODS_MAX: usize = 2_000;

/// What files and categories name something by: small letters, digits, `-` and `_`.
pub fn is_key(key: &str) -> bool {
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    !key.is_empty() && key.len() <= KEY_MAX && key.bytes().all(fine)
}

impl MethodDef {
    /// `/order/get` or `aliexpress.solution.order.get`, with placeholders in braces.
    fn is_named(&self) -> bool {
        let fine = |b: u8| b.is_ascii_alphanumeric() || b"/._-{}".contains(&b);
        let starts = self.name.starts_with('/') || self.name.starts_with(|c: char| c.is_ascii_alphabetic());
        starts && (3..=120).contains(&self.name.len()) && self.name.bytes().all(fine)
    }
}

impl GroupDef {
    /// The same in its one form, or which fields are wrong. Texts are named `name_en`, `description_es`, …
    pub fn checked(&self) -> Result<GroupDef, Errors> {
        let mut errors = Errors::default();
        if !is_key(&self.key) {
            errors.add("key", Problem::BadCharacters);
        }
        if !(0..=10_000).contains(&self.place) {
            errors.add("place", Problem::TooLarge(10_000));
        }
        if !(1..=60).contains(&self.review_days) {
            errors.add("review_days", Problem::TooLarge(60));
        }
        let name = self.name.checked(|t| text::line(t, 0, NAME_MAX), true);
        let name =
            name.map_err(|(lang, p)| errors.add(format!("name_{}", lang.tag()), p)).unwrap_or_default();
        let description = self.description.checked(|t| text::prose(t, 0, PROSE_MAX), false);
        let description = description
            .map_err(|(lang, p)| errors.add(format!("description_{}", lang.tag()), p))
            .unwrap_or_default();
        let mut methods = self.methods.clone();
        if let Some(methods) = &mut methods {
            methods.sort_by(|a, b| a.name.cmp(&b.name));
            let mut seen = BTreeSet::new();
            if methods.len() > METHODS_MAX {
                errors.add("method", Problem::TooMany(METHODS_MAX as u32));
            }
            for m in methods {
                if !m.is_named() || !seen.insert(m.name.clone()) {
                    errors.add(format!("method {}", m.name), Problem::BadCharacters);
                }
                match text::line(&m.summary, 0, 200) {
                    Ok(summary) => m.summary = summary,
                    Err(p) => errors.add(format!("method {}", m.name), p),
                }
            }
        }
        if errors.is_empty() {
            Ok(GroupDef { name, description, methods, ..self.clone() })
        } else {
            Err(errors)
        }
    }
}
