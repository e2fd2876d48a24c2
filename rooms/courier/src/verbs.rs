//! What one can do here.

mod deliver;
mod mailbox;
mod template_files;
mod templates;

pub use deliver::*;
pub use mailbox::*;
pub use template_files::*;
pub use templates::*;
