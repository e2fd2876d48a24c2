//! [`Db`]: the door to either database.

use crate::postgres::{Lane, Postgres, PostgresSettings};
use crate::sqlite::{Done, Opening, Sqlite, SqliteSettings};
use crate::tx::{Conn, Look, Tx};
use kernel::Fault;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

#[derive(Clone)]
pub enum Settings {
    Sqlite(SqliteSettings),
    Postgres(PostgresSettings),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Why a database cannot be opened, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "{0} is in use by another Guildhall; SQLite serves one process: stop the other, or use PostgreSQL"
    )]
    InUse(String),
    #[error("{0}. The file is damaged: keep it, and restore the last backup into an empty folder")]
    Damaged(String),
    #[error(
        "cannot open the database {0}; make its folder yours and writable, or name another in data.folder"
    )]
    File(String),
    #[error("cannot open the database: {0}; check [database] in the configuration")]
    Cannot(String),
}

/// A cheap handle; clones share the connections.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

enum Opened {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

struct Inner {
    engine: Opened,
    #[cfg(feature = "testing")]
    faults: Arc<crate::faults::Faults>,
}

fn panicked(why: &(dyn Any + Send)) -> Fault {
    let said = why
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| why.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Fault::internal(format!("panic in a transaction: {said}"))
}

impl Db {
    pub fn open(settings: &Settings, opening: Opening) -> Result<Db, OpenError> {
        let engine = match settings {
            Settings::Sqlite(s) => Opened::Sqlite(Sqlite::open(s, opening)?),
            Settings::Postgres(s) => Opened::Postgres(Postgres::open(s)?),
        };
        Ok(Db {
            inner: Arc::new(Inner {
                engine,
                #[cfg(feature = "testing")]
                faults: Arc::default(),
            }),
        })
    }

    pub fn engine(&self) -> Engine {
        match self.inner.engine {
            Opened::Sqlite(_) => Engine::Sqlite,
            Opened::Postgres(_) => Engine::Postgres,
        }
    }

    #[cfg(feature = "testing")]
    pub fn faults(&self) -> &crate::faults::Faults {
        &self.inner.faults
    }

