//! The developer information, and which of one's developers to work for.

use crate::{frame, seat};
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{Country, DeveloperId, Email, Errors, Phone, text};
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::{DeveloperInformation, DeveloperKind, Typed};
use web::{Choice, Field, Form, Frame, Page, Summary, Trouble, Words, see_other};

/// The fields of the form; used when a developer is made and when it changes.
pub struct Information {
    pub kind: Field,
    pub name: Field,
    pub country: Field,
    pub company: Field,
    pub licence_number: Field,
    pub contact_name: Field,
    pub mobile: Field,
    pub email: Field,
}

impl Information {
    pub fn new(w: &Words, t: &Typed, e: &Errors, _new: bool) -> Information {
        let kinds = DeveloperKind::ALL.iter().map(|k| match k {
            DeveloperKind::Organisation => {
                Choice::new(k.word(), w.t("kind-organisation")).hint(w.t("kind-organisation-hint"))
            }
            DeveloperKind::Individual => {
                Choice::new(k.word(), w.t("kind-individual")).hint(w.t("kind-individual-hint"))
            }
        });
        let mut countries: Vec<_> = Country::all().map(|c| Choice::new(c.code(), c.name(w.lang))).collect();
        countries.sort_by(|a, b| a.label.cmp(&b.label));
        Information {
            kind: Field::cards(w, "kind", "developer-kind", kinds.collect()).value(&t.kind).error(w, e),
            name: Field::text(w, "name", "developer-name")
                .hint(w.t("developer-name-hint"))
                .max(text::NAME_MAX)
                .autocomplete("organization")
                .value(&t.name)
                .error(w, e),
            country: Field::select(w, "country", "country", countries)
                .autocomplete("country")
                .value(&t.country)
                .error(w, e),
            company: Field::text(w, "company", "company")
                .hint(w.t("company-hint"))
                .max(text::COMPANY_MAX)
                .value(&t.company)
                .optional_unless(&t.kind)
                .error(w, e),
            licence_number: Field::text(w, "licence_number", "licence-number")
                .hint(w.t("licence-number-hint"))
                .max(text::LICENCE_MAX)
                .value(&t.licence_number)
                .optional_unless(&t.kind)
                .error(w, e),
            contact_name: Field::text(w, "contact_name", "contact-name")
                .max(text::NAME_MAX)
                .autocomplete("name")
                .value(&t.contact_name)
                .error(w, e),
            mobile: Field::phone(w, "mobile", "mobile")
                .hint(w.t("mobile-hint"))
                .max(Phone::MAX)
                .value(&t.mobile)
                .error(w, e),
            email: Field::email(w, "email", "contact-email").max(Email::MAX).value(&t.email).error(w, e),
        }
    }

    pub fn summary(&self, w: &Words) -> Summary {
        Summary::new(
            w,
            &[
                &self.kind,
                &self.name,
                &self.country,
                &self.company,
                &self.licence_number,
                &self.contact_name,
                &self.mobile,
                &self.email,
            ],
        )
    }
}

/// Only an individual may leave the company's fields empty.
trait OptionalUnless {
    fn optional_unless(self, kind: &str) -> Self;
}

impl OptionalUnless for Field {
    fn optional_unless(self, kind: &str) -> Field {
        if kind == DeveloperKind::Individual.word() { self.optional() } else { self }
    }
}

/// Takes from the form just these fields; whatever else was sent is nobody's.
pub fn typed(form: &Form) -> Typed {
    let take = |name| form.get(name).to_owned();
    Typed {
        kind: take("kind"),
        name: take("name"),
        country: take("country"),
        contact_name: take("contact_name"),
        mobile: take("mobile"),
        email: take("email"),
        company: take("company"),
        licence_number: take("licence_number"),
    }
}

#[derive(Template)]
#[template(path = "developer.html")]
struct DeveloperPage {
    f: Frame,
    summary: Summary,
    i: Information,
    kind_word: &'static str,
    kind: &'static str,
    manages: bool,
}

async fn page(cx: &Cx, typed: Option<Typed>, r: Retry) -> Answer {
    let seat = seat(cx)?;
    let d = people::developer(cx.people(), &seat).await?;
    let kind_word = d.kind.word();
    let kind = match d.kind {
        DeveloperKind::Organisation => "kind-organisation",
        DeveloperKind::Individual => "kind-individual",
    };
    let typed = typed.unwrap_or_else(|| Typed {
        kind: d.kind.word().to_owned(),
        name: d.name,
        country: d.country,
        contact_name: d.contact_name,
        mobile: d.mobile,
        email: d.email,
        company: d.company.unwrap_or_default(),
        licence_number: d.licence_number.unwrap_or_default(),
    });
    let w = cx.w();
    let i = Information::new(w, &typed, &r.errors, false);
    let summary = if r.said.is_empty() { i.summary(w) } else { Summary::said(r.said) };
    let page = DeveloperPage {
        f: frame(cx, "nav-developer", "/console/developer").await?,
        summary,
        i,
        kind_word,
        kind: w.t(kind),
        manages: seat.role().manages_team(),
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, None, Retry::default()).await
}

pub async fn submit(cx: Cx, form: Form) -> Answer {
    let seat = seat(&cx)?;
    let kept = people::developer(cx.people(), &seat).await?.kind;
    // The kind stays what it was, whatever the form says.
    let typed = Typed { kind: kept.word().to_owned(), ..typed(&form) };
    let information = match DeveloperInformation::check(&typed) {
        Ok(information) => information,
        Err(errors) => return page(&cx, Some(typed), Retry::fields(errors)).await,
    };
    match people::change_developer(cx.people(), cx.by(), &seat, information).await {
        Ok(()) => Ok(see_other("/console/developer?said=saved")),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, Some(typed), r).await
        }
    }
}

pub async fn switch(cx: Cx, form: Form) -> Answer {
    let to: DeveloperId = form
        .get("developer")
        .parse()
        .map_err(|_| Stop::from(Trouble::new(StatusCode::NOT_FOUND, "not-found")))?;
    people::switch(cx.people(), cx.session()?, to).await?;
    Ok(see_other("/console"))
}
