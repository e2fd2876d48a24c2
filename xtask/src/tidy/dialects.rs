//! Where the two databases part ways is counted: each fork is tested on both, and paid for for ever.

use super::{Finding, Text, literals, sql};

/// `-- only sqlite` and `-- only postgres` in the migrations. Change it on purpose.
const MIGRATION_FORKS: usize = 2;

/// Statements with a lock that SQLite does not need. Change it on purpose.
const LOCKING_STATEMENTS: usize = 1;

const LOCK: &str = "FOR UPDATE SKIP LOCKED";

pub fn are_counted(texts: &[Text]) -> Vec<Finding> {
    let (forks, locks) = count(texts);
    let mut findings = Vec::new();
    let mut compare = |is: usize, was: usize, what: &str, name: &str| {
        if is != was {
            let this = Text { path: "xtask/src/tidy/dialects.rs".to_owned(), body: String::new() };
            let say =
                format!("{is} {what}, and {name} says {was}: do without, or change the number on purpose");
            findings.push(this.finding(1, "dialect", say));
        }
    };
    compare(forks, MIGRATION_FORKS, "forks in the migrations", "MIGRATION_FORKS");
    compare(locks, LOCKING_STATEMENTS, "statements with a lock of their own", "LOCKING_STATEMENTS");
    findings
}

fn count(texts: &[Text]) -> (usize, usize) {
    let migrations =
        texts.iter().filter(|t| t.path.starts_with("ground/store/migrations/") && t.path.ends_with(".sql"));
    let marks = ["-- only sqlite", "-- only postgres"];
    let forks = migrations.flat_map(|t| t.body.lines()).filter(|line| marks.contains(&line.trim())).count();
    let rust = texts.iter().filter(|t| t.is_rust() && !t.path.starts_with("xtask/") && !t.is_test());
    let locks = rust
        .flat_map(|t| literals::of(&t.body))
        .filter(|l| sql::is_statement(l.text) && l.text.contains(LOCK))
        .count();
    (forks, locks)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::text;
    use super::*;

    #[test]
    fn forks_are_counted() {
        let texts = [
            text(
                "ground/store/migrations/0001_a.sql",
                "-- only sqlite\na;\n-- only postgres\nb;\n-- both\nc;",
            ),
            text("ground/store/migrations/schema.txt", "-- only sqlite"),
            text(
                "rooms/a/src/store.rs",
                "f(\"UPDATE a SET b = 1 WHERE c IN (SELECT 1 FOR UPDATE SKIP LOCKED)\")",
            ),
            text("ground/store/src/statement.rs", "s.replace(\"FOR UPDATE SKIP LOCKED\", \"\")"),
        ];
        assert_eq!(count(&texts), (2, 1));
    }

    #[test]
    fn another_number_is_a_violation() {
        let findings = are_counted(&[]);
        assert_eq!(findings.len(), 2);
        assert!(findings[0].say.starts_with("0 forks"), "{findings:?}");
    }
}
