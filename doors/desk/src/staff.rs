//! Who works here, and as what.

use crate::{frame, staff_role_key};
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{AccountId, Email, Errors, Problem};
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::{StaffLine, StaffRole};
use web::{Choice, Field, Form, Frame, Page, Summary, Trouble, see_other};

#[derive(Template)]
#[template(path = "staff.html")]
struct Staff {
    f: Frame,
    summary: Summary,
    lines: Vec<StaffLine>,
    email: Field,
    role: Field,
}

impl Staff {
    fn role(&self, line: &StaffLine) -> &'static str {
        self.f.t(staff_role_key(line.role))
    }
}

async fn page(cx: &Cx, email: &str, role: &str, r: Retry) -> Answer {
    cx.session()?.on_staff(StaffRole::Administrator)?;
    let w = cx.w();
    let hint = |role| match role {
        StaffRole::Reviewer => "staff-reviewer-hint",
        StaffRole::CatalogueManager => "staff-catalogue-manager-hint",
        StaffRole::Support => "staff-support-hint",
        StaffRole::Administrator => "staff-administrator-hint",
    };
    let choices =
        StaffRole::ALL.iter().map(|r| Choice::new(r.word(), w.t(staff_role_key(*r))).hint(w.t(hint(*r))));
    let email =
        Field::email(w, "email", "email").hint(w.t("staff-email-hint")).value(email).error(w, &r.errors);
    let role = Field::cards(w, "role", "role", choices.collect()).value(role).error(w, &r.errors);
    let page = Staff {
        f: frame(cx, "nav-staff", "/desk/staff"),
        summary: if r.said.is_empty() { Summary::new(w, &[&email, &role]) } else { Summary::said(r.said) },
        lines: people::list_staff(cx.people()).await?,
        email,
        role,
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, "", "", Retry::default()).await
}

pub async fn add(cx: Cx, form: Form) -> Answer {
    let admin = cx.session()?.on_staff(StaffRole::Administrator)?;
    let sudo = cx.sudo("/desk/staff")?;
    let mut errors = Errors::default();
    let email = errors.take("email", Email::parse(form.get("email")));
    let role = errors.take("role", StaffRole::from_word(form.get("role")).ok_or(Problem::NotOneOfThese));
    let (Some(email), Some(role)) = (email, role) else {
        return page(&cx, form.get("email"), form.get("role"), Retry::fields(errors)).await;
    };
    match people::add_staff(cx.people(), cx.by(), &admin, email, role, sudo).await {
        Ok(()) => Ok(see_other("/desk/staff?said=staff-added")),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, form.get("email"), form.get("role"), r).await
        }
    }
}

pub async fn remove(cx: Cx, form: Form) -> Answer {
    let admin = cx.session()?.on_staff(StaffRole::Administrator)?;
    let sudo = cx.sudo("/desk/staff")?;
    let gone = || Stop::from(Trouble::new(StatusCode::NOT_FOUND, "not-found"));
    let who: AccountId = form.get("account").parse().map_err(|_| gone())?;
    let role = StaffRole::from_word(form.get("role")).ok_or_else(gone)?;
    match people::remove_staff(cx.people(), cx.by(), &admin, who, role, sudo).await {
        Ok(()) => Ok(see_other("/desk/staff?said=staff-removed")),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, "", "", r).await
        }
    }
}
