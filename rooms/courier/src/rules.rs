//! The decisions of this room, without a database, a socket, a clock or chance.

use crate::model::TemplateError;
use kernel::{Refuse, Time, text::is_hidden};

pub const SUBJECT_MAX: usize = 200;
pub const BODY_MAX: usize = 10_000;
/// No value that is filled in is longer.
const VALUE_MAX: usize = 300;
const LINK_MAX: usize = 2_000;
/// A reason that the desk gives: ready-made ones, free words, remarks about fields.
const PROSE_MAX: usize = 12_000;
const PROSE_LINES: usize = 120;

/// Every "no" of this room. `Refusal::CODES` and the messages `refusal-…` are kept alike by a test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// There is no such letter, or no such language.
    TemplateUnknown,
    /// What was written does not render, or leaves out what the letter is for.
    TemplateBroken(TemplateError),
    /// The test letter was not taken; in the mail server's words.
    NotSent(String),
}

impl Refusal {
    pub const CODES: &[&str] = &["template-unknown", "template-broken", "not-sent"];
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::TemplateUnknown => "template-unknown",
            Refusal::TemplateBroken(_) => "template-broken",
            Refusal::NotSent(_) => "not-sent",
        }
    }
}

/// After this long a letter is given up: nobody waits for it any more.
pub const GIVE_UP_AFTER: i64 = 3 * Time::DAY;

/// How many minutes to wait after the first try, the second, and so on; the last for all that follow.
const PAUSES: [i64; 7] = [1, 5, 15, 60, 240, 720, 1_440];

/// When to try again after `tries` tries, or `None` to give up. `chance` takes up to a fifth off, so that
/// what failed together does not come back together.
pub fn next_try(asked: Time, tries: i64, now: Time, chance: u32) -> Option<Time> {
    if now.since(asked) >= GIVE_UP_AFTER {
        return None;
    }
    // The last try is made when time is up, not before.
    Some(now.plus(pause(tries, chance)).min(asked.plus(GIVE_UP_AFTER)))
}

pub(crate) fn pause(tries: i64, chance: u32) -> i64 {
    let n = usize::try_from(tries.saturating_sub(1)).unwrap_or(0).min(PAUSES.len() - 1);
    let whole = PAUSES[n] * Time::MINUTE;
    whole - whole / 5 * i64::from(chance) / i64::from(u32::MAX)
}

/// One line, for a header: nothing hidden in it, no line ends, not too long.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let shown: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let shown: String = shown.chars().filter(|c| !is_hidden(*c)).collect();
    let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max {
        return line;
    }
    line.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}

/// A value on its way into a letter: one line, and nothing that a mail program would make a link of.
/// Anybody may sign anybody up under any name; our letter must not carry their advertisement.
pub(crate) fn value(text: &str) -> String {
    let line = one_line(text, VALUE_MAX).replace("://", " ");
    let chars: Vec<char> = line.chars().collect();
    let links = |i: usize| {
        let before = i.checked_sub(1).and_then(|b| chars.get(b)).is_some_and(|c| c.is_alphanumeric());
        let after = chars[i + 1..].iter().take(2).filter(|c| c.is_alphabetic()).count() == 2;
        before && after
    };
    // U+2024, a dot to the eye and no part of a host name to a program.
    let dot = |(i, c): (usize, &char)| if *c == '.' && links(i) { '\u{2024}' } else { *c };
    chars.iter().enumerate().map(dot).collect()
}

/// What staff wrote to somebody, on its way into a letter: its lines stay lines, all else is as harmless as any value.
pub(crate) fn prose(text: &str) -> String {
    let bounded: String = text.chars().take(PROSE_MAX).collect();
    let mut lines: Vec<String> = bounded.lines().map(|l| one_line(l, PROSE_MAX)).collect();
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    // Each line costs steps of rendering: what is beyond goes on in the last one.
    if let Some(rest) = lines.get(PROSE_LINES..).map(|l| l.join(" ")) {
        lines.truncate(PROSE_LINES);
        lines.push(rest);
    }
    lines.join("\n")
}

/// The full address of a path of ours, or `None` if it is not one.
pub(crate) fn link(public_url: &str, path: &str) -> Option<String> {
    let ours = path.starts_with('/') && !path.starts_with("//") && path.len() <= LINK_MAX;
    let fine = path.chars().all(|c| c.is_ascii_graphic() && !"\"'<>\\`{}|^".contains(c));
    (ours && fine).then(|| format!("{}{path}", public_url.trim_end_matches('/')))
}

/// The part of an address that may be logged.
pub(crate) fn domain(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// How far the talk with a mail server had come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Connect,
    Sender,
    Recipient,
    Content,
}

