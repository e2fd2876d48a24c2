//! Tickets: conversations between developers and the operator's staff.
//!
//! Owns the tables of `0008_tickets.sql`.

use store::House;

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct Tickets {
    pub house: House,
}
