//! Accounts, newest first, or found by the beginning of their address.

use crate::frame;
use askama::Template;
use axum::response::IntoResponse;
use lobby::{Answer, Cx};
use people::{AccountLine, StaffRole};
use web::{Frame, Page};

const PAGE: usize = 25;

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts {
    f: Frame,
    q: String,
    lines: Vec<AccountLine>,
    next: Option<String>,
}

impl Accounts {
    fn state(&self, line: &AccountLine) -> (&'static str, &'static str, &'static str) {
        match line.state.as_str() {
            "active" => ("badge-ok", "check", self.f.t("account-active")),
            "unverified" => ("badge-wait", "clock", self.f.t("account-unverified")),
            _ => ("badge-off", "minus", self.f.t("account-closed")),
        }
    }
}

pub async fn show(cx: Cx) -> Answer {
    cx.session()?.on_staff(StaffRole::Support)?;
    let house = &cx.people().house;
    let q: String = cx.query("q").chars().take(254).collect();
    let after = house.read_cursor("accounts", cx.query("after")).and_then(|p| p.parse().ok());
    let mut lines = people::list_accounts(cx.people(), &q, after).await?;
    let more = lines.len() > PAGE && q.is_empty();
    lines.truncate(PAGE);
    let next = more.then(|| lines.last().map(|l| house.cursor("accounts", &l.id.to_string()))).flatten();
    Ok(Page(Accounts { f: frame(&cx, "nav-accounts", "/desk/accounts"), q, lines, next }).into_response())
}
