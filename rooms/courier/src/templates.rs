//! From a template and what is filled in to a letter: subject, text and HTML.
//!
//! Templates are plain text, so that who edits them needs to know three things: `{{ name }}` is filled in,
//! a blank line ends a paragraph, and a line `[[Label]]` becomes the button. The text is rendered once,
//! and the HTML is made from the finished text: whatever was filled in or written is escaped there, and
//! nothing that is filled in can become a button or a line of a header; a paragraph only what staff gave as
//! their reason.

use crate::letters::{LetterKind, frame_line};
use crate::model::{Draft, Part, Rendered, TemplateError};
use crate::rules::{BODY_MAX, SUBJECT_MAX, link, one_line, prose, value};
use kernel::Lang;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, value::Serde};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::io;
use std::sync::LazyLock;

/// Whose letters these are.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub name: &'a str,
    pub public_url: &'a str,
}

/// Steps that one rendering may take: a hundred times what our own letters need.
const FUEL: u64 = 20_000;
const OUTPUT_MAX: usize = 64 * 1_024;
/// Marks a button between the two passes. Values and templates lose their control characters before, so
/// that nobody else can write it.
const BUTTON: char = '\u{1}';

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    // Escapes by the ending of its name.
    if let Err(e) = engine.add_template("frame.html", include_str!("../templates/frame.html")) {
        tracing::error!(error = %e, "the frame of letters does not parse");
    }
    engine
});

/// A part of a letter between two blank lines.
enum Block {
    Paragraph(Vec<String>),
    Button { label: String, href: String },
}

/// Renders strictly: a name that is not filled in is an error.
pub(crate) fn render(
    draft: &Draft,
    lang: Lang,
    args: &Map<String, Value>,
    site: Site<'_>,
) -> Result<Rendered, TemplateError> {
    let body = |line, text: &str| TemplateError { part: Part::Body, line, text: text.to_owned() };
    if draft.subject.chars().count() > SUBJECT_MAX {
        return Err(TemplateError {
            part: Part::Subject,
            line: 1,
            text: format!("longer than {SUBJECT_MAX}"),
        });
    }
    if draft.body.chars().count() > BODY_MAX {
        return Err(body(1, &format!("longer than {BODY_MAX} characters")));
    }
    let values = fill(args, site)?;
    let subject =
        one_line(&expand(Part::Subject, &one_line(&draft.subject, SUBJECT_MAX), &values)?, SUBJECT_MAX);
    if subject.is_empty() {
        return Err(TemplateError { part: Part::Subject, line: 1, text: "nothing is left of it".to_owned() });
    }
    let text = expand(Part::Body, &mark_buttons(&draft.body, &values)?, &values)?;
    let blocks = divide(&text, &values);
    if blocks.is_empty() {
        return Err(body(1, "nothing is left of it"));
    }
    let foot = expand(Part::Body, frame_line(lang, "Foot"), &values)?;
    let html = frame(lang, &subject, &blocks, &foot, site)
        .map_err(|e| body(e.line().unwrap_or(1), &e.to_string()))?;
    Ok(Rendered { subject, text: plain(&blocks, &foot), html })
}

/// What a template may name. Paths become addresses of ours; all else becomes harmless.
fn fill(args: &Map<String, Value>, site: Site<'_>) -> Result<Map<String, Value>, TemplateError> {
    let mut values = Map::new();
    for (name, given) in args {
        let filled = match given {
            Value::String(path) if name.ends_with("path") => {
                let no = || TemplateError {
                    part: Part::Body,
                    line: 1,
                    text: format!("`{name}` is no path of ours"),
                };
                json!(link(site.public_url, path).ok_or_else(no)?)
            }
            // An address is checked where it is typed, and looks odd without its dots.
            Value::String(address) if name == "email" => json!(one_line(address, 254)),
            // Only staff write one: it may have lines and paragraphs of its own, and nothing else.
            Value::String(text) if name == "reason" => json!(prose(text)),
            Value::String(text) => json!(value(text)),
            Value::Number(_) | Value::Bool(_) => given.clone(),
            // Letters are filled in with words and numbers only.
            Value::Null | Value::Array(_) | Value::Object(_) => continue,
        };
        values.insert(name.clone(), filled);
    }
    values.insert("site".to_owned(), json!(one_line(site.name, SUBJECT_MAX)));
    Ok(values)
}

