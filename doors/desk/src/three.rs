//! Texts in the three languages of the house, side by side: their fields, and reading them.

use kernel::{Errors, Lang};
use store::Texts;
use web::{Field, Form, Kind, Words};

/// For whom the fields are, what was typed if the form is shown again, and what is wrong with it.
#[derive(Clone, Copy)]
pub struct Three<'a> {
    pub w: &'a Words,
    pub typed: Option<&'a Form>,
    pub errors: &'a Errors,
}

impl Three<'_> {
    /// A field for each language, named `name_en` and so on.
    pub fn fields(&self, kind: Kind, name: &str, label: &str, texts: &Texts, max: u32) -> Vec<Field> {
        let one = |lang: Lang| {
            let own = format!("{name}_{}", lang.tag());
            let value = match self.typed {
                Some(form) => form.get(&own).to_owned(),
                None => texts.0.get(&lang).cloned().unwrap_or_default(),
            };
            let said = format!("{} · {}", self.w.t(label), lang.own_name());
            let field = Field::made(self.w, kind, own.into(), said);
            let field = field.max(max).value(value).error(self.w, self.errors);
            // English stands in for what is missing.
            if lang == Lang::En { field } else { field.optional() }
        };
        Lang::ALL.into_iter().map(one).collect()
    }
}

pub fn read(form: &Form, name: &str) -> Texts {
    let one = |lang: Lang| (lang, form.get(&format!("{name}_{}", lang.tag())).to_owned());
    Texts(Lang::ALL.into_iter().map(one).filter(|(_, text)| !text.trim().is_empty()).collect())
}
