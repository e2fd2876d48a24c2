//! What a closure is given: [`Look`] reads, [`Tx`] also changes.

use crate::{FromRow, Row, Statement, Value, postgres::Session};
use kernel::Fault;
use std::ops::{Deref, DerefMut};

pub(crate) enum Conn<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut Session),
}

/// Reads. Each statement sees what is committed when it starts.
pub struct Look<'c> {
    conn: Conn<'c>,
    /// An error ends a transaction on PostgreSQL; so that both databases behave alike, it ends one here too.
    spoilt: bool,
    #[cfg(feature = "testing")]
    pub(crate) faults: std::sync::Arc<crate::faults::Faults>,
}

/// Reads and changes, all or nothing.
pub struct Tx<'c>(Look<'c>);

impl<'c> Deref for Tx<'c> {
    type Target = Look<'c>;
    fn deref(&self) -> &Look<'c> {
        &self.0
    }
}
impl<'c> DerefMut for Tx<'c> {
    fn deref_mut(&mut self) -> &mut Look<'c> {
        &mut self.0
    }
}

pub(crate) fn sqlite_fault(e: &rusqlite::Error) -> Fault {
    use rusqlite::ErrorCode as C;
    let text = e.to_string();
    match e.sqlite_error_code() {
        Some(C::ConstraintViolation) => Fault::constraint(text),
        Some(
            C::DiskFull
            | C::DatabaseBusy
            | C::DatabaseLocked
            | C::CannotOpen
            | C::ReadOnly
            | C::SystemIoFailure
            | C::OutOfMemory
            | C::FileLockingProtocolFailed,
        ) => Fault::unavailable(text),
        _ => Fault::internal(text),
    }
}

