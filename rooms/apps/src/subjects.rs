//! What Requests are about, as this room knows it.

mod app;
mod category;
mod category_checks;
mod group;

pub use app::{HigherLimit, Online};
pub use category::CategorySubject;
pub use group::GroupSubject;
