//! One list of migrations for both databases: forward only, under a lock, each pinned by its hash.

use crate::{Db, Value, postgres::Session};
use kernel::{Fault, Time, sha256};

struct Migration {
    id: i64,
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($id:literal $name:literal;)*) => {
        static MIGRATIONS: &[Migration] = &[$(Migration {
            id: $id,
            name: $name,
            sql: include_str!(concat!("../migrations/", $name, ".sql")),
        }),*];
    };
}

migrations! {
    1 "0001_house";
    2 "0002_people";
    3 "0003_sellers";
    4 "0004_files";
    5 "0005_review";
    6 "0006_catalogue";
    7 "0007_apps";
    8 "0008_tickets";
}

/// The schema that this binary speaks.
pub fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |m| m.id)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// The migration's text for one database. Types are PostgreSQL's and tables are STRICT; a part behind
/// `-- only sqlite` or `-- only postgres` (until `-- both`) is for that one alone.
fn text_for(dialect: Dialect, sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut mine = true;
    for line in sql.lines() {
        match line.trim() {
            "-- only sqlite" => mine = dialect == Dialect::Sqlite,
            "-- only postgres" => mine = dialect == Dialect::Postgres,
            "-- both" => mine = true,
            _ if !mine => {}
            _ => {
                match dialect {
                    Dialect::Sqlite => {
                        out.push_str(&line.replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB"));
                    }
                    Dialect::Postgres => out.push_str(&line.replace(") STRICT;", ");")),
                }
                out.push('\n');
            }
        }
    }
    out
}

fn hash_of(m: &Migration) -> Vec<u8> {
    sha256(m.sql.as_bytes()).to_vec()
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (
    id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, hash BYTEA NOT NULL, at BIGINT NOT NULL)";
const FOUND: &str = "SELECT id, hash FROM migration ORDER BY id";

/// Which migrations are still to run; refuses a schema that this binary does not know.
fn plan(found: &[(i64, Vec<u8>)]) -> Result<Vec<&'static Migration>, Fault> {
    if let Some((id, _)) = found.iter().find(|(id, _)| *id > newest()) {
        return Err(Fault::internal(format!(
            "the database has schema {id}, this Guildhall knows {}: run a newer Guildhall, or restore a backup \
             made by this one",
            newest()
        )));
    }
    for m in MIGRATIONS {
        if let Some((_, hash)) = found.iter().find(|(id, _)| *id == m.id)
            && *hash != hash_of(m)
        {
            return Err(Fault::internal(format!(
                "migration {} is not the one that this database ran: it was changed after its release",
                m.name
            )));
        }
    }
    Ok(MIGRATIONS.iter().filter(|m| found.iter().all(|(id, _)| *id != m.id)).collect())
}

/// Brings the schema up to this binary's. Several processes may call it at once: one does the work, the
/// others wait. Each migration is one transaction, so an interrupted one leaves nothing behind.
pub async fn run(db: &Db, now: Time) -> Result<usize, Fault> {
    db.raw(move |conn| run_sqlite(conn, now), move |session| run_postgres(session, now)).await
}

/// How many migrations a start would run.
pub async fn missing(db: &Db) -> Result<usize, Fault> {
    let found = db
        .raw(
            |conn| {
                let there = conn
                    .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'migration'", [], |r| {
                        r.get::<_, i64>(0)
                    })
                    .map_err(|e| crate::tx::sqlite_fault(&e))?;
                if there == 0 { Ok(Vec::new()) } else { found_sqlite(conn) }
            },
            |session| {
                let rows = session.query_text("SELECT 1 FROM pg_tables WHERE tablename = 'migration'")?;
                if rows.is_empty() { Ok(Vec::new()) } else { found_postgres(session) }
            },
        )
        .await?;
    plan(&found).map(|p| p.len())
}

fn found_sqlite(conn: &rusqlite::Connection) -> Result<Vec<(i64, Vec<u8>)>, Fault> {
    let fail = |e: rusqlite::Error| crate::tx::sqlite_fault(&e);
    let mut s = conn.prepare(FOUND).map_err(fail)?;
    let rows = s.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).map_err(fail)?;
    rows.collect::<Result<_, _>>().map_err(fail)
}

fn run_sqlite(conn: &rusqlite::Connection, now: Time) -> Result<usize, Fault> {
    // The writer thread holds the write lock of the file: other processes wait for it.
    let fail = |e: rusqlite::Error| crate::tx::sqlite_fault(&e);
    conn.execute_batch(&format!("{} STRICT", TABLE.replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB")))
        .map_err(fail)?;
    let todo = plan(&found_sqlite(conn)?)?;
    for m in &todo {
        conn.execute_batch(&text_for(Dialect::Sqlite, m.sql)).map_err(|e| fail(e).at(m.name))?;
        conn.execute(
            "INSERT INTO migration (id, name, hash, at) VALUES (?1, ?2, ?3, ?4)",
            (m.id, m.name, hash_of(m), now.0),
        )
        .map_err(fail)?;
    }
    Ok(todo.len())
}

fn found_postgres(session: &mut Session) -> Result<Vec<(i64, Vec<u8>)>, Fault> {
    let rows = session.query_text(FOUND)?;
    rows.iter()
        .map(|r| Ok((r.try_get(0)?, r.try_get(1)?)))
        .collect::<Result<_, tokio_postgres::Error>>()
        .map_err(|e| Fault::internal(e.to_string()))
}

fn run_postgres(session: &mut Session, now: Time) -> Result<usize, Fault> {
    let usual = session.be_patient(std::time::Duration::from_secs(600));
    let result = run_locked(session, now);
    session.be_patient(usual);
    result
}

fn run_locked(session: &mut Session, now: Time) -> Result<usize, Fault> {
    session.batch("BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")?;
    let result = (|| {
        session.batch("SELECT pg_advisory_xact_lock(310905531492)")?;
        session.batch(TABLE)?;
        let todo = plan(&found_postgres(session)?)?;
        for m in &todo {
            session.batch(&text_for(Dialect::Postgres, m.sql)).map_err(|f| f.at(m.name))?;
            session.execute_text(
                "INSERT INTO migration (id, name, hash, at) VALUES ($1, $2, $3, $4)",
                &[Value::Int(m.id), m.name.into(), hash_of(m).as_slice().into(), now.into()],
            )?;
        }
        Ok(todo.len())
    })();
    session.batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    result
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;

    /// A released migration never changes: what a database ran must be what we think it ran.
    #[test]
    fn released_migrations_are_pinned() {
        let now: String =
            MIGRATIONS.iter().map(|m| format!("{} {}\n", m.name, crate::vault::hex(&hash_of(m)))).collect();
        // Append a migration instead of changing one.
        crate::testing::pinned(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/pins.txt"), &now);
        assert!(MIGRATIONS.iter().zip(1..).all(|(m, n)| m.id == n));
    }
}
