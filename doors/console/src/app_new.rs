//! Making an app from an approved application; its key and secret, told once.

use crate::app_list::not_there;
use crate::{frame, seat};
use apps::{BadLine, Refusal, Settings, TypedSettings};
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{Failure, RequestId};
use lobby::{Answer, Cx, Retry, retry};
use web::{Field, Form, Frame, Page, Summary, Words, see_other};

/// The fields of an app's settings, as they are when it is made and when it changes.
pub struct SettingFields {
    pub name: Field,
    pub description: Field,
    pub homepage: Field,
    pub callbacks: Field,
    pub native: Field,
}

impl SettingFields {
    pub fn new(w: &Words, t: &TypedSettings, r: &Retry) -> SettingFields {
        let e = &r.errors;
        SettingFields {
            name: Field::text(w, "name", "app-name")
                .hint(w.t("app-name-hint"))
                .max(apps::APP_NAME_MAX)
                .autocomplete("off")
                .value(&t.name)
                .error(w, e),
            description: Field::area(w, "description", "app-description")
                .hint(w.t("app-description-hint"))
                .max(apps::APP_DESCRIPTION_MAX)
                .rows(3)
                .optional()
                .value(&t.description)
                .error(w, e),
            homepage: Field::url(w, "homepage", "app-homepage")
                .max(apps::HOMEPAGE_MAX)
                .optional()
                .value(&t.homepage)
                .error(w, e),
            callbacks: Field::area(w, "callbacks", "app-callbacks")
                .hint(w.t("app-callbacks-hint"))
                .rows(3)
                .value(&t.callbacks)
                .error(w, e),
            native: Field::check(w, "native", "app-native")
                .hint(w.t("app-native-hint"))
                .value(if t.native { "on" } else { "" })
                .error(w, e),
        }
    }
    pub fn summary(&self, w: &Words, r: Retry) -> Summary {
        if !r.said.is_empty() {
            return Summary::said(r.said);
        }
        Summary::new(w, &[&self.name, &self.description, &self.homepage, &self.callbacks, &self.native])
    }
}

/// Takes from the form just these fields.
pub fn typed(form: &Form) -> TypedSettings {
    TypedSettings {
        name: form.get("name").to_owned(),
        description: form.get("description").to_owned(),
        homepage: form.get("homepage").to_owned(),
        callbacks: form.get("callbacks").to_owned(),
        native: form.is_checked("native"),
        logo: None,
    }
}

#[derive(Template)]
#[template(path = "app_new.html")]
struct New {
    f: Frame,
    summary: Summary,
    request: RequestId,
    category: String,
    s: SettingFields,
    lines: Vec<BadLine>,
}

async fn page(cx: &Cx, request: &str, t: TypedSettings, lines: Vec<BadLine>, r: Retry) -> Answer {
    let (seat, w) = (seat(cx)?, cx.w());
    let request: RequestId = request.parse().map_err(|_| not_there())?;
    let (category, there) = apps::approval(cx.apps(), &seat, request, w.lang).await?;
    if let Some(id) = there {
        return Ok(see_other(&format!("/console/apps/{id}")));
    }
    if !seat.role().builds() {
        return Err(Failure::Refused(Refusal::NotAllowed).into());
    }
    let (s, status) = (SettingFields::new(w, &t, &r), r.status);
    let f = frame(cx, "app-new", "/console/apps").await?.crumb("/console/apps", w.t("nav-apps"));
    Ok((status, Page(New { f, summary: s.summary(w, r), request, category, s, lines })).into_response())
}

pub async fn show(cx: Cx) -> Answer {
    page(&cx, cx.query("request"), TypedSettings::default(), Vec::new(), Retry::default()).await
}

#[derive(Template)]
#[template(path = "app_made.html")]
struct MadePage {
    f: Frame,
    id: String,
    name: String,
    key: String,
    secret: String,
    server: String,
}

pub async fn make(cx: Cx, form: Form) -> Answer {
    let (seat, w) = (seat(&cx)?, cx.w());
    let request: RequestId = form.get("request").parse().map_err(|_| not_there())?;
    let t = typed(&form);
    let settings = match Settings::check(&t) {
        Ok(settings) => settings,
        Err(bad) => return page(&cx, form.get("request"), t, bad.lines, Retry::fields(bad.errors)).await,
    };
    let name = settings.name.clone();
    let made = match apps::create_app(cx.apps(), cx.by(), &seat, request, settings).await {
        Ok(made) => made,
        // The button was pressed twice, or the answer was lost: the app is there.
        Err(Failure::Refused(Refusal::AppThere(id))) => {
            return Ok(see_other(&format!("/console/apps/{id}/credentials?said=app-there")));
        }
        Err(failure) => {
            let r = retry(w, failure)?;
            return page(&cx, form.get("request"), t, Vec::new(), r).await;
        }
    };
    cx.ring();
    let made = MadePage {
        f: frame(&cx, "app-made", "/console/apps").await?,
        id: made.id.to_string(),
        name,
        key: made.key,
        secret: made.secret.reveal().to_owned(),
        server: cx.hall().site.public_url.clone(),
    };
    Ok((StatusCode::OK, Page(made)).into_response())
}
