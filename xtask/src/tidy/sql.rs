//! SQL stands in the rooms' `store.rs` and in the store: who looks for what touches a table looks there.

use super::{Finding, Text, line_at, literals};

const RULE: &str = "sql";

pub fn only_in_stores(texts: &[Text]) -> Vec<Finding> {
    let elsewhere = texts.iter().filter(|t| t.is_rust() && !t.is_test() && !may_have_sql(&t.path));
    elsewhere
        .flat_map(|text| {
            let statements = literals::of(&text.body).into_iter().filter(|l| is_statement(l.text));
            statements.map(|l| {
                text.finding(line_at(&text.body, l.at), RULE, "name this statement in the room's store.rs")
            })
        })
        .collect()
}

/// Whether a literal is a statement. In capitals, as the house writes SQL: "Select a category" is a
/// message, and "DELETE /apps" a route.
pub fn is_statement(literal: &str) -> bool {
    let mut words = literal.split_whitespace();
    let second = |word: Option<&str>, any: &[&str]| word.is_some_and(|w| any.contains(&w));
    match words.next() {
        Some("SELECT") => words.next().is_some(),
        Some("INSERT") => second(words.next(), &["INTO", "OR"]),
        Some("DELETE") => second(words.next(), &["FROM"]),
        Some("UPDATE") => words.any(|w| w == "SET"),
        Some("WITH") => words.any(|w| w == "AS" || w == "SELECT"),
        _ => false,
    }
}

fn may_have_sql(path: &str) -> bool {
    let in_a_room = path.starts_with("rooms/") && (path.ends_with("/store.rs") || path.contains("/store/"));
    // The bench fills whole tables at once. Our own tests hold statements to recognise.
    in_a_room
        || path == "guildhall/src/bin/guildhall-bench/store.rs"
        || path.starts_with("ground/store/")
        || path == "xtask/src/tidy/sql.rs"
        || path == "xtask/src/tidy/dialects.rs"
}

#[cfg(test)]
mod tests {
    use super::super::fixture::found;
    use super::*;

    #[test]
    fn sql_outside_a_store_is_found() {
        let page = "//! A page.\nconst A: &str = \"SELECT 1\";\nconst B: &str = r\"\n  DELETE FROM app\";";
        assert_eq!(found(only_in_stores, "doors/desk/src/page.rs", page), ["2 sql", "3 sql"]);
        assert_eq!(found(only_in_stores, "rooms/apps/src/verbs.rs", page).len(), 2);
        assert_eq!(found(only_in_stores, "doors/desk/src/store.rs", page).len(), 2, "doors have no stores");
    }

    #[test]
    fn sql_in_a_store_or_a_test_is_fine() {
        let room = "const A: &str = \"UPDATE app SET stage = $1\";";
        for path in ["rooms/apps/src/store.rs", "rooms/apps/src/store/apps.rs", "ground/store/src/outbox.rs"]
        {
            assert!(found(only_in_stores, path, room).is_empty(), "{path}");
        }
        assert!(found(only_in_stores, "rooms/apps/tests/races.rs", room).is_empty());
    }

    #[test]
    fn statements_are_told_from_words() {
        for sql in ["SELECT 1", "  INSERT INTO a", "UPDATE a SET b", "DELETE FROM a", "WITH a AS (SELECT 1)"]
        {
            assert!(is_statement(sql), "{sql}");
        }
        for word in
            ["SELECT", "Select a category", "DELETE", "DELETE /apps/1", "UPDATE", "INSERT", "WITH", ""]
        {
            assert!(!is_statement(word), "{word}");
        }
    }
}
