//! Keys of the management API: for staff, shown once.

use crate::frame;
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::KeyId;
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::{KEY_DAYS_MAX, KeyLine, Session};
use web::{Field, Form, Frame, Page, Summary, Trouble, see_other};

#[derive(Template)]
#[template(path = "keys.html")]
struct Keys {
    f: Frame,
    summary: Summary,
    /// The new one, this once.
    made: Option<String>,
    keys: Vec<KeyLine>,
    name: Field,
    days: Field,
    now: kernel::Time,
}

fn gone() -> Stop {
    Trouble::new(StatusCode::NOT_FOUND, "not-found").into()
}

/// To others than staff the page is not there.
fn staff(cx: &Cx) -> Result<&Session, Stop> {
    let session = cx.session()?;
    if session.is_staff() { Ok(session) } else { Err(gone()) }
}

async fn page(cx: &Cx, typed: (&str, &str), made: Option<String>, r: Retry) -> Answer {
    let (session, w) = (staff(cx)?, cx.w());
    let name = Field::text(w, "name", "key-name")
        .hint(w.t("key-name-hint"))
        .max(kernel::text::NAME_MAX)
        .autocomplete("off")
        .value(typed.0)
        .error(w, &r.errors);
    let days = Field::number(w, "days", "key-days")
        .hint(w.tn("key-days-hint", "n", i64::from(KEY_DAYS_MAX)))
        .max(3)
        .value(typed.1)
        .error(w, &r.errors);
    let page = Keys {
        f: frame(cx, "nav-keys", "/account/keys"),
        summary: if r.said.is_empty() { Summary::new(w, &[&name, &days]) } else { Summary::said(r.said) },
        made,
        keys: people::list_keys(cx.people(), session).await?,
        name,
        days,
        now: cx.people().house.now(),
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, ("", "90"), None, Retry::default()).await
}

pub async fn make(cx: Cx, form: Form) -> Answer {
    let session = staff(&cx)?;
    let sudo = cx.sudo("/account/keys")?;
    let (name, days) = (form.get("name"), form.get("days"));
    match people::make_key(cx.people(), cx.by(), session, name, days, sudo).await {
        Ok(token) => page(&cx, ("", "90"), Some(token.reveal().to_owned()), Retry::default()).await,
        Err(failure) => page(&cx, (name, days), None, retry(cx.w(), failure)?).await,
    }
}

pub async fn revoke(cx: Cx, form: Form) -> Answer {
    let session = staff(&cx)?;
    let id: KeyId = form.get("key").parse().map_err(|_| gone())?;
    people::revoke_key(cx.people(), cx.by(), session, id).await?;
    Ok(see_other("/account/keys?said=key-revoked"))
}
