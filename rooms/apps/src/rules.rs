//! Every "no" of this room.

use kernel::{AppId, Errors, RefusalKind, Refuse};

/// A line of something that was pasted, and that could not be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadLine {
    /// From 1, as the reader counts.
    pub number: u32,
    pub text: String,
}

/// The messages are `refusal-…`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    Invalid(Errors),
    /// Lines that could not be taken; nothing of the rest was.
    BadLines(Errors, Vec<BadLine>),
    NotFound,
    NotAllowed,
    /// It changed meanwhile.
    Changed,
    /// This approval has its app already.
    AppThere(AppId),
    /// No approved application stands behind it.
    NotApproved,
    /// The stage that the app is in does not allow it.
    WrongStage,
    /// Two secrets are live: one has to end first.
    TwoSecrets,
    /// An app is never without a secret.
    LastSecret,
    /// The rules would keep out the address that they are saved from.
    LocksOut,
    NothingToRelease,
    /// That step of the ladder is in force already.
    PenaltyThere,
    /// The policy of its category has no whitelist.
    NoWhitelist,
}

impl Refusal {
    pub const CODES: &[&str] = &[
        "invalid",
        "not-found",
        "not-allowed",
        "changed",
        "app-there",
        "not-approved",
        "wrong-stage",
        "two-secrets",
        "last-secret",
        "locks-out",
        "nothing-to-release",
        "penalty-there",
        "no-whitelist",
    ];
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::Invalid(_) | Refusal::BadLines(..) => "invalid",
            Refusal::NotFound => "not-found",
            Refusal::NotAllowed => "not-allowed",
            Refusal::Changed => "changed",
            Refusal::AppThere(_) => "app-there",
            Refusal::NotApproved => "not-approved",
            Refusal::WrongStage => "wrong-stage",
            Refusal::TwoSecrets => "two-secrets",
            Refusal::LastSecret => "last-secret",
            Refusal::LocksOut => "locks-out",
            Refusal::NothingToRelease => "nothing-to-release",
            Refusal::PenaltyThere => "penalty-there",
            Refusal::NoWhitelist => "no-whitelist",
        }
    }
    fn kind(&self) -> RefusalKind<'_> {
        match self {
            Refusal::Invalid(errors) | Refusal::BadLines(errors, _) => RefusalKind::Invalid(errors),
            Refusal::NotFound => RefusalKind::NotFound,
            Refusal::NotAllowed => RefusalKind::NotAllowed,
            Refusal::LocksOut => RefusalKind::Mistaken,
            _ => RefusalKind::Conflict,
        }
    }
}

impl From<Errors> for Refusal {
    fn from(errors: Errors) -> Refusal {
        Refusal::Invalid(errors)
    }
}
