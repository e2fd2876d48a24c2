//! From the text of files to what they say, or to everything that is wrong with them, line by line.

use crate::config::nearest;
use apps::CategoryDef;
use catalogue::GroupDef;
use courier::TemplateDef;
use kernel::{Errors, Problem};
use people::AgreementDef;
use review::ReasonDef;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

/// No file that people write by hand is larger.
pub const LARGEST: usize = 4 * 1_024 * 1_024;
/// Problems told at once: who has more reads these first.
const TOLD: usize = 50;

/// Something a file says, and where.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    pub file: String,
    pub line: usize,
    pub it: T,
}

impl<T> Placed<T> {
    pub fn place(&self) -> String {
        format!("{} line {}", self.file, self.line)
    }
}

#[derive(Clone, Default, Debug)]
pub struct Blueprint {
    pub groups: Vec<Placed<GroupDef>>,
    pub categories: Vec<Placed<CategoryDef>>,
    pub agreements: Vec<Placed<AgreementDef>>,
    pub reasons: Vec<Placed<ReasonDef>>,
    pub templates: Vec<Placed<TemplateDef>>,
}

const KINDS: &[&str] = &["group", "category", "agreement", "reason", "template"];

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    wrong: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        self.text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count() + 1
    }
    fn wrong(&mut self, at: usize, why: &str) {
        let line = self.line(at);
        self.wrong.push(format!("{} line {line}: {why}", self.file));
    }

    /// Each of `[[kind]]`, by itself, so that all that is wrong is told at once.
    fn each<T: DeserializeOwned>(
        &mut self,
        kind: &str,
        value: &Spanned<DeValue<'_>>,
        out: &mut Vec<Placed<T>>,
    ) {
        let start = value.span().start;
        let Some(list) = value.get_ref().as_array() else {
            return self.wrong(start, &format!("{kind} is a list: begin each with [[{kind}]]"));
        };
        for item in list.iter() {
            let at = item.span().start;
            if item.get_ref().as_table().is_none() {
                self.wrong(at, &format!("{kind} is a list of tables: begin each with [[{kind}]]"));
                continue;
            }
            match T::deserialize(ValueDeserializer::from(item.clone())) {
                Ok(it) => out.push(Placed { file: self.file.to_owned(), line: self.line(at), it }),
                Err(e) => self.wrong(e.span().map_or(at, |s| s.start), &format!("{kind}: {}", told(&e))),
            }
        }
    }
}

/// What serde says, shorter, and with the name that was probably meant.
fn told(e: &Error) -> String {
    let message = e.message();
    let Some(rest) = message.strip_prefix("unknown field `") else { return message.to_owned() };
    let mut names = rest.split('`').step_by(2);
    let unknown = names.next().unwrap_or_default().to_owned();
    // Between the ticks that follow stand the names there are.
    let known: Vec<String> = rest.split('`').skip(2).step_by(2).map(str::to_owned).collect();
    match nearest(&unknown, known.iter().cloned()) {
        Some(meant) => format!("unknown key {unknown}: did you mean {meant}?"),
        None => format!("unknown key {unknown}: there are {}", known.join(", ")),
    }
}

/// Reads files by name and text. Everything in them is checked by itself; what needs the database is the
/// plan's affair.
pub fn read(files: &[(String, String)]) -> Result<Blueprint, Vec<String>> {
    let (mut b, mut wrong) = (Blueprint::default(), Vec::new());
    for (file, text) in files {
        read_one(file, text, &mut b, &mut wrong);
    }
    check(&mut b, &mut wrong);
    if wrong.len() > TOLD {
        let more = wrong.len() - TOLD;
        wrong.truncate(TOLD);
        wrong.push(format!("and {more} more"));
    }
    if wrong.is_empty() { Ok(b) } else { Err(wrong) }
}

