//! The SQL of this room.

mod desk;
mod library;
mod reason_files;
mod requests;

pub(crate) use desk::*;
pub(crate) use library::*;
pub(crate) use reason_files::*;
pub(crate) use requests::*;

use crate::Answer;
use crate::form::FormDef;
use kernel::{Fault, sha256};
use store::{Tx, params};

/// Every statement of the room, for the test that prepares them all.
pub fn statements() -> impl Iterator<Item = &'static store::Statement> {
    [requests::STATEMENTS, desk::STATEMENTS, library::STATEMENTS, reason_files::STATEMENTS]
        .into_iter()
        .flatten()
        .copied()
}

/// Keeps a form under the hash of its text.
pub fn keep_form(tx: &mut Tx<'_>, form: &FormDef) -> Result<Vec<u8>, Fault> {
    let body = serde_json::to_string(form).map_err(|e| Fault::internal(e.to_string()))?;
    let hash = sha256(body.as_bytes()).to_vec();
    tx.change(&INSERT_FORM, params![&hash, &body])?;
    Ok(hash)
}

pub(crate) fn json<T: serde::Serialize>(value: &T) -> Answer<String> {
    serde_json::to_string(value).map_err(|e| Fault::internal(e.to_string()).into())
}
