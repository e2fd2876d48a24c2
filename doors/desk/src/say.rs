//! The desk's words for kinds, states, checks, and lengths of time.

use kernel::{Lang, Time};
use review::{Check, Decision, Entry, Kind, QueueLine, State, Verdict, What};
use web::Words;

pub fn kind(k: Kind) -> &'static str {
    match k {
        Kind::Category => "desk-kind-category",
        Kind::Company => "desk-kind-company",
        Kind::Group => "desk-kind-group",
        Kind::Online => "desk-kind-online",
        Kind::Limit => "desk-kind-limit",
        Kind::TestSeller => "desk-kind-test-seller",
    }
}

/// Class, icon and word of a badge.
pub type Badge = (&'static str, &'static str, &'static str);

pub fn state(w: &Words, s: State) -> Badge {
    match s {
        State::Draft => ("badge-off", "edit", w.t("desk-state-draft")),
        State::Pending => ("badge-wait", "clock", w.t("desk-state-pending")),
        State::NeedsChanges => ("badge-info", "edit", w.t("desk-state-needs-changes")),
        State::Approved => ("badge-ok", "check-circle", w.t("desk-state-approved")),
        State::Rejected => ("badge-bad", "x-circle", w.t("desk-state-rejected")),
        State::Withdrawn => ("badge-off", "minus", w.t("desk-state-withdrawn")),
    }
}

pub fn decision(d: Decision) -> &'static str {
    match d {
        Decision::Approve => "desk-approve",
        Decision::NeedsChanges => "desk-needs-changes",
        Decision::Reject => "desk-reject",
    }
}

/// Some minutes, hours or days: as exact as anybody needs it.
pub fn span(w: &Words, millis: i64) -> String {
    let millis = millis.abs();
    if millis < Time::HOUR {
        w.tn("desk-minutes", "n", (millis / Time::MINUTE).max(1))
    } else if millis < 2 * Time::DAY {
        w.tn("desk-hours", "n", millis / Time::HOUR)
    } else {
        w.tn("desk-days", "n", millis / Time::DAY)
    }
}

/// How far a promise has run down.
pub struct Promise {
    /// Of a hundred.
    pub used: i64,
    pub class: &'static str,
    pub icon: &'static str,
    pub words: String,
}

pub fn promise(w: &Words, submitted: Option<Time>, due: Option<Time>, now: Time) -> Option<Promise> {
    let (from, due) = (submitted?, due?);
    let whole = due.since(from).max(1);
    let used = now.since(from).saturating_mul(100) / whole;
    let is_late = now > due;
    let left = if is_late { now.since(due) } else { due.since(now) };
    let key = if is_late { "desk-late-by" } else { "desk-left" };
    let (class, icon) = match used {
        _ if is_late => ("badge-bad", "alert"),
        80.. => ("badge-wait", "clock"),
        _ => ("badge-off", "clock"),
    };
    Some(Promise { used: used.clamp(0, 100), class, icon, words: w.t1(key, "time", span(w, left)) })
}

/// A line of the queue, with what a page says about it.
pub struct Line {
    pub l: QueueLine,
    pub title: String,
    pub kind: &'static str,
    pub promise: Option<Promise>,
    pub state: Badge,
    pub flags: String,
    pub round: String,
    pub is_mine: bool,
    pub sleeps: bool,
}

pub fn line(w: &Words, l: QueueLine, me: kernel::AccountId, now: Time) -> Line {
    Line {
        title: l.title.get(w.lang).to_owned(),
        kind: w.t(kind(l.kind)),
        promise: (l.state == State::Pending).then(|| promise(w, l.submitted_at, l.due_at, now)).flatten(),
        state: state(w, l.state),
        flags: w.tn("desk-flags", "n", l.flags),
        round: w.tn("desk-round", "n", l.round),
        is_mine: l.assignee == Some(me),
        sleeps: l.snoozed_until > now,
        l,
    }
}

/// Class of the timeline's line, icon, words.
pub fn entry(w: &Words, e: &Entry) -> (&'static str, &'static str, String) {
    let t = |key| w.t(key).to_owned();
    match e.what {
        What::Begun => ("", "edit", t("desk-did-begun")),
        What::Submitted => ("", "send", t("desk-did-submitted")),
        What::Resubmitted => ("", "send", t("desk-did-resubmitted")),
        What::Claimed => ("", "user", t("desk-did-claimed")),
        What::Assigned => ("", "users", w.t1("desk-did-assigned", "name", &e.text)),
        What::Released => ("", "inbox", t("desk-did-released")),
        What::Snoozed => match e.text.parse().unwrap_or(0) {
            0 => ("", "bell", t("desk-did-woken")),
            n => ("", "pause", w.tn("desk-did-snoozed", "n", n)),
        },
        What::Asked => ("", "mail", t("desk-did-asked")),
        What::Answered => ("", "mail", t("desk-did-answered")),
        What::Noted => ("", "file", t("desk-did-noted")),
        What::Agreed => ("is-ok", "check", t("desk-did-agreed")),
        What::SentBack => ("is-wait", "edit", t("desk-did-sent-back")),
        What::Approved => ("is-ok", "check", t("desk-did-approved")),
        What::Rejected => ("is-bad", "x", t("desk-did-rejected")),
        What::Withdrawn => ("", "minus", t("desk-did-withdrawn")),
        What::Escalated => ("is-wait", "alert", t("desk-did-escalated")),
    }
}

/// Whether the entry's text is something that somebody wrote.
pub fn quotes(e: &Entry) -> bool {
    !e.text.is_empty() && !matches!(e.what, What::Assigned | What::Snoozed)
}

/// What the machine looked at. Rooms name their checks; one without words here is shown by its name.
pub fn check_name(w: &Words, name: &str) -> String {
    let key = match name {
        "callback" => "desk-check-callback",
        "email_domain" => "desk-check-email-domain",
        "licence_form" => "desk-check-licence-form",
        "duplicate_account" => "desk-check-duplicate",
        "same_file" => "desk-check-same-file",
        "criteria" => "desk-check-criteria",
        _ => return name.replace('_', " "),
    };
    w.t(key).to_owned()
}

pub fn check_detail(w: &Words, c: &Check) -> String {
    let key = match (c.name.as_str(), c.detail.as_str()) {
        (_, "") => return String::new(),
        ("callback", "reached") => "desk-callback-reached",
        ("callback", "plain") => "desk-callback-plain",
        ("callback", "address") => "desk-callback-address",
        ("callback", "port") => "desk-callback-port",
        ("callback", "name") => "desk-callback-name",
        ("callback", "inside") => "desk-callback-inside",
        ("callback", "refused") => "desk-callback-refused",
        ("callback", "tls") => "desk-callback-tls",
        ("callback", "certificate") => "desk-callback-certificate",
        ("callback", "silent") => "desk-callback-silent",
        ("callback", "nothing") => "desk-callback-nothing",
        _ => return c.detail.clone(),
    };
    w.t(key).to_owned()
}

pub fn verdict(w: &Words, v: Verdict) -> Badge {
    match v {
        Verdict::Waiting => ("badge-off", "clock", w.t("desk-verdict-waiting")),
        Verdict::Fine => ("badge-ok", "check", w.t("desk-verdict-fine")),
        Verdict::Warns => ("badge-wait", "flag", w.t("desk-verdict-warns")),
        Verdict::Unknown => ("badge-off", "help", w.t("desk-verdict-unknown")),
    }
}

/// The languages that people choose.
pub fn lang_of(tag: &str) -> Option<Lang> {
    Lang::from_tag(tag).filter(|l| Lang::ALL.contains(l))
}
