//! How Requests are shown: states as badges, answers as the reader's words, steps on the way.

pub use lobby::question::{field, kept, named, purpose, removal};

use kernel::{Country, Errors, Problem};
use review::{Answers, FieldDef, FieldKind, FormDef, Kind, Seen, State, What};
use std::borrow::Cow;
use web::{Kept, Words};

/// A state as an icon and a word.
pub struct Badge {
    pub class: &'static str,
    pub icon: &'static str,
    pub word: &'static str,
}

pub fn badge(w: &Words, state: State) -> Badge {
    let (class, icon, key) = match state {
        State::Draft => ("", "edit", "rq-state-draft"),
        State::Pending => ("badge-wait", "clock", "rq-state-pending"),
        State::NeedsChanges => ("badge-bad", "alert", "rq-state-needs-changes"),
        State::Approved => ("badge-ok", "check", "rq-state-approved"),
        State::Rejected => ("badge-bad", "x-circle", "rq-state-rejected"),
        State::Withdrawn => ("badge-off", "minus", "rq-state-withdrawn"),
    };
    Badge { class, icon, word: w.t(key) }
}

pub fn kind_words(w: &Words, kind: Kind) -> &'static str {
    w.t(match kind {
        Kind::Category => "rq-kind-category",
        Kind::Company => "rq-kind-company",
        Kind::Group => "rq-kind-group",
        Kind::Online => "rq-kind-online",
        Kind::Limit => "rq-kind-limit",
        Kind::TestSeller => "rq-kind-test-seller",
    })
}

/// The same errors, under the names of the page's fields.
pub fn renamed(errors: &Errors) -> Errors {
    Errors(errors.0.iter().map(|(key, p)| (Cow::Owned(named(key)), *p)).collect())
}

/// An answer in the reader's words; a file is a link.
pub enum Told {
    Nothing,
    Text(String),
    File(Kept),
}

pub fn told(w: &Words, f: &FieldDef, answers: &Answers, files: &[files::FileLine]) -> Told {
    let answer = answers.get(&f.key).map_or("", String::as_str);
    if answer.is_empty() {
        return Told::Nothing;
    }
    match f.kind {
        FieldKind::Country => Told::Text(
            Country::parse(answer).map_or_else(|_| answer.to_owned(), |c| c.name(w.lang).to_owned()),
        ),
        FieldKind::Choice => {
            let chosen = f.choices.iter().find(|c| c.value == answer);
            Told::Text(chosen.map_or(answer, |c| c.label.get(w.lang)).to_owned())
        }
        FieldKind::Check => Told::Text(w.t("rq-agreed").to_owned()),
        FieldKind::Picture | FieldKind::Document => kept(w, answer, files).map_or(Told::Nothing, Told::File),
        _ => Told::Text(answer.to_owned()),
    }
}

/// One line of the answers, with what is to be said about it.
pub struct Line {
    pub key: String,
    pub label: String,
    pub told: Told,
    pub page: u32,
    pub remark: String,
    pub error: String,
}

pub fn lines(w: &Words, s: &Seen, answers: &Answers, errors: &Errors) -> Vec<Line> {
    let line = |f: &FieldDef| Line {
        key: named(&f.key),
        label: f.label.get(w.lang).to_owned(),
        told: told(w, f, answers, &s.files),
        page: f.page,
        remark: remark(s, &f.key),
        error: errors.0.get(f.key.as_str()).map_or_else(String::new, |p| problem_words(w, *p)),
    };
    s.request.form.fields.iter().map(line).collect()
}

pub fn problem_words(w: &Words, p: Problem) -> String {
    p.number().map_or_else(|| w.t(p.key()).to_owned(), |n| w.tn(p.key(), "n", i64::from(n)))
}

/// What the reviewer says about a field, as long as it is to be corrected.
pub fn remark(s: &Seen, key: &str) -> String {
    let due = s.request.state == State::NeedsChanges;
    let said = s.remarks.iter().find(|m| due && m.round == s.request.round && m.field == key);
    said.map_or_else(String::new, |m| m.text.clone())
}

