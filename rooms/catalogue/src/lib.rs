//! The catalogue: API groups and the methods in them.
//!
//! Owns the tables of `0006_catalogue.sql`. A group is written whole ([`GroupDef`]), by staff on a page or
//! from a file, and changed only as it was shown: who comes second is told.
//!
//! Verbs: `list_groups`, `find_group`, `list_methods`; `make_group`, `edit_group`, `retire_group`; for files
//! `export`, `put`; for other rooms, inside their transactions, `list`, `find`, `methods`.

mod model;
mod rules;
mod store;
mod verbs;

pub use model::*;
pub use rules::{KEY_MAX, METHODS_MAX, NAME_MAX, PROSE_MAX, Refusal, is_key};
pub use store::statements;
pub use verbs::*;

use ::store::House;

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct Catalogue {
    pub house: House,
}

pub(crate) type Answer<T> = Result<T, kernel::Failure<Refusal>>;
