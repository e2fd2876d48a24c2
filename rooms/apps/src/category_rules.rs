//! What is refused about categories.

use kernel::{Errors, RefusalKind, Refuse};

/// Every "no" about categories; the messages are `refusal-…`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CategoryRefusal {
    Invalid(Errors),
    NotFound,
    /// It changed meanwhile.
    Changed,
    /// Another has this key.
    KeyTaken,
    /// It names a group that is not there.
    NoSuchGroup(String),
    /// It may not be published as it is: why.
    NotSound(String),
    /// There is nothing to publish or to discard.
    NothingToDo,
}

impl CategoryRefusal {
    pub const CODES: &[&str] =
        &["invalid", "not-found", "changed", "key-taken", "no-such-group", "not-sound", "nothing-to-do"];
}

impl Refuse for CategoryRefusal {
    fn code(&self) -> &'static str {
        match self {
            CategoryRefusal::Invalid(_) => "invalid",
            CategoryRefusal::NotFound => "not-found",
            CategoryRefusal::Changed => "changed",
            CategoryRefusal::KeyTaken => "key-taken",
            CategoryRefusal::NoSuchGroup(_) => "no-such-group",
            CategoryRefusal::NotSound(_) => "not-sound",
            CategoryRefusal::NothingToDo => "nothing-to-do",
        }
    }
    fn kind(&self) -> RefusalKind<'_> {
        match self {
            CategoryRefusal::Invalid(errors) => RefusalKind::Invalid(errors),
            CategoryRefusal::NotFound => RefusalKind::NotFound,
            CategoryRefusal::Changed | CategoryRefusal::NothingToDo => RefusalKind::Conflict,
            _ => RefusalKind::Mistaken,
        }
    }
}

impl From<Errors> for CategoryRefusal {
    fn from(errors: Errors) -> CategoryRefusal {
        CategoryRefusal::Invalid(errors)
    }
}

impl std::fmt::Display for CategoryRefusal {
    /// For whoever reads a shell.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CategoryRefusal::NoSuchGroup(key) => write!(f, "there is no group {key}"),
            CategoryRefusal::NotSound(why) => f.write_str(why),
            other => f.write_str(other.code()),
        }
    }
}
