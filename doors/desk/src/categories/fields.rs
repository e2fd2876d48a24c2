//! The form builder: fields added, changed, moved and removed, without code and without scripts. All of it
//! on the draft: applicants see a new form whole, or the old one.

use super::{Head, again, back, head, id_in, shown, staff};
use crate::three::{self, Three};
use ::apps::{CategoryDef, HELP_MAX, LABEL_MAX, checked_field};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{CategoryId, Errors, Lang, Problem, text};
use lobby::{Answer, Cx, Retry, Stop};
use review::{ChoiceDef, FIELDS_MAX, FieldDef, FieldKind};
use store::Texts;
use web::{Choice, Field, Form, Frame, Kind, Page, Summary, Trouble, Words};

fn kind_key(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Line => "field-line",
        FieldKind::Prose => "field-prose",
        FieldKind::Email => "field-email",
        FieldKind::Phone => "field-phone",
        FieldKind::Number => "field-number",
        FieldKind::Url => "field-url",
        FieldKind::Country => "field-country",
        FieldKind::Choice => "field-choice",
        FieldKind::Check => "field-check",
        FieldKind::Picture => "field-picture",
        FieldKind::Document => "field-document",
    }
}

#[derive(Template)]
#[template(path = "category_form.html")]
struct Builder {
    f: Frame,
    h: Head,
    summary: Summary,
    fields: Vec<FieldDef>,
    full: bool,
}

impl Builder {
    fn kind(&self, d: &FieldDef) -> &'static str {
        self.f.t(kind_key(d.kind))
    }
    fn label<'a>(&self, d: &'a FieldDef) -> &'a str {
        d.label.get(self.f.w.lang)
    }
    fn limits(&self, d: &FieldDef) -> String {
        let w = &self.f.w;
        match (d.min, d.max) {
            (Some(min), Some(max)) => w.t2("field-from-to", "min", min, "max", max),
            (None, Some(max)) => w.t1("field-to", "max", max),
            (Some(min), None) => w.t1("field-from", "min", min),
            (None, None) => String::new(),
        }
    }
    /// The languages that the field lacks.
    fn missing(&self, d: &FieldDef) -> String {
        let lacks = |l: &Lang| {
            d.label.0.get(l).is_none_or(String::is_empty) || !d.help.is_empty() && !d.help.0.contains_key(l)
        };
        Lang::ALL.into_iter().filter(lacks).map(Lang::own_name).collect::<Vec<_>>().join(", ")
    }
}

async fn page(cx: &Cx, id: CategoryId, r: Retry, since: Option<i64>) -> Answer {
    let desk = ::apps::category_at_desk(cx.apps(), id).await?;
    let (f, h) = head(cx, &desk, "/form", since).await?;
    let fields = in_order(&desk.draft);
    let full = fields.len() >= FIELDS_MAX;
    let summary = if r.said.is_empty() { Summary::none() } else { Summary::said(r.said) };
    Ok((r.status, Page(Builder { f, h, summary, fields, full })).into_response())
}

/// Page by page, each in its own order.
fn in_order(d: &CategoryDef) -> Vec<FieldDef> {
    let mut fields = d.fields.clone();
    fields.sort_by_key(|f| f.page);
    fields
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    staff(&cx)?;
    page(&cx, id_in(&id)?, Retry::default(), None).await
}

fn gone() -> Stop {
    Trouble::new(StatusCode::NOT_FOUND, "not-found").into()
}

/// Moves a field past its neighbour, or over to the neighbour's page; or takes it out.
fn change(fields: &mut Vec<FieldDef>, key: &str, what: &str) -> Option<()> {
    let at = fields.iter().position(|f| f.key == key)?;
    match what {
        "remove" => drop(fields.remove(at)),
        "up" | "down" => {
            let to =
                if what == "up" { at.checked_sub(1) } else { Some(at + 1).filter(|n| *n < fields.len()) };
            // The first goes no further up, the last no further down.
            let Some(to) = to else { return Some(()) };
            if fields[to].page == fields[at].page {
                fields.swap(at, to);
            } else {
                fields[at].page = fields[to].page;
            }
        }
        _ => return None,
    }
    Some(())
}

pub async fn arrange(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (staff, id) = (staff(&cx)?, id_in(&id)?);
    let desk = ::apps::category_at_desk(cx.apps(), id).await?;
    let mut fields = in_order(&desk.draft);
    change(&mut fields, form.get("key"), form.get("do")).ok_or_else(gone)?;
    let draft = CategoryDef { fields, ..desk.draft };
    match ::apps::edit_category(cx.apps(), cx.by(), &staff, id, shown(&form), draft).await {
        Ok(()) => Ok(back(id, "/form", "category-saved")),
        Err(failure) => {
            let (r, since) = again(&cx, failure, &form)?;
            page(&cx, id, r, since).await
        }
    }
}

