//! What tests ask of a database: does every statement prepare, and what does the schema look like.

use crate::{Db, Statement};
use kernel::Fault;

/// Prepares each statement; says which do not.
pub async fn prepare_all(db: &Db, statements: Vec<&'static Statement>) -> Result<Vec<String>, Fault> {
    let again = statements.clone();
    db.raw(
        move |conn| {
            let prepared = statements
                .iter()
                .filter_map(|s| conn.prepare(s.for_sqlite()).err().map(|e| format!("{}: {e}", s.name)));
            Ok(prepared.collect())
        },
        move |session| {
            Ok(again
                .iter()
                .filter_map(|s| session.prepare(s).err().map(|e| format!("{}: {e}", s.name)))
                .collect())
        },
    )
    .await
}

/// One column, in words that both databases share.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ColumnShape {
    pub table: String,
    pub position: i64,
    pub name: String,
    pub kind: String,
    pub required: bool,
}

/// All tables and columns, in one plain form.
pub async fn shape(db: &Db) -> Result<Vec<ColumnShape>, Fault> {
    let mut columns = db
        .raw(
            |conn| {
                let fail = |e: rusqlite::Error| crate::tx::sqlite_fault(&e);
                let mut s = conn
                    .prepare(
                        "SELECT t.name, c.cid + 1, c.name, c.type, c.\"notnull\"
                         FROM sqlite_schema t JOIN pragma_table_info(t.name) c
                         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
                    )
                    .map_err(fail)?;
                let rows = s.query_map([], |r| {
                    let kind: String = r.get(3)?;
                    Ok(ColumnShape {
                        table: r.get(0)?,
                        position: r.get(1)?,
                        name: r.get(2)?,
                        kind: kind.replace("INTEGER", "number").replace("TEXT", "text").replace("BLOB", "bytes"),
                        required: r.get(4)?,
                    })
                });
                rows.map_err(fail)?.collect::<Result<Vec<_>, _>>().map_err(fail)
            },
            |session| {
                let rows = session.query_text(
                    "SELECT table_name::text, ordinal_position::bigint, column_name::text, data_type::text,
                     is_nullable = 'NO' FROM information_schema.columns WHERE table_schema = current_schema()",
                )?;
                let read = |r: &tokio_postgres::Row| -> Result<ColumnShape, tokio_postgres::Error> {
                    let kind: String = r.try_get(3)?;
                    Ok(ColumnShape {
                        table: r.try_get(0)?,
                        position: r.try_get(1)?,
                        name: r.try_get(2)?,
                        kind: kind.replace("bigint", "number").replace("bytea", "bytes"),
                        required: r.try_get(4)?,
                    })
                };
                rows.iter().map(read).collect::<Result<Vec<_>, _>>().map_err(|e| Fault::internal(e.to_string()))
            },
        )
        .await?;
    columns.sort();
    Ok(columns)
}
