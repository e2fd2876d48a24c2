//! Another e-mail address.

use crate::frame;
use askama::Template;
use axum::response::IntoResponse;
use kernel::{Email, Errors};
use lobby::{Answer, Cx, Retry, retry};
use people::LinkKind;
use web::{Field, Form, Frame, Page, Summary, see_other};

#[derive(Template)]
#[template(path = "email.html")]
struct ChangeEmail {
    f: Frame,
    summary: Summary,
    now: String,
    email: Field,
}

fn page(cx: &Cx, email: &str, r: Retry) -> Answer {
    let w = cx.w();
    let email = Field::email(w, "email", "email-new").value(email).error(w, &r.errors);
    let summary = if r.said.is_empty() { Summary::new(w, &[&email]) } else { Summary::said(r.said) };
    let f = frame(cx, "email-change", "/account/security").crumb("/account/security", w.t("nav-security"));
    let now = cx.session()?.account.email.clone();
    Ok((r.status, Page(ChangeEmail { f, summary, now, email })).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    cx.sudo("/account/email")?;
    page(&cx, "", Retry::default())
}

pub async fn ask(cx: Cx, form: Form) -> Answer {
    let (session, sudo) = (cx.session()?, cx.sudo("/account/email")?);
    let email = match Email::parse(form.get("email")) {
        Ok(email) => email,
        Err(problem) => return page(&cx, form.get("email"), Retry::fields(Errors::one("email", problem))),
    };
    match people::ask_email(cx.people(), cx.by(), session, email, sudo).await {
        Ok(()) => {
            cx.ring();
            Ok(see_other("/account/security?said=email-asked"))
        }
        Err(failure) => page(&cx, form.get("email"), retry(cx.w(), failure)?),
    }
}

#[derive(Template)]
#[template(path = "email_confirm.html")]
struct ConfirmEmail {
    f: Frame,
    email: String,
    token: String,
}

pub async fn show_confirm(cx: Cx) -> Answer {
    let text = cx.query("t");
    let email = people::look_at_link(cx.people(), LinkKind::Email, cx.link(text)).await?.unwrap_or_default();
    let page = ConfirmEmail { f: cx.frame("email-confirm-title"), email, token: text.to_owned() };
    Ok(Page(page).into_response())
}

pub async fn confirm(cx: Cx, form: Form) -> Answer {
    let token = cx.link(form.get("t"));
    let token = token.ok_or(kernel::Failure::Refused(people::Refusal::BadLink))?;
    people::change_email(cx.people(), cx.by(), token).await?;
    cx.ring();
    Ok(see_other("/account/security?said=email-changed"))
}
