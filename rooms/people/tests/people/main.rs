//! What people do at the same moment, and what nobody may learn from how long it takes; on both databases.

mod alike;
mod house;
mod races;
mod sellers;
