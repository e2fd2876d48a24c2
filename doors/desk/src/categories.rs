//! Categories: listed, made; and of one, its overview: what is a draft, what is published, who may apply.

pub mod apps;
mod durations;
pub mod fields;
pub mod parts;
pub mod preview;

use crate::frame;
use crate::three::{self, Three};
use ::apps::{Category, CategoryDef, CategoryRefusal, CategoryState, Desk};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kernel::{CategoryId, Failure, Lang};
use lobby::{Answer, Cx, Retry, Stop, retry};
use people::{OnStaff, StaffRole};
use store::{Change, Texts, difference};
use web::{Field, Form, Frame, Kind, Page, Summary, Trouble, Words, see_other};

fn staff(cx: &Cx) -> Result<OnStaff, Stop> {
    Ok(cx.session()?.on_staff(StaffRole::CatalogueManager)?)
}

fn id_in(id: &str) -> Result<CategoryId, Stop> {
    id.parse().map_err(|_| Trouble::new(StatusCode::NOT_FOUND, "not-found").into())
}

fn shown(form: &Form) -> i64 {
    form.get("edits").parse().unwrap_or(0)
}

type Badge = (&'static str, &'static str, &'static str);

fn badge(w: &Words, state: CategoryState) -> Badge {
    match state {
        CategoryState::Hidden => ("badge-off", "eye-off", w.t("category-hidden")),
        CategoryState::Open => ("badge-ok", "check", w.t("category-open")),
        CategoryState::Closed => ("badge-wait", "lock", w.t("category-closed")),
    }
}

fn audience_key(audience: ::apps::Audience) -> &'static str {
    match audience {
        ::apps::Audience::SelfDeveloper => "audience-self",
        ::apps::Audience::Commercial => "audience-commercial",
        ::apps::Audience::Individual => "audience-individual",
    }
}

fn policy_key(policy: ::apps::Policy) -> &'static str {
    match policy {
        ::apps::Policy::Whitelist => "policy-whitelist",
        ::apps::Policy::Any => "policy-any",
        ::apps::Policy::Own => "policy-own",
    }
}

/// What somebody else wrote since the page was shown.
struct Other {
    who: String,
    when: String,
    what: String,
}

