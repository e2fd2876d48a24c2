//! Form fields as components: label, hint, control and error belong together on every page alike.

use crate::Words;
use askama::Template;
use kernel::{Errors, Problem};
use std::borrow::Cow;

pub struct Choice {
    pub value: String,
    pub label: String,
    pub hint: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Choice {
        Choice { value: value.into(), label: label.into(), hint: String::new() }
    }
    pub fn hint(mut self, hint: impl Into<String>) -> Choice {
        self.hint = hint.into();
        self
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
pub enum Kind {
    Input(&'static str),
    Area,
    Select,
    Cards,
    Check,
    File,
}

/// One field. Its `id` is its name, so that the error summary can lead to it.
#[derive(Template)]
#[template(path = "field.html")]
pub struct Field {
    name: Cow<'static, str>,
    kind: Kind,
    label: String,
    hint: String,
    value: String,
    error: String,
    choices: Vec<Choice>,
    autocomplete: &'static str,
    inputmode: &'static str,
    class: &'static str,
    max: u32,
    required: bool,
    optional: &'static str,
    show: &'static str,
    hide: &'static str,
    choose: &'static str,
    /// Of a file: what is kept already, and what may be chosen.
    kept: Option<Kept>,
    accept: &'static str,
    rows: u32,
}

/// A file that was handed in before.
pub struct Kept {
    pub name: String,
    pub size: String,
    pub href: String,
}

impl askama::filters::HtmlSafe for Field {}

/// A problem as the reader's language says it.
fn say(w: &Words, problem: Problem) -> String {
    match problem.number() {
        Some(n) => w.tn(problem.key(), "n", i64::from(n)),
        None => w.t(problem.key()).to_owned(),
    }
}

impl Field {
    fn new(w: &Words, kind: Kind, name: &'static str, label: &str) -> Field {
        Field::made(w, kind, name.into(), w.t(label).to_owned())
    }
    /// A field whose name and label are data: of a form that staff built.
    pub fn made(w: &Words, kind: Kind, name: Cow<'static, str>, label: String) -> Field {
        Field {
            name,
            kind,
            label,
            hint: String::new(),
            value: String::new(),
            error: String::new(),
            choices: Vec::new(),
            autocomplete: "",
            inputmode: "",
            class: "",
            max: 0,
            required: true,
            optional: w.t("optional"),
            show: w.t("password-show"),
            hide: w.t("password-hide"),
            choose: w.t("choose"),
            kept: None,
            accept: "",
            rows: 4,
        }
    }
    pub fn text(w: &Words, name: &'static str, label: &str) -> Field {
        Field::new(w, Kind::Input("text"), name, label)
    }
    pub fn email(w: &Words, name: &'static str, label: &str) -> Field {
        let mut f = Field::new(w, Kind::Input("email"), name, label);
        (f.autocomplete, f.inputmode, f.max) = ("email", "email", kernel::Email::MAX);
        f
    }
    pub fn phone(w: &Words, name: &'static str, label: &str) -> Field {
        let mut f = Field::new(w, Kind::Input("tel"), name, label);
        (f.autocomplete, f.inputmode, f.max) = ("tel", "tel", kernel::Phone::MAX);
        f
    }
    /// `autocomplete` tells password managers which of the two it is.
    pub fn password(w: &Words, name: &'static str, label: &str, autocomplete: &'static str) -> Field {
        let mut f = Field::new(w, Kind::Input("password"), name, label);
        f.autocomplete = autocomplete;
        f
    }
    pub fn code(w: &Words, name: &'static str, label: &str) -> Field {
        let mut f = Field::new(w, Kind::Input("text"), name, label);
        (f.autocomplete, f.class, f.max) = ("one-time-code", "input-code", 24);
        f
    }
    pub fn select(w: &Words, name: &'static str, label: &str, choices: Vec<Choice>) -> Field {
        Field { choices, ..Field::new(w, Kind::Select, name, label) }
    }
    pub fn cards(w: &Words, name: &'static str, label: &str, choices: Vec<Choice>) -> Field {
        Field { choices, ..Field::new(w, Kind::Cards, name, label) }
    }
    pub fn check(w: &Words, name: &'static str, label: &str) -> Field {
        Field::new(w, Kind::Check, name, label)
    }

    pub fn area(w: &Words, name: &'static str, label: &str) -> Field {
        Field::new(w, Kind::Area, name, label)
    }
    pub fn number(w: &Words, name: &'static str, label: &str) -> Field {
        let mut f = Field::new(w, Kind::Input("text"), name, label);
        (f.inputmode, f.class, f.max) = ("numeric", "input-medium", 10);
        f
    }
    pub fn url(w: &Words, name: &'static str, label: &str) -> Field {
        let mut f = Field::new(w, Kind::Input("url"), name, label);
        (f.inputmode, f.max) = ("url", 2_048);
        f
    }
    pub fn file(w: &Words, name: &'static str, label: &str) -> Field {
        Field::new(w, Kind::File, name, label)
    }

    pub fn rows(mut self, rows: u32) -> Field {
        self.rows = rows;
        self
    }
    /// What the browser offers to choose: media types, joined by commas.
    pub fn accept(mut self, media: &'static str) -> Field {
        self.accept = media;
        self
    }
    pub fn kept(mut self, kept: Option<Kept>) -> Field {
        self.kept = kept;
        self
    }
    pub fn choices(mut self, choices: Vec<Choice>) -> Field {
        self.choices = choices;
        self
    }
    pub fn inputmode(mut self, mode: &'static str) -> Field {
        self.inputmode = mode;
        self
    }
    pub fn hint(mut self, hint: impl Into<String>) -> Field {
        self.hint = hint.into();
        self
    }
    pub fn value(mut self, value: impl Into<String>) -> Field {
        self.value = value.into();
        self
    }
    pub fn max(mut self, max: u32) -> Field {
        self.max = max;
        self
    }
    pub fn autocomplete(mut self, what: &'static str) -> Field {
        self.autocomplete = what;
        self
    }
    pub fn optional(mut self) -> Field {
        self.required = false;
        self
    }
    pub fn narrow(mut self) -> Field {
        self.class = "input-medium";
        self
    }
    pub fn error(mut self, w: &Words, errors: &Errors) -> Field {
        if let Some(p) = errors.0.get(&self.name) {
            self.error = say(w, *p);
        }
        self
    }

    fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = (!self.error.is_empty()).then(|| format!("{}-error", self.name));
        [hint, error].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
    fn chosen(&self, choice: &Choice) -> bool {
        self.value == choice.value
    }
}

pub struct ListedError {
    pub field: String,
    pub text: String,
}

/// What is wrong, on top of the form, each with a link to its field.
#[derive(Template)]
#[template(path = "summary.html")]
pub struct Summary {
    title: String,
    errors: Vec<ListedError>,
}

impl askama::filters::HtmlSafe for Summary {}

impl Summary {
    /// Fields in the order of the form, with the words of their labels.
    pub fn new(w: &Words, fields: &[&Field]) -> Summary {
        let listed: Vec<_> = fields
            .iter()
            .filter(|f| !f.error.is_empty())
            .map(|f| ListedError {
                field: f.name.to_string(),
                text: w.t2("error-of", "label", &f.label, "error", &f.error),
            })
            .collect();
        let title = match i64::try_from(listed.len()) {
            Ok(n) if n > 0 => w.tn("error-summary", "n", n),
            _ => String::new(),
        };
        Summary { title, errors: listed }
    }
    /// One sentence about the form as a whole.
    pub fn said(text: String) -> Summary {
        Summary { title: text, errors: Vec::new() }
    }
    pub fn none() -> Summary {
        Summary::said(String::new())
    }
}
