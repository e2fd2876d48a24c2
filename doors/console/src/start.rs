//! Becoming a developer: the agreement, then the developer information.

use crate::developer::Information;
use crate::frame;
use askama::Template;
use axum::response::IntoResponse;
use kernel::{AgreementId, Errors, Problem};
use lobby::{Answer, Cx, Retry, retry};
use people::{Agreement, DeveloperInformation, Typed};
use web::{Field, Form, Frame, Page, Summary, cookies, see_other};

#[derive(Template)]
#[template(path = "start.html")]
struct Start {
    f: Frame,
    summary: Summary,
    a: Agreement,
    paragraphs: Vec<Paragraph>,
    fallback: bool,
    agree: Field,
}

/// Agreements are plain text: a line that begins with `# ` is a heading, a blank line parts paragraphs.
pub struct Paragraph {
    pub heading: bool,
    pub text: String,
}

pub(crate) fn paragraphs(body: &str) -> Vec<Paragraph> {
    let blocks = body.split("\n\n").map(str::trim).filter(|b| !b.is_empty());
    blocks
        .map(|b| match b.strip_prefix("# ") {
            Some(heading) => Paragraph { heading: true, text: heading.to_owned() },
            None => Paragraph { heading: false, text: b.replace('\n', " ") },
        })
        .collect()
}

async fn page(cx: &Cx, r: Retry) -> Answer {
    let w = cx.w();
    let a = people::agreement(cx.people(), w.lang).await?;
    let agree = Field::check(w, "agree", "agreement-accept")
        .hint(w.t2("agreement-version", "version", a.version, "day", w.day(a.published_at).words))
        .error(w, &r.errors);
    let summary = if r.said.is_empty() { Summary::new(w, &[&agree]) } else { Summary::said(r.said) };
    let page = Start {
        f: frame(cx, "start-title", "/console").await?,
        summary,
        paragraphs: paragraphs(&a.body),
        fallback: a.lang != w.lang,
        a,
        agree,
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    let session = cx.session()?;
    if session.membership.is_some() {
        return Ok(see_other("/console"));
    }
    if people::accepted_at(cx.people(), session).await?.is_some() {
        return Ok(see_other("/console/start/information"));
    }
    page(&cx, Retry::default()).await
}

pub async fn accept(cx: Cx, form: Form) -> Answer {
    let session = cx.session()?;
    let shown = form.get("agreement").parse::<AgreementId>().ok();
    let (Some(shown), true) = (shown, form.is_checked("agree")) else {
        return page(&cx, Retry::fields(Errors::one("agree", Problem::MustAgree))).await;
    };
    match people::accept_agreement(cx.people(), cx.by(), session, shown).await {
        Ok(()) => Ok(see_other("/console/start/information")),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, r).await
        }
    }
}

#[derive(Template)]
#[template(path = "start_information.html")]
struct StartInformation {
    f: Frame,
    summary: Summary,
    i: Information,
}

async fn information_page(cx: &Cx, typed: &Typed, r: Retry) -> Answer {
    let i = Information::new(cx.w(), typed, &r.errors, true);
    let summary = if r.said.is_empty() { i.summary(cx.w()) } else { Summary::said(r.said) };
    let f = frame(cx, "information-title", "/console").await?;
    Ok((r.status, Page(StartInformation { f, summary, i })).into_response())
}

pub async fn show_information(cx: Cx) -> Answer {
    let session = cx.session()?;
    if session.membership.is_some() {
        return Ok(see_other("/console"));
    }
    if people::accepted_at(cx.people(), session).await?.is_none() {
        return Ok(see_other("/console/start"));
    }
    // What we know already is not asked again.
    let a = &session.account;
    let known = Typed { contact_name: a.name.clone(), email: a.email.clone(), ..Typed::default() };
    information_page(&cx, &known, Retry::default()).await
}

pub async fn activate(cx: Cx, form: Form) -> Answer {
    let session = cx.session()?;
    let typed = crate::developer::typed(&form);
    let information = match DeveloperInformation::check(&typed) {
        Ok(information) => information,
        Err(errors) => return information_page(&cx, &typed, Retry::fields(errors)).await,
    };
    match people::activate(cx.people(), cx.by(), session, information).await {
        Ok((_, token)) => {
            cx.ring();
            let mut response = see_other("/console/apps?said=activated");
            cookies::set(response.headers_mut(), cookies::SESSION, token.reveal(), true);
            Ok(response)
        }
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            information_page(&cx, &typed, r).await
        }
    }
}
