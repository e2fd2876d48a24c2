//! Password, second factor and sessions at a glance.

use crate::frame;
use crate::sign_up::password_field;
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::SessionId;
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::SessionLine;
use web::{Field, Form, Frame, Page, Summary, Trouble, cookies, see_other};

#[derive(Template)]
#[template(path = "security.html")]
struct Security {
    f: Frame,
    email: String,
    has_totp: bool,
    codes_left: i64,
    own: SessionId,
    sessions: Vec<SessionLine>,
}

impl Security {
    /// The browser's name out of what it calls itself, roughly: enough to tell one's own apart.
    fn browser(&self, s: &SessionLine) -> String {
        let a = &s.agent;
        let has = |t: &str| a.contains(t);
        let name = if has("Edg/") {
            "Edge"
        } else if has("Firefox/") {
            "Firefox"
        } else if has("Chrome/") {
            "Chrome"
        } else if has("Safari/") {
            "Safari"
        } else {
            a.split(['/', ' ']).next().unwrap_or("")
        };
        let on = if has("Windows") {
            "Windows"
        } else if has("Android") {
            "Android"
        } else if has("iPhone") {
            "iPhone"
        } else if has("Mac OS") {
            "macOS"
        } else if has("Linux") {
            "Linux"
        } else {
            ""
        };
        match (name, on) {
            ("", _) => "—".to_owned(),
            (name, "") => name.to_owned(),
            (name, on) => format!("{name} · {on}"),
        }
    }
}

pub async fn show(cx: Cx) -> Answer {
    let session = cx.session()?;
    let page = Security {
        f: frame(&cx, "nav-security", "/account/security"),
        email: session.account.email.clone(),
        has_totp: session.account.has_totp,
        codes_left: people::recovery_codes_left(cx.people(), session).await?,
        own: session.id(),
        sessions: people::list_sessions(cx.people(), session).await?,
    };
    Ok(Page(page).into_response())
}

pub async fn end_session(cx: Cx, form: Form) -> Answer {
    let session = cx.session()?;
    let which: SessionId = form
        .get("session")
        .parse()
        .map_err(|_| Stop::from(Trouble::new(StatusCode::NOT_FOUND, "not-found")))?;
    people::end_session(cx.people(), cx.by(), session, which).await?;
    Ok(see_other("/account/security?said=session-ended"))
}

#[derive(Template)]
#[template(path = "password.html")]
struct Password {
    f: Frame,
    summary: Summary,
    password: Field,
    email: String,
}

fn password_page(cx: &Cx, r: Retry) -> Answer {
    let w = cx.w();
    let password = password_field(cx, &r);
    let summary = if r.said.is_empty() { Summary::new(w, &[&password]) } else { Summary::said(r.said) };
    let email = cx.session()?.account.email.clone();
    let f = frame(cx, "password-change", "/account/security").crumb("/account/security", w.t("nav-security"));
    Ok((r.status, Page(Password { f, summary, password, email })).into_response())
}

pub async fn show_password(cx: Cx) -> Answer {
    cx.sudo("/account/password")?;
    password_page(&cx, Retry::default())
}

pub async fn change_password(cx: Cx, form: Form) -> Answer {
    let (session, sudo) = (cx.session()?, cx.sudo("/account/password")?);
    match people::change_password(cx.people(), cx.by(), session, form.get("password"), sudo).await {
        Ok(token) => {
            cx.ring();
            let mut response = see_other("/account/security?said=password-changed");
            cookies::set(response.headers_mut(), cookies::SESSION, token.reveal(), true);
            Ok(response)
        }
        Err(failure) => password_page(&cx, retry(cx.w(), failure)?),
    }
}
