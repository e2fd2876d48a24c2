//! Every file says why it exists, stays short, and knows no machine.

use super::{Finding, Text};

const LONGEST: usize = 500;

/// Files that are longer, and how long they may be. The list may only shrink.
const LONG: &[(&str, usize)] = &[];

pub fn open_with_why(texts: &[Text]) -> Vec<Finding> {
    let bound = texts.iter().filter(|t| t.is_rust() && !t.is_test() && !t.path.ends_with("build.rs"));
    bound
        .filter(|t| !t.body.starts_with("//!"))
        .map(|t| t.finding(1, "opening", "open with a `//!` line that says why this file exists"))
        .collect()
}

pub fn are_short(texts: &[Text]) -> Vec<Finding> {
    check_lengths(texts, LONG)
}

fn check_lengths(texts: &[Text], long: &[(&str, usize)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for text in texts.iter().filter(|t| t.is_rust()) {
        let lines = text.body.lines().count();
        let listed = long.iter().find(|(path, _)| *path == text.path).map(|(_, lines)| *lines);
        let say = match listed {
            None if lines > LONGEST => {
                format!("{lines} lines, {LONGEST} at most: make it a folder of its name")
            }
            Some(most) if lines > most => {
                format!("{lines} lines, and its exception allows {most}: divide it")
            }
            Some(_) if lines <= LONGEST => {
                "short enough now: take it off LONG in xtask/src/tidy/files.rs".to_owned()
            }
            _ => continue,
        };
        findings.push(text.finding(lines.min(LONGEST), "length", say));
    }
    for (path, _) in long.iter().filter(|(path, _)| texts.iter().all(|t| t.path != *path)) {
        let gone = Text { path: (*path).to_owned(), body: String::new() };
        findings.push(gone.finding(1, "length", "gone: take it off LONG in xtask/src/tidy/files.rs"));
    }
    findings
}

/// A path that exists on one machine only is a trap on every other.
pub fn name_no_machine(texts: &[Text]) -> Vec<Finding> {
    // Put together, so that this file does not name them.
    let folders = ["work", "farm", "root"].map(|folder| format!("/{folder}/"));
    let mut findings = Vec::new();
    for text in texts.iter().filter(|t| !is_lock(&t.path)) {
        for (n, line) in text.body.lines().enumerate() {
            for folder in folders.iter().filter(|f| names(line, f)) {
                let say = format!("`{folder}` is a folder of one machine: use a relative path");
                findings.push(text.finding(n + 1, "machine", say));
            }
        }
    }
    findings
}

fn is_lock(path: &str) -> bool {
    path.ends_with(".lock") || path.ends_with("-lock.json")
}

/// Whether the path begins there, and is not the middle of a longer one or of an address.
fn names(line: &str, folder: &str) -> bool {
    let within = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '}' | '~' | '*');
    line.match_indices(folder).any(|(at, _)| !line[..at].ends_with(within))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{found, text};
    use super::*;

    #[test]
    fn a_file_says_why_it_exists() {
        assert_eq!(found(open_with_why, "rooms/apps/src/rules.rs", "use kernel::Id;\n"), ["1 opening"]);
        assert!(found(open_with_why, "rooms/apps/src/rules.rs", "//! The rules.\n").is_empty());
        assert!(found(open_with_why, "guildhall/build.rs", "fn main() {}").is_empty());
        assert!(found(open_with_why, "docs/a.md", "# A").is_empty());
    }

    #[test]
    fn long_files_are_found_and_exceptions_only_shrink() {
        let long = |lines: usize| text("a/src/a.rs", &"x\n".repeat(lines));
        let said = |lines, list: &[(&str, usize)]| {
            check_lengths(&[long(lines)], list).iter().map(|f| f.say.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(said(500, &[]), "");
        assert!(said(501, &[]).contains("501 lines"));
        assert_eq!(said(600, &[("a/src/a.rs", 600)]), "");
        assert!(said(601, &[("a/src/a.rs", 600)]).contains("divide"));
        assert!(said(500, &[("a/src/a.rs", 600)]).contains("take it off"));
        assert!(said(10, &[("b/src/b.rs", 600)]).contains("gone"));
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let line = |folder: &str| format!("first\nsee \"/{folder}/shared/notes\"\n");
        assert_eq!(found(name_no_machine, "docs/a.md", &line("work")), ["2 machine"]);
        assert_eq!(found(name_no_machine, "a.toml", &line("root")), ["2 machine"]);
        assert!(found(name_no_machine, "Cargo.lock", &line("work")).is_empty());
        assert!(found(name_no_machine, "docs/a.md", "guides/work/a.md https://a.example/root/b").is_empty());
    }
}
