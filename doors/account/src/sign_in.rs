//! Signing in and out.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kernel::{Email, Failure};
use lobby::{Answer, Cx, Retry, Stop, encode, retry};
use people::{SignedIn, Visitor};
use web::{Field, Form, Frame, Page, Summary, cookies, see_other};

/// Gives the browser its new session and sends it on.
pub(crate) fn enter(signed: &SignedIn, next: &str) -> Response {
    let next = if next.is_empty() { "/console" } else { next };
    let mut response = match signed.half {
        true => see_other(&format!("/login/code?next={}", encode(next))),
        false => see_other(next),
    };
    let headers = response.headers_mut();
    cookies::set(headers, cookies::SESSION, signed.session.reveal(), true);
    // What was open before signing in is not what is open now.
    cookies::remove(headers, cookies::GUEST);
    if let Some(device) = &signed.device {
        cookies::set(headers, cookies::DEVICE, device.reveal(), true);
    }
    response
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Login {
    f: Frame,
    summary: Summary,
    email: Field,
    password: Field,
    next: String,
}

fn page(cx: &Cx, email: &str, next: &str, r: Retry) -> Answer {
    let w = cx.w();
    let email = Field::email(w, "email", "email").autocomplete("username").value(email).error(w, &r.errors);
    let password = Field::password(w, "password", "password", "current-password").error(w, &r.errors);
    let summary =
        if r.said.is_empty() { Summary::new(w, &[&email, &password]) } else { Summary::said(r.said) };
    let next = next.to_owned();
    Ok((r.status, Page(Login { f: cx.frame("sign-in"), summary, email, password, next })).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    match cx.visitor() {
        Visitor::SignedIn(_) => {
            Ok(see_other(if cx.query("next").is_empty() { "/console" } else { cx.query("next") }))
        }
        _ => page(&cx, "", cx.query("next"), Retry::default()),
    }
}

pub async fn submit(cx: Cx, form: Form) -> Answer {
    let next = form.get("next");
    let email = match Email::parse(form.get("email")) {
        Ok(email) => email,
        Err(problem) => {
            let errors = kernel::Errors::one("email", problem);
            return page(&cx, form.get("email"), next, Retry::fields(errors));
        }
    };
    if form.get("password").is_empty() {
        let errors = kernel::Errors::one("password", kernel::Problem::Missing);
        return page(&cx, form.get("email"), next, Retry::fields(errors));
    }
    let signed = people::sign_in(cx.people(), cx.by(), &email, form.get("password"), cx.browser()).await;
    match signed {
        Ok(signed) => Ok(enter(&signed, next)),
        Err(failure) => page(&cx, form.get("email"), next, retry(cx.w(), failure)?),
    }
}

#[derive(Template)]
#[template(path = "code.html")]
struct Code {
    f: Frame,
    summary: Summary,
    code: Field,
    next: String,
}

fn code_page(cx: &Cx, next: &str, r: Retry) -> Answer {
    let w = cx.w();
    let code = Field::code(w, "code", "code").hint(w.t("code-hint")).error(w, &r.errors);
    let summary = if r.said.is_empty() { Summary::new(w, &[&code]) } else { Summary::said(r.said) };
    let page = Code { f: cx.frame("code-title"), summary, code, next: next.to_owned() };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show_code(cx: Cx) -> Answer {
    match cx.visitor() {
        Visitor::Half(_) => code_page(&cx, cx.query("next"), Retry::default()),
        _ => Ok(see_other("/login")),
    }
}

pub async fn code(cx: Cx, form: Form) -> Answer {
    let Visitor::Half(half) = cx.visitor() else { return Err(Stop::To("/login".to_owned())) };
    match people::second_factor(cx.people(), cx.by(), half, form.get("code")).await {
        Ok(signed) => Ok(enter(&signed, form.get("next"))),
        Err(failure) => code_page(&cx, form.get("next"), retry(cx.w(), failure)?),
    }
}

pub async fn out(cx: Cx, _form: Form) -> Answer {
    let ended = match cx.visitor() {
        Visitor::SignedIn(session) => people::end_session(cx.people(), cx.by(), session, session.id()).await,
        Visitor::Half(half) => people::end_half(cx.people(), cx.by(), half).await,
        Visitor::Nobody => Ok(()),
    };
    match ended {
        // Ended elsewhere in the same moment: that is what was asked for.
        Ok(()) | Err(Failure::Refused(people::Refusal::NotFound)) => {}
        Err(failure) => return Err(failure.into()),
    }
    let mut response = see_other("/?said=signed-out");
    cookies::remove(response.headers_mut(), cookies::SESSION);
    response.headers_mut().insert("clear-site-data", axum::http::HeaderValue::from_static("\"cache\""));
    debug_assert_eq!(response.status(), StatusCode::SEE_OTHER);
    Ok(response)
}
