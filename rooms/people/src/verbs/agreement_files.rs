//! Agreements from and for configuration files. A published version never changes; a file brings the next.

use super::no;
use crate::rules::Refusal;
use crate::store::{INSERT_AGREEMENT, INSERT_AGREEMENT_TEXT, LIST_KINDS, LIST_VERSION_TEXTS};
use crate::{API_USE, Answer};
use kernel::{AgreementId, By, Errors, Failure, Fault, Lang, Problem, text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{House, Look, Texts, Tx, audit, params};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementDef {
    pub kind: String,
    pub version: i64,
    pub title: Texts,
    pub body: Texts,
}

impl AgreementDef {
    /// The same in its one form, or which fields are wrong.
    pub fn checked(&self) -> Result<AgreementDef, Errors> {
        let mut e = Errors::default();
        if self.kind != API_USE {
            e.add("kind", Problem::NotOneOfThese);
        }
        if !(1..=1_000_000).contains(&self.version) {
            e.add("version", Problem::TooLarge(1_000_000));
        }
        let title = self.title.checked(|t| text::line(t, 0, 200), true);
        let body = self.body.checked(|t| text::prose(t, 0, 100_000), true);
        let title = title.map_err(|(lang, p)| e.add(format!("title.{}", lang.tag()), p)).unwrap_or_default();
        let body = body.map_err(|(lang, p)| e.add(format!("body.{}", lang.tag()), p)).unwrap_or_default();
        // A language that has one has both.
        for lang in Lang::ALL {
            if title.0.contains_key(&lang) != body.0.contains_key(&lang) {
                e.add(format!("body.{}", lang.tag()), Problem::Missing);
            }
        }
        if e.is_empty() { Ok(AgreementDef { title, body, ..self.clone() }) } else { Err(e) }
    }
}

/// The newest version of each agreement.
pub fn newest_agreements(look: &mut Look<'_>) -> Result<Vec<(String, i64)>, Fault> {
    look.all(&LIST_KINDS, &[])
}

/// One version, as a file holds it.
pub fn find_agreement_def(
    look: &mut Look<'_>,
    kind: &str,
    version: i64,
) -> Result<Option<AgreementDef>, Fault> {
    let rows: Vec<(Lang, String, String)> = look.all(&LIST_VERSION_TEXTS, params![kind, version])?;
    if rows.is_empty() {
        return Ok(None);
    }
    let title = Texts(rows.iter().map(|(lang, title, _)| (*lang, title.clone())).collect());
    let body = Texts(rows.into_iter().map(|(lang, _, body)| (lang, body)).collect());
    Ok(Some(AgreementDef { kind: kind.to_owned(), version, title, body }))
}

/// The versions in force, as files hold them.
pub fn export_agreements(look: &mut Look<'_>) -> Result<Vec<AgreementDef>, Fault> {
    let mut out = Vec::new();
    for (kind, version) in newest_agreements(look)? {
        out.extend(find_agreement_def(look, &kind, version)?);
    }
    Ok(out)
}

/// Publishes what a file says, inside the transaction of whoever applies it. The version that is there
/// already is left alone if it is the same.
pub fn put_agreement(tx: &mut Tx<'_>, h: &House, by: &By, def: &AgreementDef) -> Answer<()> {
    let def = def.checked().map_err(|e| Failure::Refused(Refusal::Invalid(e)))?;
    if let Some(found) = find_agreement_def(tx, &def.kind, def.version)? {
        let same = found == def || found.checked().is_ok_and(|f| f == def);
        return if same { Ok(()) } else { no(Refusal::Changed) };
    }
    if newest_agreements(tx)?.iter().any(|(kind, newest)| *kind == def.kind && *newest > def.version) {
        return no(Refusal::Changed);
    }
    let id = AgreementId::new(h.now(), &*h.random);
    if !tx.moved(&INSERT_AGREEMENT, params![id, &def.kind, def.version, h.now()])? {
        return no(Refusal::Changed);
    }
    for (lang, title) in &def.title.0 {
        let body = def.body.0.get(lang).cloned().unwrap_or_default();
        tx.change(&INSERT_AGREEMENT_TEXT, params![id, *lang, title, body])?;
    }
    let detail = json!({"kind": def.kind, "version": def.version});
    audit::record(tx, h, by, "agreement.published", id, &detail)?;
    Ok(())
}
