//! What people do at the same moment, on both databases.

mod house;
mod races;