#[derive(Template)]
#[template(path = "category_field.html")]
struct One {
    f: Frame,
    h: Head,
    summary: Summary,
    /// Its key until now; empty for a new one.
    was: String,
    key: Field,
    kind: Field,
    labels: Vec<Field>,
    helps: Vec<Field>,
    required: Field,
    min: Field,
    max: Field,
    page: Field,
    choices: Field,
}

/// A choice a line: value | English | 中文 | Español.
fn choices_text(choices: &[ChoiceDef]) -> String {
    let line = |c: &ChoiceDef| {
        let of = |l| c.label.0.get(&l).map_or("", String::as_str);
        format!("{} | {} | {} | {}", c.value, of(Lang::En), of(Lang::ZhCn), of(Lang::Es))
    };
    choices.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn read_choices(text: &str) -> Result<Vec<ChoiceDef>, Problem> {
    let (mut out, mut bad) = (Vec::new(), 0);
    for line in text.lines().filter(|l| !l.trim().is_empty()).take(::apps::CHOICES_MAX + 1) {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let label = |n: usize, lang| parts.get(n).filter(|t| !t.is_empty()).map(|t| (lang, (*t).to_owned()));
        let texts = [label(1, Lang::En), label(2, Lang::ZhCn), label(3, Lang::Es)];
        let label = Texts(texts.into_iter().flatten().collect());
        match parts.first().filter(|v| catalogue::is_key(v) && parts.len() <= 4) {
            Some(value) if label.0.contains_key(&Lang::En) => {
                out.push(ChoiceDef { value: (*value).to_owned(), label })
            }
            _ => bad += 1,
        }
    }
    if bad > 0 { Err(Problem::BadLines(bad)) } else { Ok(out) }
}

fn field_form(w: &Words, d: Option<&FieldDef>, typed: Option<&Form>, e: &Errors) -> [Field; 7] {
    let value = |name: &str, stored: String| typed.map_or(stored, |form| form.get(name).to_owned());
    let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    let kinds = FieldKind::ALL.iter().map(|k| Choice::new(k.word(), w.t(kind_key(*k)))).collect();
    let required = d.is_none_or(|d| d.required);
    let make = |f: Field, name: &str, stored: String| f.value(value(name, stored)).error(w, e);
    let of = |pick: fn(&FieldDef) -> String| d.map(pick).unwrap_or_default();
    [
        make(
            Field::text(w, "key", "field-key").hint(w.t("field-key-hint")).narrow().max(40),
            "key",
            of(|d| d.key.clone()),
        ),
        make(
            Field::select(w, "kind", "field-kind", kinds).narrow(),
            "kind",
            of(|d| d.kind.word().to_owned()),
        ),
        make(
            Field::check(w, "required", "field-required"),
            "required",
            if required { "on".to_owned() } else { String::new() },
        ),
        make(
            Field::number(w, "min", "field-min").hint(w.t("field-min-hint")).optional(),
            "min",
            number(d.and_then(|d| d.min)),
        ),
        make(
            Field::number(w, "max", "field-max").hint(w.t("field-max-hint")).optional(),
            "max",
            number(d.and_then(|d| d.max)),
        ),
        make(
            Field::number(w, "page", "field-page").hint(w.t("field-page-hint")),
            "page",
            d.map_or_else(|| "1".to_owned(), |d| d.page.to_string()),
        ),
        make(
            Field::area(w, "choices", "field-choices").hint(w.t("field-choices-hint")).optional().rows(5),
            "choices",
            d.map(|d| choices_text(&d.choices)).unwrap_or_default(),
        ),
    ]
}

async fn one(
    cx: &Cx,
    id: CategoryId,
    was: &str,
    typed: Option<&Form>,
    r: Retry,
    since: Option<i64>,
) -> Answer {
    let w = cx.w();
    let desk = ::apps::category_at_desk(cx.apps(), id).await?;
    let found = desk.draft.fields.iter().find(|f| f.key == was);
    if !was.is_empty() && found.is_none() && typed.is_none() {
        return Err(gone());
    }
    let (f, h) = head(cx, &desk, "/form", since).await?;
    let (label, help) = found.map(|d| (d.label.clone(), d.help.clone())).unwrap_or_default();
    let three = Three { w, typed, errors: &r.errors };
    let labels = three.fields(Kind::Input("text"), "label", "field-label", &label, LABEL_MAX);
    let helps = three.fields(Kind::Area, "help", "field-help", &help, HELP_MAX);
    let helps: Vec<Field> = helps.into_iter().map(Field::optional).collect();
    let [key, kind, required, min, max, page, choices] = field_form(w, found, typed, &r.errors);
    let mut all = vec![&key, &kind];
    all.extend(labels.iter().chain(&helps));
    all.extend([&min, &max, &page, &choices]);
    let summary = if r.said.is_empty() { Summary::new(w, &all) } else { Summary::said(r.said) };
    let was = was.to_owned();
    let page = One { f, h, summary, was, key, kind, labels, helps, required, min, max, page, choices };
    Ok((r.status, Page(page)).into_response())
}

pub async fn show_field(cx: Cx, Path(id): Path<String>) -> Answer {
    staff(&cx)?;
    one(&cx, id_in(&id)?, cx.query("key"), None, Retry::default(), None).await
}

/// A number that may be left out.
fn maybe(e: &mut Errors, form: &Form, name: &'static str) -> Option<u32> {
    let typed = form.get(name).trim();
    if typed.is_empty() { None } else { e.take(name, text::number(typed, 0, 1_000_000_000)) }
}

fn read_field(form: &Form, others: &[FieldDef]) -> Result<FieldDef, Errors> {
    let mut e = Errors::default();
    let key = form.get("key").trim().to_owned();
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if key.is_empty() {
        e.add("key", Problem::Missing);
    } else if key.len() > 40 || !key.bytes().all(fine) || key == "csrf" {
        e.add("key", Problem::BadCharacters);
    } else if others.iter().any(|f| f.key == key) {
        e.add("key", Problem::NameTaken);
    }
    let kind = e.take("kind", FieldKind::from_word(form.get("kind")).ok_or(Problem::NotOneOfThese));
    let (min, max) = (maybe(&mut e, form, "min"), maybe(&mut e, form, "max"));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        e.add("max", Problem::TooSmall(min));
    }
    let page = e.take("page", text::number(form.get("page"), 1, 20)).unwrap_or(1);
    let choices = match kind {
        Some(FieldKind::Choice) => {
            let choices = e.take("choices", read_choices(form.get("choices"))).unwrap_or_default();
            if choices.is_empty() {
                e.add("choices", Problem::Missing);
            }
            choices
        }
        _ => Vec::new(),
    };
    let field = FieldDef {
        key,
        kind: kind.unwrap_or(FieldKind::Line),
        label: three::read(form, "label"),
        help: three::read(form, "help"),
        required: form.is_checked("required"),
        min,
        max,
        choices,
        page,
    };
    let field = checked_field(&mut e, &field);
    if e.is_empty() { Ok(field) } else { Err(e) }
}

