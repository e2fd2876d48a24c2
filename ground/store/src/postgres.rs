//! PostgreSQL: a few lanes, each a thread with a connection of its own, so that a transaction is an
//! ordinary function here as it is on SQLite.

use crate::{OpenError, Statement, Value};
use kernel::Fault;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::ToSql;

#[derive(Clone)]
pub struct PostgresSettings {
    /// `postgres://user:password@host/database`, as libpq reads it.
    pub url: String,
    /// Certificates to trust beside the system's own.
    pub ca_file: Option<PathBuf>,
    pub connections: usize,
    pub statement_timeout: Duration,
}

pub(crate) type Job = Box<dyn FnOnce(&mut Lane) + Send>;

/// How many jobs may wait for a lane before newcomers are turned away.
const QUEUE: usize = 2_048;

pub(crate) struct Postgres {
    jobs: Mutex<Option<mpsc::SyncSender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Postgres {
    pub(crate) fn open(settings: &PostgresSettings) -> Result<Postgres, OpenError> {
        let how = Arc::new(How::read(settings)?);
        let (jobs, inbox) = mpsc::sync_channel::<Job>(QUEUE);
        let inbox = Arc::new(Mutex::new(inbox));
        let mut threads = Vec::new();
        for n in 0..settings.connections.max(1) {
            let (how, inbox) = (how.clone(), inbox.clone());
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map(Arc::new)
                .map_err(|e| OpenError::Cannot(e.to_string()))?;
            let thread = std::thread::Builder::new().name(format!("postgres-{n}"));
            let mut lane = Lane { how, runtime, session: None };
            let work = move || {
                loop {
                    let next = match inbox.lock() {
                        Ok(inbox) => inbox.recv(),
                        Err(_) => return,
                    };
                    let Ok(job) = next else { return };
                    // A panic ends its job and the connection it may have left in the middle; not the lane.
                    if catch_unwind(AssertUnwindSafe(|| job(&mut lane))).is_err() {
                        lane.session = None;
                    }
                }
            };
            threads.push(thread.spawn(work).map_err(|e| OpenError::Cannot(e.to_string()))?);
        }
        Ok(Postgres { jobs: Mutex::new(Some(jobs)), threads: Mutex::new(threads) })
    }

    pub(crate) fn send(&self, job: Job) -> Result<(), Fault> {
        let jobs = self.jobs.lock().map_err(|_| Fault::internal("a lock was poisoned"))?;
        let jobs = jobs.as_ref().ok_or_else(|| Fault::unavailable("the database is closed"))?;
        jobs.try_send(job).map_err(|_| Fault::unavailable("too many wait for the database"))
    }

    pub(crate) fn close(&self) {
        if let Ok(mut jobs) = self.jobs.lock() {
            jobs.take();
        }
        let threads = self.threads.lock().map(|mut t| std::mem::take(&mut *t)).unwrap_or_default();
        for thread in threads {
            let _ = thread.join();
        }
    }
}

/// How a lane connects.
struct How {
    config: tokio_postgres::Config,
    tls: tokio_postgres_rustls::MakeRustlsConnect,
    patience: Duration,
}

impl How {
    fn read(settings: &PostgresSettings) -> Result<How, OpenError> {
        let cannot = |e: &dyn std::fmt::Display| OpenError::Cannot(format!("database.url: {e}"));
        let mut config: tokio_postgres::Config = settings.url.parse().map_err(|e| cannot(&e))?;
        let named = config.get_hosts().iter().any(|host| match host {
            Host::Tcp(name) => !matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
            Host::Unix(_) => false,
        });
        // `hostaddr` says where to go, whatever the host is called.
        let beyond = named || config.get_hostaddrs().iter().any(|address| !address.is_loopback());
        // "prefer" would go on in the clear with whoever answers; only a stated "disable" may.
        if beyond && config.get_ssl_mode() == SslMode::Prefer {
            config.ssl_mode(SslMode::Require);
        }
        let millis = settings.statement_timeout.as_millis();
        config
            .application_name("guildhall")
            .connect_timeout(Duration::from_secs(5))
            .keepalives_idle(Duration::from_secs(30))
            .tcp_user_timeout(Duration::from_secs(15))
            .options(format!(
                "-c statement_timeout={millis} -c lock_timeout={millis} \
                 -c idle_in_transaction_session_timeout=30000 -c client_min_messages=warning"
            ));
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(file) = &settings.ca_file {
            use rustls_pki_types::pem::PemObject;
            let shown = file.display();
            let before = roots.len();
            for cert in rustls_pki_types::CertificateDer::pem_file_iter(file)
                .map_err(|e| OpenError::Cannot(format!("{shown}: {e}")))?
            {
                let cert = cert.map_err(|e| OpenError::Cannot(format!("{shown}: {e}")))?;
                roots.add(cert).map_err(|e| OpenError::Cannot(format!("{shown}: {e}")))?;
            }
            if roots.len() == before {
                return Err(OpenError::Cannot(format!("{shown} holds no certificate")));
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| cannot(&e))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(How {
            config,
            tls: tokio_postgres_rustls::MakeRustlsConnect::new(tls),
            patience: settings.statement_timeout + Duration::from_secs(2),
        })
    }
}

/// One thread's connection.
pub(crate) struct Lane {
    how: Arc<How>,
    runtime: Arc<tokio::runtime::Runtime>,
    session: Option<Session>,
}

impl Lane {
    /// The connection that is open, or a new one.
    pub(crate) fn session(&mut self) -> Result<&mut Session, Fault> {
        if self.session.as_ref().is_some_and(Session::is_broken) {
            self.session = None;
        }
        if self.session.is_none() {
            let how = &self.how;
            let (client, connection) = self
                .runtime
                .block_on(how.config.connect(how.tls.clone()))
                .map_err(|e| Fault::unavailable(format!("cannot connect to PostgreSQL: {}", said(&e))))?;
            self.runtime.spawn(async move {
                if let Err(e) = connection.await {
                    tracing::warn!(error = %e, "a PostgreSQL connection ended");
                }
            });
            self.session = Some(Session {
                client,
                runtime: self.runtime.clone(),
                prepared: HashMap::new(),
                patience: how.patience,
                must_repeat: false,
            });
        }
        self.session.as_mut().ok_or_else(|| Fault::internal("no session"))
    }

