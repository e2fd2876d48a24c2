//! A question of a form that is data, as a field of a page: for those who answer it, and for staff who preview
//! what they built.

use kernel::{Country, Errors};
use review::{FieldDef, FieldKind};
use web::{Choice, Field, Kept, Words};

/// The name of a question's field on the page: keys that staff made up may not meet names of our own.
pub fn named(key: &str) -> String {
    format!("a_{key}")
}

/// The name of the box that takes a file out again.
pub fn removal(key: &str) -> String {
    format!("out_{key}")
}

/// What the files of a field are for, and how many megabytes they may have.
pub fn purpose(f: &FieldDef) -> (files::Purpose, u32) {
    let purpose = match f.kind {
        FieldKind::Document => files::Purpose::Document,
        _ => files::Purpose::Picture,
    };
    (purpose, f.max.unwrap_or(purpose.most_megabytes()).min(purpose.most_megabytes()))
}

pub fn kept(w: &Words, answer: &str, files: &[files::FileLine]) -> Option<Kept> {
    files.iter().find(|f| f.id.to_string() == answer).map(|f| crate::kept(w, f))
}

/// A question as a field, with what was answered.
pub fn field(w: &Words, f: &FieldDef, answer: &str, files: &[files::FileLine], errors: &Errors) -> Field {
    let many = f.choices.len() > 6 || !f.required;
    let look = match f.kind {
        FieldKind::Line | FieldKind::Number => web::Kind::Input("text"),
        FieldKind::Prose => web::Kind::Area,
        FieldKind::Email => web::Kind::Input("email"),
        FieldKind::Phone => web::Kind::Input("tel"),
        FieldKind::Url => web::Kind::Input("url"),
        FieldKind::Choice if !many => web::Kind::Cards,
        FieldKind::Country | FieldKind::Choice => web::Kind::Select,
        FieldKind::Check => web::Kind::Check,
        FieldKind::Picture | FieldKind::Document => web::Kind::File,
    };
    let help = f.help.get(w.lang);
    let mut x = Field::made(w, look, named(&f.key).into(), f.label.get(w.lang).to_owned());
    if !f.required {
        x = x.optional();
    }
    x = match f.kind {
        FieldKind::Country => {
            let mut all: Vec<_> = Country::all().map(|c| Choice::new(c.code(), c.name(w.lang))).collect();
            all.sort_by(|a, b| a.label.cmp(&b.label));
            x.choices(all).narrow().hint(help)
        }
        FieldKind::Choice => {
            let all = f.choices.iter().map(|c| Choice::new(&c.value, c.label.get(w.lang)));
            x.choices(all.collect()).hint(help)
        }
        FieldKind::Picture | FieldKind::Document => {
            let (purpose, megabytes) = purpose(f);
            let limits = crate::file_hint(w, purpose, megabytes);
            let hint = if help.is_empty() { limits } else { format!("{help} {limits}") };
            x.accept(purpose.accept()).kept(kept(w, answer, files)).hint(hint)
        }
        FieldKind::Number => x.inputmode("numeric").narrow().max(f.max_length()).hint(help),
        FieldKind::Phone => x.inputmode("tel").narrow().max(f.max_length()).hint(help),
        FieldKind::Email => x.inputmode("email").max(f.max_length()).hint(help),
        FieldKind::Url => x.inputmode("url").max(f.max_length()).hint(help),
        FieldKind::Prose => x.rows(5).max(f.max_length()).hint(help),
        FieldKind::Line => x.max(f.max_length()).hint(help),
        FieldKind::Check => x.hint(help),
    };
    if f.kind.is_file() { x.error(w, errors) } else { x.value(answer).error(w, errors) }
}
