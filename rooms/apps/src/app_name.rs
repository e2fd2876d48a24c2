//! What an app may be called, and when two names look alike.

use kernel::Problem;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::{GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection, skeleton};

/// A Chinese character counts as two.
pub const APP_NAME_MAX: u32 = 30;

/// Names that would speak for the house or its staff.
const RESERVED: &[&str] = &[
    "admin",
    "administrator",
    "official",
    "support",
    "system",
    "security",
    "operator",
    "staff",
    "guildhall",
    "console",
    "desk",
    "seller",
    "sellers",
    "marketplace",
    "api",
    "oauth",
    "root",
    "null",
    "undefined",
    "官方",
    "管理员",
    "客服",
    "系统",
    "oficial",
    "soporte",
];

/// Scripts whose characters take the room of two.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn width(name: &str) -> u32 {
    name.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// A letter or digit as people write it, in its one spelling; nothing that draws a picture or sits on another.
fn is_fine(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '.' || c == '_';
    }
    c.is_alphanumeric()
        && !is_combining_mark(c)
        && c.identifier_allowed()
        && std::iter::once(c).nfkc().eq(std::iter::once(c))
}

/// The name as it was typed, if it is one.
pub fn app_name(typed: &str) -> Result<String, Problem> {
    let name = typed.trim_matches([' ', '\t', '\r', '\n']);
    if name.is_empty() {
        return Err(Problem::Missing);
    }
    // Long ones are not even looked at.
    if name.len() > 200 || !name.chars().all(is_fine) || !name.chars().any(char::is_alphanumeric) {
        return Err(Problem::BadAppName);
    }
    // Letters of several scripts in one name are there to deceive; Chinese beside Latin is not.
    if !name.check_restriction_level(RestrictionLevel::HighlyRestrictive) {
        return Err(Problem::BadAppName);
    }
    if width(name) > APP_NAME_MAX {
        return Err(Problem::BadAppName);
    }
    if RESERVED.iter().any(|r| look_alike_key(r) == look_alike_key(name)) {
        return Err(Problem::NameTaken);
    }
    Ok(name.to_owned())
}

/// Equal keys look alike: case, width, script and the digits that are letters in disguise do not count.
pub fn look_alike_key(name: &str) -> String {
    let plain: String = name.nfkc().collect();
    let seen: String = skeleton(&plain).collect();
    let low: String = seen.to_lowercase().nfkc().collect();
    let fold = |c| match c {
        '0' => 'o',
        '1' | 'i' | '|' | 'ı' => 'l',
        '_' => '.',
        c => c,
    };
    let again: String = skeleton(&low).collect();
    again.to_lowercase().chars().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a9_names_are_letters_digits_dots_and_underscores_thirty_wide() {
        let thirty = "a".repeat(30);
        let chinese = "订".repeat(15);
        for good in [
            "A",
            "Order.Sync_2",
            &thirty,
            &chinese,
            "订单同步",
            "订单Sync",
            "Tienda_España",
            "7",
            "Склад",
            " Padded ",
        ] {
            assert_eq!(app_name(good), Ok(good.trim().to_owned()), "{good}");
        }
        let (long, wide, mixed) = ("a".repeat(31), "订".repeat(16), format!("{}a", "订".repeat(15)));
        for bad in [
            &long,
            &wide,
            &mixed,
            "my-app",
            "my app",
            "app🚀",
            "e\u{301}tude",
            "ａpp",
            "app\u{200b}",
            "a\u{202e}b",
            "①",
            "ﬁn",
            "p\u{0430}ypal",
            "app/../x",
            "<b>",
            "a'b",
            "._.",
            "..",
            "a\0b",
            "app™",
            "x²",
            "Αpp",
        ] {
            assert_eq!(app_name(bad), Err(Problem::BadAppName), "{bad:?}");
        }
        assert_eq!(app_name("  "), Err(Problem::Missing));
    }

    #[test]
    fn a9_names_that_look_alike_have_one_key() {
        for (a, b) in [
            ("OrderSync", "ordersync"),
            ("Order0", "OrderO"),
            ("Bill1", "BillI"),
            ("Bill1", "Billl"),
            ("pаypal", "paypal"),
            ("Οmega", "Omega"),
            ("ＡＰＰ", "app"),
            ("Order.sync", "Order_sync"),
            ("rnail", "mail"),
            ("INVOICE", "invoice"),
        ] {
            assert_eq!(look_alike_key(a), look_alike_key(b), "{a} {b}");
        }
        for (a, b) in [("OrderSync", "OrderSyncs"), ("app2", "app3"), ("订单", "订购"), ("ab", "ba")] {
            assert_ne!(look_alike_key(a), look_alike_key(b), "{a} {b}");
        }
        for taken in ["Admin", "0fficial", "官方", "SUPP0RT", "0auth", "adm1n"] {
            assert_eq!(app_name(taken), Err(Problem::NameTaken), "{taken}");
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_makes_it_panic(text in "\\PC{0,60}") {
            let _ = app_name(&text);
            let _ = look_alike_key(&text);
        }
        #[test]
        fn an_accepted_name_is_short_plain_and_stable(text in "[\\p{L}\\p{N}._]{1,40}") {
            if let Ok(name) = app_name(&text) {
                prop_assert!(width(&name) <= APP_NAME_MAX);
                prop_assert!(name.chars().all(is_fine));
                prop_assert_eq!(app_name(&name), Ok(name.clone()));
            }
        }
        #[test]
        fn case_never_makes_another_name(text in "[A-Za-z0-9._]{1,30}") {
            prop_assert_eq!(look_alike_key(&text), look_alike_key(&text.to_uppercase()));
            prop_assert_eq!(look_alike_key(&text), look_alike_key(&text.to_lowercase()));
        }
    }
}