/// What all pages of a category have on top.
struct Head {
    id: CategoryId,
    name: String,
    state: Badge,
    edits: i64,
    version: i64,
    has_draft: bool,
    /// Where to, label, whether it is this page.
    tabs: Vec<(String, &'static str, bool)>,
    others: Vec<Other>,
}

const TABS: &[(&str, &str)] = &[
    ("", "tab-overview"),
    ("/basics", "tab-basics"),
    ("/terms", "tab-terms"),
    ("/groups", "tab-groups"),
    ("/form", "tab-form"),
    ("/preview", "tab-preview"),
    ("/apps", "tab-apps"),
];

/// The frame and the head of a category's page. `since` is the state that a refused form was made from.
async fn head(cx: &Cx, desk: &Desk, here: &str, since: Option<i64>) -> Result<(Frame, Head), Stop> {
    let (w, c) = (cx.w(), &desk.published);
    let name = desk.draft.name.get(w.lang).to_owned();
    let mut f =
        frame(cx, "nav-categories", "/desk/categories").crumb("/desk/categories", w.t("nav-categories"));
    f.title = name.clone();
    let tab =
        |(end, label): &(&str, &str)| (format!("/desk/categories/{}{end}", c.id), w.t(label), *end == here);
    let others = match since {
        Some(since) => others(cx, c.id, since).await?,
        None => Vec::new(),
    };
    let head = Head {
        id: c.id,
        name,
        state: badge(w, c.state),
        edits: c.edits,
        version: c.version,
        has_draft: c.has_draft,
        tabs: TABS.iter().map(tab).collect(),
        others,
    };
    Ok((f, head))
}

async fn others(cx: &Cx, id: CategoryId, since: i64) -> Result<Vec<Other>, Stop> {
    let entries = ::apps::edits_since(cx.apps(), id, since).await?;
    let ids = entries.iter().filter_map(|e| e.account).collect();
    let names = people::names(cx.people(), ids).await?;
    let one = |e: &store::audit::Entry| {
        let who = names.iter().find(|(id, _)| Some(*id) == e.account).map(|(_, name)| name.clone());
        let detail: serde_json::Value = serde_json::from_str(&e.detail).unwrap_or_default();
        let changes = detail.get("changes").and_then(|c| c.as_array()).cloned().unwrap_or_default();
        let paths: Vec<&str> = changes.iter().filter_map(|c| c.get(0)?.as_str()).take(12).collect();
        Other {
            who: who.unwrap_or_else(|| e.address.clone()),
            when: cx.w().when(e.at).words,
            what: format!("{}: {}", web::action_words(cx.w(), &e.action), paths.join(", ")),
        }
    };
    Ok(entries.iter().map(one).collect())
}

/// A refused edit: the form again, with what others did if that is why. The second is the state it was made from.
fn again(cx: &Cx, failure: Failure<CategoryRefusal>, form: &Form) -> Result<(Retry, Option<i64>), Stop> {
    let since = matches!(failure, Failure::Refused(CategoryRefusal::Changed)).then(|| shown(form));
    let why = match &failure {
        Failure::Refused(CategoryRefusal::NotSound(why)) => format!(" {why}"),
        Failure::Refused(CategoryRefusal::NoSuchGroup(key)) => format!(" {key}"),
        _ => String::new(),
    };
    let mut r = retry(cx.w(), failure)?;
    r.said.push_str(&why);
    Ok((r, since))
}

#[derive(Template)]
#[template(path = "categories.html")]
struct Categories {
    f: Frame,
    categories: Vec<Category>,
}

impl Categories {
    fn name<'a>(&self, c: &'a Category) -> &'a str {
        c.name.get(self.f.w.lang)
    }
    fn fields(&self, c: &Category) -> String {
        self.f.tn("category-fields", "n", c.form.fields.len() as i64)
    }
    fn badge(&self, c: &Category) -> Badge {
        badge(&self.f.w, c.state)
    }
    fn audience(&self, c: &Category) -> &'static str {
        self.f.t(audience_key(c.audience))
    }
    fn policy(&self, c: &Category) -> &'static str {
        self.f.t(policy_key(c.terms.policy))
    }
}

pub async fn show(cx: Cx) -> Answer {
    staff(&cx)?;
    let categories = ::apps::categories(cx.apps()).await?;
    Ok(Page(Categories { f: frame(&cx, "nav-categories", "/desk/categories"), categories }).into_response())
}

#[derive(Template)]
#[template(path = "category_new.html")]
struct New {
    f: Frame,
    summary: Summary,
    key: Field,
    names: Vec<Field>,
}

fn new_page(cx: &Cx, typed: Option<&Form>, r: Retry) -> Answer {
    staff(cx)?;
    let w = cx.w();
    let key = Field::text(w, "key", "category-key").hint(w.t("cat-key-hint")).max(catalogue::KEY_MAX as u32);
    let key = key.value(typed.map_or("", |form| form.get("key"))).error(w, &r.errors);
    let empty = Texts::default();
    let names = Three { w, typed, errors: &r.errors }.fields(
        Kind::Input("text"),
        "name",
        "name",
        &empty,
        ::apps::NAME_MAX,
    );
    let mut all = vec![&key];
    all.extend(&names);
    let summary = if r.said.is_empty() { Summary::new(w, &all) } else { Summary::said(r.said) };
    let f = frame(cx, "category-new", "/desk/categories").crumb("/desk/categories", w.t("nav-categories"));
    Ok((r.status, Page(New { f, summary, key, names })).into_response())
}

pub async fn show_new(cx: Cx) -> Answer {
    new_page(&cx, None, Retry::default())
}

/// A new one begins with the strictest of everything.
pub async fn make(cx: Cx, form: Form) -> Answer {
    let staff = staff(&cx)?;
    let name = three::read(&form, "name");
    let def = CategoryDef::blank(form.get("key").trim(), name, ::apps::Terms::strict());
    match ::apps::make_category(cx.apps(), cx.by(), &staff, def).await {
        Ok(id) => Ok(see_other(&format!("/desk/categories/{id}/basics?said=category-made"))),
        Err(failure) => new_page(&cx, Some(&form), retry(cx.w(), failure)?),
    }
}

