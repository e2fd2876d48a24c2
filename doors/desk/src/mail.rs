//! The mails' texts: read, changed, brought back.

use crate::frame;
use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use courier::{Courier, Draft, Rendered, TemplateLine};
use kernel::{Email, Failure, Lang};
use lobby::{Answer, Cx, Retry, Stop, encode, retry};
use people::StaffRole;
use web::{Field, Form, Frame, Page, Summary, Trouble, cookies, see_other};

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
    /// The password, where it was shown too long ago: what was written must not be lost for that.
    confirm: Vec<Field>,
    changed: bool,
    preview: Option<Rendered>,
}

/// What was written, and why it is shown again.
struct Tried {
    draft: Draft,
    r: Retry,
    confirm: bool,
}

impl Tried {
    fn said(draft: Draft, said: String) -> Tried {
        let r = Retry { said, status: StatusCode::UNPROCESSABLE_ENTITY, ..Retry::default() };
        Tried { draft, r, confirm: false }
    }
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

fn path_of(name: &str, lang: Lang) -> String {
    format!("/desk/mail/edit?name={}&language={}", encode(name), lang.tag())
}

async fn page(cx: &Cx, courier: &Courier, name: &str, lang: Lang, tried: Option<Tried>) -> Answer {
    cx.session()?.on_staff(StaffRole::Administrator)?;
    let (t, w) = (courier::find_template(courier, name, lang).await.map_err(stop)?, cx.w());
    let Tried { draft, r, confirm } =
        tried.unwrap_or_else(|| Tried { draft: t.draft, r: Retry::default(), confirm: false });
    let confirm = if confirm { confirm_fields(cx, &r)? } else { Vec::new() };
    let listed = confirm.iter().collect::<Vec<_>>();
    let mut f = frame(cx, "nav-mail", "/desk/mail").crumb("/desk/mail", w.t("nav-mail"));
    f.title = format!("{name} · {}", lang.own_name());
    let page = Edit {
        f,
        summary: if r.said.is_empty() { Summary::new(w, &listed) } else { Summary::said(r.said) },
        preview: courier::preview_draft(courier, name, lang, &draft).ok(),
        name: name.to_owned(),
        lang,
        draft,
        confirm,
        changed: t.changed.is_some(),
    };
    Ok((r.status, Page(page)).into_response())
}

fn confirm_fields(cx: &Cx, r: &Retry) -> Result<Vec<Field>, Stop> {
    let (w, account) = (cx.w(), &cx.session()?.account);
    let mut fields = vec![Field::password(w, "password", "password", "current-password").error(w, &r.errors)];
    if account.has_totp {
        fields.push(Field::code(w, "code", "code").hint(w.t("code-hint")).error(w, &r.errors));
    }
    Ok(fields)
}

pub async fn show_edit(cx: Cx, Extension(courier): Extension<Courier>) -> Answer {
    cx.session()?.on_staff(StaffRole::Administrator)?;
    let (name, lang) = (cx.query("name"), lang_in(cx.query("language"))?);
    cx.sudo(&path_of(name, lang))?;
    page(&cx, &courier, name, lang, None).await
}

/// What a letter says is what people believe: it takes a fresh password, on this same page if need be.
pub async fn edit(cx: Cx, Extension(courier): Extension<Courier>, form: Form) -> Answer {
    let session = cx.session()?;
    session.on_staff(StaffRole::Administrator)?;
    let (name, lang) = (form.get("name"), lang_in(form.get("language"))?);
    let draft = Draft { subject: form.get("subject").to_owned(), body: form.get("body").to_owned() };
    let mut token = None;
    if session.sudo(cx.people().house.now()).is_err() {
        // Nobody shows a password for a text that would not do.
        if let Err(failure) = courier::preview_draft(&courier, name, lang, &draft) {
            let tried = Tried { confirm: true, ..broken(&cx, draft, failure)? };
            return page(&cx, &courier, name, lang, Some(tried)).await;
        }
        if form.get("password").is_empty() {
            let said = cx.w().tn("mail-confirm-first", "minutes", people::SUDO_MINUTES);
            let tried = Tried { confirm: true, ..Tried::said(draft, said) };
            return page(&cx, &courier, name, lang, Some(tried)).await;
        }
        let (password, code) = (form.get("password"), form.get("code"));
        match people::confirm_sudo(cx.people(), cx.by(), session, password, code).await {
            Ok(fresh) => token = Some(fresh),
            Err(failure) => {
                let tried = Tried { draft, r: retry(cx.w(), failure)?, confirm: true };
                return page(&cx, &courier, name, lang, Some(tried)).await;
            }
        }
    }
    let by = cx.by().with(session.account.id);
    let answer = match courier::edit_template(&courier, &by, name, lang, draft.clone()).await {
        Ok(()) => Ok(see_other("/desk/mail?said=template-saved")),
        Err(failure) => match broken(&cx, draft, failure) {
            Ok(tried) => page(&cx, &courier, name, lang, Some(tried)).await,
            Err(stop) => Err(stop),
        },
    };
    let Some(token) = token else { return answer };
    // The session changed its token, whatever became of the letter.
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    cookies::set(response.headers_mut(), cookies::SESSION, token.reveal(), true);
    Ok(response)
}

/// What does not render is shown again with its place and reason.
fn broken(cx: &Cx, draft: Draft, failure: Failure<courier::Refusal>) -> Result<Tried, Stop> {
    match failure {
        Failure::Refused(courier::Refusal::TemplateBroken(e)) => {
            Ok(Tried::said(draft, cx.w().t1("mail-broken", "why", e)))
        }
        failure => Err(stop(failure)),
    }
}

pub async fn restore(cx: Cx, Extension(courier): Extension<Courier>, form: Form) -> Answer {
    let session = cx.session()?;
    session.on_staff(StaffRole::Administrator)?;
    let (name, lang) = (form.get("name"), lang_in(form.get("language"))?);
    cx.sudo(&path_of(name, lang))?;
    let by = cx.by().with(session.account.id);
    courier::restore_template(&courier, &by, name, lang).await.map_err(stop)?;
    Ok(see_other("/desk/mail?said=template-restored"))
}

/// Sends what is saved to whoever asks, at once, so that the mail server's own words can be shown.
pub async fn test(cx: Cx, Extension(courier): Extension<Courier>, form: Form) -> Answer {
    let session = cx.session()?;
    session.on_staff(StaffRole::Administrator)?;
    let (name, lang) = (form.get("name"), lang_in(form.get("language"))?);
    cx.sudo(&path_of(name, lang))?;
    let by = cx.by().with(session.account.id);
    let to = Email::parse(&session.account.email)
        .map_err(|_| stop(Failure::Refused(courier::Refusal::TemplateUnknown)))?;
    match courier::send_test(&courier, &by, name, lang, &to).await {
        Ok(()) => Ok(see_other("/desk/mail?said=template-tested")),
        Err(Failure::Refused(courier::Refusal::NotSent(why))) => {
            let said = cx.w().t1("mail-not-sent", "why", why);
            let now = courier::find_template(&courier, name, lang).await.map_err(stop)?;
            page(&cx, &courier, name, lang, Some(Tried::said(now.draft, said))).await
        }
        Err(failure) => Err(stop(failure)),
    }
}
