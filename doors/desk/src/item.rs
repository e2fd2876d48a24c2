//! One Request, whole: what was sent in beside what the machine, the history and the applicant's other Requests say.

use crate::say::{self, Badge, Promise};
use crate::{frame, not_found};
use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse;
use kernel::{Country, RequestId};
use lobby::{Answer, Cx, Retry, Stop};
use people::{DeveloperKind, StaffRole};
use review::{DeskItem, Entry, FieldDef, FieldKind, State};
use web::{Frame, Page, Summary, Words};

/// What was typed into one of the page's small forms and is shown again.
#[derive(Default)]
pub struct Typed {
    /// The form: a field's key, `note` or `ask`.
    pub form: String,
    pub text: String,
    pub retry: Retry,
}

#[derive(Template)]
#[template(path = "item.html")]
struct Item {
    f: Frame,
    summary: Summary,
    d: DeskItem,
    title: String,
    kind: &'static str,
    state: Badge,
    promise: Option<Promise>,
    rows: Vec<FieldRow>,
    flags: String,
    round: String,
    /// How many answers are others than in the round before, if any.
    changed: String,
    checks: Vec<CheckRow>,
    history: Vec<EntryRow>,
    others: Vec<OtherRow>,
    country: String,
    is_mine: bool,
    sleeps: bool,
    typed: Typed,
    error: String,
}

struct FieldRow {
    key: String,
    label: String,
    answer: String,
    file: Option<File>,
    /// What it was in the round before, if that was something else.
    before: Option<String>,
    remark: String,
}

struct File {
    href: String,
    name: String,
    size: String,
}

struct CheckRow {
    name: String,
    detail: String,
    badge: Badge,
}

struct EntryRow {
    e: Entry,
    class: &'static str,
    icon: &'static str,
    words: String,
    text: String,
    is_internal: bool,
}

struct OtherRow {
    href: String,
    reference: String,
    title: String,
    state: Badge,
}

impl Item {
    fn path(&self, act: &str) -> String {
        format!("/desk/requests/{}/{act}", self.d.request.id)
    }
    fn may_decide(&self) -> bool {
        self.d.request.state == State::Pending && !self.d.is_own && !self.d.agreed
    }
    fn may_remark(&self) -> bool {
        self.d.request.state == State::Pending && !self.d.is_own
    }
    fn is_open(&self) -> bool {
        matches!(self.d.request.state, State::Pending | State::NeedsChanges)
    }
    /// Whether a small form is the one that was refused: it is shown open.
    fn is_typed(&self, form: &str) -> bool {
        self.typed.form == form && !self.error.is_empty()
    }
    fn text_of<'a>(&'a self, form: &str, kept: &'a str) -> &'a str {
        if self.is_typed(form) { &self.typed.text } else { kept }
    }
    fn is_assigned_to(&self, who: &kernel::AccountId) -> bool {
        self.d.request.assignee == Some(*who)
    }
    fn developer_kind(&self) -> &'static str {
        match self.d.applicant.kind {
            DeveloperKind::Organisation => self.f.t("desk-organisation"),
            DeveloperKind::Individual => self.f.t("desk-individual"),
        }
    }
}

/// An answer as people read it.
fn shown(w: &Words, field: &FieldDef, d: &DeskItem, answer: &str) -> String {
    match field.kind {
        FieldKind::Choice => field
            .choices
            .iter()
            .find(|c| c.value == answer)
            .map_or_else(|| answer.to_owned(), |c| c.label.get(w.lang).to_owned()),
        FieldKind::Country => {
            Country::parse(answer).map_or_else(|_| answer.to_owned(), |c| c.name(w.lang).to_owned())
        }
        FieldKind::Check if answer == "on" => w.t("desk-agreed-to").to_owned(),
        FieldKind::Picture | FieldKind::Document => {
            let file = d.files.iter().find(|x| x.id.to_string() == answer);
            file.map_or_else(|| answer.to_owned(), |x| x.name.clone())
        }
        _ => answer.to_owned(),
    }
}

