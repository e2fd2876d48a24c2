//! Name and language.

use crate::frame;
use askama::Template;
use axum::response::IntoResponse;
use kernel::{Errors, Lang, Problem};
use lobby::{Answer, Cx, Retry, Stop};
use web::{Choice, Field, Form, Frame, Page, Summary, see_other};

#[derive(Template)]
#[template(path = "profile.html")]
struct Profile {
    f: Frame,
    summary: Summary,
    name: Field,
    lang: Field,
    email: String,
}

fn page(cx: &Cx, name: &str, lang: &str, r: Retry) -> Answer {
    let (w, session) = (cx.w(), cx.session()?);
    let name = Field::text(w, "name", "your-name")
        .autocomplete("name")
        .max(kernel::text::NAME_MAX)
        .value(name)
        .error(w, &r.errors);
    let choices = Lang::ALL.iter().map(|l| Choice::new(l.tag(), l.own_name())).collect();
    let lang = Field::select(w, "lang", "language", choices)
        .hint(w.t("profile-language-hint"))
        .value(lang)
        .narrow()
        .error(w, &r.errors);
    let page = Profile {
        f: frame(cx, "nav-profile", "/account"),
        summary: Summary::new(w, &[&name, &lang]),
        name,
        lang,
        email: session.account.email.clone(),
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    let account = cx.session()?.account.clone();
    page(&cx, &account.name, account.lang.tag(), Retry::default())
}

pub async fn submit(cx: Cx, form: Form) -> Answer {
    let session = cx.session()?;
    let mut errors = Errors::default();
    let name = errors.take("name", kernel::text::name(form.get("name")));
    let known = |l: &Lang| Lang::ALL.contains(l);
    let lang = Lang::from_tag(form.get("lang")).filter(known).ok_or(Problem::NotOneOfThese);
    let lang = errors.take("lang", lang);
    let (Some(name), Some(lang)) = (name, lang) else {
        return page(&cx, form.get("name"), form.get("lang"), Retry::fields(errors));
    };
    people::change_profile(cx.people(), cx.by(), session, name, lang).await.map_err(Stop::from)?;
    Ok(see_other("/account?said=saved"))
}
