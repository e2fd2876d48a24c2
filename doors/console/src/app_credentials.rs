//! App Key and App Secrets, and from where calls may come.

use crate::app_list::{Head, around, id_of, not_there};
use crate::seat;
use apps::{App, BadLine, Refusal, SecretLine};
use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse;
use kernel::{Errors, Failure, SecretId, text};
use lobby::{Answer, Cx, Retry, retry};
use web::{Field, Form, Frame, Page, Summary, see_other};

#[derive(Template)]
#[template(path = "app_credentials.html")]
struct Credentials {
    f: Frame,
    head: Head,
    summary: Summary,
    app: App,
    secrets: Vec<SecretLine>,
    /// The one that is shown on this page, this time.
    shown: Option<(SecretId, String)>,
    is_new: bool,
    hours: Field,
    rules: Field,
    lines: Vec<BadLine>,
    asks_anyway: bool,
    address: String,
    passes: bool,
    builds: bool,
}

impl Credentials {
    fn shown_secret(&self, line: &SecretLine) -> Option<&str> {
        self.shown.as_ref().filter(|(id, _)| *id == line.id).map(|(_, s)| s.as_str())
    }
}

#[derive(Default)]
struct Again {
    r: Retry,
    shown: Option<(SecretId, String)>,
    new_secret: Option<String>,
    hours: Option<String>,
    rules: Option<String>,
    lines: Vec<BadLine>,
    asks_anyway: bool,
}

async fn page(cx: &Cx, id: &str, again: Again) -> Answer {
    let (seat, w) = (seat(cx)?, cx.w());
    let app = apps::app(cx.apps(), &seat, id_of(id)?).await?;
    let secrets = apps::list_secrets(cx.apps(), &seat, app.id).await?;
    let Again { r, shown, new_secret, hours, rules, lines, asks_anyway } = again;
    let is_new = new_secret.is_some();
    let newest = secrets.iter().find(|s| s.expires_at.is_none()).map(|s| s.id);
    let shown = shown.or_else(|| Some((newest?, new_secret?)));
    let hours = Field::number(w, "hours", "app-old-ends")
        .hint(w.tn("app-old-ends-hint", "hours", i64::from(apps::OVERLAP_HOURS_MAX)))
        .max(3)
        .value(hours.unwrap_or_else(|| "24".to_owned()))
        .error(w, &r.errors);
    let rules = Field::area(w, "rules", "app-addresses")
        .hint(w.t("app-addresses-hint"))
        .rows(5)
        .optional()
        .value(rules.unwrap_or_else(|| app.ip_rules.text()))
        .error(w, &r.errors);
    let address = cx.by().address.clone();
    let passes = address.parse().is_ok_and(|a| app.ip_rules.admits(a));
    let summary = if r.said.is_empty() { Summary::new(w, &[&hours, &rules]) } else { Summary::said(r.said) };
    let (f, head) = around(cx, &app, "/credentials").await?;
    let builds = seat.role().builds();
    let page = Credentials {
        f,
        head,
        summary,
        app,
        secrets,
        shown,
        is_new,
        hours,
        rules,
        lines,
        asks_anyway,
        address,
        passes,
        builds,
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    page(&cx, &id, Again::default()).await
}

fn secret_in(form: &Form) -> Result<SecretId, lobby::Stop> {
    form.get("secret").parse().map_err(|_| not_there())
}

pub async fn view(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (seat, app) = (seat(&cx)?, id_of(&id)?);
    let sudo = cx.sudo(&format!("/console/apps/{app}/credentials"))?;
    let which = secret_in(&form)?;
    let text = apps::view_secret(cx.apps(), cx.by(), &seat, app, which, sudo).await?;
    page(&cx, &id, Again { shown: Some((which, text.reveal().to_owned())), ..Again::default() }).await
}

pub async fn reset(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (seat, app, w) = (seat(&cx)?, id_of(&id)?, cx.w());
    let sudo = cx.sudo(&format!("/console/apps/{app}/credentials"))?;
    let typed = Some(form.get("hours").to_owned());
    let hours = match text::number(form.get("hours"), 0, apps::OVERLAP_HOURS_MAX) {
        Ok(hours) => hours,
        Err(p) => {
            let r = Retry::fields(Errors::one("hours", p));
            return page(&cx, &id, Again { r, hours: typed, ..Again::default() }).await;
        }
    };
    match apps::reset_secret(cx.apps(), cx.by(), &seat, app, hours, sudo).await {
        Ok(text) => {
            cx.ring();
            let new_secret = Some(text.reveal().to_owned());
            page(&cx, &id, Again { new_secret, ..Again::default() }).await
        }
        Err(failure) => {
            let r = retry(w, failure)?;
            page(&cx, &id, Again { r, hours: typed, ..Again::default() }).await
        }
    }
}

pub async fn end(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (seat, app) = (seat(&cx)?, id_of(&id)?);
    let sudo = cx.sudo(&format!("/console/apps/{app}/credentials"))?;
    match apps::end_secret(cx.apps(), cx.by(), &seat, app, secret_in(&form)?, sudo).await {
        Ok(()) => Ok(see_other(&format!("/console/apps/{app}/credentials?said=secret-ended"))),
        Err(failure) => {
            let r = retry(cx.w(), failure)?;
            page(&cx, &id, Again { r, ..Again::default() }).await
        }
    }
}

pub async fn set_addresses(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (seat, app) = (seat(&cx)?, id_of(&id)?);
    let typed = form.get("rules");
    let (from, anyway) = (cx.by().address.parse().ok(), form.is_checked("anyway"));
    let done = apps::set_ip_rules(cx.apps(), cx.by(), &seat, app, typed, from, anyway).await;
    let (mut lines, mut asks_anyway) = (Vec::new(), false);
    let failure = match done {
        Ok(()) => {
            return Ok(see_other(&format!("/console/apps/{app}/credentials?said=addresses-set#addresses")));
        }
        Err(failure) => failure,
    };
    match &failure {
        Failure::Refused(Refusal::BadLines(_, bad)) => lines = bad.clone(),
        Failure::Refused(Refusal::LocksOut) => asks_anyway = true,
        _ => {}
    }
    let r = retry(cx.w(), failure)?;
    page(&cx, &id, Again { r, rules: Some(typed.to_owned()), lines, asks_anyway, ..Again::default() }).await
}
