//! What one can do here. Each verb is one function and one transaction with one audit entry.

use crate::model::{Group, GroupDef, Method, MethodDef};
use crate::rules::Refusal;
use crate::store::{
    DELETE_GROUP_TEXTS, DELETE_METHOD, FIND_GROUP, FIND_GROUP_BY_KEY, INSERT_GROUP, INSERT_GROUP_TEXT,
    LIST_GROUP_TEXTS, LIST_GROUPS, LIST_METHODS, LIST_TEXTS_OF_GROUP, PUT_METHOD, UPDATE_GROUP,
};
use crate::{Answer, Catalogue};
use ::store::{House, Look, Texts, Tx, audit, difference, params, told};
use kernel::{By, Failure, Fault, GroupId, Lang};
use people::OnStaff;
use serde_json::json;
use std::collections::BTreeSet;

type TextRow = (GroupId, Lang, String, String);

fn no<T>(refusal: Refusal) -> Answer<T> {
    Err(Failure::Refused(refusal))
}

fn with_texts(mut group: Group, texts: &[TextRow]) -> Group {
    for (_, lang, name, description) in texts.iter().filter(|(id, ..)| *id == group.id) {
        group.name.0.insert(*lang, name.clone());
        if !description.is_empty() {
            group.description.0.insert(*lang, description.clone());
        }
    }
    group
}

/// All groups, in their order; retired ones too.
pub fn list(look: &mut Look<'_>) -> Result<Vec<Group>, Fault> {
    let texts: Vec<TextRow> = look.all(&LIST_GROUP_TEXTS, &[])?;
    let groups: Vec<Group> = look.all(&LIST_GROUPS, &[])?;
    Ok(groups.into_iter().map(|g| with_texts(g, &texts)).collect())
}

pub fn find(look: &mut Look<'_>, id: GroupId) -> Result<Option<Group>, Fault> {
    let Some(group) = look.one::<Group>(&FIND_GROUP, params![id])? else { return Ok(None) };
    let texts: Vec<TextRow> = look.all(&LIST_TEXTS_OF_GROUP, params![id])?;
    Ok(Some(with_texts(group, &texts)))
}

pub fn find_by_key(look: &mut Look<'_>, key: &str) -> Result<Option<Group>, Fault> {
    match look.one::<Group>(&FIND_GROUP_BY_KEY, params![key])? {
        Some(group) => find(look, group.id),
        None => Ok(None),
    }
}

/// The methods of a group, by name.
pub fn methods(look: &mut Look<'_>, group: GroupId) -> Result<Vec<Method>, Fault> {
    look.all(&LIST_METHODS, params![group])
}

pub async fn list_groups(catalogue: &Catalogue) -> Answer<Vec<Group>> {
    catalogue.house.db.read(list).await.map_err(Failure::Fault)
}

pub async fn find_group(catalogue: &Catalogue, id: GroupId) -> Answer<Group> {
    let found = catalogue.house.db.read(move |l| find(l, id)).await.map_err(Failure::Fault)?;
    found.ok_or(Failure::Refused(Refusal::NotFound))
}

pub async fn list_methods(catalogue: &Catalogue, group: GroupId) -> Answer<Vec<Method>> {
    catalogue.house.db.read(move |l| methods(l, group)).await.map_err(Failure::Fault)
}

/// A group as files hold it.
pub fn def_of(look: &mut Look<'_>, group: &Group) -> Result<GroupDef, Fault> {
    let mut methods = methods(look, group.id)?;
    // Databases sort letters each in their own way.
    methods.sort_by(|a, b| a.name.cmp(&b.name));
    let def = |m: Method| MethodDef { name: m.name, summary: m.summary, needs_seller: m.needs_seller };
    Ok(GroupDef {
        key: group.key.clone(),
        place: group.place,
        retired: group.retired,
        wants_document: group.wants_document,
        review_days: group.review_days,
        name: group.name.clone(),
        description: group.description.clone(),
        methods: Some(methods.into_iter().map(def).collect()),
    })
}

/// All groups as files hold them.
pub fn export(look: &mut Look<'_>) -> Result<Vec<GroupDef>, Fault> {
    let groups = list(look)?;
    groups.iter().map(|g| def_of(look, g)).collect()
}

fn json_of(def: &GroupDef) -> Result<serde_json::Value, Fault> {
    serde_json::to_value(def).map_err(|e| Fault::internal(e.to_string()))
}

fn write_texts(tx: &mut Tx<'_>, id: GroupId, name: &Texts, description: &Texts) -> Result<(), Fault> {
    tx.change(&DELETE_GROUP_TEXTS, params![id])?;
    let langs: BTreeSet<Lang> = name.0.keys().chain(description.0.keys()).copied().collect();
    for lang in langs {
        let of = |texts: &Texts| texts.0.get(&lang).cloned().unwrap_or_default();
        tx.change(&INSERT_GROUP_TEXT, params![id, lang, of(name), of(description)])?;
    }
    Ok(())
}

