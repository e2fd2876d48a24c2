//! A PostgreSQL for tests: made in a temporary folder, gone with it.
//!
//! It must go however we end, also at ctrl-C or a crash, and a program without `unsafe` cannot catch
//! signals. So a second process, the sweeper, waits at a pipe whose other end only we hold: when we
//! are gone, in whatever way, the pipe closes, and the sweeper stops the server and removes the folder.

use crate::{run, tools};
use anyhow::{Context, Result, bail};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where tests look for the server's address. Set already, that server is used instead.
pub const VARIABLE: &str = "GUILDHALL_TEST_POSTGRES";

const SWEEP: &str = r#"cat >/dev/null
"$1/pg_ctl" stop -D "$2/data" -m immediate -w -t 30 >/dev/null 2>&1
rm -rf "$2""#;

/// Nothing here must survive a power cut, and many tests are connected at once.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=400",
    "shared_buffers=128MB",
    "listen_addresses=127.0.0.1",
];

pub struct Postgres {
    pub url: String,
    started: Option<(Child, Child)>,
}

impl Postgres {
    pub fn start() -> Result<Postgres> {
        if let Some(url) =
            std::env::var_os(VARIABLE).and_then(|v| v.into_string().ok()).filter(|v| !v.is_empty())
        {
            return Ok(Postgres { url, started: None });
        }
        let bin = tools::postgres_bin().context("no PostgreSQL server here: cargo xtask test tools")?;
        // Between finding a free port and taking it, somebody else may.
        let mut last = None;
        for _ in 0..3 {
            match Postgres::start_in(&bin) {
                Ok(server) => return Ok(server),
                Err(e) => last = Some(e),
            }
        }
        Err(last.context("PostgreSQL")?)
    }

    fn start_in(bin: &Path) -> Result<Postgres> {
        let user = User::of_server()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = user.folder(&format!("guildhall-postgres-{}-{port}", std::process::id()))?;
        let sweeper = user
            .command("sh", &folder)
            .args(["-c", SWEEP, "sweeper"])
            .arg(bin)
            .arg(&folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .spawn()
            .context("sh")?;
        // From here on every way out sweeps: the sweeper's pipe closes when it is dropped.
        let mut sweeper = Sweeper(Some(sweeper));
        let data = folder.join("data");
        let made = user
            .command(bin.join("initdb"), &folder)
            .args([
                "-U",
                "guildhall",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "-D",
            ])
            .arg(&data)
            .output()
            .context("initdb")?;
        if !made.status.success() {
            bail!("initdb: {}", String::from_utf8_lossy(&made.stderr));
        }
        let log = std::fs::File::create(folder.join("log"))?;
        let mut server = user.command(bin.join("postgres"), &folder);
        server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-k"]).arg(&folder);
        server.args(SETTINGS.iter().flat_map(|s| ["-c", s]));
        let mut server = server.stdout(log.try_clone()?).stderr(log).spawn().context("postgres")?;
        if !is_ready(bin, port, &mut server)? {
            bail!("PostgreSQL did not start: {}", std::fs::read_to_string(folder.join("log"))?);
        }
        let url = format!("postgres://guildhall@127.0.0.1:{port}/postgres?sslmode=disable");
        Ok(Postgres { url, started: sweeper.0.take().map(|sweeper| (server, sweeper)) })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some((mut server, sweeper)) = self.started.take() {
            drop(Sweeper(Some(sweeper)));
            let _ = server.wait();
        }
    }
}

struct Sweeper(Option<Child>);

impl Drop for Sweeper {
    fn drop(&mut self) {
        if let Some(mut sweeper) = self.0.take() {
            // Waiting closes its input first.
            let _ = sweeper.wait();
        }
    }
}

fn is_ready(bin: &Path, port: u16, server: &mut Child) -> Result<bool> {
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until && server.try_wait()?.is_none() {
        let mut ask = Command::new(bin.join("pg_isready"));
        if run::answer(ask.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])).is_some() {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(false)
}

/// Who runs the server: it refuses to be run by root.
struct User(Option<(u32, u32)>);

impl User {
    fn of_server() -> Result<User> {
        if !tools::is_root() {
            return Ok(User(None));
        }
        let id = |flag: &str| {
            run::answer(Command::new("id").args([flag, "postgres"])).and_then(|n| n.parse().ok())
        };
        match (id("-u"), id("-g")) {
            (Some(user), Some(group)) => Ok(User(Some((user, group)))),
            _ => bail!("root cannot run PostgreSQL, and there is no user `postgres`"),
        }
    }

    /// A folder of the server's own. Root's temporary folder may be closed to others; `/tmp` is not.
    fn folder(&self, name: &str) -> Result<PathBuf> {
        let parent = if self.0.is_some() { PathBuf::from("/tmp") } else { std::env::temp_dir() };
        let folder = parent.join(name);
        std::fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))?;
        if let Some((user, group)) = self.0 {
            chown(&folder, Some(user), Some(group))?;
        }
        Ok(folder)
    }

    /// In a process group of its own: ctrl-C ends the tests first and the server after them.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.stdin(Stdio::null()).current_dir(folder).process_group(0);
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group).env("HOME", folder);
        }
        command
    }
}
