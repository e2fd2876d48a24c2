//! What one can do here. Each verb is one function and one transaction with one audit entry.

mod apply_terms;
mod categories;

pub use apply_terms::*;
pub use categories::*;
