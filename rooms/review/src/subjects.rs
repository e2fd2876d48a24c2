//! Kinds of Request about what this room and `people` know themselves.

mod company;
mod test_seller;

pub use company::{COMPANY, CompanySubject};
pub use test_seller::TestSeller;
