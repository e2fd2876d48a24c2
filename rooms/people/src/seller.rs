//! Sellers: the nouns, and what may be typed of them.

use kernel::{AccountId, Country, DeveloperId, Email, Errors, Problem, SellerId, Time, fold, text};
use store::words;

pub const SHORT_CODE_MAX: u32 = 40;
/// Login addresses of one seller.
pub const EMAILS_MAX: u32 = 20;
/// Test sellers that a developer has at a time.
pub const TEST_SELLERS_MAX: i64 = 5;
pub const SELLERS_PAGE: usize = 50;

words! {
    SellerState { Active = "active", Suspended = "suspended", Closed = "closed" }
}

/// A seller as lists show it, and as others name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SellerLine {
    pub id: SellerId,
    pub short_code: String,
    pub name: String,
    pub country: String,
    pub state: SellerState,
    /// The developer for whom it was made, if it is a test seller.
    pub test_of: Option<DeveloperId>,
    pub made_at: Time,
    pub changed_at: Time,
}

/// A seller, whole.
#[derive(Clone, Debug)]
pub struct Seller {
    pub line: SellerLine,
    pub emails: Vec<String>,
    pub accounts: Vec<SellerAccount>,
    /// The name of the developer that it tests for.
    pub developer: Option<String>,
}

/// Somebody who acts for a seller.
#[derive(Clone, Debug)]
pub struct SellerAccount {
    pub account: AccountId,
    pub name: String,
    pub email: String,
    pub since: Time,
}

/// A seller as it is typed, pasted or sent. What is not given stays as it is.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct SellerTyped {
    pub short_code: String,
    pub name: String,
    pub country: String,
    pub state: Option<String>,
    pub emails: Option<Vec<String>>,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct SellerEntry {
    pub short_code: String,
    pub name: String,
    pub country: Country,
    pub state: Option<SellerState>,
    pub emails: Option<Vec<Email>>,
}

/// What a seller is called by other systems: letters and digits of any script, `-`, `_` and `.`.
pub fn short_code(typed: &str) -> Result<String, Problem> {
    let one = text::line(typed, 1, SHORT_CODE_MAX)?;
    let narrow: String = narrow(&one);
    if narrow.chars().count() > SHORT_CODE_MAX as usize {
        return Err(Problem::TooLong(SHORT_CODE_MAX));
    }
    let fine = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if !narrow.chars().all(fine) || fold(&narrow).is_empty() {
        return Err(Problem::BadCharacters);
    }
    Ok(narrow)
}

/// Full-width letters as narrow ones, in their own case.
fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match u32::from(c) {
            n @ 0xff01..=0xff5e => char::from_u32(n - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// Addresses that stand in one field, parted by blanks, commas or semicolons.
pub fn emails_in(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    parts.filter(|p| !p.is_empty()).map(str::to_owned).collect()
}

impl SellerEntry {
    pub fn check(t: &SellerTyped) -> Result<SellerEntry, Errors> {
        let mut e = Errors::default();
        let short_code = e.take("short_code", short_code(&t.short_code));
        let name = e.take("name", text::line(&t.name, 1, text::NAME_MAX));
        let country = e.take("country", Country::parse(&narrow(t.country.trim()).to_ascii_uppercase()));
        let state = match t.state.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(word) => {
                let word = word.to_ascii_lowercase();
                e.take("state", SellerState::from_word(&word).ok_or(Problem::NotOneOfThese))
            }
        };
        let emails = t.emails.as_ref().and_then(|typed| e.take("emails", check_emails(typed)));
        match (short_code, name, country) {
            (Some(short_code), Some(name), Some(country)) if e.is_empty() => {
                Ok(SellerEntry { short_code, name, country, state, emails })
            }
            _ => Err(e),
        }
    }
    pub fn key(&self) -> String {
        fold(&self.short_code)
    }
}

fn check_emails(typed: &[String]) -> Result<Vec<Email>, Problem> {
    if typed.len() > EMAILS_MAX as usize {
        return Err(Problem::TooMany(EMAILS_MAX));
    }
    let mut out: Vec<Email> = Vec::new();
    for text in typed {
        let email = Email::parse(&narrow(text))?;
        if out.iter().all(|e| e.key() != email.key()) {
            out.push(email);
        }
    }
    out.sort_by(|a, b| a.key().cmp(b.key()));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(code: &str, name: &str, country: &str) -> SellerTyped {
        SellerTyped {
            short_code: code.into(),
            name: name.into(),
            country: country.into(),
            ..SellerTyped::default()
        }
    }

    #[test]
    fn a11_a_short_code_has_one_spelling() {
        let code = |text: &str| {
            SellerEntry::check(&typed(text, "Casa", "es")).map(|e| (e.short_code.clone(), e.key()))
        };
        assert_eq!(code(" ＥＳ１２３-ａ "), Ok(("ES123-a".into(), "es123-a".into())));
        assert_ne!(code("аlice").expect("Cyrillic").1, code("alice").expect("Latin").1);
        for bad in ["", "a b", "a@b.co", "a\u{202e}b", "a/b", "=cmd|x", "😀", "<img>"] {
            assert!(code(bad).is_err(), "{bad:?}");
        }
        assert_eq!(short_code(&"x".repeat(41)), Err(Problem::TooLong(40)));
    }

    #[test]
    fn what_is_wrong_is_told_field_by_field() {
        let mut t = typed("A", "", "XX");
        t.state = Some("gone".into());
        t.emails = Some(vec!["nonsense".into()]);
        let errors = SellerEntry::check(&t).expect_err("bad");
        assert_eq!(errors.0.keys().collect::<Vec<_>>(), ["country", "emails", "name", "state"]);
        let mut t = typed("A", "Casa", " es ");
        t.emails = Some(emails_in("a@b.co; A@B.CO,\nc@d.co"));
        let entry = SellerEntry::check(&t).expect("good");
        assert_eq!(entry.emails.expect("given").len(), 2);
        t.emails = Some((0..21).map(|n| format!("a{n}@b.co")).collect());
        assert_eq!(SellerEntry::check(&t).expect_err("many").0["emails"], Problem::TooMany(20));
    }
}