    /// The connection in which a transaction is open. A new one would know nothing of it, and would
    /// "commit" it with success.
    pub(crate) fn same_session(&mut self) -> Result<&mut Session, Fault> {
        let gone = || Fault::unavailable("the connection to PostgreSQL ended in the middle of a transaction");
        self.session.as_mut().filter(|s| !s.is_broken()).ok_or_else(gone)
    }

    /// Waits on this lane's own thread, while its connection is kept alive.
    pub(crate) fn pause(&self, how_long: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(how_long).await });
    }
}

pub(crate) struct Session {
    client: tokio_postgres::Client,
    /// The lane's own: a mere handle to it would not drive its sockets.
    runtime: Arc<tokio::runtime::Runtime>,
    prepared: HashMap<usize, tokio_postgres::Statement>,
    patience: Duration,
    /// The database asked for the whole transaction again.
    pub(crate) must_repeat: bool,
}

impl Session {
    pub(crate) fn is_broken(&self) -> bool {
        self.client.is_closed()
    }

    fn wait<T>(
        runtime: &tokio::runtime::Runtime,
        patience: Duration,
        must_repeat: &mut bool,
        f: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        let answered = runtime.block_on(async { tokio::time::timeout(patience, f).await });
        let result = answered.map_err(|_| Fault::unavailable("PostgreSQL does not answer"))?;
        result.map_err(|e| {
            *must_repeat |= asks_again(&e);
            fault(&e)
        })
    }

    /// For work that may wait long for others.
    pub(crate) fn be_patient(&mut self, patience: Duration) -> Duration {
        std::mem::replace(&mut self.patience, patience)
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), Fault> {
        Self::wait(&self.runtime, self.patience, &mut self.must_repeat, self.client.batch_execute(sql))
    }

    pub(crate) fn prepare(&mut self, s: &'static Statement) -> Result<tokio_postgres::Statement, Fault> {
        if let Some(found) = self.prepared.get(&s.key()) {
            return Ok(found.clone());
        }
        let wanted = self.client.prepare(s.sql);
        let prepared = Self::wait(&self.runtime, self.patience, &mut self.must_repeat, wanted)?;
        self.prepared.insert(s.key(), prepared.clone());
        Ok(prepared)
    }

