//! The mails' texts: read, changed, brought back.

use crate::frame;
use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use courier::{Courier, Draft, Rendered, TemplateLine};
use kernel::{Email, Failure, Lang};
use lobby::{Answer, Cx, Stop};
use people::StaffRole;
use web::{Form, Frame, Page, Summary, Trouble, see_other};

#[derive(Template)]
#[template(path = "mail.html")]
struct Templates {
    f: Frame,
    lines: Vec<TemplateLine>,
}

pub async fn show(cx: Cx, Extension(courier): Extension<Courier>) -> Answer {
    cx.session()?.on_staff(StaffRole::Administrator)?;
    let lines = courier::list_templates(&courier).await?;
    Ok(Page(Templates { f: frame(&cx, "nav-mail", "/desk/mail"), lines }).into_response())
}

#[derive(Template)]
#[template(path = "mail_edit.html")]
struct Edit {
    f: Frame,
    summary: Summary,
    name: String,
    lang: Lang,
    draft: Draft,
    changed: bool,
    preview: Option<Rendered>,
}

fn stop(failure: Failure<courier::Refusal>) -> Stop {
    match failure {
        Failure::Fault(fault) => fault.into(),
        Failure::Refused(_) => Trouble::new(StatusCode::NOT_FOUND, "not-found").into(),
    }
}

fn lang_in(text: &str) -> Result<Lang, Stop> {
    let known = Lang::from_tag(text).filter(|l| Lang::ALL.contains(l));
    known.ok_or_else(|| Trouble::new(StatusCode::NOT_FOUND, "not-found").into())
}

async fn page(cx: &Cx, courier: &Courier, name: &str, lang: &str, tried: Option<(Draft, String)>) -> Answer {
    cx.session()?.on_staff(StaffRole::Administrator)?;
    let lang = lang_in(lang)?;
    let t = courier::find_template(courier, name, lang).await.map_err(stop)?;
    let (draft, said) = match tried {
        Some(tried) => tried,
        None => (t.draft.clone(), String::new()),
    };
    let status = if said.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut f = frame(cx, "nav-mail", "/desk/mail").crumb("/desk/mail", cx.w().t("nav-mail"));
    f.title = format!("{name} · {}", lang.own_name());
    let page = Edit {
        f,
        summary: Summary::said(said),
        preview: courier::preview_draft(courier, name, lang, &draft).ok(),
        name: name.to_owned(),
        lang,
        draft,
        changed: t.changed.is_some(),
    };
    Ok((status, Page(page)).into_response())
}

pub async fn show_edit(cx: Cx, Extension(courier): Extension<Courier>) -> Answer {
    page(&cx, &courier, cx.query("name"), cx.query("lang"), None).await
}

pub async fn edit(cx: Cx, Extension(courier): Extension<Courier>, form: Form) -> Answer {
    let session = cx.session()?;
    session.on_staff(StaffRole::Administrator)?;
    let (name, lang) = (form.get("name"), form.get("lang"));
    let draft = Draft { subject: form.get("subject").to_owned(), body: form.get("body").to_owned() };
    let by = cx.by().with(session.account.id);
    match courier::edit_template(&courier, &by, name, lang_in(lang)?, draft.clone()).await {
        Ok(()) => Ok(see_other("/desk/mail?said=template-saved")),
        Err(Failure::Refused(courier::Refusal::TemplateBroken(e))) => {
            let said = cx.w().t1("mail-broken", "why", e);
            page(&cx, &courier, name, lang, Some((draft, said))).await
        }
        Err(failure) => Err(stop(failure)),
    }
}

pub async fn restore(cx: Cx, Extension(courier): Extension<Courier>, form: Form) -> Answer {
    let session = cx.session()?;
    session.on_staff(StaffRole::Administrator)?;
    let by = cx.by().with(session.account.id);
    let lang = lang_in(form.get("lang"))?;
    courier::restore_template(&courier, &by, form.get("name"), lang).await.map_err(stop)?;
    Ok(see_other("/desk/mail?said=template-restored"))
}

/// Sends what is saved to whoever asks, at once, so that the mail server's own words can be shown.
pub async fn test(cx: Cx, Extension(courier): Extension<Courier>, form: Form) -> Answer {
    let session = cx.session()?;
    session.on_staff(StaffRole::Administrator)?;
    let (name, lang) = (form.get("name"), form.get("lang"));
    let by = cx.by().with(session.account.id);
    let to = Email::parse(&session.account.email)
        .map_err(|_| stop(Failure::Refused(courier::Refusal::TemplateUnknown)))?;
    match courier::send_test(&courier, &by, name, lang_in(lang)?, &to).await {
        Ok(()) => Ok(see_other("/desk/mail?said=template-tested")),
        Err(Failure::Refused(courier::Refusal::NotSent(why))) => {
            let said = cx.w().t1("mail-not-sent", "why", why);
            let now = courier::find_template(&courier, name, lang_in(lang)?).await.map_err(stop)?;
            page(&cx, &courier, name, lang, Some((now.draft, said))).await
        }
        Err(failure) => Err(stop(failure)),
    }
}
