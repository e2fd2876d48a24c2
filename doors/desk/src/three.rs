//! Texts in the three languages of the house, side by side: their fields, and reading them.

use kernel::{Errors, Lang};
use store::Texts;
use web::{Field, Form, Kind, Words};

/// A field for each language, named `name_en` and so on. On a form that is shown again, `typed` is what was
/// typed.
pub fn fields(
    w: &Words,
    kind: Kind,
    name: &str,
    label: &str,
    texts: &Texts,
    max: u32,
    typed: Option<&Form>,
    errors: &Errors,
) -> Vec<Field> {
    let one = |lang: Lang| {
        let own = format!("{name}_{}", lang.tag());
        let value = match typed {
            Some(form) => form.get(&own).to_owned(),
            None => texts.0.get(&lang).cloned().unwrap_or_default(),
        };
        let field = Field::made(w, kind, own.into(), format!("{} · {}", w.t(label), lang.own_name()));
        let field = field.max(max).value(value).error(w, errors);
        // English stands in for what is missing.
        if lang == Lang::En { field } else { field.optional() }
    };
    Lang::ALL.into_iter().map(one).collect()
}

pub fn read(form: &Form, name: &str) -> Texts {
    let one = |lang: Lang| (lang, form.get(&format!("{name}_{}", lang.tag())).to_owned());
    Texts(Lang::ALL.into_iter().map(one).filter(|(_, text)| !text.trim().is_empty()).collect())
}
