//! SQLite: one writer thread that commits many transactions with one sync, readers on their own
//! connections, checkpoints on a thread beside them.
//!
//! Why reads run where they are asked for, and not on a thread of their own: `docs/decisions/storage.md`.

use crate::db::OpenError;
use kernel::Fault;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc as std_mpsc};
use std::thread::JoinHandle;
use tokio::sync::mpsc;

#[derive(Clone, Debug)]
pub struct SqliteSettings {
    pub path: PathBuf,
}

/// Who opens the file: one server at a time, any number of tools beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opening {
    Server,
    Tool,
}

/// Told at the end whether the batch it was part of is on the disk.
pub(crate) type Done = Box<dyn FnOnce(Result<(), &Fault>) + Send>;
/// Runs inside a savepoint of the batch.
pub(crate) type Job = Box<dyn FnOnce(Result<&Connection, &Fault>) -> Done + Send>;

/// How many transactions share one sync at most.
const BATCH: usize = 512;
/// How many may wait.
const QUEUE: usize = 4_096;
/// After so many batches the checkpointer is called.
const CHECKPOINT_EVERY: u32 = 64;
/// A log of so many pages is brought in by the writer itself: beside a busy writer a checkpoint never ends.
const LOG_PAGES: i64 = 16_384;

pub(crate) struct Sqlite {
    path: PathBuf,
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    readers: Mutex<Vec<Connection>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    _lock: Option<File>,
}

fn open_connection(path: &Path, cache_kib: u32) -> Result<Connection, rusqlite::Error> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -{cache_kib};"
    ))?;
    conn.set_prepared_statement_cache_capacity(256);
    // Plans do not depend on values: else a statement that comes back from the cache is compiled anew.
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(conn)
}

impl Sqlite {
    pub(crate) fn open(settings: &SqliteSettings, opening: Opening) -> Result<Sqlite, OpenError> {
        let path = settings.path.clone();
        let shown = path.display().to_string();
        let cannot = |e: &dyn std::fmt::Display| OpenError::File(format!("{shown}: {e}"));
        let lock = match opening {
            Opening::Tool => None,
            Opening::Server => {
                let file = OpenOptions::new()
                    .create(true)
                    .truncate(false)
                    .write(true)
                    .open(path.with_extension("lock"))
                    .map_err(|e| cannot(&e))?;
                match file.try_lock() {
                    Ok(()) => Some(file),
                    Err(std::fs::TryLockError::WouldBlock) => return Err(OpenError::InUse(shown)),
                    Err(std::fs::TryLockError::Error(e)) => return Err(cannot(&e)),
                }
            }
        };
        let writer = open_connection(&path, 16_384).map_err(|e| damaged_or(&shown, &e))?;
        // Reads one page of every structure that the file cannot do without.
        writer
            .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
            .map_err(|e| damaged_or(&shown, &e))?;
        writer.pragma_update(None, "wal_autocheckpoint", 0).map_err(|e| cannot(&e))?;
        let beside = open_connection(&path, 256).map_err(|e| damaged_or(&shown, &e))?;

        let (jobs, inbox) = mpsc::channel(QUEUE);
        let (call, called) = std_mpsc::sync_channel(1);
        let full_log = Arc::new(AtomicBool::new(false));
        let spawn = |name: &str, f: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new().name(name.to_owned()).spawn(f).map_err(|e| cannot(&e))
        };
        let threads = vec![
            spawn("sqlite-writer", {
                let (full_log, path) = (full_log.clone(), path.clone());
                Box::new(move || write_batches(&writer, &path, inbox, &call, &full_log))
            })?,
            spawn("sqlite-checkpoint", Box::new(move || checkpoints(&beside, &called, &full_log)))?,
        ];
        Ok(Sqlite {
            path,
            jobs: Mutex::new(Some(jobs)),
            readers: Mutex::new(Vec::new()),
            threads: Mutex::new(threads),
            _lock: lock,
        })
    }

    pub(crate) fn jobs(&self) -> Result<mpsc::Sender<Job>, Fault> {
        let jobs = self.jobs.lock().map_err(|_| Fault::internal("a lock was poisoned"))?;
        jobs.clone().ok_or_else(|| Fault::unavailable("the database is closed"))
    }

    /// Lends a reading connection; there are never more of them than threads that read at once.
    pub(crate) fn reading<T>(&self, f: impl FnOnce(&Connection) -> T) -> Result<T, Fault> {
        let poisoned = |_| Fault::internal("a lock was poisoned");
        let kept = self.readers.lock().map_err(poisoned)?.pop();
        let conn = match kept {
            Some(conn) => conn,
            None => {
                let unavailable = |e: rusqlite::Error| Fault::unavailable(e.to_string());
                let conn = open_connection(&self.path, 4_096).map_err(unavailable)?;
                conn.pragma_update(None, "query_only", true).map_err(unavailable)?;
                conn
            }
        };
        let result = f(&conn);
        self.readers.lock().map_err(poisoned)?.push(conn);
        Ok(result)
    }

    /// Ends the threads after what is queued is written.
    pub(crate) fn close(&self) {
        if let Ok(mut jobs) = self.jobs.lock() {
            jobs.take();
        }
        if let Ok(mut readers) = self.readers.lock() {
            readers.clear();
        }
        let threads = self.threads.lock().map(|mut t| std::mem::take(&mut *t)).unwrap_or_default();
        for thread in threads {
            // A thread that panicked has said so already.
            let _ = thread.join();
        }
    }
}

