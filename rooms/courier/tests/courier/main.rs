//! The courier's promises, on both databases and against a mail server of our own.

mod delivery;
mod house;
mod mailbox;
mod sink;
mod templates;
mod tls;
