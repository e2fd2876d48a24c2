//! A statement: one text for both databases, named, so that a test can prepare every one on each.

use std::sync::OnceLock;

/// SQL with `$1`, `$2` … for its parameters.
pub struct Statement {
    pub name: &'static str,
    pub sql: &'static str,
    sqlite: OnceLock<String>,
}

impl Statement {
    pub const fn new(name: &'static str, sql: &'static str) -> Statement {
        Statement { name, sql, sqlite: OnceLock::new() }
    }

    /// A statement made at run time, for backups: there are few, and they live as long as the process.
    pub(crate) fn made(sql: String) -> &'static Statement {
        Box::leak(Box::new(Statement::new("made", Box::leak(sql.into_boxed_str()))))
    }

    /// The text for SQLite. It takes `$2` for a *name*, numbered by first appearance, so that
    /// `SELECT $2, $1` would silently swap its parameters; `?2` is a number.
    pub fn for_sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| self.sql.replace('$', "?").replace("FOR UPDATE SKIP LOCKED", ""))
    }

    /// Identity of the static: the key of prepared-statement caches.
    pub(crate) fn key(&'static self) -> usize {
        std::ptr::from_ref(self) as usize
    }

    pub(crate) fn only_reads(&self) -> bool {
        self.sql.trim_start().get(..6).is_some_and(|w| w.eq_ignore_ascii_case("select"))
    }
}

/// Declares a room's statements, and `STATEMENTS`, the list of them all.
///
/// ```
/// store::statements! {
///     COUNT_PEOPLE = "SELECT count(*) FROM account";
/// }
/// assert_eq!(STATEMENTS[0].name, "COUNT_PEOPLE");
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* pub static $name: $crate::Statement = $crate::Statement::new(stringify!($name), $sql);)*
        pub static STATEMENTS: &[&$crate::Statement] = &[$(&$name),*];
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_keep_their_numbers() {
        let s = Statement::new("S", "SELECT $2, $1, $10");
        assert_eq!(s.for_sqlite(), "SELECT ?2, ?1, ?10");
    }
}
