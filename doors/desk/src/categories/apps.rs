//! The apps of a category that are behind it: which, what would differ, and bringing them up to it.

use super::{Head, again, back, head, id_in, staff, told_all};
use ::apps::{Affected, AffectedApp};
use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse;
use kernel::{AppId, CategoryId};
use lobby::{Answer, Cx, Retry};
use web::{Form, Frame, Page, Summary};

/// Batches that one press of the button takes on: a thousand apps, in a second or two.
const BATCHES: usize = 5;

#[derive(Template)]
#[template(path = "category_apps.html")]
struct Apps {
    f: Frame,
    h: Head,
    summary: Summary,
    affected: Affected,
    next: Option<String>,
}

impl Apps {
    fn all(&self) -> String {
        self.f.tn("behind-all", "n", self.affected.all)
    }
    fn behind(&self) -> String {
        self.f.tn("behind-count", "n", self.affected.behind)
    }
    fn changes(&self, a: &AffectedApp) -> Vec<(String, String, String)> {
        told_all(&a.changes)
    }
}

async fn page(cx: &Cx, id: CategoryId, r: Retry, since: Option<i64>) -> Answer {
    let house = &cx.people().house;
    let list = format!("behind {id}");
    let after: Option<AppId> = house.read_cursor(&list, cx.query("after")).and_then(|p| p.parse().ok());
    let affected = ::apps::affected_apps(cx.apps(), id, after).await?;
    let desk = ::apps::category_at_desk(cx.apps(), id).await?;
    let (f, h) = head(cx, &desk, "/apps", since).await?;
    let next = affected.next.map(|app| house.cursor(&list, &app.to_string()));
    let summary = if r.said.is_empty() { Summary::none() } else { Summary::said(r.said) };
    Ok((r.status, Page(Apps { f, h, summary, affected, next })).into_response())
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    staff(&cx)?;
    page(&cx, id_in(&id)?, Retry::default(), None).await
}

pub async fn bring(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (staff, id) = (staff(&cx)?, id_in(&id)?);
    let sudo = cx.sudo(&format!("/desk/categories/{id}/apps"))?;
    let shown = form.get("version").parse().unwrap_or(0);
    for _ in 0..BATCHES {
        match ::apps::bring_apps(cx.apps(), cx.by(), &staff, sudo, id, shown).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(failure) => {
                let (r, since) = again(&cx, failure, &form)?;
                return page(&cx, id, r, since).await;
            }
        }
    }
    Ok(back(id, "/apps", "apps-brought"))
}
