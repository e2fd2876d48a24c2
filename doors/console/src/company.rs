//! The company behind the developer: whether it is verified, what for, and how that stands.

use crate::shown::{self, Badge};
use crate::{frame, seat};
use apps::CategoryState;
use askama::Template;
use axum::response::IntoResponse;
use kernel::Country;
use lobby::{Answer, Cx};
use people::SellerLine;
use review::{Kind, RequestLine, State};
use web::{Frame, Page};

#[derive(Template)]
#[template(path = "company.html")]
struct CompanyPage {
    f: Frame,
    company: Option<people::Company>,
    country: &'static str,
    sellers: Vec<SellerLine>,
    /// The newest Request about it.
    asked: Option<RequestLine>,
    history: Vec<RequestLine>,
    needed_for: Vec<String>,
    builds: bool,
}

impl CompanyPage {
    fn badge(&self, r: &RequestLine) -> Badge {
        shown::badge(&self.f.w, r.state)
    }
    fn is_waiting(&self) -> bool {
        self.asked.as_ref().is_some_and(|r| r.state.is_open())
    }
    fn state(&self) -> &'static str {
        self.asked.as_ref().map_or("", |r| r.state.word())
    }
    fn request(&self) -> String {
        self.asked.as_ref().map(|r| r.id.to_string()).unwrap_or_default()
    }
}

pub async fn show(cx: Cx) -> Answer {
    let (seat, w) = (seat(&cx)?, cx.w());
    let (company, sellers) = people::company(cx.people(), &seat).await?.unzip();
    let history = review::list_of_kind(cx.review(), &seat, Kind::Company).await?;
    let all = apps::categories(cx.apps()).await?;
    let needing = all.iter().filter(|c| c.needs_company && c.state == CategoryState::Open);
    let page = CompanyPage {
        country: company
            .as_ref()
            .and_then(|c| Country::parse(&c.country).ok())
            .map_or("", |c| c.name(w.lang)),
        company,
        sellers: sellers.unwrap_or_default(),
        asked: history.first().filter(|r| r.state != State::Approved).cloned(),
        history,
        needed_for: needing.map(|c| c.name.get(w.lang).to_owned()).collect(),
        builds: seat.role().builds(),
        f: frame(&cx, "co-title", "/console/company").await?,
    };
    Ok(Page(page).into_response())
}
