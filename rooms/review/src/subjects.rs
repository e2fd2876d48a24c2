//! Kinds of Request that are about nothing of a younger room's.

mod test_seller;

pub use test_seller::TestSeller;
