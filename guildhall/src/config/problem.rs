//! What is wrong with the settings and where, in words for the operator who has to put it right.

use std::fmt;

/// Where a value comes from; the order of the variants is the order of precedence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    Default,
    File { file: String, line: usize },
    Environment(String),
    Flag(String),
}

impl Origin {
    pub(super) fn same_layer(&self, other: &Origin) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("the defaults"),
            Origin::File { file, line } => write!(f, "{file} line {line}"),
            Origin::Environment(variable) => write!(f, "environment {variable}"),
            Origin::Flag(name) => write!(f, "flag --set {name}"),
        }
    }
}

/// One thing to put right. Never holds the value of a secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    #[error("cannot read {file}: {why}")]
    Unreadable { file: String, why: String },
    #[error("{file} line {line}: {why}")]
    Syntax { file: String, line: usize, why: String },
    #[error("unknown setting {name} in {origin}{}", suggestion(.nearest))]
    Unknown { name: String, origin: Origin, nearest: Option<String> },
    #[error("{name} is set twice, in {first} and in {second}: keep one")]
    Twice { name: String, first: Origin, second: Origin },
    #[error("{name} in {origin}: {why}")]
    Wrong { name: String, origin: Origin, why: String },
}

impl Problem {
    pub(super) fn is_about(&self, setting: &str) -> bool {
        match self {
            Problem::Wrong { name, .. } | Problem::Twice { name, .. } => {
                name.strip_prefix(setting).is_some_and(|rest| matches!(rest, "" | "_file"))
            }
            _ => false,
        }
    }
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!(": did you mean {name}?")).unwrap_or_default()
}

/// The known name that the unknown one was probably meant to be.
pub(crate) fn nearest(unknown: &str, known: impl Iterator<Item = String>) -> Option<String> {
    // Comparing costs the product of both lengths, and no setting's name is so long.
    if unknown.len() > 100 {
        return None;
    }
    let key = |name: &str| name.rsplit_once('.').map_or(name, |(_, key)| key).to_owned();
    let score = |name: &String| {
        // The right key under a wrong section, or under none, is nearly right.
        distance(unknown, name).min(distance(&key(unknown), &key(name)) + 1)
    };
    let best = known.map(|name| (score(&name), name)).min_by_key(|(score, _)| *score);
    best.filter(|(score, _)| *score <= (unknown.chars().count() / 3).max(2)).map(|(_, name)| name)
}

/// Levenshtein's: how many letters must be put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_levenshteins() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("publc_url", "public_url", 1),
            ("españa", "espana", 1),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn only_near_names_are_offered() {
        let known =
            || ["site.name", "site.public_url", "listen.max_connections"].map(String::from).into_iter();
        let near = |unknown| nearest(unknown, known());
        assert_eq!(near("site.publc_url").as_deref(), Some("site.public_url"));
        assert_eq!(near("public_url").as_deref(), Some("site.public_url"));
        assert_eq!(near("server.max_connections").as_deref(), Some("listen.max_connections"));
        assert_eq!(near("site.colour_of_the_roof"), None);
        assert_eq!(near(&"x".repeat(1_000_000)), None);
    }
}
