//! Taking, holding and collecting files, on both databases.

mod collecting;
mod hostile;
mod support;
mod taking;