/// Takes up to a limit and then fails, so that a template cannot fill the memory.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_MAX {
            return Err(io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn expand(part: Part, source: &str, values: &Map<String, Value>) -> Result<String, TemplateError> {
    let engine: &Environment<'_> = &ENGINE;
    let mut out = Bounded(Vec::new());
    let ran = engine
        .template_from_named_str("letter", source)
        .and_then(|t| t.render_captured_to(Serde(values), &mut out).map(|_| ()));
    ran.map_err(|e| TemplateError { part, line: e.line().unwrap_or(1), text: explain(&e, source, values) })?;
    Ok(String::from_utf8_lossy(&out.0).into_owned())
}

/// The engine says only that something is not there; we can say what, and what would be.
fn explain(e: &Error, source: &str, values: &Map<String, Value>) -> String {
    let missing: Vec<String> = names(source).into_iter().filter(|n| !values.contains_key(n)).collect();
    match e.kind() {
        ErrorKind::UndefinedError if !missing.is_empty() => {
            let known: Vec<&str> = values.keys().map(String::as_str).collect();
            format!("there is no {}; this letter knows {}", missing.join(", "), known.join(", "))
        }
        ErrorKind::OutOfFuel => "it takes too long to fill in".to_owned(),
        ErrorKind::WriteFailure => format!("longer than {OUTPUT_MAX} bytes when filled in"),
        kind => e.detail().map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}")),
    }
}

/// The names that a template uses, without those it brings along.
pub(crate) fn names(source: &str) -> BTreeSet<String> {
    let engine: &Environment<'_> = &ENGINE;
    let found = engine.template_from_named_str("letter", source).map(|t| t.undeclared_variables(false));
    let own: BTreeSet<&str> = engine.globals().map(|(name, _)| name).collect();
    found.unwrap_or_default().into_iter().filter(|n| !own.contains(n.as_str())).collect()
}

/// The label of a button's line, and the argument it opens.
pub(crate) fn button(line: &str) -> Option<(&str, &str)> {
    let inner = line.trim().strip_prefix("[[")?.strip_suffix("]]")?;
    let (label, opens) = inner.rsplit_once('|').unwrap_or((inner, "path"));
    Some((label.trim(), opens.trim()))
}

/// Finds buttons before anything is filled in. Lines stay lines, so that errors name the right one.
fn mark_buttons(source: &str, values: &Map<String, Value>) -> Result<String, TemplateError> {
    let mut out = String::with_capacity(source.len() + 16);
    for (n, line) in source.lines().enumerate() {
        let line: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        match button(&line) {
            None => out.push_str(&line),
            Some((label, opens)) => {
                let no = |text| TemplateError { part: Part::Body, line: n + 1, text };
                if label.is_empty() {
                    return Err(no("a button needs a label".to_owned()));
                }
                if !opens.ends_with("path") || !values.contains_key(opens) {
                    return Err(no(format!("there is no `{opens}` that a button could open")));
                }
                out.extend([BUTTON]);
                out.push_str(opens);
                out.extend([BUTTON]);
                out.push_str(label);
            }
        }
        out.push('\n');
    }
    Ok(out)
}

fn divide(text: &str, values: &Map<String, Value>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut paragraph = Vec::new();
    for line in text.lines().chain([""]) {
        let button = line.trim().strip_prefix(BUTTON).and_then(|l| l.split_once(BUTTON));
        if (button.is_some() || line.trim().is_empty()) && !paragraph.is_empty() {
            blocks.push(Block::Paragraph(std::mem::take(&mut paragraph)));
        }
        if let Some((opens, label)) = button {
            let href = values.get(opens).and_then(Value::as_str).unwrap_or_default().to_owned();
            blocks.push(Block::Button { label: one_line(label, SUBJECT_MAX), href });
        } else if !line.trim().is_empty() {
            // As long as the whole may be: this only takes what is hidden.
            paragraph.push(one_line(line, OUTPUT_MAX));
        }
    }
    blocks
}

fn plain(blocks: &[Block], foot: &str) -> String {
    let parts = blocks.iter().map(|b| match b {
        Block::Paragraph(lines) => lines.join("\n"),
        Block::Button { label, href } => format!("{label}: {href}"),
    });
    format!("{}\n\n-- \n{foot}\n", parts.collect::<Vec<_>>().join("\n\n"))
}

fn frame(lang: Lang, subject: &str, blocks: &[Block], foot: &str, site: Site<'_>) -> Result<String, Error> {
    let first = blocks.iter().find_map(|b| match b {
        Block::Button { href, .. } => Some(href.as_str()),
        Block::Paragraph(_) => None,
    });
    let mut seen = false;
    let shown: Vec<Value> = blocks
        .iter()
        .map(|b| match b {
            Block::Paragraph(lines) => json!({"lines": lines, "href": "", "label": "", "first": false}),
            Block::Button { label, href } => {
                json!({"lines": [], "href": href, "label": label, "first": !std::mem::replace(&mut seen, true)})
            }
        })
        .collect();
    let values = json!({
        "lang": lang.tag(),
        "subject": subject,
        "site": one_line(site.name, SUBJECT_MAX),
        "blocks": shown,
        "href": first.unwrap_or_default(),
        "link": frame_line(lang, "Link"),
        "foot": foot,
    });
    ENGINE.get_template("frame.html")?.render(Serde(values))
}

/// As the house wrote it.
pub(crate) fn built_in(letter: &LetterKind, lang: Lang) -> Draft {
    let (subject, body) = letter.built_in(lang);
    Draft { subject: subject.to_owned(), body: body.to_owned() }
}

#[cfg(test)]
mod tests;
