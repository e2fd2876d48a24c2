//! One word for one thing, in names and on pages: a synonym makes the reader look for the difference.

use super::{Finding, Text};

/// What not to say, and the house's word for it.
const WORDS: &[(&[&str], &str)] = &[
    (&["merchant"], "Seller"),
    (&["customer"], "Seller"),
    (&["moderator"], "Reviewer"),
    (&["approver"], "Reviewer"),
    (&["admin", "user"], "Staff"),
];

/// Files that must speak otherwise, and why, such as an outside protocol's own names.
const EXCEPT: &[(&str, &str)] = &[("xtask/src/tidy/words.rs", "the table itself")];

pub fn are_the_houses(texts: &[Text]) -> Vec<Finding> {
    let bound =
        texts.iter().filter(|t| (t.is_rust() || t.is_page()) && EXCEPT.iter().all(|(p, _)| *p != t.path));
    let mut findings = Vec::new();
    for text in bound {
        for (n, line) in text.body.lines().enumerate() {
            let words = split(line);
            for (wrong, right) in WORDS.iter().filter(|(wrong, _)| says(&words, wrong)) {
                let say = format!("say `{right}`, not `{}`", wrong.join("_"));
                findings.push(text.finding(n + 1, "word", say));
            }
        }
    }
    findings
}

fn says(words: &[String], wrong: &[&str]) -> bool {
    let same = |word: &String, wrong: &str| word == wrong || word.strip_suffix('s') == Some(wrong);
    words.windows(wrong.len()).any(|w| w.iter().zip(wrong).all(|(word, wrong)| same(word, wrong)))
}

/// The words of a line, in lower case; `sellerId`, `SELLER_ID` and `seller-id` are two each.
fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = ' ';
    for c in line.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && previous.is_lowercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        previous = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::super::fixture::found;
    use super::*;

    #[test]
    fn synonyms_are_found_in_every_spelling() {
        for line in [
            "merchant_id",
            "struct MerchantId;",
            "MERCHANTS",
            "a.customerName",
            "<p>approver:</p>",
            "AdminUser",
        ] {
            assert_eq!(found(are_the_houses, "rooms/a/src/a.rs", line), ["1 word"], "{line}");
        }
        assert_eq!(found(are_the_houses, "doors/a/templates/a.html", "\n<b>Moderators</b>"), ["2 word"]);
    }

    #[test]
    fn other_words_are_not() {
        for line in
            ["seller_id", "customary", "merchandise", "admin", "user", "administrator_user", "users admin"]
        {
            assert!(found(are_the_houses, "rooms/a/src/a.rs", line).is_empty(), "{line}");
        }
        assert!(found(are_the_houses, "README.md", "merchant").is_empty());
    }
}
