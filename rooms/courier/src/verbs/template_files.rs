//! The letters' texts from and for configuration files: those that the operator changed.

use super::templates::preview_draft;
use crate::letters::LetterKind;
use crate::model::Draft;
use crate::rules::Refusal;
use crate::store::{DELETE_EDITED, Edited, FIND_EDITED, LIST_EDITED, PUT_EDITED};
use crate::templates::built_in;
use crate::{Answer, Courier};
use kernel::{By, Failure, Fault, Lang};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Look, Tx, audit, params};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateDef {
    pub name: String,
    pub lang: String,
    pub subject: String,
    pub body: String,
}

impl TemplateDef {
    fn known(&self) -> Answer<(&'static LetterKind, Lang)> {
        let lang = Lang::from_tag(&self.lang).filter(|lang| Lang::ALL.contains(lang));
        LetterKind::find(&self.name).zip(lang).ok_or(Failure::Refused(Refusal::TemplateUnknown))
    }
    fn draft(&self) -> Draft {
        let body = self.body.replace("\r\n", "\n").trim().to_owned();
        Draft { subject: self.subject.trim().to_owned(), body }
    }
    /// The same in its one form, if it renders.
    pub fn checked(&self, courier: &Courier) -> Answer<TemplateDef> {
        let (_, lang) = self.known()?;
        let draft = self.draft();
        preview_draft(courier, &self.name, lang, &draft)?;
        Ok(TemplateDef { subject: draft.subject, body: draft.body, ..self.clone() })
    }
}

pub fn export_templates(look: &mut Look<'_>) -> Result<Vec<TemplateDef>, Fault> {
    let edited: Vec<Edited> = look.all(&LIST_EDITED, &[])?;
    // Letters that are gone, or of which we know nothing yet, stay where they are.
    let known = edited.into_iter().filter(|e| LetterKind::find(&e.name).is_some());
    let def = |e: Edited| TemplateDef {
        name: e.name,
        lang: e.lang.tag().to_owned(),
        subject: e.subject,
        body: e.body,
    };
    Ok(known.map(def).collect())
}

/// What goes out now, be it the operator's own text or the built-in one.
pub fn find_template_def(look: &mut Look<'_>, name: &str, lang: &str) -> Answer<TemplateDef> {
    let wanted = TemplateDef {
        name: name.to_owned(),
        lang: lang.to_owned(),
        subject: String::new(),
        body: String::new(),
    };
    let (letter, lang) = wanted.known()?;
    let edited: Option<Edited> = look.one(&FIND_EDITED, params![name, lang])?;
    let draft = edited.map_or_else(|| built_in(letter, lang), |e| Draft { subject: e.subject, body: e.body });
    Ok(TemplateDef { subject: draft.subject, body: draft.body, ..wanted })
}

/// Brings a text to what a file says, inside the transaction of whoever applies it. Written as the built-in
/// one, it is the built-in one again.
pub fn put_template(tx: &mut Tx<'_>, courier: &Courier, by: &By, def: &TemplateDef) -> Answer<()> {
    let def = def.checked(courier)?;
    let (letter, lang) = def.known()?;
    if find_template_def(tx, &def.name, &def.lang)? == def {
        return Ok(());
    }
    let (h, draft) = (&courier.house, def.draft());
    let who = by.account.map_or_else(|| by.address.clone(), |a| a.to_string());
    let subject = format!("{}/{}", letter.name, lang.tag());
    if draft == built_in(letter, lang) {
        tx.change(&DELETE_EDITED, params![letter.name, lang])?;
        audit::record(tx, h, by, "mail_template.restored", subject, &json!({}))?;
    } else {
        tx.change(&PUT_EDITED, params![letter.name, lang, &draft.subject, &draft.body, h.now(), &who])?;
        audit::record(tx, h, by, "mail_template.changed", subject, &json!({"subject": draft.subject}))?;
    }
    Ok(())
}
