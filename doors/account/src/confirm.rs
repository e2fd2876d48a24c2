//! "Is it still you?" in front of sensitive acts.

use askama::Template;
use axum::response::IntoResponse;
use lobby::{Answer, Cx, Retry, retry};
use web::{Field, Form, Frame, Page, Summary, cookies, see_other};

#[derive(Template)]
#[template(path = "confirm.html")]
struct Confirm {
    f: Frame,
    summary: Summary,
    email: String,
    password: Field,
    code: Option<Field>,
    next: String,
}

fn page(cx: &Cx, next: &str, r: Retry) -> Answer {
    let (w, account) = (cx.w(), &cx.session()?.account);
    let password = Field::password(w, "password", "password", "current-password").error(w, &r.errors);
    let code =
        account.has_totp.then(|| Field::code(w, "code", "code").hint(w.t("code-hint")).error(w, &r.errors));
    let fields: Vec<&Field> = std::iter::once(&password).chain(code.as_ref()).collect();
    let summary = if r.said.is_empty() { Summary::new(w, &fields) } else { Summary::said(r.said) };
    let (email, next) = (account.email.clone(), next.to_owned());
    Ok((r.status, Page(Confirm { f: cx.frame("confirm-title"), summary, email, password, code, next }))
        .into_response())
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, cx.query("next"), Retry::default())
}

pub async fn submit(cx: Cx, form: Form) -> Answer {
    let session = cx.session()?;
    let next = form.get("next");
    let confirmed =
        people::confirm_sudo(cx.people(), cx.by(), session, form.get("password"), form.get("code")).await;
    match confirmed {
        Ok(token) => {
            let mut response = see_other(if next.is_empty() { "/account/security" } else { next });
            cookies::set(response.headers_mut(), cookies::SESSION, token.reveal(), true);
            Ok(response)
        }
        Err(failure) => page(&cx, next, retry(cx.w(), failure)?),
    }
}
