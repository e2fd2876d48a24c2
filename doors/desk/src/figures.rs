//! How the desk keeps its promises.

use crate::{frame, say};
use askama::Template;
use axum::response::IntoResponse;
use lobby::{Answer, Cx};
use people::StaffRole;
use review::{Figure, Figures};
use web::{Frame, Page};

#[derive(Template)]
#[template(path = "figures.html")]
struct FiguresPage {
    f: Frame,
    days: i64,
    all: Figure,
    by_kind: Vec<(String, Figure)>,
    by_reviewer: Vec<(String, Figure)>,
    cut: bool,
}

impl FiguresPage {
    fn span(&self, millis: &Option<i64>) -> String {
        millis.map_or_else(|| "–".to_owned(), |m| say::span(&self.f.w, m))
    }
    /// Of a hundred decided, how many by the promised time; down, so that 99.6 does not look like all.
    fn share(&self, x: &Figure) -> i64 {
        if x.decided == 0 { 0 } else { x.in_time * 100 / x.decided }
    }
    fn shown(&self, x: &Figure) -> String {
        if x.decided == 0 { "–".to_owned() } else { self.f.t1("desk-percent", "n", self.share(x)) }
    }
}

pub async fn show(cx: Cx) -> Answer {
    let staff = cx.session()?.on_staff(StaffRole::Reviewer)?;
    let days = if cx.query("days") == "90" { 90 } else { 30 };
    let Figures { all, by_kind, by_reviewer, cut } = review::figures(cx.review(), &staff, days).await?;
    let by_kind = by_kind.into_iter().map(|(k, x)| (cx.w().t(say::kind(k)).to_owned(), x)).collect();
    let f = frame(&cx, "desk-figures", "/desk/figures");
    Ok(Page(FiguresPage { f, days, all, by_kind, by_reviewer, cut }).into_response())
}