fn rows(w: &Words, d: &DeskItem) -> Vec<FieldRow> {
    let empty = review::Answers::new();
    let before = d.before().unwrap_or(&empty);
    let of = |answers: &review::Answers, key: &str| answers.get(key).cloned().unwrap_or_default();
    let row = |field: &FieldDef| {
        let answer = of(&d.request.answers, &field.key);
        let was = of(before, &field.key);
        let file = d.files.iter().find(|x| field.kind.is_file() && x.id.to_string() == answer);
        FieldRow {
            label: field.label.get(w.lang).to_owned(),
            before: (d.before().is_some() && was != answer).then(|| shown(w, field, d, &was)),
            remark: d.remark(&field.key).map(|m| m.text.clone()).unwrap_or_default(),
            file: file.map(|x| File {
                href: format!("/files/{}", x.id),
                name: x.name.clone(),
                size: w.t1("desk-kilobytes", "n", (x.size + 1023) / 1024),
            }),
            answer: shown(w, field, d, &answer),
            key: field.key.clone(),
        }
    };
    d.request.form.fields.iter().map(row).collect()
}

pub async fn page(cx: &Cx, id: &str, typed: Typed) -> Answer {
    let staff = cx.session()?.on_staff(StaffRole::Reviewer)?;
    let id: RequestId = id.parse().map_err(|_| not_found())?;
    let d = review::find_for_desk(cx.review(), &staff, id).await?;
    let (w, now) = (cx.w(), cx.review().house.now());
    let r = &d.request;
    let error = match typed.retry.errors.0.values().next() {
        Some(p) => p.number().map_or_else(|| w.t(p.key()).to_owned(), |n| w.tn(p.key(), "n", i64::from(n))),
        None => typed.retry.said.clone(),
    };
    let mut f = frame(cx, "desk-queue", "/desk/queue").crumb("/desk/queue", w.t("desk-queue"));
    f.title = r.reference.clone();
    let rows = rows(w, &d);
    let history = d.entries.iter().map(|e| {
        let (class, icon, words) = say::entry(w, e);
        let text = if say::quotes(e) { e.text.clone() } else { String::new() };
        EntryRow { class, icon, words, text, is_internal: e.what == review::What::Noted, e: e.clone() }
    });
    let others = d.others.iter().map(|o| OtherRow {
        href: format!("/desk/requests/{}", o.id),
        reference: o.reference.clone(),
        title: o.title.get(w.lang).to_owned(),
        state: say::state(w, o.state),
    });
    let checks = d.checks.iter().map(|c| CheckRow {
        name: say::check_name(w, &c.name),
        detail: say::check_detail(w, c),
        badge: say::verdict(w, c.verdict),
    });
    let page = Item {
        summary: Summary::said(error.clone()),
        title: r.title.get(w.lang).to_owned(),
        kind: w.t(say::kind(r.kind)),
        state: say::state(w, r.state),
        promise: (r.state == State::Pending)
            .then(|| say::promise(w, r.submitted_at, r.due_at, now))
            .flatten(),
        flags: w.tn("desk-flags", "n", r.flags),
        round: w.tn("desk-round", "n", r.round),
        changed: match rows.iter().filter(|x| x.before.is_some()).count() {
            0 => String::new(),
            n => w.tn("desk-changed", "n", n as i64),
        },
        rows,
        checks: checks.collect(),
        history: history.rev().collect(),
        others: others.collect(),
        country: Country::parse(&d.applicant.country)
            .map_or_else(|_| d.applicant.country.clone(), |c| c.name(w.lang).to_owned()),
        is_mine: r.assignee == Some(staff.account()),
        sleeps: r.snoozed_until > now,
        error,
        f,
        d,
        typed,
    };
    Ok((page.typed.retry.status, Page(page)).into_response())
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Result<axum::response::Response, Stop> {
    page(&cx, &id, Typed::default()).await
}
