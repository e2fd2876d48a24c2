//! The first administrator comes in by the one-time link that the first start wrote.

use crate::sign_in::enter;
use crate::sign_up::password_field;
use askama::Template;
use axum::response::IntoResponse;
use kernel::{Email, Errors};
use lobby::{Answer, Cx, Retry, retry};
use people::LinkKind;
use web::{Field, Form, Frame, Page, Summary};

#[derive(Template)]
#[template(path = "setup.html")]
struct Setup {
    f: Frame,
    summary: Summary,
    name: Field,
    email: Field,
    password: Field,
    token: String,
}

async fn page(cx: &Cx, token: &str, name: &str, email: &str, r: Retry) -> Answer {
    people::look_at_link(cx.people(), LinkKind::SetUp, cx.link(token)).await?;
    let w = cx.w();
    let name = Field::text(w, "name", "your-name").autocomplete("name").value(name).error(w, &r.errors);
    let email = Field::email(w, "email", "email").value(email).error(w, &r.errors);
    let password = password_field(cx, &r);
    let summary = match r.said.is_empty() {
        true => Summary::new(w, &[&name, &email, &password]),
        false => Summary::said(r.said),
    };
    let page = Setup { f: cx.frame("setup-title"), summary, name, email, password, token: token.to_owned() };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, cx.query("t"), "", "", Retry::default()).await
}

pub async fn submit(cx: Cx, form: Form) -> Answer {
    let (typed_name, typed_email, text) = (form.get("name"), form.get("email"), form.get("t"));
    let mut errors = Errors::default();
    let name = errors.take("name", kernel::text::name(typed_name));
    let email = errors.take("email", Email::parse(typed_email));
    let (Some(name), Some(email), Some(token)) = (name, email, cx.link(text)) else {
        return page(&cx, text, typed_name, typed_email, Retry::fields(errors)).await;
    };
    let made =
        people::set_up(cx.people(), cx.by(), token, email, name, form.get("password"), cx.w().lang).await;
    match made {
        Ok(account) => {
            let signed = people::sign_in_after_link(cx.people(), cx.by(), account, cx.browser()).await?;
            Ok(enter(&signed, "/desk"))
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, text, typed_name, typed_email, r).await
        }
    }
}
