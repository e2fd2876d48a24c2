//! The binary: configuration, wiring, commands, the demo. Here alone the rooms and doors are put together.

pub mod blueprint;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod open;
pub mod operations;
mod probe;
mod reasons;
pub mod serve;
pub mod tools;

/// Every statement of every room, for the test that prepares them all on both databases.
pub fn statements() -> Vec<&'static store::Statement> {
    store::statements()
        .chain(people::statements())
        .chain(files::statements())
        .chain(review::statements())
        .chain(catalogue::statements())
        .chain(apps::statements())
        .chain(tickets::statements())
        .chain(courier::statements())
        .collect()
}
