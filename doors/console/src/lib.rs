//! The developers' door: becoming a developer, the apps, the team, what was done.

mod activity;
mod app;
mod app_authorization;
mod app_credentials;
mod app_list;
mod app_new;
mod app_permissions;
mod app_settings;
mod categories;
mod company;
mod developer;
mod home;
mod questions;
mod requests;
mod sellers;
mod shown;
mod start;
mod team;
mod tickets;

use axum::Router;
use axum::routing::{get, post};
use lobby::{Cx, Hall, Stop};
use people::{Role, Seat};
use web::{Frame, NavGroup, NavLink, Switchable};

/// Every page of this door. Tests walk this table.
pub fn routes() -> Router<Hall> {
    Router::new()
        .route("/console", get(home::show))
        .route("/console/start", get(start::show).post(start::accept))
        .route("/console/start/information", get(start::show_information).post(start::activate))
        .route("/console/categories", get(categories::show))
        .route("/console/company", get(company::show))
        .route("/console/requests", get(requests::list))
        .route("/console/requests/begin", post(requests::begin))
        .route("/console/requests/{id}", get(requests::show))
        .route("/console/requests/{id}/edit", get(questions::show).post(questions::save))
        .route("/console/requests/{id}/check", get(questions::check))
        .route("/console/requests/{id}/submit", post(questions::submit))
        .route("/console/requests/{id}/sent", get(questions::sent))
        .route("/console/requests/{id}/answer", post(requests::answer))
        .route("/console/requests/{id}/withdraw", post(requests::withdraw))
        .route("/console/apps", get(app_list::show))
        .route("/console/apps/new", get(app_new::show).post(app_new::make))
        .route("/console/apps/{id}", get(app::show))
        .route("/console/apps/{id}/stage", post(app::move_stage))
        .route("/console/apps/{id}/credentials", get(app_credentials::show))
        .route("/console/apps/{id}/credentials/view", post(app_credentials::view))
        .route("/console/apps/{id}/credentials/reset", post(app_credentials::reset))
        .route("/console/apps/{id}/credentials/end", post(app_credentials::end))
        .route("/console/apps/{id}/addresses", post(app_credentials::set_addresses))
        .route(
            "/console/apps/{id}/authorization",
            get(app_authorization::show).post(app_authorization::submit),
        )
        .route("/console/apps/{id}/permissions", get(app_permissions::show))
        .route("/console/apps/{id}/limits", get(app_permissions::show_limits))
        .route("/console/apps/{id}/live", get(app_permissions::show_live))
        .route("/console/apps/{id}/settings", get(app_settings::show).post(app_settings::save))
        .route("/console/apps/{id}/settings/release", post(app_settings::release))
        .route("/console/apps/{id}/settings/drop", post(app_settings::drop_draft))
        .route("/console/apps/{id}/delete", post(app_settings::delete))
        .route("/console/developer", get(developer::show).post(developer::submit))
        .route("/console/switch", post(developer::switch))
        .route("/console/team", get(team::show))
        .route("/console/team/invite", post(team::invite))
        .route("/console/team/withdraw", post(team::withdraw))
        .route("/console/team/member", get(team::show_member).post(team::change_role))
        .route("/console/team/remove", post(team::remove))
        .route("/console/team/transfer", post(team::transfer))
        .route("/console/team/leave", post(team::leave))
        .route("/console/activity", get(activity::show))
        .route("/console/sellers", get(sellers::show))
        .route("/console/sellers/release", post(sellers::release))
        .route("/console/tickets", get(tickets::show))
        .route("/console/tickets/new", get(tickets::show_new).post(tickets::open))
        .route("/console/tickets/{id}", get(tickets::show_one).post(tickets::reply))
        .route("/console/tickets/{id}/solved", post(tickets::solved))
}

/// Whoever is a member of a developer; others are led through becoming one.
fn seat(cx: &Cx) -> Result<Seat, Stop> {
    cx.session()?.seat().map_err(|_| Stop::To("/console/start".to_owned()))
}

/// The frame of a page of the console.
async fn frame(cx: &Cx, title: &str, here: &str) -> Result<Frame, Stop> {
    let (mut f, w, session) = (cx.frame(title), cx.w(), cx.session()?);
    let link = |href, icon, key| NavLink { href, icon, label: w.t(key), current: href == here };
    f.nav_label = w.t("nav-console");
    f.nav = vec![NavGroup {
        title: "",
        links: vec![
            link("/console", "home", "nav-home"),
            link("/console/apps", "apps", "nav-apps"),
            link("/console/categories", "book", "rq-categories"),
            link("/console/requests", "inbox", "rq-title"),
        ],
    }];
    if let Some(m) = &session.membership {
        f.nav.push(NavGroup {
            title: w.t("developer"),
            links: vec![
                link("/console/developer", "building", "nav-developer"),
                link("/console/company", "shield-check", "co-title"),
                link("/console/team", "users", "nav-team"),
                link("/console/activity", "audit", "nav-activity"),
                link("/console/sellers", "store", "nav-test-sellers"),
                link("/console/tickets", "help", "nav-tickets"),
            ],
        });
        let all = people::memberships(cx.people(), session).await?;
        f.switchable = all
            .into_iter()
            .map(|o| Switchable {
                id: o.developer.to_string(),
                initials: web::initials(&o.name),
                current: o.developer == m.developer,
                name: o.name,
            })
            .collect();
    }
    Ok(f)
}

fn role_key(role: Role) -> &'static str {
    match role {
        Role::Owner => "role-owner",
        Role::Admin => "role-admin",
        Role::Engineer => "role-engineer",
        Role::Viewer => "role-viewer",
    }
}
