//! Values on their way in, cells and rows on their way out.

use kernel::{Fault, Lang, Time, TokenHash};
use std::borrow::Cow;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A parameter. Both databases know just these four.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
}

/// Makes the parameters of a statement: `params![account, now, "text"]`.
#[macro_export]
macro_rules! params {
    ($($v:expr),* $(,)?) => { &[$($crate::Value::from($v)),*] };
}

impl From<i64> for Value<'_> {
    fn from(v: i64) -> Self {
        Value::Int(v)
    }
}
impl From<bool> for Value<'_> {
    fn from(v: bool) -> Self {
        Value::Int(i64::from(v))
    }
}
impl From<Time> for Value<'_> {
    fn from(v: Time) -> Self {
        Value::Int(v.0)
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(v: &'a str) -> Self {
        Value::Text(Cow::Borrowed(v))
    }
}
impl<'a> From<&'a String> for Value<'a> {
    fn from(v: &'a String) -> Self {
        Value::Text(Cow::Borrowed(v))
    }
}
impl From<String> for Value<'_> {
    fn from(v: String) -> Self {
        Value::Text(Cow::Owned(v))
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(v: &'a [u8]) -> Self {
        Value::Blob(Cow::Borrowed(v))
    }
}
impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(v: &'a Vec<u8>) -> Self {
        Value::Blob(Cow::Borrowed(v))
    }
}
impl From<TokenHash> for Value<'_> {
    fn from(v: TokenHash) -> Self {
        Value::Blob(Cow::Owned(v.0.to_vec()))
    }
}
impl From<Lang> for Value<'_> {
    fn from(v: Lang) -> Self {
        Value::Text(Cow::Borrowed(v.tag()))
    }
}
impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(v: Option<T>) -> Self {
        v.map_or(Value::Null, Into::into)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(v) if *ty == Type::INT8 => v.to_sql(ty, out),
            Value::Int(v) if *ty == Type::INT4 => i32::try_from(*v)?.to_sql(ty, out),
            Value::Text(v) if *ty == Type::TEXT || *ty == Type::VARCHAR => v.as_ref().to_sql(ty, out),
            Value::Blob(v) if *ty == Type::BYTEA => v.as_ref().to_sql(ty, out),
            _ => Err(format!("the statement takes {ty} where another kind of value was bound").into()),
        }
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    to_sql_checked!();
}

/// One value of an answer.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// What can stand in one column.
pub trait Column: Sized {
    fn from_cell(cell: Cell<'_>) -> Result<Self, Fault>;
}

fn not(what: &str, cell: Cell<'_>) -> Fault {
    let kind = match cell {
        Cell::Null => "nothing",
        Cell::Int(_) => "a number",
        Cell::Text(_) => "a text",
        Cell::Blob(_) => "bytes",
    };
    Fault::internal(format!("the database holds {kind} where {what} belongs"))
}

impl Column for i64 {
    fn from_cell(cell: Cell<'_>) -> Result<i64, Fault> {
        match cell {
            Cell::Int(v) => Ok(v),
            c => Err(not("a number", c)),
        }
    }
}
impl Column for bool {
    fn from_cell(cell: Cell<'_>) -> Result<bool, Fault> {
        i64::from_cell(cell).map(|v| v != 0)
    }
}
impl Column for Time {
    fn from_cell(cell: Cell<'_>) -> Result<Time, Fault> {
        i64::from_cell(cell).map(Time)
    }
}
impl Column for String {
    fn from_cell(cell: Cell<'_>) -> Result<String, Fault> {
        match cell {
            Cell::Text(v) => Ok(v.to_owned()),
            c => Err(not("a text", c)),
        }
    }
}
impl Column for Vec<u8> {
    fn from_cell(cell: Cell<'_>) -> Result<Vec<u8>, Fault> {
        match cell {
            Cell::Blob(v) => Ok(v.to_vec()),
            c => Err(not("bytes", c)),
        }
    }
}
impl Column for Lang {
    fn from_cell(cell: Cell<'_>) -> Result<Lang, Fault> {
        match cell {
            Cell::Text(v) => Lang::from_tag(v).ok_or_else(|| not("a language", cell)),
            c => Err(not("a language", c)),
        }
    }
}
impl<T: Column> Column for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Result<Option<T>, Fault> {
        match cell {
            Cell::Null => Ok(None),
            c => T::from_cell(c).map(Some),
        }
    }
}

