//! `cargo xtask tidy`: the house rules as code. A rule that only people watch is broken by tired people.
//!
//! Each rule is a function from texts to findings, so that its tests are strings. To add one, write it
//! under `tidy/` and name it in [`RULES`].

mod dialects;
mod files;
mod imports;
mod links;
mod literals;
mod pages;
mod sql;
mod templates;
mod words;

use crate::run;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::collections::HashSet;
use std::fmt;

/// A text file of the house, its path from the root.
pub struct Text {
    pub path: String,
    pub body: String,
}

impl Text {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn is_page(&self) -> bool {
        self.path.ends_with(".html")
    }

    /// Tests may do what the house may not, such as playing the stranger with the database's password.
    fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs") || self.path.ends_with("_tests.rs")
    }

    fn finding(&self, line: usize, rule: &'static str, say: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, rule, say: say.into() }
    }
}

/// A violation, and what to do instead.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    path: String,
    line: usize,
    rule: &'static str,
    say: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.say)
    }
}

type Rule = fn(&[Text]) -> Vec<Finding>;

const RULES: &[Rule] = &[
    sql::only_in_stores,
    files::open_with_why,
    files::are_short,
    files::name_no_machine,
    words::are_the_houses,
    pages::are_plain,
    dialects::are_counted,
    templates::are_used,
];

/// Prints every violation; whether there was none.
pub fn run(house: &Workspace) -> Result<bool> {
    let texts = read(house)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&texts)).collect();
    findings.extend(imports::go_downwards(&house.members, &texts));
    findings.extend(links::lead_somewhere(&texts, |path| house.root.join(path).exists()));
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("tidy: {} files", texts.len()),
        n => println!("tidy: {n} to put right"),
    }
    Ok(findings.is_empty())
}

/// Every text that is, or is about to be, in the repository.
fn read(house: &Workspace) -> Result<Vec<Text>> {
    let mut git = run::program("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&house.root);
    let list = run::answer(&mut git).context("git ls-files: tidy reads the files of a git clone")?;
    let mut seen = HashSet::new();
    let paths = list.split('\0').filter(|p| !p.is_empty() && seen.insert(p.to_owned()));
    // Not there: removed and not yet committed. Not UTF-8: a picture.
    let texts = paths.filter_map(|path| {
        let body = std::fs::read_to_string(house.root.join(path)).ok()?;
        Some(Text { path: path.to_owned(), body })
    });
    Ok(texts.collect())
}

fn line_at(body: &str, at: usize) -> usize {
    body.as_bytes().iter().take(at).filter(|b| **b == b'\n').count() + 1
}

#[cfg(test)]
pub mod fixture {
    use super::{Rule, Text};

    pub fn text(path: &str, body: &str) -> Text {
        Text { path: path.to_owned(), body: body.to_owned() }
    }

    /// `line rule` of what one file violates.
    pub fn found(rule: Rule, path: &str, body: &str) -> Vec<String> {
        rule(&[text(path, body)]).iter().map(|f| format!("{} {}", f.line, f.rule)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_that_editors_can_follow() {
        let finding = fixture::text("a/b.rs", "").finding(7, "sql", "move it");
        assert_eq!(finding.to_string(), "a/b.rs:7: sql: move it");
        assert_eq!(line_at("a\nb\nc", 4), 3);
    }
}