    pub(crate) fn query(
        &mut self,
        s: &'static Statement,
        p: &[Value<'_>],
    ) -> Result<Vec<tokio_postgres::Row>, Fault> {
        let prepared = self.prepare(s)?;
        let p: Vec<&(dyn ToSql + Sync)> = p.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
        let asked = self.client.query(&prepared, &p);
        Self::wait(&self.runtime, self.patience, &mut self.must_repeat, asked)
    }

    pub(crate) fn execute(&mut self, s: &'static Statement, p: &[Value<'_>]) -> Result<u64, Fault> {
        let prepared = self.prepare(s)?;
        let p: Vec<&(dyn ToSql + Sync)> = p.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
        let asked = self.client.execute(&prepared, &p);
        Self::wait(&self.runtime, self.patience, &mut self.must_repeat, asked)
    }

    /// For what is not a room's statement: migrations and backups.
    pub(crate) fn query_text(&mut self, sql: &str) -> Result<Vec<tokio_postgres::Row>, Fault> {
        let asked = self.client.query(sql, &[]);
        Self::wait(&self.runtime, self.patience, &mut self.must_repeat, asked)
    }

    pub(crate) fn execute_text(&mut self, sql: &str, p: &[Value<'_>]) -> Result<u64, Fault> {
        let p: Vec<&(dyn ToSql + Sync)> = p.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
        let asked = self.client.execute(sql, &p);
        Self::wait(&self.runtime, self.patience, &mut self.must_repeat, asked)
    }
}

/// A serialization failure or a deadlock: nothing is wrong, somebody was in the way.
fn asks_again(e: &tokio_postgres::Error) -> bool {
    e.code().is_some_and(|c| matches!(c.code(), "40001" | "40P01"))
}

/// The database's own words: the crate's `Display` says only "db error".
fn said(e: &tokio_postgres::Error) -> String {
    e.as_db_error().map_or_else(|| chain(e), |d| format!("{} ({})", d.message(), d.code().code()))
}

fn chain(e: &dyn std::error::Error) -> String {
    e.source().map_or_else(|| e.to_string(), |cause| format!("{e}: {}", chain(cause)))
}

fn fault(e: &tokio_postgres::Error) -> Fault {
    let text = said(e);
    match e.code().map(tokio_postgres::error::SqlState::code) {
        Some(c) if c.starts_with("23") => Fault::constraint(text),
        Some(c)
            if ["08", "40", "53", "55", "57", "58"].iter().any(|class| c.starts_with(class))
                || c == "25006" =>
        {
            Fault::unavailable(text)
        }
        None => Fault::unavailable(text),
        Some(_) => Fault::internal(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o9_only_this_machine_or_a_stated_wish_goes_without_tls() {
        let mode = |url: &str| {
            let (url, ca_file) = (url.to_owned(), None);
            let settings =
                PostgresSettings { url, ca_file, connections: 1, statement_timeout: Duration::ZERO };
            How::read(&settings).map(|how| how.config.get_ssl_mode()).ok()
        };
        for here in ["localhost", "127.0.0.1", "[::1]", "%2Frun%2Fpostgresql", "localhost,127.0.0.1"] {
            assert_eq!(mode(&format!("postgres://g@{here}/g")), Some(SslMode::Prefer), "{here}");
        }
        assert_eq!(mode("postgres://g@localhost/g?hostaddr=127.0.0.1"), Some(SslMode::Prefer));
        // `hostaddr` says where to go, whatever the host is called.
        for beyond in [
            "db.example/g",
            "10.0.0.5/g",
            "localhost,db.example/g",
            "localhost/g?hostaddr=10.0.0.5",
            "/g?hostaddr=10.0.0.5",
            "localhost.db.example/g",
        ] {
            assert_eq!(mode(&format!("postgres://g@{beyond}")), Some(SslMode::Require), "{beyond}");
        }
        assert_eq!(mode("postgres://g@db.example/g?sslmode=prefer"), Some(SslMode::Require));
        assert_eq!(mode("postgres://g@db.example/g?sslmode=disable"), Some(SslMode::Disable));
        assert_eq!(mode("postgres://g@db.example/g?sslmode=verify-none"), None);
    }
}
