//! Two ways to fail: a refusal is a "no, because …" that the caller is told; a fault is ours, is
//! logged once at the door, and shows outside only as a request id.

use crate::text::Errors;

/// A room's closed list of refusals. The code is stable, and is also the key of its message:
/// `refusal-<code>`.
pub trait Refuse: std::fmt::Debug {
    fn code(&self) -> &'static str;
    /// What a door does with it.
    fn kind(&self) -> RefusalKind<'_> {
        RefusalKind::Conflict
    }
}

/// The few ways in which a "no" is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefusalKind<'a> {
    /// Fields of the form are wrong: it is shown again.
    Invalid(&'a Errors),
    /// What was typed is wrong as a whole: the form is shown again with one sentence.
    Mistaken,
    /// It does not fit how things stand now: the form is shown again with one sentence.
    Conflict,
    /// Seconds to wait.
    Throttled(i64),
    NotFound,
    NotAllowed,
    /// A link that is used up.
    Gone,
    NeedsSudo,
    /// Sign in anew.
    BeginAgain,
}

#[derive(Debug)]
pub enum Failure<R> {
    Refused(R),
    Fault(Fault),
}

impl<R> From<Fault> for Failure<R> {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

impl<R> Failure<R> {
    /// Carries a refusal of one kind into a list that contains it.
    pub fn widen<S: From<R>>(self) -> Failure<S> {
        match self {
            Failure::Refused(r) => Failure::Refused(r.into()),
            Failure::Fault(f) => Failure::Fault(f),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// Try again later: the database is away, the disk is full, a queue is too long.
    Unavailable,
    /// A constraint said no. Verbs avoid it by conditional writes; what is left is a bug or a race.
    Constraint,
    /// Everything else.
    Internal,
}

/// Something went wrong on our side.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    pub kind: FaultKind,
    pub text: String,
}

impl Fault {
    pub fn unavailable(text: impl Into<String>) -> Fault {
        Fault { kind: FaultKind::Unavailable, text: text.into() }
    }
    pub fn internal(text: impl Into<String>) -> Fault {
        Fault { kind: FaultKind::Internal, text: text.into() }
    }
    pub fn constraint(text: impl Into<String>) -> Fault {
        Fault { kind: FaultKind::Constraint, text: text.into() }
    }
    /// Says where it happened, in front of what happened.
    pub fn at(mut self, place: &str) -> Fault {
        self.text = format!("{place}: {}", self.text);
        self
    }
}