fn read_one(file: &str, text: &str, b: &mut Blueprint, wrong: &mut Vec<String>) {
    let mut r = Reader { file, text, wrong };
    if text.len() > LARGEST {
        return r.wrong(0, &format!("larger than {} MB", LARGEST / 1_048_576));
    }
    let (table, mut errors) = DeTable::parse_recoverable(text);
    errors.sort_by_key(|e| e.span().map_or(0, |span| span.start));
    for e in errors.iter().take(TOLD) {
        r.wrong(e.span().map_or(0, |s| s.start), e.message());
    }
    if !errors.is_empty() {
        return;
    }
    for (key, value) in table.get_ref() {
        match key.get_ref().as_ref() {
            "group" => r.each("group", value, &mut b.groups),
            "category" => r.each("category", value, &mut b.categories),
            "agreement" => r.each("agreement", value, &mut b.agreements),
            "reason" => r.each("reason", value, &mut b.reasons),
            "template" => r.each("template", value, &mut b.templates),
            other => {
                let meant = nearest(other, KINDS.iter().map(|k| (*k).to_owned()));
                let hint = meant.map(|m| format!(": did you mean [[{m}]]?")).unwrap_or_default();
                let name: String = other.chars().take(60).collect();
                r.wrong(key.span().start, &format!("unknown key {name}{hint}"));
            }
        }
    }
}

/// A problem in the words of a shell.
fn words(p: Problem) -> String {
    match p {
        Problem::Missing => "is missing".to_owned(),
        Problem::TooLong(n) => format!("at most {n} characters"),
        Problem::TooShort(n) => format!("at least {n} characters"),
        Problem::TooLarge(n) => format!("at most {n}"),
        Problem::TooMany(n) => format!("at most {n} of them"),
        Problem::BadCharacters => "holds characters that may not stand there".to_owned(),
        Problem::NotOneOfThese => "is not one of those there are".to_owned(),
        other => other.key().trim_start_matches("problem-").replace('-', " "),
    }
}

fn note(wrong: &mut Vec<String>, place: &str, what: &str, errors: &Errors) {
    for (field, problem) in &errors.0 {
        wrong.push(format!("{place}: {what}: {field}: {}", words(*problem)));
    }
}

/// Each by itself, in its one form from here on; and that none is said twice.
fn check(b: &mut Blueprint, wrong: &mut Vec<String>) {
    macro_rules! one_form {
        ($list:ident, $key:expr) => {
            for p in &mut b.$list {
                let what: String = $key(&p.it);
                match p.it.checked() {
                    Ok(it) => p.it = it,
                    Err(errors) => note(wrong, &p.place(), &what, &errors),
                }
            }
        };
    }
    one_form!(groups, |g: &GroupDef| format!("group {}", g.key));
    one_form!(categories, |c: &CategoryDef| format!("category {}", c.key));
    one_form!(agreements, |a: &AgreementDef| format!("agreement {} {}", a.kind, a.version));
    one_form!(reasons, |r: &ReasonDef| format!("reason {}", r.key));
    for p in &b.categories {
        if let Err(why) = p.it.is_sound() {
            wrong.push(format!("{}: category {}: {why}", p.place(), p.it.key));
        }
    }
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut once = |name: String, place: String| {
        if let Some(first) = seen.get(&name) {
            wrong.push(format!("{place}: {name} stands in {first} already"));
        } else {
            seen.insert(name, place);
        }
    };
    for p in &b.groups {
        once(format!("group {}", p.it.key), p.place());
        for m in p.it.methods.iter().flatten() {
            once(format!("method {}", m.name), p.place());
        }
    }
    b.categories.iter().for_each(|p| once(format!("category {}", p.it.key), p.place()));
    b.reasons.iter().for_each(|p| once(format!("reason {}", p.it.key), p.place()));
    b.templates.iter().for_each(|p| once(format!("template {} {}", p.it.name, p.it.lang), p.place()));
    b.agreements.iter().for_each(|p| once(format!("agreement {}", p.it.kind), p.place()));
}
