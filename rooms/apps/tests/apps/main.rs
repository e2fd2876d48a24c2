//! Apps on both databases: made once, their secrets, whitelist, stages, penalties, sleep.

mod making;
mod races;
mod secrets;
mod stages;
mod support;
