//! Home: what waits for you, and what to do next.

use crate::{frame, seat};
use askama::Template;
use axum::response::IntoResponse;
use lobby::{Answer, Cx};
use review::{Kind, RequestLine, State};
use web::{Frame, Page};

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    f: Frame,
    name: String,
    developer: String,
    /// Requests whose reviewer waits for an answer.
    waiting: Vec<RequestLine>,
    category: Progress,
    app: Progress,
    has_totp: bool,
    manages: bool,
    alone: bool,
}

impl Home {
    fn title<'r>(&self, r: &'r RequestLine) -> &'r str {
        r.title.get(self.f.w.lang)
    }
}

/// How far a step is, and where it goes on.
pub struct Progress {
    pub word: &'static str,
    pub href: String,
}

/// The application for a category that is furthest.
fn category(asked: &[RequestLine], has_app: bool) -> Progress {
    let rank = |s: State| match s {
        State::Approved => 4,
        State::NeedsChanges => 3,
        State::Pending => 2,
        State::Draft => 1,
        State::Rejected | State::Withdrawn => 0,
    };
    let best = asked.iter().max_by_key(|r| rank(r.state)).filter(|r| rank(r.state) > 0);
    match best {
        _ if has_app => Progress { word: "done", href: "/console/categories".to_owned() },
        None => Progress { word: "next", href: "/console/categories".to_owned() },
        Some(r) => {
            let word = match r.state {
                State::Approved => "done",
                State::Pending => "waits",
                _ => "next",
            };
            Progress { word, href: format!("/console/requests/{}", r.id) }
        }
    }
}

pub async fn show(cx: Cx) -> Answer {
    let (seat, session) = (seat(&cx)?, cx.session()?);
    let (members, invites) = people::list_members(cx.people(), &seat).await?;
    let asked = review::list_of_kind(cx.review(), &seat, Kind::Category).await?;
    let made = apps::made_from(cx.apps(), &seat).await?;
    let has_app = !made.is_empty();
    // An approval from which no app was made yet.
    let ready = asked.iter().find(|r| r.state == State::Approved && made.iter().all(|(id, _)| *id != r.id));
    let app = match ready {
        _ if has_app => Progress { word: "done", href: "/console/apps".to_owned() },
        Some(r) => Progress { word: "next", href: format!("/console/apps/new?request={}", r.id) },
        None => Progress { word: "later", href: "/console/apps".to_owned() },
    };
    let page = Home {
        f: frame(&cx, "nav-home", "/console").await?,
        name: session.account.name.clone(),
        developer: session.membership.as_ref().map(|m| m.name.clone()).unwrap_or_default(),
        waiting: review::list_needing_changes(cx.review(), &seat).await?,
        category: category(&asked, has_app),
        app,
        has_totp: session.account.has_totp,
        manages: seat.role().manages_team(),
        alone: members.len() == 1 && invites.is_empty(),
    };
    Ok(Page(page).into_response())
}
