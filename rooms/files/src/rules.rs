//! The decisions of this room, without a database, a clock or chance.

use crate::model::Media;
use kernel::text::is_hidden;
use kernel::{Problem, RefusalKind, Refuse};

pub const MB: u64 = 1024 * 1024;
/// What nothing names is collected after so many hours.
pub const LOOSE_HOURS: i64 = 24;
pub const NAME_MAX: usize = 100;

/// What a file is for: which kinds are taken, how large, and what becomes of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A licence: a picture of at most 2 MB.
    Picture,
    /// A picture or a PDF of at most 10 MB.
    Document,
    /// A picture, made small.
    Logo,
    /// What goes with a ticket: pictures, PDF, plain text.
    Attachment,
}

impl Purpose {
    pub fn takes(self, media: Media) -> bool {
        match media {
            Media::Png | Media::Jpeg => true,
            Media::Pdf => matches!(self, Purpose::Document | Purpose::Attachment),
            Media::Text => self == Purpose::Attachment,
        }
    }
    pub const fn most_megabytes(self) -> u32 {
        match self {
            Purpose::Picture | Purpose::Logo => 2,
            Purpose::Document | Purpose::Attachment => 10,
        }
    }
    /// For the browser's dialogue: what may be chosen.
    pub const fn accept(self) -> &'static str {
        match self {
            Purpose::Picture | Purpose::Logo => "image/png,image/jpeg",
            Purpose::Document => "image/png,image/jpeg,application/pdf",
            Purpose::Attachment => "image/png,image/jpeg,application/pdf,text/plain",
        }
    }
}

/// Every "no" of this room; the messages are `refusal-…`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Damaged, or of a kind that is not taken here.
    BadFile,
    /// Megabytes it may have.
    TooLarge(u32),
    /// The developer's quota is used up.
    NoRoom,
    NotFound,
    NotAllowed,
}

impl Refusal {
    pub const CODES: &[&str] =
        &["bad-file", "file-too-large", "no-room-for-file", "not-found", "not-allowed"];

    /// What a form says at the field that the file came by.
    pub fn problem(&self) -> Option<Problem> {
        match self {
            Refusal::BadFile => Some(Problem::BadFile),
            Refusal::TooLarge(megabytes) => Some(Problem::FileTooLarge(*megabytes)),
            Refusal::NoRoom => Some(Problem::NoRoomForFile),
            Refusal::NotFound | Refusal::NotAllowed => None,
        }
    }
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::BadFile => "bad-file",
            Refusal::TooLarge(_) => "file-too-large",
            Refusal::NoRoom => "no-room-for-file",
            Refusal::NotFound => "not-found",
            Refusal::NotAllowed => "not-allowed",
        }
    }
    fn kind(&self) -> RefusalKind<'_> {
        match self {
            Refusal::BadFile | Refusal::TooLarge(_) => RefusalKind::Mistaken,
            Refusal::NoRoom => RefusalKind::Conflict,
            Refusal::NotFound => RefusalKind::NotFound,
            Refusal::NotAllowed => RefusalKind::NotAllowed,
        }
    }
}

/// What the bytes say they are. The beginning decides; whether the rest keeps the promise, the checks after it.
pub fn media_of(bytes: &[u8]) -> Option<Media> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(Media::Png)
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some(Media::Jpeg)
    } else if bytes.starts_with(b"%PDF-") {
        Some(Media::Pdf)
    } else {
        is_plain_text(bytes).then_some(Media::Text)
    }
}

/// UTF-8 that draws what it says, and does not begin as something that a browser or a shell would run.
fn is_plain_text(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let fine = |c: char| matches!(c, '\n' | '\r' | '\t') || !c.is_control();
    let turned = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let start: String = text.trim_start().chars().take(1_024).collect::<String>().to_ascii_lowercase();
    let runs = [
        "<!doctype",
        "<html",
        "<head",
        "<body",
        "<script",
        "<svg",
        "<iframe",
        "#!",
        "%pdf",
        "mz",
        "gif8",
        "pk\u{3}",
    ];
    let drawn = start.starts_with("<?xml") && (start.contains("<svg") || start.contains("<html"));
    text.chars().all(fine) && !text.contains(turned) && !drawn && !runs.iter().any(|r| start.starts_with(r))
}

/// A PDF from its first byte to its last: nothing else hangs on to it.
pub fn is_whole_pdf(bytes: &[u8]) -> bool {
    let version =
        bytes.get(5..8).is_some_and(|v| v[0].is_ascii_digit() && v[1] == b'.' && v[2].is_ascii_digit());
    let end = bytes.windows(5).rposition(|w| w == b"%%EOF");
    let tail = end.map(|at| &bytes[at + 5..]);
    version && tail.is_some_and(|t| t.iter().all(|b| b.is_ascii_whitespace() || *b == 0))
}

/// A name that can be shown and saved anywhere: one part, nothing hidden, bounded, and with the ending of
/// what it is.
pub fn clean_name(typed: &str, media: Media) -> String {
    let last = typed.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown = |c: char| if is_hidden(c) || "<>:\"|?*".contains(c) { ' ' } else { c };
    let text: String = last.chars().take(1_000).map(shown).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_matches(|c: char| c == '.' || c == ' ');
    let (endings, usual): (&[&str], &str) = match media {
        Media::Png => (&["png"], "png"),
        Media::Jpeg => (&["jpg", "jpeg"], "jpg"),
        Media::Pdf => (&["pdf"], "pdf"),
        Media::Text => (&["txt", "log", "csv"], "txt"),
    };
    let (stem, ending) = match text.rsplit_once('.') {
        Some((stem, ending)) if endings.contains(&ending.to_ascii_lowercase().as_str()) => (stem, ending),
        _ => (text, usual),
    };
    let stem: String = stem.chars().take(NAME_MAX - 1 - ending.len()).collect();
    let stem = stem.trim_matches(|c: char| c == '.' || c == ' ');
    let stem = match stem {
        "" => "file".to_owned(),
        stem if is_device(stem) => format!("_{stem}"),
        stem => stem.to_owned(),
    };
    format!("{stem}.{ending}")
}

