//! Review: Requests of every kind, and the desk where people decide them.
//!
//! One state machine: draft → pending → (needs changes → pending)* → approved, rejected or withdrawn. What a
//! kind of Request asks, and what its approval does, is known to the room that it is about: that room
//! implements [`Subject`] and is registered in [`Review`]; its effect is in the transaction of the decision.
//!
//! Owns the tables of `0005_review.sql`.
//!
//! Verbs of the applicant: `begin`, `save`, `submit`, `withdraw`, `answer`. Of the desk: `queue`, `claim`, `assign`,
//! `release`, `snooze`, `remark`, `note`, `ask`, `decide`; its library: `save_reason`, `retire_reason`, `save_view`,
//! `remove_view`, `figures`. Of the house: `escalate`, `digest`, `settle_checks`.

mod form;
mod model;
mod rules;
mod store;
mod subject;
mod subjects;
mod verbs;

pub use form::*;
pub use model::*;
pub use rules::{NOTE_MAX, REMARK_MAX, Refusal, due, may_move, new_reference, working_days_between};
pub use store::{keep_form, statements};
pub use subject::{Opening, Subject};
pub use subjects::{COMPANY, CompanySubject, TestSeller};
pub use verbs::*;

use ::store::House;
use std::sync::Arc;

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct Review {
    pub house: House,
    pub subjects: Arc<Vec<Arc<dyn Subject>>>,
}

impl Review {
    pub(crate) fn subject(&self, kind: Kind) -> Answer<Arc<dyn Subject>> {
        let found = self.subjects.iter().find(|s| s.kind() == kind).cloned();
        found.ok_or(kernel::Failure::Refused(Refusal::NotFound))
    }
}

pub type Answer<T> = Result<T, kernel::Failure<Refusal>>;
