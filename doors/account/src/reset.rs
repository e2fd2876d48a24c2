//! A new password, when the old one is forgotten.

use crate::sign_in::enter;
use crate::sign_up::{NewPassword, Sent, password_field};
use askama::Template;
use axum::response::IntoResponse;
use kernel::{Email, Errors};
use lobby::{Answer, Cx, Retry, retry};
use people::LinkKind;
use web::{Field, Form, Frame, Page, Summary, see_other};

#[derive(Template)]
#[template(path = "reset.html")]
struct Reset {
    f: Frame,
    summary: Summary,
    email: Field,
}

fn page(cx: &Cx, email: &str, r: Retry) -> Answer {
    let w = cx.w();
    let email = Field::email(w, "email", "email").autocomplete("username").value(email).error(w, &r.errors);
    let summary = if r.said.is_empty() { Summary::new(w, &[&email]) } else { Summary::said(r.said) };
    Ok((r.status, Page(Reset { f: cx.frame("reset-title"), summary, email })).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, "", Retry::default())
}

pub async fn ask(cx: Cx, form: Form) -> Answer {
    let email = match Email::parse(form.get("email")) {
        Ok(email) => email,
        Err(problem) => return page(&cx, form.get("email"), Retry::fields(Errors::one("email", problem))),
    };
    match people::ask_reset(cx.people(), cx.by(), email).await {
        Ok(()) => {
            cx.ring();
            Ok(see_other("/reset/sent"))
        }
        Err(failure) => page(&cx, form.get("email"), retry(cx.w(), failure)?),
    }
}

pub async fn sent(cx: Cx) -> Answer {
    let w = cx.w();
    let page = Sent {
        f: cx.frame("sent-title"),
        title: w.t("sent-title"),
        text: w.t("reset-sent"),
        again: "/reset",
    };
    Ok(Page(page).into_response())
}

async fn new_page(cx: &Cx, text: &str, r: Retry) -> Answer {
    let email = people::look_at_link(cx.people(), LinkKind::Reset, cx.link(text)).await?.unwrap_or_default();
    let w = cx.w();
    let password = password_field(cx, &r);
    let page = NewPassword {
        f: cx.frame("reset-new-title"),
        lead: w.t1("reset-new-lead", "email", &email),
        email,
        action: "/reset/new",
        token: text.to_owned(),
        summary: Summary::new(w, &[&password]),
        password,
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show_new(cx: Cx) -> Answer {
    new_page(&cx, cx.query("t"), Retry::default()).await
}

pub async fn reset(cx: Cx, form: Form) -> Answer {
    let Some(token) = cx.link(form.get("t")) else { return new_page(&cx, "", Retry::default()).await };
    match people::reset(cx.people(), cx.by(), token, form.get("password")).await {
        Ok(account) => {
            cx.ring();
            let signed = people::sign_in_after_link(cx.people(), cx.by(), account, cx.browser()).await?;
            Ok(enter(&signed, "/console?said=password-changed"))
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            new_page(&cx, form.get("t"), r).await
        }
    }
}
