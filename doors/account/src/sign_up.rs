//! Signing up: the address, the mail, the password.

use crate::sign_in::enter;
use askama::Template;
use axum::response::IntoResponse;
use kernel::{Email, Errors};
use lobby::{Answer, Cx, Retry, retry};
use people::LinkKind;
use web::{Field, Form, Frame, Page, Summary, see_other};

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUp {
    f: Frame,
    summary: Summary,
    name: Field,
    email: Field,
}

fn page(cx: &Cx, name: &str, email: &str, r: Retry) -> Answer {
    let w = cx.w();
    let name = Field::text(w, "name", "your-name")
        .autocomplete("name")
        .max(kernel::text::NAME_MAX)
        .value(name)
        .error(w, &r.errors);
    let email =
        Field::email(w, "email", "email").hint(w.t("sign-up-email-hint")).value(email).error(w, &r.errors);
    let summary = if r.said.is_empty() { Summary::new(w, &[&name, &email]) } else { Summary::said(r.said) };
    Ok((r.status, Page(SignUp { f: cx.frame("sign-up"), summary, name, email })).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, "", "", Retry::default())
}

pub async fn submit(cx: Cx, form: Form) -> Answer {
    let mut errors = Errors::default();
    let name = errors.take("name", kernel::text::name(form.get("name")));
    let email = errors.take("email", Email::parse(form.get("email")));
    let (Some(name), Some(email)) = (name, email) else {
        return page(&cx, form.get("name"), form.get("email"), Retry::fields(errors));
    };
    match people::sign_up(cx.people(), cx.by(), email, name, cx.w().lang).await {
        Ok(()) => {
            cx.ring();
            Ok(see_other("/signup/sent"))
        }
        Err(failure) => page(&cx, form.get("name"), form.get("email"), retry(cx.w(), failure)?),
    }
}

#[derive(Template)]
#[template(path = "sent.html")]
pub(crate) struct Sent {
    pub f: Frame,
    pub title: &'static str,
    pub text: &'static str,
    pub again: &'static str,
}

pub async fn sent(cx: Cx) -> Answer {
    let w = cx.w();
    let page = Sent {
        f: cx.frame("sent-title"),
        title: w.t("sent-title"),
        text: w.t("sign-up-sent"),
        again: "/signup",
    };
    Ok(Page(page).into_response())
}

/// A page that asks for a new password behind a mailed link.
#[derive(Template)]
#[template(path = "new_password.html")]
pub(crate) struct NewPassword {
    pub f: Frame,
    pub lead: String,
    pub email: String,
    pub action: &'static str,
    pub token: String,
    pub summary: Summary,
    pub password: Field,
}

pub(crate) fn password_field(cx: &Cx, r: &Retry) -> Field {
    let w = cx.w();
    Field::password(w, "password", "new-password", "new-password")
        .hint(w.tn("password-hint", "n", i64::from(people::PASSWORD_MIN)))
        .error(w, &r.errors)
}

async fn verify_page(cx: &Cx, text: &str, r: Retry) -> Answer {
    let email = people::look_at_link(cx.people(), LinkKind::Verify, cx.link(text)).await?.unwrap_or_default();
    let w = cx.w();
    let password = password_field(cx, &r);
    let page = NewPassword {
        f: cx.frame("verify-title"),
        lead: w.t1("verify-lead", "email", &email),
        email,
        action: "/verify",
        token: text.to_owned(),
        summary: Summary::new(w, &[&password]),
        password,
    };
    Ok((r.status, Page(page)).into_response())
}

/// Opening the link shows a form and changes nothing: scanners open links too.
pub async fn show_verify(cx: Cx) -> Answer {
    verify_page(&cx, cx.query("t"), Retry::default()).await
}

pub async fn verify(cx: Cx, form: Form) -> Answer {
    let Some(token) = cx.link(form.get("t")) else { return verify_page(&cx, "", Retry::default()).await };
    match people::verify(cx.people(), cx.by(), token, form.get("password")).await {
        Ok(account) => {
            let signed = people::sign_in_after_link(cx.people(), cx.by(), account, cx.browser()).await?;
            Ok(enter(&signed, "/console"))
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            verify_page(&cx, form.get("t"), r).await
        }
    }
}
