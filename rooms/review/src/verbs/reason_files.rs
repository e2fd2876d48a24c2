//! The desk's reasons from and for configuration files.

use super::no;
use crate::Answer;
use crate::model::{Decision, Kind};
use crate::rules::Refusal;
use crate::store::{
    ALL_REASONS, BRING_REASON, BRING_REASON_TEXT, DROP_REASON_TEXTS, REASON_BY_KEY, TEXTS_OF_REASON,
};
use kernel::{By, Errors, Failure, Fault, Lang, Problem, ReasonId, text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{House, Look, Texts, Tx, audit, difference, params, told};

/// A ready-made reason, as a file holds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonDef {
    pub key: String,
    /// `needs_changes` or `reject`.
    pub decision: String,
    /// Of one kind of Request, or of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default)]
    pub place: i64,
    #[serde(default)]
    pub retired: bool,
    pub title: Texts,
    pub body: Texts,
}

type Row = (ReasonId, String, String, Option<String>, i64, bool);

impl ReasonDef {
    /// The same in its one form, or which fields are wrong.
    pub fn checked(&self) -> Result<ReasonDef, Errors> {
        let mut e = Errors::default();
        let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if self.key.is_empty() || self.key.len() > 40 || !self.key.bytes().all(fine) {
            e.add("key", Problem::BadCharacters);
        }
        if Decision::from_word(&self.decision).is_none_or(|d| d == Decision::Approve) {
            e.add("decision", Problem::NotOneOfThese);
        }
        if self.kind.as_ref().is_some_and(|k| Kind::from_word(k).is_none()) {
            e.add("kind", Problem::NotOneOfThese);
        }
        if !(0..=10_000).contains(&self.place) {
            e.add("place", Problem::TooLarge(10_000));
        }
        let title = self.title.checked(|t| text::line(t, 0, 80), true);
        let body = self.body.checked(|t| text::prose(t, 0, 1_000), true);
        let title = title.map_err(|(lang, p)| e.add(format!("title.{}", lang.tag()), p)).unwrap_or_default();
        let body = body.map_err(|(lang, p)| e.add(format!("body.{}", lang.tag()), p)).unwrap_or_default();
        for lang in Lang::ALL {
            if title.0.contains_key(&lang) != body.0.contains_key(&lang) {
                e.add(format!("body.{}", lang.tag()), Problem::Missing);
            }
        }
        if e.is_empty() { Ok(ReasonDef { title, body, ..self.clone() }) } else { Err(e) }
    }
}

fn whole(look: &mut Look<'_>, row: Row) -> Result<ReasonDef, Fault> {
    let (id, key, decision, kind, place, retired) = row;
    let texts: Vec<(Lang, String, String)> = look.all(&TEXTS_OF_REASON, params![id])?;
    let title = Texts(texts.iter().map(|(lang, title, _)| (*lang, title.clone())).collect());
    let body = Texts(texts.into_iter().map(|(lang, _, body)| (lang, body)).collect());
    Ok(ReasonDef { key, decision, kind, place, retired, title, body })
}

pub fn export_reasons(look: &mut Look<'_>) -> Result<Vec<ReasonDef>, Fault> {
    let rows: Vec<Row> = look.all(&ALL_REASONS, &[])?;
    rows.into_iter().map(|row| whole(look, row)).collect()
}

pub fn find_reason_def(look: &mut Look<'_>, key: &str) -> Result<Option<ReasonDef>, Fault> {
    match look.one::<Row>(&REASON_BY_KEY, params![key])? {
        Some(row) => whole(look, row).map(Some),
        None => Ok(None),
    }
}

/// Brings a reason to what a file says, inside the transaction of whoever applies it.
pub fn put_reason(tx: &mut Tx<'_>, h: &House, by: &By, def: &ReasonDef) -> Answer<()> {
    let def = def.checked().map_err(|e| Failure::Refused(Refusal::Invalid(e)))?;
    let json_of = |d: &ReasonDef| serde_json::to_value(d).map_err(|e| Fault::internal(e.to_string()));
    let before = find_reason_def(tx, &def.key)?;
    let changes = match &before {
        Some(before) => difference(&json_of(before)?, &json_of(&def)?),
        None => Vec::new(),
    };
    if before.is_some() && changes.is_empty() {
        return Ok(());
    }
    let fresh = ReasonId::new(h.now(), &*h.random);
    let brought = tx.changed::<(ReasonId,)>(
        &BRING_REASON,
        params![fresh, &def.key, &def.decision, def.kind.as_ref(), def.place, def.retired],
    )?;
    let Some((id,)) = brought else { return no(Refusal::Changed) };
    tx.change(&DROP_REASON_TEXTS, params![id])?;
    for (lang, title) in &def.title.0 {
        let body = def.body.0.get(lang).cloned().unwrap_or_default();
        tx.change(&BRING_REASON_TEXT, params![id, *lang, title, body])?;
    }
    audit::record(tx, h, by, "reason.brought", id, &json!({"key": def.key, "changes": told(&changes)}))?;
    Ok(())
}
