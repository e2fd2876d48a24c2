//! The shipped binary as a child: started on a core of its own, asked, ended by its own pid.

use crate::machine;
use crate::town;
use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a house may take to be ready, or to end, before we give up on it.
const PATIENCE: Duration = Duration::from_secs(15);

/// The guildhall beside this program, built anew if its sources changed; `cargo run` builds only what it runs.
pub fn binary(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let own = std::env::current_exe().context("where this program is")?;
    let folder = own.parent().context("where this program is")?;
    let profile = folder.file_name().and_then(|n| n.to_str()).unwrap_or("release");
    let mut cargo = cargo()?;
    // With this program's features, so that what is built already is used.
    cargo.args(["build", "--quiet", "-p", "guildhall", "--bin", "guildhall", "--features", "bench"]);
    cargo.args(["--profile", if profile == "debug" { "dev" } else { profile }]);
    // Where this program was built, whatever the environment says now.
    if let Some(target) = folder.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    let built = cargo.status().context("cargo build; or name a binary with --server")?;
    if !built.success() {
        bail!("the server does not build");
    }
    Ok(own.with_file_name("guildhall"))
}

/// Cargo, in our own package.
#[allow(clippy::disallowed_methods, reason = "`cargo run` tells by the environment who and where it is")]
pub fn cargo() -> anyhow::Result<Command> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let package = std::env::var_os("CARGO_MANIFEST_DIR").context("run this by `cargo xtask bench`")?;
    cargo.current_dir(package);
    // Handed on, they would make build scripts run again that watch them.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_")) {
            cargo.env_remove(name);
        }
    }
    Ok(cargo)
}

pub struct Server {
    child: Child,
    pub pages: SocketAddr,
    pub operations: SocketAddr,
    /// From its start to its first "ready".
    pub ready: Duration,
}

impl Server {
    /// Serves the house in this folder, on this core, with the settings that everybody gets.
    pub fn start(
        binary: &Path,
        folder: &Path,
        extra: &[(String, String)],
        core: usize,
    ) -> anyhow::Result<Server> {
        let (pages, operations) = free_addresses()?;
        let log = folder.join("serve.log");
        let mut command = Command::new(binary);
        command.arg("serve").env_clear().stdin(Stdio::null()).stdout(Stdio::null());
        // To a file, as a service's log ends up in one; a pipe would cost the load's core its reading.
        command.stderr(fs::File::create(&log)?);
        let mut settings = [&town::settings(folder), extra].concat();
        settings.push(("listen.pages".to_owned(), pages.to_string()));
        settings.push(("listen.operations".to_owned(), operations.to_string()));
        for (key, value) in settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        let start = Instant::now();
        let child = machine::pinned(core, || command.spawn())?.context("the server does not start")?;
        // From here on it ends when this value does, whatever happens.
        let mut server = Server { child, pages, operations, ready: Duration::ZERO };
        while !is_ready(operations) {
            if let Some(ended) = server.child.try_wait()? {
                bail!("the server ended with {ended}:\n{}", fs::read_to_string(&log).unwrap_or_default());
            }
            if start.elapsed() > PATIENCE {
                bail!("the server is not ready:\n{}", fs::read_to_string(&log).unwrap_or_default());
            }
            std::thread::park_timeout(Duration::from_millis(1));
        }
        server.ready = start.elapsed();
        Ok(server)
    }

    pub fn resident_mb(&self) -> anyhow::Result<f64> {
        machine::resident_mb(self.child.id())
    }

    pub fn cpu_micros(&self) -> anyhow::Result<f64> {
        machine::micros_of(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // Gone already is as good.
            let _ = kill_process(pid, Signal::TERM);
        }
        let told = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if told.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

/// Two that nobody listens on. Somebody may take them before our child does: then it says so and ends.
fn free_addresses() -> anyhow::Result<(SocketAddr, SocketAddr)> {
    let any = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (one, two) = (any()?, any()?);
    Ok((one.local_addr()?, two.local_addr()?))
}

fn is_ready(operations: SocketAddr) -> bool {
    let asked = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&operations, Duration::from_millis(200))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(&head == b"HTTP/1.1 200")
    };
    asked().unwrap_or(false)
}
