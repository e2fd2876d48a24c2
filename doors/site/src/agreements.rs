//! The agreements, for everybody to read.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use lobby::{Answer, Cx, Stop};
use people::Agreement;
use web::{Frame, Page, Trouble};

#[derive(Template)]
#[template(path = "agreement.html")]
struct AgreementPage {
    f: Frame,
    blocks: Vec<(bool, String)>,
    fallback: bool,
    a: Agreement,
}

fn page(cx: &Cx, a: Agreement) -> Answer {
    let mut f = cx.frame("foot-agreement");
    f.title = a.title.clone();
    let blocks = a.body.split("\n\n").map(str::trim).filter(|b| !b.is_empty());
    let blocks = blocks.map(|b| match b.strip_prefix("# ") {
        Some(heading) => (true, heading.to_owned()),
        None => (false, b.replace('\n', " ")),
    });
    Ok(Page(AgreementPage { f, blocks: blocks.collect(), fallback: a.lang != cx.w().lang, a })
        .into_response())
}

pub async fn show(cx: Cx) -> Answer {
    let a = people::agreement(cx.people(), cx.w().lang).await?;
    page(&cx, a)
}

pub async fn show_version(cx: Cx, Path(version): Path<String>) -> Answer {
    let gone = || Stop::from(Trouble::new(StatusCode::NOT_FOUND, "not-found"));
    let version: i64 = version.parse().map_err(|_| gone())?;
    let a = people::agreement_version(cx.people(), version, cx.w().lang).await?;
    page(&cx, a)
}