#[derive(Template)]
#[template(path = "category.html")]
struct Overview {
    f: Frame,
    h: Head,
    summary: Summary,
    changes: Vec<(String, String, String)>,
    moves: Vec<(&'static str, &'static str, &'static str)>,
    texts: Vec<(Lang, String, String)>,
}

/// A value of a difference, as staff read it.
fn told(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::Null => "—".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= 160 {
        text
    } else {
        format!("{}…", text.chars().take(160).collect::<String>())
    }
}

fn told_all(changes: &[Change]) -> Vec<(String, String, String)> {
    changes.iter().map(|c| (c.path.clone(), told(&c.before), told(&c.after))).collect()
}

async fn overview(cx: &Cx, id: CategoryId, r: Retry, since: Option<i64>) -> Answer {
    let desk = ::apps::category_at_desk(cx.apps(), id).await?;
    let (f, h) = head(cx, &desk, "", since).await?;
    let (w, state) = (cx.w(), desk.published.state);
    let json = |def: &CategoryDef| serde_json::to_value(def).unwrap_or_default();
    let changes = told_all(&difference(&json(&desk.as_published), &json(&desk.draft)));
    let all = [
        (CategoryState::Open, "category-to-open", "category-to-open-hint"),
        (CategoryState::Closed, "category-to-closed", "category-to-closed-hint"),
        (CategoryState::Hidden, "category-to-hidden", "category-to-hidden-hint"),
    ];
    let moves = all
        .into_iter()
        .filter(|(to, ..)| *to != state)
        .map(|(to, say, hint)| (to.word(), w.t(say), w.t(hint)));
    let of = |texts: &Texts, lang: Lang| texts.0.get(&lang).cloned().unwrap_or_default();
    let c = &desk.published;
    let page = Overview {
        f,
        h,
        summary: if r.said.is_empty() { Summary::none() } else { Summary::said(r.said) },
        changes,
        moves: moves.collect(),
        texts: Lang::ALL.into_iter().map(|l| (l, of(&c.name, l), of(&c.description, l))).collect(),
    };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show_one(cx: Cx, Path(id): Path<String>) -> Answer {
    staff(&cx)?;
    overview(&cx, id_in(&id)?, Retry::default(), None).await
}

fn back(id: CategoryId, end: &str, said: &str) -> Response {
    see_other(&format!("/desk/categories/{id}{end}?said={said}"))
}

pub async fn publish(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (staff, id) = (staff(&cx)?, id_in(&id)?);
    let sudo = cx.sudo(&format!("/desk/categories/{id}"))?;
    match ::apps::publish_category(cx.apps(), cx.by(), &staff, sudo, id, shown(&form)).await {
        Ok(()) => Ok(back(id, "", "category-published")),
        Err(failure) => {
            let (r, since) = again(&cx, failure, &form)?;
            overview(&cx, id, r, since).await
        }
    }
}

pub async fn discard(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (staff, id) = (staff(&cx)?, id_in(&id)?);
    match ::apps::discard_draft(cx.apps(), cx.by(), &staff, id, shown(&form)).await {
        Ok(()) => Ok(back(id, "", "category-dropped")),
        Err(failure) => {
            let (r, since) = again(&cx, failure, &form)?;
            overview(&cx, id, r, since).await
        }
    }
}

pub async fn set_state(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (staff, id) = (staff(&cx)?, id_in(&id)?);
    let sudo = cx.sudo(&format!("/desk/categories/{id}"))?;
    let state = CategoryState::from_word(form.get("to"));
    let state = state.ok_or_else(|| Stop::from(Trouble::new(StatusCode::NOT_FOUND, "not-found")))?;
    match ::apps::set_category_state(cx.apps(), cx.by(), &staff, sudo, id, shown(&form), state).await {
        Ok(()) => Ok(back(id, "", "category-state")),
        Err(failure) => {
            let (r, since) = again(&cx, failure, &form)?;
            overview(&cx, id, r, since).await
        }
    }
}
