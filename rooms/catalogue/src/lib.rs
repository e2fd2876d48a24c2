//! The catalogue: API groups and the methods in them.
//!
//! Owns the tables of `0006_catalogue.sql`.

use store::House;

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct Catalogue {
    pub house: House,
}
