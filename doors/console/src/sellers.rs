//! The test sellers of a developer: what they are called, asking for one, giving one back.

use crate::{frame, seat};
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{Country, SellerId};
use lobby::{Answer, Cx, Stop};
use people::{SellerLine, TEST_SELLERS_MAX};
use web::{Form, Frame, Page, Trouble, see_other};

#[derive(Template)]
#[template(path = "sellers.html")]
struct Sellers {
    f: Frame,
    lines: Vec<SellerLine>,
    may_write: bool,
}

impl Sellers {
    fn country(&self, l: &SellerLine) -> String {
        let known = Country::parse(&l.country);
        known.map_or_else(|_| l.country.clone(), |c| c.name(self.f.w.lang).to_owned())
    }
    /// How many there are, and of how many.
    fn figure(&self) -> String {
        self.f.t2("test-sellers-figure", "n", self.lines.len(), "max", TEST_SELLERS_MAX)
    }
    fn may_ask(&self) -> bool {
        self.may_write && (self.lines.len() as i64) < TEST_SELLERS_MAX
    }
}

pub async fn show(cx: Cx) -> Answer {
    let seat = seat(&cx)?;
    let page = Sellers {
        f: frame(&cx, "nav-test-sellers", "/console/sellers").await?,
        lines: people::list_test_sellers(cx.people(), &seat).await?,
        may_write: seat.role().builds(),
    };
    Ok(Page(page).into_response())
}

pub async fn release(cx: Cx, form: Form) -> Answer {
    let seat = seat(&cx)?;
    let gone = |_| Stop::from(Trouble::new(StatusCode::NOT_FOUND, "not-found"));
    let id: SellerId = form.get("seller").parse().map_err(gone)?;
    people::release_test_seller(cx.people(), cx.by(), &seat, id).await?;
    Ok(see_other("/console/sellers?said=test-seller-released"))
}
