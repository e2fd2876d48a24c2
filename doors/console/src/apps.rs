//! The list of apps: empty until a category is applied for.

use crate::{frame, seat};
use askama::Template;
use axum::response::IntoResponse;
use lobby::{Answer, Cx};
use web::{Frame, Page};

#[derive(Template)]
#[template(path = "apps.html")]
struct Apps {
    f: Frame,
}

pub async fn show(cx: Cx) -> Answer {
    seat(&cx)?;
    Ok(Page(Apps { f: frame(&cx, "nav-apps", "/console/apps").await? }).into_response())
}
