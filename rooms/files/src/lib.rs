//! Files: what people hand in. Checked by content, kept under generated ids, held by what names them, and
//! collected when nothing does.
//!
//! Owns the tables of `0004_files.sql`, and the depot in which the bytes lie. A file is 'coming' until its
//! bytes are in the depot, then 'loose', and 'kept' from the transaction in which something names it.
//!
//! Verbs: `take`, `take_as_staff`, `open`, `find`, `keep`, `let_go`, `collect`, `missing`.

mod content;
mod model;
mod picture;
mod rules;
mod store;
mod verbs;

pub use model::*;
pub use rules::*;
pub use store::statements;
pub use verbs::*;

use ::store::House;
use content::Workshop;
use depot::Depot;
use std::path::PathBuf;
use std::sync::Arc;

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct Files {
    pub house: House,
    pub depot: Arc<dyn Depot>,
    pub quota: Quota,
    /// Where doors put what is coming, under no name.
    pub spool: Arc<PathBuf>,
    workshop: Workshop,
}

impl Files {
    pub fn new(house: House, depot: Arc<dyn Depot>, quota: Quota, spool: PathBuf) -> Files {
        Files { house, depot, quota, spool: Arc::new(spool), workshop: Workshop::default() }
    }
}

pub(crate) type Answer<T> = Result<T, kernel::Failure<Refusal>>;
