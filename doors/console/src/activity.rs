//! What was done in the name of this developer.

use crate::{frame, seat};
use askama::Template;
use axum::response::IntoResponse;
use lobby::{Answer, Cx};
use store::audit::{self, Entry, Search};
use web::{Frame, Page};

#[derive(Template)]
#[template(path = "activity.html")]
struct Activity {
    f: Frame,
    entries: Vec<(Entry, String)>,
    next: Option<String>,
}

impl Activity {
    fn action(&self, e: &Entry) -> String {
        web::action_words(&self.f.w, &e.action)
    }
}

pub async fn show(cx: Cx) -> Answer {
    let seat = seat(&cx)?;
    let house = &cx.people().house;
    let list = format!("activity {}", seat.developer());
    let after = house.read_cursor(&list, cx.query("after")).and_then(|p| p.parse().ok());
    let search = Search { subject: Some(seat.developer().to_string()), after, ..Search::default() };
    let mut entries = house.db.read(move |look| audit::search(look, &search)).await?;
    let more = entries.len() as i64 > audit::PAGE;
    entries.truncate(audit::PAGE as usize);
    let next = more.then(|| entries.last().map(|e| house.cursor(&list, &e.id.to_string()))).flatten();
    let names = people::names(cx.people(), entries.iter().filter_map(|e| e.account).collect()).await?;
    let named = entries.into_iter().map(|e| {
        let name = names.iter().find(|(id, _)| Some(*id) == e.account).map(|(_, n)| n.clone());
        (e, name.unwrap_or_default())
    });
    let page = Activity {
        entries: named.collect(),
        f: frame(&cx, "nav-activity", "/console/activity").await?,
        next,
    };
    Ok(Page(page).into_response())
}
