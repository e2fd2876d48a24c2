//! The landing page.

use askama::Template;
use axum::response::IntoResponse;
use lobby::{Answer, Cx};
use web::{Frame, Page};

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing {
    f: Frame,
}

pub async fn show(cx: Cx) -> Answer {
    let mut f = cx.frame("landing-title");
    f.title = cx.w().t("landing-title").to_owned();
    Ok(Page(Landing { f }).into_response())
}