    pub(crate) fn look<'c>(&self, conn: Conn<'c>) -> Look<'c> {
        Look::new(
            conn,
            #[cfg(feature = "testing")]
            self.inner.faults.clone(),
        )
    }

    /// Reads. On SQLite the closure runs here and now: keep its answers bounded.
    pub async fn read<T, E>(
        &self,
        mut f: impl FnMut(&mut Look<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        match &self.inner.engine {
            Opened::Sqlite(sqlite) => {
                sqlite.reading(|conn| f(&mut self.look(Conn::Sqlite(conn)))).map_err(E::from)?
            }
            Opened::Postgres(postgres) => {
                let db = self.clone();
                on_a_lane(postgres, move |lane| {
                    let mut again = true;
                    loop {
                        let session = lane.session()?;
                        let result =
                            catch_unwind(AssertUnwindSafe(|| f(&mut db.look(Conn::Postgres(session)))))
                                .map_err(|why| panicked(&*why))?;
                        // A connection may have died while it idled; reading twice does no harm.
                        if result.is_err() && again && session.is_broken() {
                            again = false;
                            continue;
                        }
                        return result;
                    }
                })
                .await
            }
        }
    }

    /// One transaction. What the closure returns is told only after it is on the disk; if it returns
    /// an error nothing is kept. It may be run more than once.
    pub async fn write<T, E>(
        &self,
        f: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        match &self.inner.engine {
            Opened::Sqlite(sqlite) => self.write_sqlite(sqlite, f).await,
            Opened::Postgres(postgres) => {
                let db = self.clone();
                on_a_lane(postgres, move |lane| db.write_postgres(lane, f)).await
            }
        }
    }

    async fn write_sqlite<T, E>(
        &self,
        sqlite: &Sqlite,
        mut f: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let db = self.clone();
        let job: crate::sqlite::Job = Box::new(move |conn| {
            let result = conn.map_err(|fault| E::from(fault.clone())).and_then(|conn| {
                let fail = |e: &rusqlite::Error| E::from(crate::tx::sqlite_fault(e));
                conn.prepare_cached("SAVEPOINT one")
                    .and_then(|mut s| s.raw_execute())
                    .map_err(|e| fail(&e))?;
                let mut tx = Tx::new(db.look(Conn::Sqlite(conn)));
                let ran = catch_unwind(AssertUnwindSafe(|| f(&mut tx)))
                    .unwrap_or_else(|why| Err(E::from(panicked(&*why))))
                    .and_then(|value| tx.whole().map(|()| value).map_err(E::from));
                #[cfg(feature = "testing")]
                let ran = ran
                    .and_then(|v| db.inner.faults.before_commit().map_or(Ok(v), |fault| Err(E::from(fault))));
                // A full disk may have ended the whole transaction, savepoints and all.
                if conn.is_autocommit() {
                    return ran
                        .and(Err(E::from(Fault::unavailable("the transaction was ended by the database"))));
                }
                if ran.is_err() {
                    conn.execute_batch("ROLLBACK TO one").map_err(|e| fail(&e))?;
                }
                conn.prepare_cached("RELEASE one").and_then(|mut s| s.raw_execute()).map_err(|e| fail(&e))?;
                ran
            });
            let done: Done = Box::new(move |committed| {
                let result = match committed {
                    Err(fault) if result.is_ok() => Err(E::from(fault.clone())),
                    _ => result,
                };
                #[cfg(feature = "testing")]
                let result = result
                    .and_then(|v| db.inner.faults.after_commit().map_or(Ok(v), |fault| Err(E::from(fault))));
                // The caller may have gone; what was written stays written.
                let _ = tell.send(result);
            });
            done
        });
        let jobs = sqlite.jobs().map_err(E::from)?;
        jobs.send(job).await.map_err(|_| E::from(Fault::unavailable("the database is closed")))?;
        told.await.map_err(|_| E::from(Fault::unavailable("the writer ended")))?
    }

    fn write_postgres<T, E>(
        &self,
        lane: &mut Lane,
        mut f: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<Fault>,
    {
        let mut tries = 0;
        loop {
            tries += 1;
            let session = lane.session()?;
            session.must_repeat = false;
            if let Err(fault) = session.batch("BEGIN") {
                if tries == 1 && session.is_broken() {
                    continue;
                }
                return Err(fault.into());
            }
            let mut tx = Tx::new(self.look(Conn::Postgres(session)));
            let mut ran = catch_unwind(AssertUnwindSafe(|| f(&mut tx)))
                .unwrap_or_else(|why| Err(E::from(panicked(&*why))))
                .and_then(|value| tx.whole().map(|()| value).map_err(E::from));
            let mut again = tx.must_repeat();
            #[cfg(feature = "testing")]
            if ran.is_ok()
                && let Some(fault) = self.inner.faults.before_commit()
            {
                ran = Err(fault.into());
            }
            match lane.same_session() {
                Ok(session) if ran.is_ok() => {
                    if let Err(fault) = session.batch("COMMIT") {
                        again = session.must_repeat;
                        ran = Err(fault.into());
                    }
                }
                // If it cannot be rolled back the connection is gone, and the transaction with it.
                Ok(session) => drop(session.batch("ROLLBACK")),
                Err(fault) if ran.is_ok() => ran = Err(fault.into()),
                Err(_) => {}
            }
            if ran.is_err() && again && tries < 8 {
                lane.pause(Duration::from_millis(2 << tries));
                continue;
            }
            #[cfg(feature = "testing")]
            if ran.is_ok()
                && let Some(fault) = self.inner.faults.after_commit()
            {
                return Err(fault.into());
            }
            return ran;
        }
    }

    /// Reads many statements from one point in time, while others go on writing.
    pub async fn snapshot<T, E>(
        &self,
        mut f: impl FnMut(&mut Look<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        match &self.inner.engine {
            Opened::Sqlite(sqlite) => {
                let ran = sqlite.reading(|conn| {
                    let fail = |e: rusqlite::Error| E::from(crate::tx::sqlite_fault(&e));
                    conn.execute_batch("BEGIN").map_err(fail)?;
                    let ran = f(&mut self.look(Conn::Sqlite(conn)));
                    conn.execute_batch("COMMIT").map_err(fail)?;
                    ran
                });
                ran.map_err(E::from)?
            }
            Opened::Postgres(postgres) => {
                let db = self.clone();
                on_a_lane(postgres, move |lane| {
                    let session = lane.session()?;
                    session.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
                    let ran = f(&mut db.look(Conn::Postgres(session)));
                    lane.same_session()?.batch("COMMIT")?;
                    ran
                })
                .await
            }
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Fault> {
        self.read(|look| look.one::<(i64,)>(&PING, &[]).map(|_| ())).await
    }

    /// Runs work that is not made of statements on a connection of its own.
    pub(crate) async fn raw<T: Send + 'static>(
        &self,
        mut on_sqlite: impl FnMut(&rusqlite::Connection) -> Result<T, Fault> + Send + 'static,
        mut on_postgres: impl FnMut(&mut crate::postgres::Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        match &self.inner.engine {
            Opened::Sqlite(sqlite) => {
                let (tell, told) = oneshot::channel();
                let job: crate::sqlite::Job = Box::new(move |conn| {
                    let result = conn.map_err(Clone::clone).and_then(|conn| {
                        let fail = |e: rusqlite::Error| crate::tx::sqlite_fault(&e);
                        conn.execute_batch("SAVEPOINT raw").map_err(fail)?;
                        let ran = on_sqlite(conn);
                        let end = if ran.is_ok() { "RELEASE raw" } else { "ROLLBACK TO raw; RELEASE raw" };
                        conn.execute_batch(end).map_err(fail)?;
                        ran
                    });
                    Box::new(move |committed| {
                        let _ = tell.send(committed.map_err(Clone::clone).and(result));
                    })
                });
                let closed = |_| Fault::unavailable("the database is closed");
                sqlite.jobs()?.send(job).await.map_err(closed)?;
                told.await.map_err(|_| Fault::unavailable("the writer ended"))?
            }
            Opened::Postgres(postgres) => on_a_lane(postgres, move |lane| on_postgres(lane.session()?)).await,
        }
    }

    /// Waits until what is queued is written, and lets go of the files.
    pub fn close(&self) {
        match &self.inner.engine {
            Opened::Sqlite(sqlite) => sqlite.close(),
            Opened::Postgres(postgres) => postgres.close(),
        }
    }
}

crate::statements! {
    PING = "SELECT 1";
}

async fn on_a_lane<T, E>(
    postgres: &Postgres,
    f: impl FnOnce(&mut Lane) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Fault> + Send + 'static,
{
    let (tell, told) = oneshot::channel();
    postgres.send(Box::new(move |lane| {
        let _ = tell.send(f(lane));
    }))?;
    told.await.map_err(|_| E::from(Fault::unavailable("the lane ended")))?
}
