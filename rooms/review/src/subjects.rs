//! Kinds of Request that are about nothing of a younger room's.

mod test_seller;

pub use test_seller::TestSeller;
//! Kinds of Request about what this room and `people` know themselves.

mod company;

pub use company::{COMPANY, CompanySubject};