impl<'c> Look<'c> {
    pub(crate) fn new(
        conn: Conn<'c>,
        #[cfg(feature = "testing")] faults: std::sync::Arc<crate::faults::Faults>,
    ) -> Look<'c> {
        Look {
            conn,
            spoilt: false,
            #[cfg(feature = "testing")]
            faults,
        }
    }

    /// The row that the statement finds, if any.
    pub fn one<T: FromRow>(&mut self, s: &'static Statement, p: &[Value<'_>]) -> Result<Option<T>, Fault> {
        debug_assert!(s.only_reads(), "{} changes something: it wants a Tx", s.name);
        let mut found = None;
        self.each(s, p, |row| {
            if found.is_none() {
                found = Some(T::from_row(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// All rows that the statement finds. Statements bound their answers by `LIMIT`.
    pub fn all<T: FromRow>(&mut self, s: &'static Statement, p: &[Value<'_>]) -> Result<Vec<T>, Fault> {
        debug_assert!(s.only_reads(), "{} changes something: it wants a Tx", s.name);
        let mut found = Vec::new();
        self.each(s, p, |row| {
            found.push(T::from_row(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Reads any number of rows without holding them all. Only inside a snapshot.
    pub(crate) fn stream(
        &mut self,
        sql: &str,
        mut f: impl FnMut(&mut Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        match &mut self.conn {
            Conn::Sqlite(_) => self.each(Statement::made(sql.to_owned()), &[], f),
            Conn::Postgres(session) => {
                session.batch(&format!("DECLARE walk NO SCROLL CURSOR FOR {sql}"))?;
                loop {
                    let rows = session.query_text("FETCH 1000 FROM walk")?;
                    if rows.is_empty() {
                        return session.batch("CLOSE walk");
                    }
                    for row in &rows {
                        f(&mut Row::postgres(row))?;
                    }
                }
            }
        }
    }

    pub(crate) fn each(
        &mut self,
        s: &'static Statement,
        p: &[Value<'_>],
        mut f: impl FnMut(&mut Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.run(s, |conn| match conn {
            Conn::Sqlite(conn) => {
                let mut prepared = conn.prepare_cached(s.for_sqlite()).map_err(|e| sqlite_fault(&e))?;
                bind(&mut prepared, p)?;
                let mut rows = prepared.raw_query();
                while let Some(row) = rows.next().map_err(|e| sqlite_fault(&e))? {
                    f(&mut Row::sqlite(row))?;
                }
                Ok(())
            }
            Conn::Postgres(session) => {
                for row in &session.query(s, p)? {
                    f(&mut Row::postgres(row))?;
                }
                Ok(())
            }
        })
    }

    fn run<T>(
        &mut self,
        s: &'static Statement,
        f: impl FnOnce(&mut Conn<'c>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if self.spoilt {
            return Err(Fault::internal("an earlier statement of this transaction failed").at(s.name));
        }
        #[cfg(feature = "testing")]
        if let Some(fault) = self.faults.before_statement() {
            self.spoilt = true;
            return Err(fault.at(s.name));
        }
        let result = f(&mut self.conn);
        if result.is_err() {
            self.spoilt = true;
        }
        result.map_err(|fault| fault.at(s.name))
    }
}

fn bind(prepared: &mut rusqlite::CachedStatement<'_>, p: &[Value<'_>]) -> Result<(), Fault> {
    if prepared.parameter_count() != p.len() {
        return Err(Fault::internal(format!(
            "takes {} parameters, was given {}",
            prepared.parameter_count(),
            p.len()
        )));
    }
    for (i, v) in p.iter().enumerate() {
        match v {
            Value::Null => prepared.raw_bind_parameter(i + 1, rusqlite::types::Null),
            Value::Int(v) => prepared.raw_bind_parameter(i + 1, v),
            Value::Text(v) => prepared.raw_bind_parameter(i + 1, v.as_ref()),
            Value::Blob(v) => prepared.raw_bind_parameter(i + 1, v.as_ref()),
        }
        .map_err(|e| sqlite_fault(&e))?;
    }
    Ok(())
}

impl<'c> Tx<'c> {
    pub(crate) fn new(look: Look<'c>) -> Tx<'c> {
        Tx(look)
    }

    /// Changes rows; says how many.
    pub fn change(&mut self, s: &'static Statement, p: &[Value<'_>]) -> Result<u64, Fault> {
        self.0.run(s, |conn| match conn {
            Conn::Sqlite(conn) => {
                let mut prepared = conn.prepare_cached(s.for_sqlite()).map_err(|e| sqlite_fault(&e))?;
                bind(&mut prepared, p)?;
                prepared.raw_execute().map(|n| n as u64).map_err(|e| sqlite_fault(&e))
            }
            Conn::Postgres(session) => session.execute(s, p),
        })
    }

    /// Changes rows by a statement with `RETURNING`; gives the first of them. `None` says that another
    /// hand was quicker, or that there was nothing to change.
    pub fn changed<T: FromRow>(
        &mut self,
        s: &'static Statement,
        p: &[Value<'_>],
    ) -> Result<Option<T>, Fault> {
        Ok(self.changed_all(s, p)?.into_iter().next())
    }

    /// As [`Tx::changed`], all of them.
    pub fn changed_all<T: FromRow>(
        &mut self,
        s: &'static Statement,
        p: &[Value<'_>],
    ) -> Result<Vec<T>, Fault> {
        let mut found = Vec::new();
        self.0.each(s, p, |row| {
            found.push(T::from_row(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether exactly one row was changed.
    pub fn moved(&mut self, s: &'static Statement, p: &[Value<'_>]) -> Result<bool, Fault> {
        Ok(self.change(s, p)? == 1)
    }

    /// Refuses to be committed by a closure that swallowed an error: half of its work is missing.
    pub(crate) fn whole(&self) -> Result<(), Fault> {
        if self.0.spoilt {
            Err(Fault::internal("a statement failed and its error was not passed on"))
        } else {
            Ok(())
        }
    }

    pub(crate) fn must_repeat(&self) -> bool {
        match &self.0.conn {
            Conn::Sqlite(_) => false,
            Conn::Postgres(session) => session.must_repeat,
        }
    }
}
