//! Categories: read by everybody, written by staff and from files.
//!
//! Staff write on a draft, which nobody else sees, and publish it whole. Everything is written only as it was
//! shown: `edits` counts up with every writing, and who comes second is told.

use crate::Apps;
use crate::category::{Category, CategoryDef, CategoryState, How};
use crate::category_rules::CategoryRefusal as Refusal;
use crate::store::{
    DELETE_CATEGORY_GROUPS, DELETE_CATEGORY_TEXTS, DROP_DRAFT, FIND_CATEGORY, FIND_CATEGORY_BY_KEY,
    FIND_DRAFT, INSERT_CATEGORY, INSERT_CATEGORY_GROUP, INSERT_CATEGORY_TEXT, LIST_CATEGORIES,
    LIST_CATEGORY_GROUPS, LIST_CATEGORY_TEXTS, LIST_GROUPS_OF_CATEGORY, LIST_MADE_FROM,
    LIST_TEXTS_OF_CATEGORY, PUBLISH_CATEGORY, SAVE_DRAFT, SET_CATEGORY_STATE,
};
use kernel::{AppId, By, CategoryId, Failure, Fault, GroupId, Lang, RequestId};
use people::{OnStaff, Seat, Sudo};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::{House, Look, Tx, audit, difference, params, told};

type Answer<T> = Result<T, Failure<Refusal>>;
type TextRow = (CategoryId, Lang, String, String);
type GroupRow = (CategoryId, GroupId, How, String);

fn no<T>(refusal: Refusal) -> Answer<T> {
    Err(Failure::Refused(refusal))
}

fn whole(mut c: Category, texts: &[TextRow], groups: &[GroupRow]) -> Category {
    for (_, lang, name, description) in texts.iter().filter(|(id, ..)| *id == c.id) {
        c.name.0.insert(*lang, name.clone());
        if !description.is_empty() {
            c.description.0.insert(*lang, description.clone());
        }
    }
    c.groups =
        groups.iter().filter(|(id, ..)| *id == c.id).map(|(_, group, how, _)| (*group, *how)).collect();
    c
}

/// All categories, in their order; hidden ones too.
pub fn list_categories(look: &mut Look<'_>) -> Result<Vec<Category>, Fault> {
    let texts: Vec<TextRow> = look.all(&LIST_CATEGORY_TEXTS, &[])?;
    let groups: Vec<GroupRow> = look.all(&LIST_CATEGORY_GROUPS, &[])?;
    let found: Vec<Category> = look.all(&LIST_CATEGORIES, &[])?;
    Ok(found.into_iter().map(|c| whole(c, &texts, &groups)).collect())
}

pub fn find_category(look: &mut Look<'_>, id: CategoryId) -> Result<Option<Category>, Fault> {
    let Some(c) = look.one::<Category>(&FIND_CATEGORY, params![id])? else { return Ok(None) };
    let texts: Vec<TextRow> = look.all(&LIST_TEXTS_OF_CATEGORY, params![id])?;
    let groups: Vec<GroupRow> = look.all(&LIST_GROUPS_OF_CATEGORY, params![id])?;
    Ok(Some(whole(c, &texts, &groups)))
}

pub fn find_category_by_key(look: &mut Look<'_>, key: &str) -> Result<Option<Category>, Fault> {
    match look.one::<Category>(&FIND_CATEGORY_BY_KEY, params![key])? {
        Some(c) => find_category(look, c.id),
        None => Ok(None),
    }
}

pub async fn categories(apps: &Apps) -> Answer<Vec<Category>> {
    apps.house.db.read(list_categories).await.map_err(Failure::Fault)
}

pub async fn category(apps: &Apps, id: CategoryId) -> Answer<Category> {
    let found = apps.house.db.read(move |l| find_category(l, id)).await.map_err(Failure::Fault)?;
    found.ok_or(Failure::Refused(Refusal::NotFound))
}

