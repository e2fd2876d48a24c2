//! Files: what people hand in. Checked by content, kept under generated ids, held by what names them, and
//! collected when nothing does.
//!
//! Owns the tables of `0004_files.sql`.

mod model;
mod store;
mod verbs;

pub use model::*;
pub use store::statements;
pub use verbs::*;

use ::store::House;

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct Files {
    pub house: House,
}
