//! API groups: listed, made, written in three languages, retired.

use crate::frame;
use crate::three::{self, Three};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use catalogue::{Group, GroupDef, Method};
use kernel::{Errors, GroupId, Problem, text};
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::{OnStaff, StaffRole};
use web::{Field, Form, Frame, Kind, Page, Summary, Trouble, see_other};

fn staff(cx: &Cx) -> Result<OnStaff, Stop> {
    Ok(cx.session()?.on_staff(StaffRole::CatalogueManager)?)
}

fn id_in(id: &str) -> Result<GroupId, Stop> {
    id.parse().map_err(|_| Trouble::new(StatusCode::NOT_FOUND, "not-found").into())
}

#[derive(Template)]
#[template(path = "groups.html")]
struct Groups {
    f: Frame,
    groups: Vec<Group>,
}

impl Groups {
    fn name<'a>(&self, g: &'a Group) -> &'a str {
        g.name.get(self.f.w.lang)
    }
}

pub async fn show(cx: Cx) -> Answer {
    staff(&cx)?;
    let groups = catalogue::list_groups(cx.catalogue()).await?;
    Ok(Page(Groups { f: frame(&cx, "nav-groups", "/desk/groups"), groups }).into_response())
}

#[derive(Template)]
#[template(path = "group.html")]
struct Edit {
    f: Frame,
    summary: Summary,
    /// Of a group that is there.
    group: Option<Group>,
    methods: Vec<Method>,
    key: Field,
    names: Vec<Field>,
    descriptions: Vec<Field>,
    place: Field,
    review_days: Field,
    wants_document: Field,
}

async fn page(cx: &Cx, id: Option<GroupId>, typed: Option<&Form>, r: Retry) -> Answer {
    staff(cx)?;
    let w = cx.w();
    let (mut group, mut methods) = (None, Vec::new());
    if let Some(id) = id {
        group = Some(catalogue::find_group(cx.catalogue(), id).await?);
        methods = catalogue::list_methods(cx.catalogue(), id).await?;
    }
    let value = |name: &str, stored: String| typed.map_or(stored, |form| form.get(name).to_owned());
    let (name, description) =
        group.as_ref().map(|g| (g.name.clone(), g.description.clone())).unwrap_or_default();
    let number = |n: Option<i64>, or: &str| n.map_or_else(|| or.to_owned(), |n| n.to_string());
    let checked = group.as_ref().is_some_and(|g| g.wants_document);
    let key = Field::text(w, "key", "group-key").hint(w.t("cat-key-hint")).max(catalogue::KEY_MAX as u32);
    let three = Three { w, typed, errors: &r.errors };
    let mut e = Edit {
        f: frame(cx, "group-new", "/desk/groups").crumb("/desk/groups", w.t("nav-groups")),
        summary: Summary::none(),
        key: key.value(value("key", String::new())).error(w, &r.errors),
        names: three.fields(Kind::Input("text"), "name", "name", &name, catalogue::NAME_MAX),
        descriptions: three.fields(
            Kind::Area,
            "description",
            "cat-description",
            &description,
            catalogue::PROSE_MAX,
        ),
        place: Field::number(w, "place", "cat-place")
            .hint(w.t("cat-place-hint"))
            .value(value("place", number(group.as_ref().map(|g| g.place), "100")))
            .error(w, &r.errors),
        review_days: Field::number(w, "review_days", "cat-review-days")
            .hint(w.t("cat-review-days-hint"))
            .value(value("review_days", number(group.as_ref().map(|g| g.review_days), "2")))
            .error(w, &r.errors),
        wants_document: Field::check(w, "wants_document", "group-wants-document")
            .value(value("wants_document", if checked { "on".into() } else { String::new() })),
        methods,
        group,
    };
    let mut all: Vec<&Field> = vec![&e.key];
    all.extend(e.names.iter().chain(&e.descriptions));
    all.extend([&e.place, &e.review_days]);
    let summary = if r.said.is_empty() { Summary::new(w, &all) } else { Summary::said(r.said) };
    e.summary = summary;
    if let Some(g) = &e.group {
        e.f.title = g.name.get(w.lang).to_owned();
    }
    Ok((r.status, Page(e)).into_response())
}

fn read(form: &Form) -> Result<GroupDef, Errors> {
    let mut e = Errors::default();
    let place = e.take("place", text::number(form.get("place"), 0, 10_000));
    let days = e.take("review_days", text::number(form.get("review_days"), 1, 60));
    let def = GroupDef {
        key: form.get("key").trim().to_owned(),
        place: place.map_or(0, i64::from),
        retired: false,
        wants_document: form.is_checked("wants_document"),
        review_days: days.map_or(1, i64::from),
        name: three::read(form, "name"),
        description: three::read(form, "description"),
        methods: None,
    };
    if e.is_empty() { Ok(def) } else { Err(e) }
}

pub async fn show_new(cx: Cx) -> Answer {
    page(&cx, None, None, Retry::default()).await
}

pub async fn make(cx: Cx, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let def = match read(&form) {
        Ok(def) => def,
        Err(errors) => return page(&cx, None, Some(&form), Retry::fields(errors)).await,
    };
    match catalogue::make_group(cx.catalogue(), cx.by(), &staff, def).await {
        Ok(id) => Ok(see_other(&format!("/desk/groups/{id}?said=group-saved"))),
        Err(failure) => page(&cx, None, Some(&form), retry(cx.w(), failure)?).await,
    }
}

pub async fn show_one(cx: Cx, Path(id): Path<String>) -> Answer {
    staff(&cx)?;
    page(&cx, Some(id_in(&id)?), None, Retry::default()).await
}

fn shown(form: &Form) -> i64 {
    form.get("version").parse().unwrap_or(0)
}

pub async fn edit(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let id = id_in(&id)?;
    let mut def = match read(&form) {
        Ok(def) => def,
        Err(errors) => return page(&cx, Some(id), Some(&form), Retry::fields(errors)).await,
    };
    // These two are not on the form.
    let now = catalogue::find_group(cx.catalogue(), id).await?;
    (def.key, def.retired) = (now.key, now.retired);
    match catalogue::edit_group(cx.catalogue(), cx.by(), &staff, id, shown(&form), def).await {
        Ok(()) => Ok(see_other(&format!("/desk/groups/{id}?said=group-saved"))),
        Err(failure) => page(&cx, Some(id), Some(&form), retry(cx.w(), failure)?).await,
    }
}

pub async fn retire(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let id = id_in(&id)?;
    let retired = match form.get("retired") {
        "1" => true,
        "0" => false,
        _ => {
            let errors = Errors::one("retired", Problem::NotOneOfThese);
            return page(&cx, Some(id), None, Retry::fields(errors)).await;
        }
    };
    match catalogue::retire_group(cx.catalogue(), cx.by(), &staff, id, shown(&form), retired).await {
        Ok(()) => Ok(see_other(&format!("/desk/groups/{id}?said=group-saved"))),
        Err(failure) => page(&cx, Some(id), None, retry(cx.w(), failure)?).await,
    }
}