/// Which app was made from which approved Request of this developer's.
pub async fn made_from(apps: &Apps, seat: &Seat) -> Answer<Vec<(RequestId, AppId)>> {
    let developer = seat.developer();
    apps.house.db.read(move |l| l.all(&LIST_MADE_FROM, params![developer])).await.map_err(Failure::Fault)
}

/// What is published, as files hold it.
pub fn def_of(look: &mut Look<'_>, c: &Category) -> Result<CategoryDef, Fault> {
    let groups: Vec<GroupRow> = look.all(&LIST_GROUPS_OF_CATEGORY, params![c.id])?;
    let keys = |how: How| {
        let mut keys: Vec<String> =
            groups.iter().filter(|(_, _, h, _)| *h == how).map(|(.., key)| key.clone()).collect();
        keys.sort();
        keys
    };
    Ok(CategoryDef {
        key: c.key.clone(),
        place: c.place,
        state: c.state,
        audience: c.audience,
        needs_company: c.needs_company,
        review_days: c.review_days,
        two_person: c.two_person,
        given: keys(How::Given),
        open: keys(How::Open),
        name: c.name.clone(),
        description: c.description.clone(),
        terms: c.terms.clone(),
        fields: c.form.fields.clone(),
    })
}

/// All categories as files hold them.
pub fn export_categories(look: &mut Look<'_>) -> Result<Vec<CategoryDef>, Fault> {
    let found = list_categories(look)?;
    found.iter().map(|c| def_of(look, c)).collect()
}

/// A category as staff edit it: the draft if there is one, else what is published.
#[derive(Clone, Debug)]
pub struct Desk {
    pub published: Category,
    pub as_published: CategoryDef,
    pub draft: CategoryDef,
}

fn desk_in(look: &mut Look<'_>, id: CategoryId) -> Answer<Desk> {
    let Some(published) = find_category(look, id)? else { return no(Refusal::NotFound) };
    let as_published = def_of(look, &published)?;
    let text = look.one::<(Option<String>,)>(&FIND_DRAFT, params![id])?.and_then(|(t,)| t);
    let draft = match text {
        Some(text) => {
            let draft = serde_json::from_str(&text).map_err(|e| Fault::internal(e.to_string()))?;
            // What has verbs of its own is not the draft's affair.
            CategoryDef { key: published.key.clone(), state: published.state, ..draft }
        }
        None => as_published.clone(),
    };
    Ok(Desk { published, as_published, draft })
}

pub async fn category_at_desk(apps: &Apps, id: CategoryId) -> Answer<Desk> {
    apps.house.db.read(move |l| desk_in(l, id)).await
}

fn json_of(def: &CategoryDef) -> Result<Value, Fault> {
    serde_json::to_value(def).map_err(|e| Fault::internal(e.to_string()))
}

fn text_of<T: serde::Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|e| Fault::internal(e.to_string()))
}

fn write_around(tx: &mut Tx<'_>, id: CategoryId, def: &CategoryDef) -> Answer<()> {
    tx.change(&DELETE_CATEGORY_TEXTS, params![id])?;
    let langs: BTreeSet<Lang> = def.name.0.keys().chain(def.description.0.keys()).copied().collect();
    for lang in langs {
        let name = def.name.0.get(&lang).cloned().unwrap_or_default();
        let description = def.description.0.get(&lang).cloned().unwrap_or_default();
        tx.change(&INSERT_CATEGORY_TEXT, params![id, lang, name, description])?;
    }
    tx.change(&DELETE_CATEGORY_GROUPS, params![id])?;
    let both = def.given.iter().map(|k| (k, How::Given)).chain(def.open.iter().map(|k| (k, How::Open)));
    for (key, how) in both {
        if !tx.moved(&INSERT_CATEGORY_GROUP, params![id, key, how])? {
            return no(Refusal::NoSuchGroup(key.clone()));
        }
    }
    Ok(())
}