/// The question pages that have questions, in their order.
pub fn pages(form: &FormDef) -> Vec<u32> {
    let mut all: Vec<u32> = form.fields.iter().map(|f| f.page).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A question page in the list of steps.
pub struct Step {
    pub page: u32,
    pub title: String,
    pub done: bool,
    pub current: bool,
    pub remarked: bool,
}

pub fn steps(w: &Words, s: &Seen, current: u32) -> Vec<Step> {
    let form = &s.request.form;
    let answer = |f: &FieldDef| s.request.answers.get(&f.key).map_or("", String::as_str);
    let step = |page: u32| {
        let fields: Vec<_> = form.on_page(page).collect();
        let comma = if w.tag().starts_with("zh") { "、" } else { ", " };
        let named: Vec<_> = fields.iter().take(2).map(|f| f.label.get(w.lang)).collect();
        let more = if fields.len() > 2 { " …" } else { "" };
        Step {
            page,
            title: format!("{}{more}", named.join(comma)),
            done: fields.iter().all(|f| f.check(answer(f)).is_ok()),
            current: page == current,
            remarked: fields.iter().any(|f| !remark(s, &f.key).is_empty()),
        }
    };
    pages(form).into_iter().map(step).collect()
}

/// A line of the history: icon, how it looks, what happened.
pub fn happened(w: &Words, what: What) -> (&'static str, &'static str, &'static str) {
    let (icon, class, key) = match what {
        What::Begun => ("edit", "", "rq-did-begun"),
        What::Submitted => ("send", "", "rq-did-submitted"),
        What::Resubmitted => ("send", "", "rq-did-resubmitted"),
        What::Asked => ("help", "is-wait", "rq-did-asked"),
        What::Answered => ("mail", "", "rq-did-answered"),
        What::SentBack => ("alert", "is-wait", "rq-did-sent-back"),
        What::Approved => ("check", "is-ok", "rq-did-approved"),
        What::Rejected => ("x", "is-bad", "rq-did-rejected"),
        What::Withdrawn => ("minus", "", "rq-did-withdrawn"),
        What::Escalated => ("flag", "is-wait", "rq-did-escalated"),
        What::Claimed | What::Assigned | What::Released | What::Snoozed | What::Noted | What::Agreed => {
            ("info", "", "rq-did-else")
        }
    };
    (icon, class, w.t(key))
}

/// How far it is: drafted, sent in, read, decided.
pub fn stage(s: &Seen) -> usize {
    match s.request.state {
        State::Draft => 0,
        State::NeedsChanges => 1,
        State::Pending => 2,
        State::Approved | State::Rejected | State::Withdrawn => 3,
    }
}

/// A number with its thousands apart, as the reader writes it.
pub fn grouped(w: &Words, n: i64) -> String {
    let mark = if w.tag() == "es" { '.' } else { ',' };
    let digits = n.unsigned_abs().to_string();
    let mut out = String::from(if n < 0 { "-" } else { "" });
    for (i, c) in digits.chars().enumerate() {
        // In Spanish four digits stand together.
        if i > 0 && (digits.len() - i).is_multiple_of(3) && !(mark == '.' && digits.len() == 4) {
            out.push(mark);
        }
        out.push(c);
    }
    out
}

/// A span of time in its largest whole unit.
pub fn span(w: &Words, seconds: i64) -> String {
    match seconds {
        s if s % 86_400 == 0 => w.tn("rq-days", "n", s / 86_400),
        s if s % 3_600 == 0 => w.tn("rq-hours", "n", s / 3_600),
        s => w.tn("rq-minutes", "n", (s + 59) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Lang;

    #[test]
    fn numbers_and_spans_are_told_in_the_readers_way() {
        let (en, es, zh) = (Words::new(Lang::En), Words::new(Lang::Es), Words::new(Lang::ZhCn));
        assert_eq!(
            (grouped(&en, 1_234_567), grouped(&es, 1_234_567)),
            ("1,234,567".into(), "1.234.567".into())
        );
        assert_eq!(
            (grouped(&en, 5_000), grouped(&es, 5_000), grouped(&zh, 999)),
            ("5,000".into(), "5000".into(), "999".into())
        );
        assert_eq!(
            (span(&en, 86_400), span(&es, 7_200), span(&zh, 90)),
            ("1 day".into(), "2 horas".into(), "2 分钟".into())
        );
    }
}
