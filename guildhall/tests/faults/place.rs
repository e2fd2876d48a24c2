//! A house to break: a folder, the real binary in it, and the ways to end that.

use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

pub const BINARY: &str = env!("CARGO_BIN_EXE_guildhall");
/// The public address of every house here. Requests carry it as their host; the port that is really
/// listened on is another, so that no two tests ever want the same one.
pub const URL: &str = "http://127.0.0.1:8080";
/// How long anything may take. Far more than it needs: these machines are shared.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Asks again and again until there is an answer.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "{what}: not within {LIMIT:?}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// A port where nobody listens now.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("binds");
    listener.local_addr().expect("bound").port()
}

/// A child process that does not outlive its test.
pub struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        // It may have ended by itself; by its own handle nobody else can be hit.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Held {
    pub fn start(mut command: Command) -> Held {
        Held(command.stdin(Stdio::null()).spawn().expect("the binary starts"))
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the child is there");
    }

    /// Its status, or nothing if it goes on for too long.
    pub async fn ended(&mut self, limit: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if let Some(status) = self.0.try_wait().expect("a child of ours") {
                return Some(status);
            }
            sleep(Duration::from_millis(5)).await;
        }
        None
    }
}

/// What a command said and how it ended; `None` is a command that did not end.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
    #[track_caller]
    pub fn well(self) -> Ended {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }
    /// It refused, and said all of this.
    #[track_caller]
    pub fn refused(self, words: &[&str]) -> Ended {
        assert!(self.code.is_some_and(|c| c != 0), "it does not refuse: {self:?}");
        for word in words {
            assert!(self.said().contains(word), "`{word}` is not in: {self:?}");
        }
        self
    }
}

/// Runs a command to its end. What it says goes into files: a pipe that nobody reads would stop it.
pub async fn finish(mut command: Command, beside: &Path) -> Ended {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let n = RUNS.fetch_add(1, Ordering::Relaxed);
    let (out, err) = (beside.join(format!("{n}.out")), beside.join(format!("{n}.err")));
    command.stdout(File::create(&out).expect("a file")).stderr(File::create(&err).expect("a file"));
    let mut held = Held::start(command);
    let status = held.ended(LIMIT).await;
    drop(held);
    let read = |path| String::from_utf8_lossy(&std::fs::read(path).expect("its own file")).into_owned();
    Ended { code: status.and_then(|s| s.code()), out: read(&out), err: read(&err) }
}

/// A folder with a house in it, or going to be.
pub struct Place {
    pub root: TempDir,
    pub data: PathBuf,
    /// PostgreSQL, where it is not SQLite in the folder.
    pub database: Option<String>,
    runs: AtomicU32,
}

impl Place {
    pub fn new() -> Place {
        let root = tempfile::tempdir().expect("a temporary folder");
        Place { data: root.path().join("data"), root, database: None, runs: AtomicU32::new(0) }
    }

    #[cfg(feature = "postgres-tests")]
    pub fn on(database: String) -> Place {
        Place { database: Some(database), ..Place::new() }
    }

    pub fn beside(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A command on this house, with nothing of the environment that the tests themselves run in.
    pub fn command(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.root.path()).args(args);
        command.arg("--set").arg(format!("data.folder={}", self.data.display()));
        if let Some(url) = &self.database {
            command.env("GUILDHALL_DATABASE__URL", url);
        }
        command
    }

    pub async fn run(&self, args: &[&str]) -> Ended {
        finish(self.command(Path::new(BINARY), args), self.root.path()).await
    }

    /// A `serve` that is expected to refuse.
    pub async fn try_serve(&self, settings: &[&str]) -> Ended {
        finish(serving(self.command(Path::new(BINARY), &["serve"]), settings), self.root.path()).await
    }

    pub async fn serve(&self, settings: &[&str]) -> Server {
        self.serve_as(self.command(Path::new(BINARY), &["serve"]), settings).await
    }

    pub async fn serve_as(&self, command: Command, settings: &[&str]) -> Server {
        let log = self.beside(&format!("log-{}", self.runs.fetch_add(1, Ordering::Relaxed)));
        let mut command = serving(command, settings);
        command.stdout(Stdio::null()).stderr(File::create(&log).expect("a file"));
        let mut held = Held::start(command);
        let (pages, operations) = until("serving", async || {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            if let Some(status) = held.ended(Duration::from_millis(1)).await {
                panic!("`serve` ended with {status}: {said}");
            }
            said.lines().find_map(addresses)
        })
        .await;
        Server { held, pages, operations, log }
    }
}

/// What every `serve` here is told.
pub const SETTINGS: [&str; 3] = [
    "listen.pages=127.0.0.1:0",
    "listen.operations=127.0.0.1:0",
    // So that one machine can be many visitors, each with a throttle of its own.
    "site.trusted_proxies=127.0.0.1",
];

fn serving(mut command: Command, settings: &[&str]) -> Command {
    for setting in SETTINGS.iter().chain(settings) {
        command.args(["--set", setting]);
    }
    command
}

/// Where it listens, out of the line that says that it does.
fn addresses(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let at = |key: &str| line[key].as_str()?.parse().ok();
    (line["message"] == "open").then_some(())?;
    Some((at("pages")?, at("operations")?))
}

/// A house that serves.
pub struct Server {
    pub held: Held,
    pub pages: SocketAddr,
    pub operations: SocketAddr,
    pub log: PathBuf,
}

impl Server {
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).expect("its own file")).into_owned()
    }

    /// As `kill -9` does: between any two instructions.
    pub fn kill(self) {
        drop(self.held);
    }

    /// As an operator ends it.
    pub async fn end(mut self) {
        self.held.signal(Signal::TERM);
        let status = self.held.ended(LIMIT).await;
        assert_eq!(status.and_then(|s| s.code()), Some(0), "{status:?}: {}", self.said());
    }
}