fn damaged_or(shown: &str, e: &rusqlite::Error) -> OpenError {
    match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            OpenError::Damaged(format!("{shown}: {e}"))
        }
        _ => OpenError::File(format!("{shown}: {e}")),
    }
}

fn write_batches(
    conn: &Connection,
    path: &Path,
    mut inbox: mpsc::Receiver<Job>,
    call: &std_mpsc::SyncSender<()>,
    full_log: &AtomicBool,
) {
    let mut since_checkpoint = 0;
    let opened = identity(path);
    while let Some(first) = inbox.blocking_recv() {
        // Written into a file that has no name any more, it would be gone with this process.
        if identity(path) != opened {
            let fault = Fault::unavailable(format!(
                "{} was removed or replaced while it is open: stop, and restore the last backup",
                path.display()
            ));
            tracing::error!("{fault}");
            first(Err(&fault))(Err(&fault));
            continue;
        }
        if let Err(e) = conn.execute_batch("BEGIN IMMEDIATE") {
            let fault = Fault::unavailable(format!("cannot begin: {e}"));
            first(Err(&fault))(Err(&fault));
            continue;
        }
        let mut done = vec![first(Ok(conn))];
        // A full disk may have ended the whole transaction: then nobody joins it any more, because a
        // savepoint would be a transaction of its own.
        while done.len() < BATCH && !conn.is_autocommit() {
            let Ok(job) = inbox.try_recv() else { break };
            done.push(job(Ok(conn)));
        }
        let committed = conn.execute_batch("COMMIT").map_err(|e| {
            // Without this the connection would stay inside the transaction that failed.
            let _ = conn.execute_batch("ROLLBACK");
            Fault::unavailable(format!("cannot commit: {e}"))
        });
        for tell in done {
            tell(committed.as_ref().copied());
        }
        since_checkpoint += 1;
        if full_log.swap(false, Ordering::Relaxed) {
            checkpoint(conn);
        } else if since_checkpoint >= CHECKPOINT_EVERY {
            since_checkpoint = 0;
            // Full means that it was called already.
            let _ = call.try_send(());
        }
    }
    checkpoint(conn);
}

/// Which file has this name now.
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|m| (m.dev(), m.ino()))
}

fn checkpoints(conn: &Connection, called: &std_mpsc::Receiver<()>, full_log: &AtomicBool) {
    while called.recv().is_ok() {
        if checkpoint(conn) > LOG_PAGES {
            full_log.store(true, Ordering::Relaxed);
        }
    }
}

/// Brings the log into the file as far as no reader needs it; says how long the log is.
fn checkpoint(conn: &Connection) -> i64 {
    let asked = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1));
    asked.unwrap_or_else(|e| {
        tracing::warn!(error = %e, "the log could not be brought into the database file");
        0
    })
}