fn ready(def: &CategoryDef) -> Answer<CategoryDef> {
    let def = def.checked().map_err(|e| Failure::Refused(Refusal::Invalid(e)))?;
    def.is_sound().map_err(|why| Failure::Refused(Refusal::NotSound(why)))?;
    Ok(def)
}

fn make(tx: &mut Tx<'_>, h: &House, by: &By, def: &CategoryDef) -> Answer<CategoryId> {
    let id = CategoryId::new(h.now(), &*h.random);
    let form = review::keep_form(tx, &def.form())?;
    let made = tx.moved(
        &INSERT_CATEGORY,
        params![
            id,
            &def.key,
            def.place,
            def.state,
            def.audience,
            def.needs_company,
            def.review_days,
            def.two_person,
            &form,
            text_of(&def.terms)?,
            h.now()
        ],
    )?;
    if !made {
        return no(Refusal::KeyTaken);
    }
    write_around(tx, id, def)?;
    let detail = json!({"key": def.key, "state": def.state.word(), "fields": def.fields.len(), "edits": 1});
    audit::record(tx, h, by, "category.made", id, &detail)?;
    Ok(id)
}

/// Publishes what is written over what was shown; says what differs.
fn publish_over(
    tx: &mut Tx<'_>,
    h: &House,
    by: &By,
    desk: &Desk,
    shown: i64,
    def: &CategoryDef,
) -> Answer<()> {
    let id = desk.published.id;
    let changes = difference(&json_of(&desk.as_published)?, &json_of(def)?);
    if changes.is_empty() {
        return no(Refusal::NothingToDo);
    }
    let form = review::keep_form(tx, &def.form())?;
    let moved = tx.moved(
        &PUBLISH_CATEGORY,
        params![
            id,
            shown,
            def.place,
            def.state,
            def.audience,
            def.needs_company,
            def.review_days,
            def.two_person,
            &form,
            text_of(&def.terms)?,
            h.now()
        ],
    )?;
    if !moved {
        return no(Refusal::Changed);
    }
    write_around(tx, id, def)?;
    let detail = json!({"key": def.key, "version": desk.published.version + 1, "edits": shown + 1,
        "changes": told(&changes)});
    audit::record(tx, h, by, "category.published", id, &detail)?;
    Ok(())
}

/// Makes a hidden category to be written.
pub async fn make_category(apps: &Apps, by: &By, staff: &OnStaff, def: CategoryDef) -> Answer<CategoryId> {
    let (h, by) = (apps.house.clone(), by.with(staff.account()));
    apps.house
        .db
        .write(move |tx| {
            let def = CategoryDef { state: CategoryState::Hidden, ..def.clone() };
            let def = def.checked().map_err(|e| Failure::Refused(Refusal::Invalid(e)))?;
            make(tx, &h, &by, &def)
        })
        .await
}

/// Writes the draft, as long as it is as it was shown.
pub async fn edit_category(
    apps: &Apps,
    by: &By,
    staff: &OnStaff,
    id: CategoryId,
    shown: i64,
    def: CategoryDef,
) -> Answer<()> {
    let (h, by) = (apps.house.clone(), by.with(staff.account()));
    apps.house
        .db
        .write(move |tx| {
            let desk = desk_in(tx, id)?;
            let (key, state) = (desk.published.key.clone(), desk.published.state);
            let def = CategoryDef { key, state, ..def.clone() };
            let def = def.checked().map_err(|e| Failure::Refused(Refusal::Invalid(e)))?;
            let changes = difference(&json_of(&desk.draft)?, &json_of(&def)?);
            if changes.is_empty() && desk.published.edits == shown {
                return Ok(());
            }
            if !tx.moved(&SAVE_DRAFT, params![id, shown, text_of(&def)?, h.now()])? {
                return no(Refusal::Changed);
            }
            let detail = json!({"edits": shown + 1, "changes": told(&changes)});
            audit::record(tx, &h, &by, "category.drafted", id, &detail)?;
            Ok(())
        })
        .await
}

