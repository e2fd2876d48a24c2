//! The audit, searched by who, what and about what.

use crate::frame;
use askama::Template;
use axum::response::IntoResponse;
use lobby::{Answer, Cx};
use people::StaffRole;
use store::audit::{self, Entry, Search};
use web::{Frame, Page};

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit {
    f: Frame,
    entries: Vec<(Entry, String)>,
    account: String,
    subject: String,
    action: String,
    filtered: bool,
    next: Option<String>,
}

impl Audit {
    fn words(&self, e: &Entry) -> String {
        web::action_words(&self.f.w, &e.action)
    }
}

pub async fn show(cx: Cx) -> Answer {
    cx.session()?.on_staff(StaffRole::Support)?;
    let house = &cx.people().house;
    let typed = |name| cx.query(name).trim().chars().take(120).collect::<String>();
    let (account, subject, action) = (typed("account"), typed("subject"), typed("action"));
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    // A cursor is good for the search it was made in.
    let list = format!("audit {account} {subject} {action}");
    let after = house.read_cursor(&list, cx.query("after")).and_then(|p| p.parse().ok());
    let known = account.parse().ok();
    let mut entries = Vec::new();
    if account.is_empty() || known.is_some() {
        let search = Search { account: known, subject: given(&subject), action: given(&action), after };
        entries = house.db.read(move |look| audit::search(look, &search)).await?;
    }
    let more = entries.len() as i64 > audit::PAGE;
    entries.truncate(audit::PAGE as usize);
    let next = more.then(|| entries.last().map(|e| house.cursor(&list, &e.id.to_string()))).flatten();
    let names = people::names(cx.people(), entries.iter().filter_map(|e| e.account).collect()).await?;
    let named = entries.into_iter().map(|e| {
        let name = names.iter().find(|(id, _)| Some(*id) == e.account).map(|(_, n)| n.clone());
        (e, name.unwrap_or_default())
    });
    let filtered = !(account.is_empty() && subject.is_empty() && action.is_empty());
    let page = Audit {
        entries: named.collect(),
        f: frame(&cx, "nav-audit", "/desk/audit"),
        account,
        subject,
        action,
        filtered,
        next,
    };
    Ok(Page(page).into_response())
}
