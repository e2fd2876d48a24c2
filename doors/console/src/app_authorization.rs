//! Who may authorize the app, for how long, and where it happens.

use crate::app_list::{Head, around, figure, id_of, policy_key};
use crate::seat;
use apps::{App, BadLine, ListedSeller, Policy, Refusal};
use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse;
use kernel::Failure;
use lobby::{Answer, Cx, Retry, encode, retry};
use web::{Field, Form, Frame, Page, Summary, Words, see_other};

/// An address that sellers open, and its picture.
pub struct Built {
    pub url: String,
    pub qr: String,
    pub size: usize,
}

#[derive(Template)]
#[template(path = "app_authorization.html")]
struct Authorization {
    f: Frame,
    head: Head,
    summary: Summary,
    facts: Vec<(&'static str, String, String)>,
    app: App,
    seats: (String, String),
    limit: i64,
    warn_at: i64,
    full_at: i64,
    sellers: Vec<ListedSeller>,
    whitelist: Option<Field>,
    lines: Vec<BadLine>,
    own_stores: bool,
    callback: Field,
    state: Field,
    force: Field,
    built: Option<Built>,
    builds: bool,
}

/// A length of time in the largest whole unit, as people say it.
pub fn duration(w: &Words, seconds: i64) -> String {
    match seconds {
        0 => w.t("app-not-refreshed").to_owned(),
        s if s % 86_400 == 0 => w.tn("app-days", "n", s / 86_400),
        s if s % 3_600 == 0 => w.tn("app-hours", "n", s / 3_600),
        s => w.tn("app-minutes", "n", s / 60),
    }
}

/// Everything but letters, digits and `-._~` in its escaped form.
fn escaped(text: &str) -> String {
    encode(text).replace('/', "%2F")
}

fn build(cx: &Cx, app: &App) -> Option<Built> {
    // Only what the app has on file: any other address would be refused anyway.
    let wanted = cx.query("callback");
    let callback = app.settings.callbacks.iter().find(|c| *c == wanted)?;
    let state: String = cx.query("state").chars().filter(|c| !c.is_control()).take(500).collect();
    let force = if cx.query("force") == "on" { "&force_auth=true" } else { "" };
    let state = if state.is_empty() { String::new() } else { format!("&state={}", escaped(&state)) };
    let site = &cx.hall().site.public_url;
    let url = format!(
        "{site}/oauth/authorize?response_type=code{force}&redirect_uri={}&client_id={}{state}",
        escaped(callback),
        app.key
    );
    let (qr, size) = web::qr(&url);
    Some(Built { url, qr, size })
}

async fn page(cx: &Cx, id: &str, typed: Option<&str>, lines: Vec<BadLine>, r: Retry) -> Answer {
    let (seat, w) = (seat(cx)?, cx.w());
    let app = apps::app(cx.apps(), &seat, id_of(id)?).await?;
    let sellers = apps::list_sellers_of(cx.apps(), &seat, app.id).await?;
    let (terms, n) = (app.stage_terms(), |n| figure(w.lang, n));
    let policy = w.t(policy_key(app.terms.policy));
    let hint = match app.terms.policy {
        Policy::Whitelist => "app-policy-whitelist-hint",
        Policy::Any => "app-policy-any-hint",
        Policy::Own => "app-policy-own-hint",
    };
    let page_shown = if app.terms.auth_page { "app-page-shown" } else { "app-page-hidden" };
    let facts = vec![
        (w.t("app-policy"), policy.to_owned(), w.t(hint).to_owned()),
        (w.t("app-access"), duration(w, terms.access_seconds), String::new()),
        (w.t("app-refresh"), duration(w, terms.refresh_seconds), String::new()),
        (w.t("app-page"), w.t(page_shown).to_owned(), String::new()),
        (w.t("app-agreement"), "OAuth 2.0".to_owned(), pkce(w, &app)),
        (w.t("app-user-limit"), n(terms.user_limit), String::new()),
    ];
    let whitelist = (app.terms.policy == Policy::Whitelist).then(|| {
        let kept = || sellers.iter().map(|s| s.typed.as_str()).collect::<Vec<_>>().join("\n");
        Field::area(w, "sellers", "app-whitelist")
            .hint(w.tn("app-whitelist-hint", "n", i64::from(apps::WHITELIST_MAX)))
            .rows(8)
            .optional()
            .value(typed.map_or_else(kept, str::to_owned))
            .error(w, &r.errors)
    });
    let choices = app.settings.callbacks.iter().map(|c| web::Choice::new(c, c)).collect();
    let first = app.settings.callbacks.first().cloned().unwrap_or_default();
    let chosen = if cx.query("callback").is_empty() { &first } else { cx.query("callback") };
    let callback = Field::select(w, "callback", "app-callback", choices).value(chosen);
    let state = Field::text(w, "state", "app-state")
        .hint(w.t("app-state-hint"))
        .max(500)
        .optional()
        .value(cx.query("state"));
    let force = Field::check(w, "force", "app-force")
        .hint(w.t("app-force-hint"))
        .value(if cx.query("callback").is_empty() { "on" } else { cx.query("force") });
    let fields: Vec<&Field> = whitelist.iter().collect();
    let summary = if r.said.is_empty() { Summary::new(w, &fields) } else { Summary::said(r.said) };
    let (f, head) = around(cx, &app, "/authorization").await?;
    let page = Authorization {
        f,
        head,
        summary,
        facts,
        seats: (n(app.seats), n(terms.user_limit)),
        limit: terms.user_limit,
        warn_at: terms.user_limit * 8 / 10,
        full_at: terms.user_limit * 95 / 100,
        own_stores: app.terms.policy == Policy::Own,
        built: build(cx, &app),
        builds: seat.role().builds(),
        app,
        sellers,
        whitelist,
        lines,
        callback,
        state,
        force,
    };
    Ok((r.status, Page(page)).into_response())
}

fn pkce(w: &Words, app: &App) -> String {
    w.t(if app.terms.pkce { "app-pkce-required" } else { "app-pkce-optional" }).to_owned()
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    page(&cx, &id, None, Vec::new(), Retry::default()).await
}

pub async fn submit(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (seat, app) = (seat(&cx)?, id_of(&id)?);
    let typed = form.get("sellers");
    match apps::replace_whitelist(cx.apps(), cx.by(), &seat, app, typed).await {
        Ok(_) => Ok(see_other(&format!("/console/apps/{app}/authorization?said=whitelist-saved"))),
        Err(failure) => {
            let lines = match &failure {
                Failure::Refused(Refusal::BadLines(_, lines)) => lines.clone(),
                _ => Vec::new(),
            };
            let r = retry(cx.w(), failure)?;
            page(&cx, &id, Some(typed), lines, r).await
        }
    }
}
