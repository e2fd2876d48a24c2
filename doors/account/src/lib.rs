//! The door for everybody with an account: signing up, signing in, and what people keep about
//! themselves.

mod confirm;
mod email;
mod inbox;
mod invite;
mod keys;
mod profile;
mod reset;
mod security;
mod setup;
mod sign_in;
mod sign_up;
mod totp;

use axum::Router;
use axum::routing::{get, post};
use lobby::{Cx, Hall};
use web::{Frame, NavGroup, NavLink};

/// Every page of this door. Tests walk this table.
pub fn routes() -> Router<Hall> {
    Router::new()
        .route("/signup", get(sign_up::show).post(sign_up::submit))
        .route("/signup/sent", get(sign_up::sent))
        .route("/verify", get(sign_up::show_verify).post(sign_up::verify))
        .route("/login", get(sign_in::show).post(sign_in::submit))
        .route("/login/code", get(sign_in::show_code).post(sign_in::code))
        .route("/logout", post(sign_in::out))
        .route("/reset", get(reset::show).post(reset::ask))
        .route("/reset/sent", get(reset::sent))
        .route("/reset/new", get(reset::show_new).post(reset::reset))
        .route("/setup", get(setup::show).post(setup::submit))
        .route("/invite", get(invite::show).post(invite::join))
        .route("/account", get(profile::show).post(profile::submit))
        .route("/account/confirm", get(confirm::show).post(confirm::submit))
        .route("/account/security", get(security::show))
        .route("/account/password", get(security::show_password).post(security::change_password))
        .route("/account/sessions/end", post(security::end_session))
        .route("/account/email", get(email::show).post(email::ask))
        .route("/account/email/confirm", get(email::show_confirm).post(email::confirm))
        .route("/account/totp", get(totp::show).post(totp::confirm))
        .route("/account/totp/start", post(totp::start))
        .route("/account/totp/stop", post(totp::stop))
        .route("/account/recovery", post(totp::renew))
        .route("/account/inbox", get(inbox::show))
        .route("/account/inbox/open", post(inbox::open))
        .route("/account/inbox/read", post(inbox::read))
        .route("/account/keys", get(keys::show).post(keys::make))
        .route("/account/keys/revoke", post(keys::revoke))
}

/// The frame of a page about oneself.
fn frame(cx: &Cx, title: &str, here: &str) -> Frame {
    let mut f = cx.frame(title);
    let w = cx.w();
    let link = |href, icon, key| NavLink { href, icon, label: w.t(key), current: href == here };
    f.nav_label = w.t("nav-account");
    let mut links = vec![
        link("/account", "user", "nav-profile"),
        link("/account/security", "shield", "nav-security"),
        link("/account/inbox", "bell", "nav-inbox"),
    ];
    if f.is_staff {
        links.push(link("/account/keys", "key", "nav-keys"));
    }
    f.nav = vec![
        NavGroup { title: w.t("nav-account"), links },
        NavGroup { title: w.t("nav-elsewhere"), links: vec![link("/console", "apps", "nav-console")] },
    ];
    f
}
