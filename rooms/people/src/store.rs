//! The SQL of this room. `$1` is always what the statement's name speaks of; times are milliseconds.

mod accounts;
mod agreement_files;
mod companies;
mod developers;
mod keys;
mod notices;
mod sellers;
mod sessions;
mod staff;

pub(crate) use accounts::*;
pub(crate) use agreement_files::*;
pub(crate) use companies::*;
pub(crate) use developers::*;
pub(crate) use keys::*;
pub(crate) use notices::*;
pub(crate) use sellers::*;
pub(crate) use sessions::*;
pub(crate) use staff::*;

/// Every statement of the room, for the test that prepares them all.
pub fn statements() -> impl Iterator<Item = &'static store::Statement> {
    [
        accounts::STATEMENTS,
        companies::STATEMENTS,
        agreement_files::STATEMENTS,
        developers::STATEMENTS,
        keys::STATEMENTS,
        notices::STATEMENTS,
        sellers::STATEMENTS,
        sessions::STATEMENTS,
        staff::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
