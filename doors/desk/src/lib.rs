//! The staff's door: the desk where Requests are decided; who works here, who has an account, what was done, how mails
//! read.

mod accounts;
mod acts;
mod apps;
mod audit;
mod categories;
mod decide;
mod figures;
mod groups;
mod home;
mod item;
mod mail;
mod queue;
mod reasons;
mod say;
mod sellers;
mod staff;
mod three;
mod tickets;

use axum::Router;
use axum::routing::{get, post};
use courier::Courier;
use lobby::{Cx, Hall};
use people::StaffRole;
use web::{Frame, NavGroup, NavLink};

/// Every page of this door. Tests walk this table.
pub fn routes(courier: Courier) -> Router<Hall> {
    Router::new()
        .route("/desk", get(home::show))
        .route("/desk/queue", get(queue::show))
        .route("/desk/queue/views", post(queue::save_view))
        .route("/desk/queue/views/remove", post(queue::remove_view))
        .route("/desk/requests/{id}", get(item::show))
        .route("/desk/requests/{id}/claim", post(acts::claim))
        .route("/desk/requests/{id}/release", post(acts::release))
        .route("/desk/requests/{id}/assign", post(acts::assign))
        .route("/desk/requests/{id}/snooze", post(acts::snooze))
        .route("/desk/requests/{id}/remark", post(acts::remark))
        .route("/desk/requests/{id}/note", post(acts::note))
        .route("/desk/requests/{id}/ask", post(acts::ask))
        .route("/desk/requests/{id}/decide", get(decide::show).post(decide::decide))
        .route("/desk/requests/{id}/preview", post(decide::preview))
        .route("/desk/requests/{id}/done", get(decide::done))
        .route("/desk/reasons", get(reasons::show))
        .route("/desk/reasons/edit", get(reasons::show_edit).post(reasons::edit))
        .route("/desk/reasons/retire", post(reasons::retire))
        .route("/desk/figures", get(figures::show))
        .route("/desk/accounts", get(accounts::show))
        .route("/desk/apps", get(apps::show))
        .route("/desk/apps/{id}", get(apps::show_one).post(apps::penalise))
        .route("/desk/apps/{id}/lift", post(apps::lift))
        .route("/desk/audit", get(audit::show))
        .route("/desk/staff", get(staff::show).post(staff::add))
        .route("/desk/staff/remove", post(staff::remove))
        .route("/desk/mail", get(mail::show))
        .route("/desk/mail/edit", get(mail::show_edit).post(mail::edit))
        .route("/desk/mail/restore", post(mail::restore))
        .route("/desk/mail/test", post(mail::test))
        .route("/desk/tickets", get(tickets::show))
        .route("/desk/tickets/{id}", get(tickets::show_one).post(tickets::answer))
        .route("/desk/tickets/{id}/note", post(tickets::note))
        .route("/desk/tickets/{id}/claim", post(tickets::claim))
        .route("/desk/tickets/{id}/release", post(tickets::release))
        .route("/desk/tickets/{id}/assign", post(tickets::assign))
        .route("/desk/tickets/{id}/close", post(tickets::close))
        .route("/desk/categories", get(categories::show))
        .route("/desk/categories/new", get(categories::show_new).post(categories::make))
        .route("/desk/categories/{id}", get(categories::show_one))
        .route("/desk/categories/{id}/publish", post(categories::publish))
        .route("/desk/categories/{id}/discard", post(categories::discard))
        .route("/desk/categories/{id}/state", post(categories::set_state))
        .route(
            "/desk/categories/{id}/basics",
            get(categories::parts::show_basics).post(categories::parts::edit_basics),
        )
        .route(
            "/desk/categories/{id}/terms",
            get(categories::parts::show_terms).post(categories::parts::edit_terms),
        )
        .route(
            "/desk/categories/{id}/groups",
            get(categories::parts::show_groups).post(categories::parts::edit_groups),
        )
        .route("/desk/categories/{id}/form", get(categories::fields::show).post(categories::fields::arrange))
        .route(
            "/desk/categories/{id}/field",
            get(categories::fields::show_field).post(categories::fields::edit_field),
        )
        .route("/desk/categories/{id}/preview", get(categories::preview::show))
        .route("/desk/categories/{id}/apps", get(categories::apps::show).post(categories::apps::bring))
        .route("/desk/groups", get(groups::show))
        .route("/desk/groups/new", get(groups::show_new).post(groups::make))
        .route("/desk/groups/{id}", get(groups::show_one).post(groups::edit))
        .route("/desk/groups/{id}/retire", post(groups::retire))
        .route("/desk/sellers", get(sellers::show))
        .route("/desk/sellers/new", get(sellers::show_new).post(sellers::add))
        .route("/desk/sellers/import", get(sellers::import::show).post(sellers::import::preview))
        .route("/desk/sellers/import/confirm", post(sellers::import::confirm))
        .route("/desk/sellers/export.csv", get(sellers::import::export))
        .route("/desk/sellers/{id}", get(sellers::show_one).post(sellers::edit))
        .route("/desk/sellers/{id}/state", post(sellers::set_state))
        .route("/desk/sellers/{id}/accounts", post(sellers::add_account))
        .route("/desk/sellers/{id}/accounts/remove", post(sellers::remove_account))
        .layer(axum::Extension(courier))
}

/// The frame of a page of the staff. Links lead only where the reader may go.
fn frame(cx: &Cx, title: &str, here: &str) -> Frame {
    let (mut f, w) = (cx.frame(title), cx.w());
    let may = |role| cx.session().is_ok_and(|s| s.may(role));
    let link = |href, icon, key| NavLink { href, icon, label: w.t(key), current: href == here };
    f.nav_label = w.t("nav-desk");
    let mut work = vec![link("/desk", "desk", "desk-my-work")];
    if may(StaffRole::Reviewer) {
        work.push(link("/desk/queue", "inbox", "desk-queue"));
        work.push(link("/desk/reasons", "book", "desk-reasons"));
        work.push(link("/desk/figures", "chart", "desk-figures"));
    }
    f.nav = vec![NavGroup { title: "", links: work }];
    let mut links = Vec::new();
    if may(StaffRole::CatalogueManager) {
        links.push(link("/desk/categories", "apps", "nav-categories"));
        links.push(link("/desk/groups", "code", "nav-groups"));
    }
    if may(StaffRole::Support) {
        links.push(link("/desk/tickets", "help", "nav-tickets"));
        links.push(link("/desk/sellers", "store", "nav-sellers"));
        links.push(link("/desk/apps", "apps", "nav-desk-apps"));
        links.push(link("/desk/accounts", "users", "nav-accounts"));
        links.push(link("/desk/audit", "audit", "nav-audit"));
    }
    if may(StaffRole::Administrator) {
        links.push(link("/desk/staff", "shield-check", "nav-staff"));
        links.push(link("/desk/mail", "mail", "nav-mail"));
    }
    if !links.is_empty() {
        f.nav.push(NavGroup { title: w.t("nav-operator"), links });
    }
    f
}

fn staff_role_key(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Reviewer => "staff-reviewer",
        StaffRole::CatalogueManager => "staff-catalogue-manager",
        StaffRole::Support => "staff-support",
        StaffRole::Administrator => "staff-administrator",
    }
}

/// A count that nobody carried further than a thousand.
fn count(n: i64) -> String {
    if n >= 1_000 { "999+".to_owned() } else { n.to_string() }
}

fn not_found() -> lobby::Stop {
    web::Trouble::new(axum::http::StatusCode::NOT_FOUND, "not-found").into()
}
