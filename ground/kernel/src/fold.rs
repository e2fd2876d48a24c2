//! One spelling of what people type, to find things by: `Ａｌｉｃｅ` and `alice ` are one key. Letters of another
//! script stay other letters, however much they look alike.

use crate::text::is_hidden;
use unicode_normalization::UnicodeNormalization;

/// Compatibility forms made one, small letters, no blanks around, nothing that draws nothing.
pub fn fold(text: &str) -> String {
    let shown = text.chars().filter(|c| c.is_whitespace() || !is_hidden(*c));
    let small = shown.nfkc().flat_map(char::to_lowercase);
    let mut out = String::with_capacity(text.len());
    for c in small {
        match c {
            'ß' => out.push_str("ss"),
            'ς' => out.push('σ'),
            c => out.push(c),
        }
    }
    // A small letter may come apart, or together, anew.
    out.nfkc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a11_one_spelling_for_what_is_the_same_and_two_for_what_only_looks_so() {
        for same in [
            "alice",
            "Alice",
            "ALICE ",
            " alice\t",
            "ａｌｉｃｅ",
            "ＡＬＩＣＥ",
            "\u{200b}alice\u{feff}",
            "ⓐlice",
        ] {
            assert_eq!(fold(same), "alice", "{same:?}");
        }
        assert_eq!(fold("caf\u{e9}"), fold("CAFE\u{301}"), "composed or not");
        assert_eq!(fold("STRASSE"), fold("straße"));
        for other in ["аlice", "alıce", "al1ce", "αlice", "ali ce"] {
            assert_ne!(fold(other), "alice", "{other:?}");
        }
        assert_eq!(fold(" \u{3000}\u{200d} "), "");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
            prop_assert!(!once.starts_with(' ') && !once.ends_with(' '));
        }
    }
}