macro_rules! id_values {
    ($($id:ident)*) => {$(
        impl From<kernel::$id> for Value<'_> {
            fn from(v: kernel::$id) -> Self {
                Value::Text(Cow::Owned(v.to_string()))
            }
        }
        impl Column for kernel::$id {
            fn from_cell(cell: Cell<'_>) -> Result<Self, Fault> {
                match cell {
                    Cell::Text(v) => v.parse().map_err(|_| not(stringify!($id), cell)),
                    c => Err(not(stringify!($id), c)),
                }
            }
        }
    )*};
}
id_values!(AccountId DeveloperId AgreementId AcceptanceId InviteId SessionId AuditId OutboxId MailId TraceId);
id_values!(FileId RequestId ReasonId ViewId CategoryId GroupId AppId SecretId SellerId PenaltyId TicketId EntryId NoticeId KeyId);

enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

/// A row that is read from left to right.
pub struct Row<'a> {
    source: Source<'a>,
    next: usize,
}

impl<'a> Row<'a> {
    pub(crate) fn sqlite(row: &'a rusqlite::Row<'a>) -> Row<'a> {
        Row { source: Source::Sqlite(row), next: 0 }
    }
    pub(crate) fn postgres(row: &'a tokio_postgres::Row) -> Row<'a> {
        Row { source: Source::Postgres(row), next: 0 }
    }

    /// The next column.
    pub fn take<T: Column>(&mut self) -> Result<T, Fault> {
        let i = self.next;
        self.next += 1;
        let value = self.cell(i).and_then(T::from_cell);
        value.map_err(|f| f.at(&format!("column {i}")))
    }

    pub(crate) fn cell(&self, i: usize) -> Result<Cell<'a>, Fault> {
        match self.source {
            Source::Sqlite(row) => match row.get_ref(i).map_err(|e| Fault::internal(e.to_string()))? {
                rusqlite::types::ValueRef::Null => Ok(Cell::Null),
                rusqlite::types::ValueRef::Integer(v) => Ok(Cell::Int(v)),
                rusqlite::types::ValueRef::Text(v) => std::str::from_utf8(v)
                    .map(Cell::Text)
                    .map_err(|_| Fault::internal("a text in the database is not UTF-8")),
                rusqlite::types::ValueRef::Blob(v) => Ok(Cell::Blob(v)),
                rusqlite::types::ValueRef::Real(_) => Err(Fault::internal("a fraction in the database")),
            },
            Source::Postgres(row) => {
                let column = row.columns().get(i).ok_or_else(|| Fault::internal("no such column"))?;
                let bad = |e: tokio_postgres::Error| Fault::internal(e.to_string());
                let ty = column.type_();
                Ok(if *ty == Type::INT8 {
                    row.try_get::<_, Option<i64>>(i).map_err(bad)?.map_or(Cell::Null, Cell::Int)
                } else if *ty == Type::INT4 {
                    let v = row.try_get::<_, Option<i32>>(i).map_err(bad)?;
                    v.map_or(Cell::Null, |v| Cell::Int(i64::from(v)))
                } else if *ty == Type::BYTEA {
                    row.try_get::<_, Option<&[u8]>>(i).map_err(bad)?.map_or(Cell::Null, Cell::Blob)
                } else {
                    row.try_get::<_, Option<&str>>(i).map_err(bad)?.map_or(Cell::Null, Cell::Text)
                })
            }
        }
    }
}

/// What a room makes of a row.
pub trait FromRow: Sized {
    fn from_row(row: &mut Row<'_>) -> Result<Self, Fault>;
}

macro_rules! tuple_rows {
    ($($($t:ident)*;)*) => {$(
        impl<$($t: Column),*> FromRow for ($($t,)*) {
            fn from_row(row: &mut Row<'_>) -> Result<Self, Fault> {
                Ok(($(row.take::<$t>()?,)*))
            }
        }
    )*};
}
tuple_rows! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; }
