//! Pages through a real listener, on either database: people who sign up, sign in, work together, and
//! people who should not get what they try for.

mod access;
mod accounts;
mod api;
mod applying;
mod blueprint;
mod browser;
mod categories;
mod desk;
mod files;
mod forms;
mod framing;
mod passwords;
mod sellers;
mod sudo;
mod tables;
mod teams;
mod tickets;
mod words;
