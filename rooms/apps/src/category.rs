//! Categories: the templates of apps, and how they are written down.

use crate::{Audience, Policy, Terms};
use catalogue::is_key;
use kernel::{CategoryId, Errors, GroupId, Problem, Time, text};
use review::{FieldDef, FormDef};
use serde::{Deserialize, Serialize};
use store::{Texts, words};

words! {
    CategoryState {
        /// Staff are still building it.
        Hidden = "hidden",
        /// Developers may apply.
        Open = "open",
        /// Nobody new; what was approved goes on.
        Closed = "closed",
    }
}
words! {
    /// How a category has a group: its apps have it from the start, or may ask for it.
    How { Given = "given", Open = "open" }
}
crate::terms::as_word!(CategoryState How);

/// A category as developers and apps meet it: what was published last.
#[derive(Clone, Debug)]
pub struct Category {
    pub id: CategoryId,
    pub key: String,
    pub place: i64,
    pub state: CategoryState,
    pub audience: Audience,
    pub needs_company: bool,
    /// The promise, in working days.
    pub review_days: i64,
    pub two_person: bool,
    pub terms: Terms,
    /// Counted up whenever it is published; apps remember theirs.
    pub version: i64,
    /// Counted up whenever staff write anything about it.
    pub edits: i64,
    pub has_draft: bool,
    pub changed_at: Time,
    pub form: FormDef,
    pub name: Texts,
    pub description: Texts,
    pub groups: Vec<(GroupId, How)>,
}

impl Category {
    /// What its apps have from the start.
    pub fn given(&self) -> impl Iterator<Item = GroupId> {
        self.groups.iter().filter(|(_, how)| *how == How::Given).map(|(id, _)| *id)
    }
    /// What its apps may ask for.
    pub fn open(&self) -> impl Iterator<Item = GroupId> {
        self.groups.iter().filter(|(_, how)| *how == How::Open).map(|(id, _)| *id)
    }
}

/// A category as staff write it, and as files hold it. Groups are named by their keys.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryDef {
    pub key: String,
    #[serde(default)]
    pub place: i64,
    pub state: CategoryState,
    pub audience: Audience,
    #[serde(default)]
    pub needs_company: bool,
    #[serde(default = "two")]
    pub review_days: i64,
    #[serde(default)]
    pub two_person: bool,
    #[serde(default)]
    pub given: Vec<String>,
    #[serde(default)]
    pub open: Vec<String>,
    pub name: Texts,
    pub description: Texts,
    pub terms: Terms,
    #[serde(rename = "field", default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldDef>,
}

fn two() -> i64 {
    2
}

pub const NAME_MAX: u32 = 80;
pub const DESCRIPTION_MAX: u32 = 2_000;
pub const LABEL_MAX: u32 = 200;
pub const HELP_MAX: u32 = 600;
pub const CHOICES_MAX: usize = 40;

impl CategoryDef {
    /// A new one, before anybody wrote anything about it.
    pub fn blank(key: &str, name: Texts, terms: Terms) -> CategoryDef {
        CategoryDef {
            key: key.to_owned(),
            place: 100,
            state: CategoryState::Hidden,
            audience: Audience::Commercial,
            needs_company: false,
            review_days: 2,
            two_person: false,
            given: Vec::new(),
            open: Vec::new(),
            name,
            description: Texts::default(),
            terms,
            fields: Vec::new(),
        }
    }

    pub fn form(&self) -> FormDef {
        FormDef { fields: self.fields.clone() }
    }

