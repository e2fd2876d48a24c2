//! The desk: nothing waits here until developers may ask for something.

use crate::frame;
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use lobby::{Answer, Cx};
use web::{Frame, Page, Trouble};

#[derive(Template)]
#[template(path = "desk.html")]
struct Desk {
    f: Frame,
}

pub async fn show(cx: Cx) -> Answer {
    if !cx.session()?.is_staff() {
        return Err(Trouble::new(StatusCode::NOT_FOUND, "not-found").into());
    }
    Ok(Page(Desk { f: frame(&cx, "nav-desk", "/desk") }).into_response())
}