/// Names that Windows takes for machines.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or("").trim().to_ascii_uppercase();
    let numbered = |kind: &str| {
        first
            .strip_prefix(kind)
            .is_some_and(|n| n.chars().count() == 1 && n.chars().all(|c| "123456789¹²³".contains(c)))
    };
    ["CON", "PRN", "AUX", "NUL"].contains(&first.as_str()) || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn u7_names_are_only_names() {
        let clean = |name: &str| clean_name(name, Media::Png);
        assert_eq!(clean("Licence 2026.PNG"), "Licence 2026.PNG");
        assert_eq!(clean("../../etc/passwd"), "passwd.png");
        assert_eq!(clean("C:\\Users\\ana\\licence.png"), "licence.png");
        assert_eq!(clean("CON"), "_CON.png");
        assert_eq!(clean("con.x.png"), "_con.x.png");
        assert_eq!(clean("lpt1.png"), "_lpt1.png");
        assert_eq!(clean("a\0b\r\nSet-Cookie: x.png"), "a b Set-Cookie x.png");
        assert_eq!(clean("invoice\u{202e}gnp.exe"), "invoice gnp.exe.png");
        assert_eq!(clean(".htaccess"), "htaccess.png");
        for empty in ["", ".", "..", "/", " . ", "\u{200b}", ".png"] {
            assert!(["file.png", "png.png"].contains(&clean(empty).as_str()), "{empty:?}: {}", clean(empty));
        }
        assert_eq!(clean("营业执照.png"), "营业执照.png");
        assert_eq!(clean(&format!("{}.png", "界".repeat(1_000))).chars().count(), NAME_MAX);
        assert_eq!(clean_name("evil.html", Media::Pdf), "evil.html.pdf");
        assert_eq!(clean_name("a.JPEG", Media::Jpeg), "a.JPEG");
        assert_eq!(clean_name("server.log", Media::Text), "server.log");
        assert_eq!(clean_name("run.sh", Media::Text), "run.sh.txt");
    }

    #[test]
    fn u1_u2_u6_the_bytes_say_what_a_file_is() {
        assert_eq!(media_of(b"\x89PNG\r\n\x1a\n..."), Some(Media::Png));
        assert_eq!(media_of(b"\xff\xd8\xff\xe0"), Some(Media::Jpeg));
        assert_eq!(media_of(b"%PDF-1.7\n"), Some(Media::Pdf));
        assert_eq!(media_of("Línea 1\r\n第二行\t.".as_bytes()), Some(Media::Text));
        assert_eq!(media_of(b"<order id=\"1\">of XML</order>"), Some(Media::Text));
        for bad in [
            &b"MZ\x90\0"[..],
            b"GIF89a",
            b"GIF89a=1;alert(1)",
            b"RIFF\0\0\0\0WEBPVP8 ",
            b"PK\x03\x04",
            b"<svg xmlns='http://www.w3.org/2000/svg'>",
            b"<?xml version='1.0'?><svg/>",
            b" \n<!DOCTYPE html>",
            b"\xef\xbb\xbf<html>",
            b"#!/bin/sh",
            b"a\0b",
            b"\x1b[31m",
            b"\xff\xfe<\0",
            b"\xd0\xcf\x11\xe0",
            b" %PDF-1.7",
            "a\u{202e}b".as_bytes(),
        ] {
            assert_eq!(media_of(bad), None, "{}", String::from_utf8_lossy(bad));
        }
        assert!(!Purpose::Picture.takes(Media::Pdf) && !Purpose::Logo.takes(Media::Pdf));
        assert!(!Purpose::Document.takes(Media::Text) && Purpose::Attachment.takes(Media::Text));
    }

    #[test]
    fn u1_nothing_hangs_on_to_a_pdf() {
        assert!(is_whole_pdf(b"%PDF-1.4\n...\n%%EOF\n"));
        assert!(is_whole_pdf(b"%PDF-1.4\n%%EOF\nmore\n%%EOF"));
        for bad in [&b"%PDF-1.4\n..."[..], b"%PDF-x.4 %%EOF", b"%PDF-1.4 %%EOF\nPK\x03\x04", b"%PDF-", b""] {
            assert!(!is_whole_pdf(bad), "{}", String::from_utf8_lossy(bad));
        }
    }

    proptest! {
        #[test]
        fn u7_whatever_a_name_is_it_becomes_one(name in "\\PC{0,200}") {
            let clean = clean_name(&name, Media::Jpeg);
            prop_assert!(clean.chars().count() <= NAME_MAX + 1);
            prop_assert!(!clean.contains(['/', '\\', '\r', '\n', '\0', '"']) && !clean.starts_with('.'));
            prop_assert!(!clean.contains(is_hidden));
            prop_assert_eq!(clean_name(&clean, Media::Jpeg), clean);
        }
        #[test]
        fn nothing_sent_makes_these_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (media_of(&bytes), is_whole_pdf(&bytes));
        }
    }
}