/// Whether a reply says that this recipient will never be reached. A server that refuses *us* (our
/// password, our sender, our network) also answers 5xx, and then every letter would be lost for a typing
/// mistake in the settings: those are tried again.
pub(crate) fn is_final(step: Step, code: u16, text: &str) -> bool {
    if !(500..600).contains(&code) {
        return false;
    }
    let enhanced =
        text.split_whitespace().next().filter(|w| w.starts_with("5.") && w.matches('.').count() == 2);
    let of_recipient =
        |e: &str| (e.starts_with("5.1.") && !["5.1.7", "5.1.8"].contains(&e)) || e.starts_with("5.2.");
    match (step, enhanced) {
        (Step::Recipient, Some(e)) => of_recipient(e) || e.starts_with("5.4.") || e.starts_with("5.0."),
        (Step::Recipient, None) => {
            (550..=556).contains(&code) && code != 555 && !text.to_lowercase().contains("relay")
        }
        (Step::Content, Some(e)) => of_recipient(e),
        _ => false,
    }
}

/// A server's words as we keep them. Some quote the letter back at us, and that holds a link.
pub(crate) fn quoted(text: &str) -> String {
    let line = one_line(text, 400);
    let words = line
        .split(' ')
        .map(|w| if w.contains("://") || w.contains('?') || w.contains("=gl") { "…" } else { w });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_pause_is_within_its_bounds(tries in -3i64..200, chance: u32) {
            let p = pause(tries, chance);
            prop_assert!((48 * Time::SECOND..=24 * Time::HOUR).contains(&p));
            let next = pause(tries.saturating_add(1), chance);
            prop_assert!(next >= p, "never shorter than the one before");
        }

        #[test]
        fn a_letter_is_tried_for_three_days_and_no_longer(late in -10_000i64..400_000_000, tries in 1i64..99, chance: u32) {
            let (asked, now) = (Time(1_000_000_000_000), Time(1_000_000_000_000 + late));
            match next_try(asked, tries, now, chance) {
                None => prop_assert!(late >= GIVE_UP_AFTER),
                Some(due) => {
                    prop_assert!(late < GIVE_UP_AFTER);
                    prop_assert!(due > now && due <= asked.plus(GIVE_UP_AFTER));
                }
            }
        }

        #[test]
        fn nothing_typed_ends_a_line_or_makes_a_link(text in "\\PC{0,400}|(https?://|\\r|\\n|[a-z]|\\.|\u{202e}){0,60}") {
            for made in [one_line(&text, 150), value(&text), quoted(&text)] {
                prop_assert!(!made.chars().any(is_hidden), "{made:?}");
            }
            prop_assert!(!value(&text).contains("://"));
        }
    }

    #[test]
    fn the_pauses_are_the_ones_we_promise() {
        let minutes: Vec<_> = (1..9).map(|n| pause(n, 0) / Time::MINUTE).collect();
        assert_eq!(minutes, [1, 5, 15, 60, 240, 720, 1_440, 1_440]);
        assert_eq!(pause(1, u32::MAX), 48 * Time::SECOND);
    }

    #[test]
    fn values_are_shown_as_they_are_but_link_nowhere() {
        assert_eq!(value("J. R. Ruiz & Co. <b>"), "J. R. Ruiz & Co. <b>");
        assert_eq!(
            value("Win at evil.example/x, http://evil.io"),
            "Win at evil\u{2024}example/x, http evil\u{2024}io"
        );
        assert_eq!(value("a\r\nBcc: x\u{202e}y"), "a Bcc: xy");
        assert_eq!(value(&"界".repeat(9_000)).chars().count(), VALUE_MAX);
    }

    #[test]
    fn r19_links_are_paths_of_ours() {
        assert_eq!(link("https://open.example/", "/a?t=1").as_deref(), Some("https://open.example/a?t=1"));
        for bad in ["", "a", "//evil", "/a b", "/a\r\nb", "/\\evil", "/\"onclick", "https://evil", "/ä"] {
            assert_eq!(link("https://open.example", bad), None, "{bad}");
        }
    }

    #[test]
    fn only_what_is_about_the_recipient_is_final() {
        use Step::*;
        for (step, code, text, is) in [
            (Recipient, 550, "no such mailbox", true),
            (Recipient, 550, "5.1.1 unknown", true),
            (Recipient, 552, "5.2.2 full", true),
            (Recipient, 550, "5.7.1 not from your network", false),
            (Recipient, 554, "Relay access denied", false),
            (Recipient, 530, "authenticate first", false),
            (Recipient, 450, "greylisted", false),
            (Sender, 550, "no such mailbox", false),
            (Connect, 535, "5.7.8 bad password", false),
            (Content, 554, "5.7.1 looks like spam", false),
            (Content, 550, "5.1.1 unknown", true),
        ] {
            assert_eq!(is_final(step, code, text), is, "{step:?} {code} {text}");
        }
    }

    #[test]
    fn l1_a_quoted_link_is_not_kept() {
        let kept = quoted("550 blocked: https://o.example/reset?t=gl_1 and /reset?t=gl_1\r\n");
        assert_eq!(kept, "550 blocked: … and …");
    }
}
