//! Requests and the desk, on both databases.

mod applying;
mod support;
