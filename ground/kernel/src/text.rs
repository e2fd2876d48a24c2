//! Texts that people type, as types that cannot hold a wrong one.
//!
//! A field that is refused gets a [`Problem`]; a form collects them in [`Errors`] and gets them back
//! with the same fields. The limits are constants, so that pages print the same ones into their HTML.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Why a field is refused. The code is the end of its message key: `problem-<code>`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Problem {
    Missing,
    TooShort(u32),
    TooLong(u32),
    BadEmail,
    BadPhone,
    BadCharacters,
    NotOneOfThese,
    NotTheSame,
    MustAgree,
    WrongPassword,
    WrongCode,
    TooCommon,
    HoldsYourEmail,
    BadNumber,
    TooSmall(u32),
    TooLarge(u32),
    BadUrl,
    BadAppName,
    NameTaken,
    BadFile,
    FileTooLarge(u32),
    BadLines(u32),
    TooMany(u32),
    /// Another one has it.
    Taken,
    /// It stands there twice.
    Twice,
}

impl Problem {
    /// One of each, for the test that every one has its message.
    pub const ALL: &[Problem] = &[
        Problem::Missing,
        Problem::TooShort(1),
        Problem::TooLong(1),
        Problem::BadEmail,
        Problem::BadPhone,
        Problem::BadCharacters,
        Problem::NotOneOfThese,
        Problem::NotTheSame,
        Problem::MustAgree,
        Problem::WrongPassword,
        Problem::WrongCode,
        Problem::TooCommon,
        Problem::HoldsYourEmail,
        Problem::BadNumber,
        Problem::TooSmall(1),
        Problem::TooLarge(1),
        Problem::BadUrl,
        Problem::BadAppName,
        Problem::NameTaken,
        Problem::BadFile,
        Problem::FileTooLarge(1),
        Problem::BadLines(1),
        Problem::TooMany(1),
        Problem::Taken,
        Problem::Twice,
    ];

    pub const fn key(self) -> &'static str {
        match self {
            Problem::Missing => "problem-missing",
            Problem::TooShort(_) => "problem-too-short",
            Problem::TooLong(_) => "problem-too-long",
            Problem::BadEmail => "problem-bad-email",
            Problem::BadPhone => "problem-bad-phone",
            Problem::BadCharacters => "problem-bad-characters",
            Problem::NotOneOfThese => "problem-not-one-of-these",
            Problem::NotTheSame => "problem-not-the-same",
            Problem::MustAgree => "problem-must-agree",
            Problem::WrongPassword => "problem-wrong-password",
            Problem::WrongCode => "problem-wrong-code",
            Problem::TooCommon => "problem-too-common",
            Problem::HoldsYourEmail => "problem-holds-your-email",
            Problem::BadNumber => "problem-bad-number",
            Problem::TooSmall(_) => "problem-too-small",
            Problem::TooLarge(_) => "problem-too-large",
            Problem::BadUrl => "problem-bad-url",
            Problem::BadAppName => "problem-bad-app-name",
            Problem::NameTaken => "problem-name-taken",
            Problem::BadFile => "problem-bad-file",
            Problem::FileTooLarge(_) => "problem-file-too-large",
            Problem::BadLines(_) => "problem-bad-lines",
            Problem::TooMany(_) => "problem-too-many",
            Problem::Taken => "problem-taken",
            Problem::Twice => "problem-twice",
        }
    }
    pub const fn number(self) -> Option<u32> {
        match self {
            Problem::TooShort(n)
            | Problem::TooLong(n)
            | Problem::TooSmall(n)
            | Problem::TooLarge(n)
            | Problem::FileTooLarge(n)
            | Problem::BadLines(n)
            | Problem::TooMany(n) => Some(n),
            _ => None,
        }
    }
}

/// What is wrong with a form, field by field.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Errors(pub BTreeMap<Cow<'static, str>, Problem>);

impl Errors {
    pub fn one(field: impl Into<Cow<'static, str>>, problem: Problem) -> Errors {
        Errors(BTreeMap::from([(field.into(), problem)]))
    }
    /// Notes a problem, unless the field has one already.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, problem: Problem) {
        self.0.entry(field.into()).or_insert(problem);
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Keeps the value, or notes the problem under the field's name.
    pub fn take<T>(&mut self, field: impl Into<Cow<'static, str>>, value: Result<T, Problem>) -> Option<T> {
        match value {
            Ok(v) => Some(v),
            Err(p) => {
                self.add(field, p);
                None
            }
        }
    }
}

/// Characters that draw nothing, or turn the writing around what follows: fine nowhere in a name.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// One line: trimmed, inner runs of blanks made one, nothing hidden.
pub fn line(text: &str, min: u32, max: u32) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().any(is_hidden) {
        return Err(Problem::BadCharacters);
    }
    let out = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = u32::try_from(out.chars().count()).unwrap_or(u32::MAX);
    match length {
        0 if min > 0 => Err(Problem::Missing),
        n if n < min => Err(Problem::TooShort(min)),
        n if n > max => Err(Problem::TooLong(max)),
        _ => Ok(out),
    }
}

