//! Home: what to do next.

use crate::{frame, seat};
use askama::Template;
use axum::response::IntoResponse;
use lobby::{Answer, Cx};
use web::{Frame, Page};

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    f: Frame,
    name: String,
    developer: String,
    has_totp: bool,
    manages: bool,
    alone: bool,
}

pub async fn show(cx: Cx) -> Answer {
    let (seat, session) = (seat(&cx)?, cx.session()?);
    let (members, invites) = people::list_members(cx.people(), &seat).await?;
    let page = Home {
        f: frame(&cx, "nav-home", "/console").await?,
        name: session.account.name.clone(),
        developer: session.membership.as_ref().map(|m| m.name.clone()).unwrap_or_default(),
        has_totp: session.account.has_totp,
        manages: seat.role().manages_team(),
        alone: members.len() == 1 && invites.is_empty(),
    };
    Ok(Page(page).into_response())
}
