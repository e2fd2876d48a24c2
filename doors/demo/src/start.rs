//! Four people, one story.

use crate::Person;
use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::Email;
use lobby::{Answer, Cx, Stop};
use std::sync::Arc;
use web::{Form, Frame, Page, Trouble, cookies, see_other};

#[derive(Template)]
#[template(path = "demo.html")]
struct Start {
    f: Frame,
    people: Arc<Vec<Person>>,
}

pub async fn show(cx: Cx, Extension(people): Extension<Arc<Vec<Person>>>) -> Answer {
    Ok(Page(Start { f: cx.frame("demo-title"), people }).into_response())
}

/// Signs in as somebody of the demo, without their password: the demo prints it anyway.
pub async fn r#become(cx: Cx, Extension(people): Extension<Arc<Vec<Person>>>, form: Form) -> Answer {
    let gone = || Stop::from(Trouble::new(StatusCode::NOT_FOUND, "not-found"));
    let person = people.iter().find(|p| p.key == form.get("persona")).ok_or_else(gone)?;
    let email = Email::parse(&person.email).map_err(|_| gone())?;
    let account = people::find_account(cx.people(), &email).await?.ok_or_else(gone)?;
    let signed = people::sign_in_after_link(cx.people(), cx.by(), account, cx.browser()).await?;
    let mut response = see_other(person.home);
    cookies::set(response.headers_mut(), cookies::SESSION, signed.session.reveal(), true);
    cookies::remove(response.headers_mut(), cookies::GUEST);
    Ok(response)
}
