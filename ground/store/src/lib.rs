//! Two databases behind one door.
//!
//! A room writes its statements once ([`statements!`]), reads through [`Db::read`] and changes things
//! through [`Db::write`], whose closure is one transaction: the change, its audit entry and its outbox
//! rows are there together or not at all. The closures are ordinary functions; on SQLite they run on
//! the one writer thread, which commits many of them with one sync; on PostgreSQL each runs on a lane
//! of its own and is run again when the database asks for that.
//!
//! Will never be here: a rule of the business, an HTTP type.

pub mod audit;
pub mod backup;
mod check;
mod db;
mod difference;
#[cfg(feature = "testing")]
pub mod faults;
mod house;
pub mod migrate;
pub mod outbox;
mod postgres;
mod sqlite;
mod statement;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod value;
mod vault;
mod words;

pub use check::{ColumnShape, prepare_all, shape};
pub use db::{Db, Engine, OpenError, Settings};
pub use difference::{Change, difference, told};
pub use house::House;
pub use postgres::PostgresSettings;
pub use sqlite::{Opening, SqliteSettings};
pub use statement::Statement;
pub use tx::{Look, Tx};
pub use value::{Cell, Column, FromRow, Row, Value};
pub use vault::{MasterKeys, Vault, VaultError};
pub use words::Texts;

/// Every statement of the store itself.
pub fn statements() -> impl Iterator<Item = &'static Statement> {
    [db::STATEMENTS, house::STATEMENTS, vault::STATEMENTS, audit::STATEMENTS, outbox::STATEMENTS]
        .into_iter()
        .flatten()
        .copied()
}