    /// The same in its one form, or which fields are wrong. Texts are named `name_en`, `description_es`, …
    pub fn checked(&self) -> Result<CategoryDef, Errors> {
        let mut e = Errors::default();
        if !is_key(&self.key) {
            e.add("key", Problem::BadCharacters);
        }
        if !(0..=10_000).contains(&self.place) {
            e.add("place", Problem::TooLarge(10_000));
        }
        if !(1..=60).contains(&self.review_days) {
            e.add("review_days", Problem::TooLarge(60));
        }
        let name = texts(&mut e, "name", &self.name, |t| text::line(t, 0, NAME_MAX), true);
        let prose = |t: &str| text::prose(t, 0, DESCRIPTION_MAX);
        let description = texts(&mut e, "description", &self.description, prose, false);
        let list = |keys: &[String]| {
            let mut out: Vec<String> = keys.to_vec();
            out.sort();
            out.dedup();
            out
        };
        let given = list(&self.given);
        // Given from the start is more than open to ask for.
        let open = list(&self.open).into_iter().filter(|k| !given.contains(k)).collect();
        let mut terms = self.terms.clone();
        terms.sign_methods.sort();
        terms.sign_methods.dedup();
        let fields = self.fields.iter().map(|f| checked_field(&mut e, f)).collect();
        if e.is_empty() {
            Ok(CategoryDef { name, description, given, open, terms, fields, ..self.clone() })
        } else {
            Err(e)
        }
    }

    /// Why it may not be published, if it may not: in words for staff and for whoever writes files.
    pub fn is_sound(&self) -> Result<(), String> {
        self.terms.is_sound()?;
        self.form().is_sound()?;
        if self.description.is_empty() && self.state != CategoryState::Hidden {
            return Err("a description, at least in English".to_owned());
        }
        if !self.terms.auth_page && self.terms.policy == Policy::Any {
            // Consent without a page is for those whom the developer knows by name.
            return Err("auth_page: any seller may authorize, so the page has to be shown".to_owned());
        }
        for f in &self.fields {
            let mut values: Vec<&str> = f.choices.iter().map(|c| c.value.as_str()).collect();
            values.sort_unstable();
            if values.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(format!("field {} offers one choice twice", f.key));
            }
        }
        Ok(())
    }
}

fn texts(
    e: &mut Errors,
    name: &str,
    given: &Texts,
    check: impl Fn(&str) -> Result<String, Problem>,
    required: bool,
) -> Texts {
    given.checked(check, required).unwrap_or_else(|(lang, p)| {
        e.add(format!("{name}_{}", lang.tag()), p);
        Texts::default()
    })
}

/// One field of the form, its texts in their one form. Errors are named `label_en` and so on.
pub fn checked_field(e: &mut Errors, f: &FieldDef) -> FieldDef {
    let mut out = f.clone();
    out.label = texts(e, "label", &f.label, |t| text::line(t, 0, LABEL_MAX), true);
    out.help = texts(e, "help", &f.help, |t| text::prose(t, 0, HELP_MAX), false);
    if f.choices.len() > CHOICES_MAX {
        e.add("choices", Problem::TooMany(CHOICES_MAX as u32));
    }
    for c in &mut out.choices {
        if !is_key(&c.value) {
            e.add("choices", Problem::BadCharacters);
        }
        c.label = texts(e, "choices", &c.label, |t| text::line(t, 0, LABEL_MAX), true);
    }
    out
}

/// One app that a change of its category would change too.
#[derive(Clone, Debug)]
pub struct AffectedApp {
    pub id: kernel::AppId,
    pub name: String,
    pub app_key: String,
    pub category_version: i64,
    /// What would differ: path, before, after.
    pub changes: Vec<store::Change>,
}

impl Terms {
    /// What a new category begins with: the least of everything that works.
    pub fn strict() -> Terms {
        use crate::{Criteria, SignMethod, StageTerms};
        const DAY: i64 = 86_400;
        let stage = |days: i64, user_limit, calls_a_day| StageTerms {
            access_seconds: days * DAY,
            refresh_seconds: 2 * days * DAY,
            user_limit,
            calls_a_day,
        };
        Terms {
            policy: Policy::Whitelist,
            auth_page: true,
            test: stage(1, 5, 5_000),
            online: stage(30, 20, 100_000),
            method_qps: 10,
            sign_methods: vec![SignMethod::Sha256, SignMethod::HmacSha256],
            pkce: true,
            go_online: Criteria::default(),
        }
    }
}
