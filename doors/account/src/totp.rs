//! The second factor: adding an authenticator, recovery codes, taking it away.

use crate::frame;
use askama::Template;
use axum::response::IntoResponse;
use lobby::{Answer, Cx, Retry, retry};
use web::{Field, Form, Frame, Page, Summary, see_other};

#[derive(Template)]
#[template(path = "totp.html")]
struct Totp {
    f: Frame,
    summary: Summary,
    code: Field,
    secret: String,
    uri: String,
    qr: String,
    size: usize,
}

async fn page(cx: &Cx, r: Retry) -> Answer {
    let (session, sudo, w) = (cx.session()?, cx.sudo("/account/totp")?, cx.w());
    let site = &cx.hall().site.name;
    let Some(start) = people::pending_totp(cx.people(), session, site, sudo).await? else {
        return Ok(see_other("/account/security"));
    };
    let spaced =
        start.secret.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c)).collect::<Vec<_>>().join(" ");
    let (qr, size) = web::qr(&start.uri);
    let code = Field::code(w, "code", "code").hint(w.t("totp-code-hint")).error(w, &r.errors);
    let summary = if r.said.is_empty() { Summary::new(w, &[&code]) } else { Summary::said(r.said) };
    let f = frame(cx, "totp-title", "/account/security").crumb("/account/security", w.t("nav-security"));
    let page = Totp { f, summary, code, secret: spaced, uri: start.uri, qr, size };
    Ok((r.status, Page(page)).into_response())
}

pub async fn start(cx: Cx, _form: Form) -> Answer {
    let (session, sudo) = (cx.session()?, cx.sudo("/account/security")?);
    people::start_totp(cx.people(), session, sudo).await?;
    Ok(see_other("/account/totp"))
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, Retry::default()).await
}

#[derive(Template)]
#[template(path = "recovery.html")]
struct Recovery {
    f: Frame,
    codes: Vec<String>,
}

fn recovery(cx: &Cx, codes: Vec<String>) -> Answer {
    let f =
        frame(cx, "recovery-title", "/account/security").crumb("/account/security", cx.w().t("nav-security"));
    Ok(Page(Recovery { f, codes }).into_response())
}

pub async fn confirm(cx: Cx, form: Form) -> Answer {
    let (session, sudo) = (cx.session()?, cx.sudo("/account/totp")?);
    match people::confirm_totp(cx.people(), cx.by(), session, form.get("code"), sudo).await {
        Ok(codes) => {
            cx.ring();
            recovery(&cx, codes)
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, r).await
        }
    }
}

pub async fn stop(cx: Cx, _form: Form) -> Answer {
    let (session, sudo) = (cx.session()?, cx.sudo("/account/security")?);
    people::stop_totp(cx.people(), cx.by(), session, sudo).await?;
    cx.ring();
    Ok(see_other("/account/security?said=totp-stopped"))
}

pub async fn renew(cx: Cx, _form: Form) -> Answer {
    let (session, sudo) = (cx.session()?, cx.sudo("/account/security")?);
    let codes = people::renew_recovery_codes(cx.people(), cx.by(), session, sudo).await?;
    recovery(&cx, codes)
}
