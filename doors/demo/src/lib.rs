//! The demo's door: the start page, changing persona by one click, the built-in mailbox. It is opened
//! by `guildhall demo`, and its mailbox also where mail is kept instead of sent.

mod mailbox;
mod start;

use axum::Router;
use axum::routing::{get, post};
use courier::Courier;
use lobby::Hall;

/// What the start page tells of somebody.
#[derive(Clone)]
pub struct Person {
    pub key: &'static str,
    pub name: &'static str,
    pub initials: &'static str,
    pub role: &'static str,
    pub can: &'static str,
    pub email: String,
    pub password: String,
    pub home: &'static str,
}

/// Every page of this door. Tests walk this table.
pub fn routes(people: Vec<Person>, courier: Courier) -> Router<Hall> {
    Router::new()
        .route("/demo", get(start::show))
        .route("/demo/become", post(start::r#become))
        .layer(axum::Extension(std::sync::Arc::new(people)))
        .merge(mailbox_routes(courier))
}

/// The mailbox alone.
pub fn mailbox_routes(courier: Courier) -> Router<Hall> {
    Router::new()
        .route("/demo/mailbox", get(mailbox::show))
        .route("/demo/mailbox.json", get(mailbox::json))
        .route("/demo/openapi.json", get(mailbox::openapi))
        .layer(axum::Extension(courier))
}
