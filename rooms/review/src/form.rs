//! Forms as data: what a Request asks, whether our own code or the operator's staff wrote it.

use kernel::{Email, Errors, Phone, Problem, text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Texts;

/// Answers by the keys of their fields. A file's answer is its id.
pub type Answers = BTreeMap<String, String>;

pub const FIELDS_MAX: usize = 40;
const LINE_MAX: u32 = 200;
const PROSE_MAX: u32 = 4_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Line,
    /// Several lines.
    Prose,
    Email,
    Phone,
    Number,
    Url,
    Country,
    /// One of the choices.
    Choice,
    /// Something to agree to.
    Check,
    /// A picture: PNG or JPEG.
    Picture,
    /// A picture or a PDF.
    Document,
}

impl FieldKind {
    pub const ALL: &[FieldKind] = &[
        FieldKind::Line,
        FieldKind::Prose,
        FieldKind::Email,
        FieldKind::Phone,
        FieldKind::Number,
        FieldKind::Url,
        FieldKind::Country,
        FieldKind::Choice,
        FieldKind::Check,
        FieldKind::Picture,
        FieldKind::Document,
    ];
    pub const fn word(self) -> &'static str {
        match self {
            FieldKind::Line => "line",
            FieldKind::Prose => "prose",
            FieldKind::Email => "email",
            FieldKind::Phone => "phone",
            FieldKind::Number => "number",
            FieldKind::Url => "url",
            FieldKind::Country => "country",
            FieldKind::Choice => "choice",
            FieldKind::Check => "check",
            FieldKind::Picture => "picture",
            FieldKind::Document => "document",
        }
    }
    pub fn from_word(word: &str) -> Option<FieldKind> {
        FieldKind::ALL.iter().copied().find(|k| k.word() == word)
    }
    pub fn is_file(self) -> bool {
        matches!(self, FieldKind::Picture | FieldKind::Document)
    }
    /// The kinds of file that it takes.
    pub fn takes(self, media: files::Media) -> bool {
        match self {
            FieldKind::Picture => matches!(media, files::Media::Png | files::Media::Jpeg),
            FieldKind::Document => media != files::Media::Text,
            _ => false,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceDef {
    pub value: String,
    pub label: Texts,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldDef {
    /// Its name in answers: small letters, digits and underscores.
    pub key: String,
    pub kind: FieldKind,
    pub label: Texts,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub help: Texts,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Fewest characters, or the smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// Most characters, the largest number, or a file's megabytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<ChoiceDef>,
    /// Which question page it stands on, from 1.
    #[serde(default = "first_page")]
    pub page: u32,
}

fn first_page() -> u32 {
    1
}

#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormDef {
    #[serde(default)]
    pub fields: Vec<FieldDef>,
}

impl FieldDef {
    pub fn new(key: &str, kind: FieldKind, label: Texts) -> FieldDef {
        FieldDef {
            key: key.to_owned(),
            kind,
            label,
            help: Texts::default(),
            required: true,
            min: None,
            max: None,
            choices: Vec::new(),
            page: 1,
        }
    }
    pub fn help(mut self, help: Texts) -> FieldDef {
        self.help = help;
        self
    }
    pub fn max(mut self, max: u32) -> FieldDef {
        self.max = Some(max);
        self
    }
    pub fn optional(mut self) -> FieldDef {
        self.required = false;
        self
    }
    pub fn on_page(mut self, page: u32) -> FieldDef {
        self.page = page;
        self
    }

    /// The most characters that it takes.
    pub fn max_length(&self) -> u32 {
        match self.kind {
            FieldKind::Line => self.max.unwrap_or(LINE_MAX).min(LINE_MAX),
            FieldKind::Prose => self.max.unwrap_or(PROSE_MAX).min(PROSE_MAX),
            FieldKind::Email => Email::MAX,
            FieldKind::Phone => Phone::MAX,
            FieldKind::Url => 2_048,
            FieldKind::Number => 10,
            _ => 64,
        }
    }

    /// The answer in its one form, or what is wrong with it.
    pub fn check(&self, typed: &str) -> Result<String, Problem> {
        let least = if self.required { self.min.unwrap_or(1).max(1) } else { 0 };
        if typed.trim().is_empty() {
            return match (self.required, self.kind) {
                (true, FieldKind::Check) => Err(Problem::MustAgree),
                (true, _) => Err(Problem::Missing),
                (false, _) => Ok(String::new()),
            };
        }
        match self.kind {
            FieldKind::Line => text::line(typed, least, self.max_length()),
            FieldKind::Prose => text::prose(typed, least, self.max_length()),
            FieldKind::Email => Email::parse(typed).map(|e| e.as_typed().to_owned()),
            FieldKind::Phone => Phone::parse(typed).map(|p| p.as_str().to_owned()),
            FieldKind::Country => kernel::Country::parse(typed).map(|c| c.code().to_owned()),
            FieldKind::Number => {
                text::number(typed, self.min.unwrap_or(0), self.max.unwrap_or(1_000_000_000))
                    .map(|n| n.to_string())
            }
            FieldKind::Url => web_address(typed),
            FieldKind::Choice => match self.choices.iter().find(|c| c.value == typed) {
                Some(c) => Ok(c.value.clone()),
                None => Err(Problem::NotOneOfThese),
            },
            FieldKind::Check if typed == "on" => Ok(typed.to_owned()),
            FieldKind::Check => Err(Problem::MustAgree),
            FieldKind::Picture | FieldKind::Document => match typed.parse::<kernel::FileId>() {
                Ok(id) => Ok(id.to_string()),
                Err(_) => Err(Problem::BadFile),
            },
        }
    }
}

/// An address that a browser can open.
fn web_address(typed: &str) -> Result<String, Problem> {
    let typed = typed.trim();
    let rest =
        typed.strip_prefix("https://").or_else(|| typed.strip_prefix("http://")).ok_or(Problem::BadUrl)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let fine = |b: u8| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b);
    if typed.len() > 2_048 {
        Err(Problem::TooLong(2_048))
    } else if host.is_empty() || host.contains('@') || !typed.bytes().all(fine) {
        Err(Problem::BadUrl)
    } else {
        Ok(typed.to_owned())
    }
}

impl FormDef {
    pub fn field(&self, key: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|f| f.key == key)
    }
    pub fn pages(&self) -> u32 {
        self.fields.iter().map(|f| f.page).max().unwrap_or(1)
    }
    pub fn on_page(&self, page: u32) -> impl Iterator<Item = &FieldDef> {
        self.fields.iter().filter(move |f| f.page == page)
    }

    /// All answers, each in its one form; what the form does not ask is dropped.
    pub fn check(&self, typed: &Answers) -> Result<Answers, Errors> {
        let (mut errors, mut out) = (Errors::default(), Answers::new());
        for f in &self.fields {
            let answer = typed.get(&f.key).map_or("", String::as_str);
            if let Some(answer) = errors.take(f.key.clone(), f.check(answer))
                && !answer.is_empty()
            {
                out.insert(f.key.clone(), answer);
            }
        }
        if errors.is_empty() { Ok(out) } else { Err(errors) }
    }

    /// What of a draft is worth keeping: only what is asked, nothing endless. It may still be wrong.
    pub fn draft(&self, typed: &Answers) -> Answers {
        let keep = |f: &FieldDef| {
            let answer = typed.get(&f.key)?;
            let bounded: String =
                answer.chars().filter(|c| *c != '\0').take(f.max_length() as usize * 2).collect();
            (!bounded.is_empty()).then(|| (f.key.clone(), bounded))
        };
        self.fields.iter().filter_map(keep).collect()
    }

    /// The files that the answers name.
    pub fn files(&self, answers: &Answers) -> Vec<(String, kernel::FileId)> {
        let of = |f: &FieldDef| Some((f.key.clone(), answers.get(&f.key)?.parse().ok()?));
        self.fields.iter().filter(|f| f.kind.is_file()).filter_map(of).collect()
    }

    /// The fields whose answers differ: key, before, now.
    pub fn difference(&self, before: &Answers, now: &Answers) -> Vec<(String, String, String)> {
        let of = |answers: &Answers, key: &str| answers.get(key).cloned().unwrap_or_default();
        let both = self.fields.iter().map(|f| (f.key.clone(), of(before, &f.key), of(now, &f.key)));
        both.filter(|(_, a, b)| a != b).collect()
    }

    /// Whether staff may publish it.
    pub fn is_sound(&self) -> Result<(), String> {
        if self.fields.len() > FIELDS_MAX {
            return Err(format!("a form has at most {FIELDS_MAX} fields"));
        }
        let mut seen = std::collections::BTreeSet::new();
        for f in &self.fields {
            let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            if f.key.is_empty() || f.key.len() > 40 || !f.key.bytes().all(fine) || f.key == "csrf" {
                return Err(format!("\"{}\" is no key: small letters, digits and underscores", f.key));
            }
            if !seen.insert(&f.key) {
                return Err(format!("two fields have the key {}", f.key));
            }
            if f.label.is_empty() {
                return Err(format!("field {} has no label", f.key));
            }
            if f.kind == FieldKind::Choice && f.choices.is_empty() {
                return Err(format!("field {} offers no choices", f.key));
            }
            if !(1..=20).contains(&f.page) {
                return Err(format!("field {} stands on page {}: 1 to 20", f.key, f.page));
            }
            if let (Some(min), Some(max)) = (f.min, f.max)
                && min > max
            {
                return Err(format!("field {} asks for at least {min} and at most {max}", f.key));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form() -> FormDef {
        let field = |key: &str, kind| FieldDef::new(key, kind, Texts::one(key));
        FormDef {
            fields: vec![
                field("name", FieldKind::Line).max(10),
                field("why", FieldKind::Prose).optional(),
                field("mail", FieldKind::Email),
                field("team", FieldKind::Number).max(500),
                field("site", FieldKind::Url).optional(),
                field("licence", FieldKind::Picture),
            ],
        }
    }

    #[test]
    fn a_form_takes_what_it_asks_and_nothing_else() {
        let file = "file_00000000000000000000000001";
        let given = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Answers>()
        };
        let good = given(&[
            ("name", " Ana  R "),
            ("mail", "a@b.co"),
            ("team", "012"),
            ("licence", file),
            ("state", "approved"),
        ]);
        let answers = form().check(&good).expect("good");
        assert_eq!(
            answers,
            given(&[("name", "Ana R"), ("mail", "a@b.co"), ("team", "12"), ("licence", file)])
        );
        let bad = given(&[
            ("name", "12345678901"),
            ("mail", "x"),
            ("team", "501"),
            ("site", "javascript:alert(1)"),
            ("licence", "../x"),
        ]);
        let errors = form().check(&bad).expect_err("bad");
        for (field, problem) in [
            ("name", Problem::TooLong(10)),
            ("mail", Problem::BadEmail),
            ("team", Problem::TooLarge(500)),
            ("site", Problem::BadUrl),
            ("licence", Problem::BadFile),
        ] {
            assert_eq!(errors.0.get(field), Some(&problem), "{field}");
        }
        assert_eq!(form().check(&Answers::new()).expect_err("empty").0.len(), 4);
    }

    #[test]
    fn forms_that_cannot_be_filled_in_are_not_sound() {
        assert!(form().is_sound().is_ok());
        let mut twice = form();
        twice.fields.push(twice.fields[0].clone());
        let mut key = form();
        key.fields[0].key = "Name!".to_owned();
        let mut choice = form();
        choice.fields[0].kind = FieldKind::Choice;
        for bad in [twice, key, choice] {
            assert!(bad.is_sound().is_err());
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_makes_a_form_panic(text in "\\PC{0,300}") {
            for kind in FieldKind::ALL {
                let _ = FieldDef::new("k", *kind, Texts::one("k")).check(&text);
            }
        }
        #[test]
        fn an_accepted_answer_is_stable(text in "\\PC{0,80}") {
            for kind in FieldKind::ALL {
                let f = FieldDef::new("k", *kind, Texts::one("k"));
                if let Ok(once) = f.check(&text) {
                    prop_assert_eq!(f.check(&once), Ok(once.clone()));
                }
            }
        }
    }
}
