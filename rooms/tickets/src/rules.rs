//! The decisions of this room, without a database, a clock or chance.

use crate::model::Typed;
use kernel::{AppId, Errors, RefusalKind, Refuse, Time, TraceId, text};

pub const SUBJECT_MAX: u32 = 120;
pub const TEXT_MAX: u32 = 6_000;
const PAGE_MAX: usize = 300;
/// Days after which a solved ticket is closed.
pub const CLOSE_DAYS: i64 = 14;

/// Tickets that a developer opens.
pub(crate) const OPENED: (&str, i64, i64) = ("tickets-opened", 10, 10 * Time::MINUTE);
/// What one account writes.
pub(crate) const WRITTEN: (&str, i64, i64) = ("tickets-written", 30, Time::MINUTE);

/// Every "no" of this room; the messages are `refusal-…`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    Invalid(Errors),
    NotFound,
    NotAllowed,
    /// Somebody wrote meanwhile, or moved it.
    TicketMoved,
    /// Closed for good.
    TicketClosed,
    Throttled(i64),
}

impl Refusal {
    pub const CODES: &[&str] =
        &["invalid", "not-found", "not-allowed", "ticket-moved", "ticket-closed", "throttled"];
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::Invalid(_) => "invalid",
            Refusal::NotFound => "not-found",
            Refusal::NotAllowed => "not-allowed",
            Refusal::TicketMoved => "ticket-moved",
            Refusal::TicketClosed => "ticket-closed",
            Refusal::Throttled(_) => "throttled",
        }
    }
    fn kind(&self) -> RefusalKind<'_> {
        match self {
            Refusal::Invalid(errors) => RefusalKind::Invalid(errors),
            Refusal::NotFound => RefusalKind::NotFound,
            Refusal::NotAllowed => RefusalKind::NotAllowed,
            Refusal::TicketMoved | Refusal::TicketClosed => RefusalKind::Conflict,
            Refusal::Throttled(seconds) => RefusalKind::Throttled(*seconds),
        }
    }
}

/// What is kept of a new ticket.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub subject: String,
    pub text: String,
    pub page: String,
    pub trace: String,
    pub app: Option<AppId>,
}

pub(crate) fn check(t: &Typed) -> Result<Fresh, Errors> {
    let mut e = Errors::default();
    let subject = e.take("subject", text::line(&t.subject, 1, SUBJECT_MAX));
    let body = e.take("text", text::prose(&t.text, 1, TEXT_MAX));
    match (subject, body) {
        (Some(subject), Some(text)) => {
            Ok(Fresh { subject, text, page: page(&t.page), trace: trace(&t.trace), app: t.app.parse().ok() })
        }
        _ => Err(e),
    }
}

/// A page of ours, as links say it; anything else is not kept.
pub fn page(text: &str) -> String {
    let ours = text.starts_with('/') && !text.starts_with("//") && text.len() <= PAGE_MAX;
    let fine = text.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\`{}|^".contains(&b));
    if ours && fine { text.to_owned() } else { String::new() }
}

/// A request id of ours.
pub fn trace(text: &str) -> String {
    text.trim().parse::<TraceId>().map_or_else(|_| String::new(), |id| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Problem;

    #[test]
    fn what_comes_with_the_address_is_kept_only_if_it_is_ours() {
        for evil in
            ["//evil", "https://evil", "/a b", "/\"x", "/<img>", "/ä", &"/x".repeat(400), "javascript:x"]
        {
            assert_eq!(page(evil), "", "{evil}");
        }
        assert_eq!(page("/console/apps?x=1"), "/console/apps?x=1");
        assert_eq!(trace("req_'; DROP"), "");
        let id = TraceId::new(Time(5), &kernel::SeededRandom::new("x")).to_string();
        assert_eq!(trace(&format!(" {id} ")), id);
    }

    #[test]
    fn w9_a_ticket_needs_words_and_hides_none() {
        let typed = |subject: &str, text: &str| Typed {
            subject: subject.into(),
            text: text.into(),
            ..Typed::default()
        };
        let errors = check(&typed("", "a\u{202e}b")).expect_err("bad");
        assert_eq!((errors.0["subject"], errors.0["text"]), (Problem::Missing, Problem::BadCharacters));
        let long = check(&typed(&"x".repeat(121), &"x".repeat(6_001))).expect_err("long");
        assert_eq!((long.0["subject"], long.0["text"]), (Problem::TooLong(120), Problem::TooLong(6_000)));
        assert_eq!(check(&typed("<b>", "two\r\nlines")).expect("good").text, "two\nlines");
    }
}