/// Several lines: trimmed, ends of lines made alike, nothing hidden but the ends of lines.
pub fn prose(text: &str, min: u32, max: u32) -> Result<String, Problem> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().any(|c| c != '\n' && c != '\t' && is_hidden(c)) {
        return Err(Problem::BadCharacters);
    }
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    match length {
        0 if min > 0 => Err(Problem::Missing),
        n if n < min => Err(Problem::TooShort(min)),
        n if n > max => Err(Problem::TooLong(max)),
        _ => Ok(text.to_owned()),
    }
}

/// A whole number within bounds.
pub fn number(text: &str, least: u32, most: u32) -> Result<u32, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::Missing);
    }
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Problem::BadNumber);
    }
    match text.parse::<u32>() {
        Ok(n) if n < least => Err(Problem::TooSmall(least)),
        Ok(n) if n <= most => Ok(n),
        _ => Err(Problem::TooLarge(most)),
    }
}

pub const NAME_MAX: u32 = 80;
pub const COMPANY_MAX: u32 = 120;
pub const LICENCE_MAX: u32 = 64;

pub fn name(text: &str) -> Result<String, Problem> {
    line(text, 1, NAME_MAX)
}

/// An e-mail address as it was typed, and the key by which one account is found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Email {
    typed: String,
    key: String,
}

impl Email {
    pub const MAX: u32 = 254;

    /// Takes what mail servers of today deliver to: a dot-atom, an at sign, a domain with a dot or
    /// a loopback name. Quoted local parts and addresses in brackets are refused.
    pub fn parse(text: &str) -> Result<Email, Problem> {
        let typed = text.trim();
        if typed.is_empty() {
            return Err(Problem::Missing);
        }
        if typed.len() > Email::MAX as usize {
            return Err(Problem::TooLong(Email::MAX));
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(Problem::BadEmail)?;
        let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
        let local_fine = (1..=64).contains(&local.len())
            && local.chars().all(atom)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let label = |l: &str| {
            (1..=63).contains(&l.len())
                && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        let domain_fine = domain.contains('.')
            && domain.split('.').all(label)
            && !domain.rsplit('.').next().unwrap_or("").chars().all(|c| c.is_ascii_digit());
        if !local_fine || !domain_fine {
            return Err(Problem::BadEmail);
        }
        Ok(Email { typed: typed.to_owned(), key: typed.to_ascii_lowercase() })
    }
    pub fn as_typed(&self) -> &str {
        &self.typed
    }
    /// Equal keys, one account.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// A telephone number: digits with an optional plus, as `+34600111222`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Phone(String);

impl Phone {
    pub const MAX: u32 = 24;

    pub fn parse(text: &str) -> Result<Phone, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Problem::Missing);
        }
        if text.len() > Phone::MAX as usize {
            return Err(Problem::TooLong(Phone::MAX));
        }
        let (plus, rest) = text.strip_prefix('+').map_or(("", text), |r| ("+", r));
        if !rest.chars().all(|c| c.is_ascii_digit() || " -().".contains(c)) {
            return Err(Problem::BadPhone);
        }
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        if (6..=15).contains(&digits.len()) {
            Ok(Phone(format!("{plus}{digits}")))
        } else {
            Err(Problem::BadPhone)
        }
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn w9_names_that_hide_something_are_refused() {
        for bad in ["a\u{202e}b", "a\u{200b}b", "a\0b", "a\nb", "\u{feff}a", "a\u{e0041}"] {
            assert_eq!(name(bad), Err(Problem::BadCharacters), "{bad:?}");
        }
        assert_eq!(name("  "), Err(Problem::Missing));
        assert_eq!(name(&"界".repeat(81)), Err(Problem::TooLong(80)));
        assert_eq!(name("  Ana   Ruiz ").as_deref(), Ok("Ana Ruiz"));
        assert_eq!(name("<img onerror=x>").as_deref(), Ok("<img onerror=x>"));
    }

    #[test]
    fn emails() {
        for good in ["a@b.co", "Ana+x@Example.COM", "o'neil@sub.example.org"] {
            let e = Email::parse(good).expect(good);
            assert_eq!(e.key(), good.to_ascii_lowercase());
        }
        for bad in [
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a b@c.co",
            "a@@b.co",
            ".a@b.co",
            "a..b@c.co",
            "a@-b.co",
            "a@b..co",
            "a@[127.0.0.1]",
            "a@1.2.3.4",
            "a\r\nBcc:x@b.co",
            "\"a\"@b.co",
            "ä@b.co",
        ] {
            assert_eq!(Email::parse(bad).err(), Some(Problem::BadEmail), "{bad}");
        }
        assert_eq!(Email::parse(&format!("{}@b.co", "a".repeat(300))).err(), Some(Problem::TooLong(254)));
    }

    proptest! {
        #[test]
        fn nothing_typed_makes_these_panic(text in "\\PC{0,300}") {
            let _ = (Email::parse(&text), Phone::parse(&text), name(&text), crate::Lang::negotiate(&text));
        }
        #[test]
        fn an_accepted_line_is_stable(text in "\\PC{0,100}") {
            if let Ok(once) = line(&text, 0, 100) {
                prop_assert_eq!(line(&once, 0, 100), Ok(once));
            }
        }
    }
}