/// Makes the draft what developers see and new apps get.
pub async fn publish_category(
    apps: &Apps,
    by: &By,
    staff: &OnStaff,
    _sudo: Sudo,
    id: CategoryId,
    shown: i64,
) -> Answer<()> {
    let (h, by) = (apps.house.clone(), by.with(staff.account()));
    apps.house
        .db
        .write(move |tx| {
            let desk = desk_in(tx, id)?;
            if desk.published.edits != shown {
                return no(Refusal::Changed);
            }
            if !desk.published.has_draft {
                return no(Refusal::NothingToDo);
            }
            let def = ready(&desk.draft)?;
            publish_over(tx, &h, &by, &desk, shown, &def)
        })
        .await
}

pub async fn discard_draft(apps: &Apps, by: &By, staff: &OnStaff, id: CategoryId, shown: i64) -> Answer<()> {
    let (h, by) = (apps.house.clone(), by.with(staff.account()));
    apps.house
        .db
        .write(move |tx| {
            if !tx.moved(&DROP_DRAFT, params![id, shown, h.now()])? {
                return no(Refusal::Changed);
            }
            audit::record(tx, &h, &by, "category.draft_dropped", id, &json!({"edits": shown + 1}))?;
            Ok(())
        })
        .await
}

/// Opens, closes or hides it. What may not be published may not be opened.
pub async fn set_category_state(
    apps: &Apps,
    by: &By,
    staff: &OnStaff,
    _sudo: Sudo,
    id: CategoryId,
    shown: i64,
    state: CategoryState,
) -> Answer<()> {
    let (h, by) = (apps.house.clone(), by.with(staff.account()));
    apps.house
        .db
        .write(move |tx| {
            let desk = desk_in(tx, id)?;
            if state == CategoryState::Open {
                ready(&CategoryDef { state, ..desk.as_published.clone() })?;
            }
            if !tx.moved(&SET_CATEGORY_STATE, params![id, shown, state, h.now()])? {
                return no(Refusal::Changed);
            }
            let detail = json!({"from": desk.published.state.word(), "to": state.word(), "edits": shown + 1});
            audit::record(tx, &h, &by, "category.state_set", id, &detail)?;
            Ok(())
        })
        .await
}

/// What others wrote about a category since it was shown: for whoever came second.
pub async fn edits_since(apps: &Apps, id: CategoryId, shown: i64) -> Answer<Vec<audit::Entry>> {
    let search = audit::Search { subject: Some(id.to_string()), ..audit::Search::default() };
    let found = apps.house.db.read(move |look| audit::search(look, &search)).await.map_err(Failure::Fault)?;
    let later = |e: &audit::Entry| {
        let detail: Value = serde_json::from_str(&e.detail).unwrap_or_default();
        detail.get("edits").and_then(Value::as_i64).is_some_and(|n| n > shown)
    };
    Ok(found.into_iter().filter(later).collect())
}

/// Brings a category to what a file says, inside the transaction of whoever applies it. A draft that staff
/// have on it stays as it is.
pub fn put_category(tx: &mut Tx<'_>, h: &House, by: &By, def: &CategoryDef) -> Answer<()> {
    let def = ready(def)?;
    let Some(found) = find_category_by_key(tx, &def.key)? else {
        return make(tx, h, by, &def).map(drop);
    };
    let desk = desk_in(tx, found.id)?;
    let draft = desk.published.has_draft.then(|| text_of(&desk.draft)).transpose()?;
    match publish_over(tx, h, by, &desk, desk.published.edits, &def) {
        Err(Failure::Refused(Refusal::NothingToDo)) => return Ok(()),
        other => other?,
    }
    if let Some(draft) = draft {
        tx.change(&SAVE_DRAFT, params![found.id, desk.published.edits + 1, draft, h.now()])?;
    }
    Ok(())
}
