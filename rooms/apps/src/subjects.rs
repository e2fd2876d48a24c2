//! What Requests are about, as this room knows it.

mod category;
mod category_checks;
mod group;

pub use category::CategorySubject;
pub use group::GroupSubject;
