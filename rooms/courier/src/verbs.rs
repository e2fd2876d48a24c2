//! What one can do here.

mod deliver;
mod mailbox;
mod templates;

pub use deliver::*;
pub use mailbox::*;
pub use templates::*;
