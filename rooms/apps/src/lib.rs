//! Apps: the categories that they are made from, and all that belongs to one: secrets, callbacks, groups,
//! the seller whitelist, limits, penalties.
//!
//! Owns the tables of `0007_apps.sql`.

mod terms;

pub use terms::*;

use store::House;

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct Apps {
    pub house: House,
}