/// Brings a group to what is written: makes it, changes it as it is at `shown`, or leaves it alone when
/// nothing differs. A method that another group had comes over.
fn bring(
    tx: &mut Tx<'_>,
    h: &House,
    by: &By,
    before: Option<&Group>,
    shown: i64,
    def: &GroupDef,
) -> Answer<GroupId> {
    let def = def.checked().map_err(|e| Failure::Refused(Refusal::Invalid(e)))?;
    let was = match before {
        Some(group) => Some(def_of(tx, group)?),
        None => None,
    };
    // What the writing does not mention stays.
    let mut wanted = def.clone();
    if wanted.methods.is_none() {
        wanted.methods = was.as_ref().map_or(Some(Vec::new()), |w| w.methods.clone());
    }
    let changes = match &was {
        Some(was) => difference(&json_of(was)?, &json_of(&wanted)?),
        None => Vec::new(),
    };
    let id = before.map_or_else(|| GroupId::new(h.now(), &*h.random), |g| g.id);
    if before.is_some() && changes.is_empty() {
        return Ok(id);
    }
    let moved = match before {
        Some(_) => tx.moved(
            &UPDATE_GROUP,
            params![id, shown, def.place, def.retired, def.wants_document, def.review_days, h.now()],
        )?,
        None => tx.moved(
            &INSERT_GROUP,
            params![id, &def.key, def.place, def.retired, def.wants_document, def.review_days, h.now()],
        )?,
    };
    if !moved {
        return no(if before.is_some() { Refusal::Changed } else { Refusal::KeyTaken });
    }
    write_texts(tx, id, &def.name, &def.description)?;
    if let Some(methods) = &def.methods {
        for m in was.iter().flat_map(|w| w.methods.iter().flatten()) {
            if methods.iter().all(|wanted| wanted.name != m.name) {
                tx.change(&DELETE_METHOD, params![&m.name, id])?;
            }
        }
        for m in methods {
            tx.change(&PUT_METHOD, params![&m.name, id, &m.summary, m.needs_seller])?;
        }
    }
    let (action, detail) = match before {
        Some(_) => ("group.changed", json!({"key": def.key, "changes": told(&changes)})),
        None => ("group.made", json!({"key": def.key, "methods": wanted.methods.iter().flatten().count()})),
    };
    audit::record(tx, h, by, action, id, &detail)?;
    Ok(id)
}

/// Brings a group to what a file says, inside the transaction of whoever applies it.
pub fn put(tx: &mut Tx<'_>, h: &House, by: &By, def: &GroupDef) -> Answer<()> {
    let before = find_by_key(tx, &def.key)?;
    let shown = before.as_ref().map_or(0, |g| g.version);
    bring(tx, h, by, before.as_ref(), shown, def).map(drop)
}

/// Makes a group, as staff write it.
pub async fn make_group(catalogue: &Catalogue, by: &By, staff: &OnStaff, def: GroupDef) -> Answer<GroupId> {
    let (h, by) = (catalogue.house.clone(), by.with(staff.account()));
    catalogue.house.db.write(move |tx| bring(tx, &h, &by, None, 0, &def)).await
}

/// Changes a group as it was shown; its key stays.
pub async fn edit_group(
    catalogue: &Catalogue,
    by: &By,
    staff: &OnStaff,
    id: GroupId,
    shown: i64,
    def: GroupDef,
) -> Answer<()> {
    let (h, by) = (catalogue.house.clone(), by.with(staff.account()));
    catalogue
        .house
        .db
        .write(move |tx| {
            let Some(before) = find(tx, id)? else { return no(Refusal::NotFound) };
            if before.version != shown {
                return no(Refusal::Changed);
            }
            let def = GroupDef { key: before.key.clone(), ..def.clone() };
            bring(tx, &h, &by, Some(&before), shown, &def).map(drop)
        })
        .await
}

/// Stops offering a group, or offers it again. Apps that have it keep it.
pub async fn retire_group(
    catalogue: &Catalogue,
    by: &By,
    staff: &OnStaff,
    id: GroupId,
    shown: i64,
    retired: bool,
) -> Answer<()> {
    let (h, by) = (catalogue.house.clone(), by.with(staff.account()));
    catalogue
        .house
        .db
        .write(move |tx| {
            let Some(before) = find(tx, id)? else { return no(Refusal::NotFound) };
            let def = GroupDef { retired, methods: None, ..def_of(tx, &before)? };
            bring(tx, &h, &by, Some(&before), shown, &def).map(drop)
        })
        .await
}
