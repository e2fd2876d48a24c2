//! My work: what is mine, what is late, what to take next.

use crate::frame;
use crate::say::{Line, line};
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use lobby::{Answer, Cx};
use people::StaffRole;
use review::{Counts, Filter, Whose};
use web::{Frame, Page, Trouble};

/// How many lines each list shows; the queue has the rest.
const SHOWN: usize = 8;

#[derive(Template)]
#[template(path = "desk.html")]
struct Desk {
    f: Frame,
    work: Option<Work>,
}

struct Work {
    counts: Counts,
    mine: Vec<Line>,
    late: Vec<Line>,
    next: Option<String>,
}

impl Desk {
    /// Counted to a thousand and no further.
    fn n(&self, n: &i64) -> String {
        crate::count(*n)
    }
}

pub async fn show(cx: Cx) -> Answer {
    let session = cx.session()?;
    if !session.is_staff() {
        return Err(Trouble::new(StatusCode::NOT_FOUND, "not-found").into());
    }
    let mut work = None;
    if let Ok(staff) = session.on_staff(StaffRole::Reviewer) {
        let (w, now, me) = (cx.w(), cx.review().house.now(), staff.account());
        let list = async |filter: Filter| {
            let mut lines = review::queue(cx.review(), &staff, filter, None).await?;
            lines.truncate(SHOWN);
            Ok::<_, lobby::Stop>(lines.into_iter().map(|l| line(w, l, me, now)).collect::<Vec<_>>())
        };
        work = Some(Work {
            counts: review::counts(cx.review(), &staff).await?,
            mine: list(Filter { whose: Whose::Mine, ..Filter::default() }).await?,
            late: list(Filter { late: true, ..Filter::default() }).await?,
            next: review::next(cx.review(), &staff).await?.map(|l| format!("/desk/requests/{}", l.id)),
        });
    }
    Ok(Page(Desk { f: frame(&cx, "desk-my-work", "/desk"), work }).into_response())
}
