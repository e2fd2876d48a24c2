//! Tickets: conversations between developers and the operator's staff.
//!
//! Owns the tables of `0008_tickets.sql`. A ticket waits for the staff (open) or for the developer (waiting),
//! or is solved, or closed. Whoever writes says which turn of the talk is answered: what came meanwhile is
//! never talked over.
//!
//! Verbs of developers: `open`, `list`, `find`, `reply`, `solved`. Of the staff: `queue`, `look_at`, `answer`,
//! `note`, `claim`, `release`, `assign`, `close`.

mod model;
mod rules;
mod store;
mod verbs;

pub use model::*;
pub use rules::{CLOSE_DAYS, Refusal, SUBJECT_MAX, TEXT_MAX, page, trace};
pub use store::statements;
pub use verbs::*;

use ::store::House;

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct Tickets {
    pub house: House,
}

pub(crate) type Answer<T> = Result<T, kernel::Failure<Refusal>>;