pub async fn edit_field(cx: Cx, Path(id): Path<String>, form: Form) -> Answer {
    let (staff, id) = (staff(&cx)?, id_in(&id)?);
    let desk = ::apps::category_at_desk(cx.apps(), id).await?;
    let mut fields = in_order(&desk.draft);
    let was = form.get("was");
    let at = fields.iter().position(|f| f.key == was);
    let others: Vec<FieldDef> = fields.iter().filter(|f| was.is_empty() || f.key != was).cloned().collect();
    let field = match read_field(&form, &others) {
        Ok(field) => field,
        Err(errors) => return one(&cx, id, was, Some(&form), Retry::fields(errors), None).await,
    };
    match at {
        Some(at) => fields[at] = field,
        None if fields.len() >= FIELDS_MAX => {
            let errors = Errors::one("key", Problem::TooMany(FIELDS_MAX as u32));
            return one(&cx, id, was, Some(&form), Retry::fields(errors), None).await;
        }
        None => fields.push(field),
    }
    fields.sort_by_key(|f| f.page);
    let draft = CategoryDef { fields, ..desk.draft };
    match ::apps::edit_category(cx.apps(), cx.by(), &staff, id, shown(&form), draft).await {
        Ok(()) => Ok(back(id, "/form", "category-saved")),
        Err(failure) => {
            let (r, since) = again(&cx, failure, &form)?;
            one(&cx, id, was, Some(&form), r, since).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_move_past_each_other_and_from_page_to_page() {
        let field = |key: &str, page| FieldDef::new(key, FieldKind::Line, Texts::one(key)).on_page(page);
        let mut fields = vec![field("a", 1), field("b", 1), field("c", 2)];
        let keys =
            |f: &[FieldDef]| f.iter().map(|f| format!("{}{}", f.key, f.page)).collect::<Vec<_>>().join(" ");
        let mut act = |key, what| {
            let done = change(&mut fields, key, what).is_some();
            (done, keys(&fields))
        };
        assert_eq!(act("b", "up"), (true, "b1 a1 c2".to_owned()));
        assert_eq!(act("b", "up"), (true, "b1 a1 c2".to_owned()), "the first goes no further");
        assert_eq!(act("c", "up"), (true, "b1 a1 c1".to_owned()), "onto the page before");
        assert_eq!(act("c", "down"), (true, "b1 a1 c1".to_owned()), "the last goes no further");
        assert_eq!(act("a", "remove"), (true, "b1 c1".to_owned()));
        assert!(!act("a", "remove").0 && !act("b", "explode").0);
    }

    #[test]
    fn choices_are_lines() {
        let text = "small | Small | 小 | Pequeña\nlarge | Large | |";
        let read = read_choices(text).expect("reads");
        assert_eq!(
            (read.len(), read[0].label.get(Lang::ZhCn), read[1].label.get(Lang::Es)),
            (2, "小", "Large")
        );
        assert_eq!(read_choices(&choices_text(&read)), Ok(read));
        assert_eq!(read_choices("No Key | x\nfine | Fine\n|"), Err(Problem::BadLines(2)));
    }
}
