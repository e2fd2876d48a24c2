//! The SQL of this room.

mod apps;
mod categories;
mod groups;
mod penalties;
mod secrets;

pub(crate) use apps::*;
pub(crate) use categories::*;
pub(crate) use groups::*;
pub(crate) use penalties::*;
pub(crate) use secrets::*;

use kernel::Fault;

/// Every statement of the room, for the test that prepares them all.
pub fn statements() -> impl Iterator<Item = &'static store::Statement> {
    [apps::STATEMENTS, categories::STATEMENTS, groups::STATEMENTS, penalties::STATEMENTS, secrets::STATEMENTS]
        .into_iter()
        .flatten()
        .copied()
}

pub(crate) fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|e| Fault::internal(e.to_string()))
}

pub(crate) fn as_json<T: serde::Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|e| Fault::internal(e.to_string()))
}
