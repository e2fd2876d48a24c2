//! Kinds of Request about what this room and `people` know themselves.

mod company;

pub use company::{COMPANY, CompanySubject};
