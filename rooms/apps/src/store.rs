//! The SQL of this room.

mod categories;

pub(crate) use categories::*;

/// Every statement of the room, for the test that prepares them all.
pub fn statements() -> impl Iterator<Item = &'static store::Statement> {
    [categories::STATEMENTS].into_iter().flatten().copied()
}
