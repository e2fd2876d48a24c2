//! How long one waits for the compiler: a clean debug build, and two small changes after it.

use crate::machine::children;
use crate::server::cargo;
use crate::table::{Table, complain};
use crate::town::folder;
use anyhow::{Context, bail};
use kernel::{Clock, SystemClock};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

/// A clean build that takes longer has missed its goal by so much that nobody waits for the end.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

struct Took {
    wall: f64,
    cpu: f64,
}

impl Took {
    fn say(&self) -> String {
        format!("{:.1} s ({:.1} s CPU)", self.wall, self.cpu)
    }
}

pub fn measure(table: &mut Table) -> anyhow::Result<()> {
    let target = folder()?;
    complain("a clean debug build; this takes minutes");
    let clean = build(target.path())?;
    table.goal("clean debug build", clean.say(), "<= 8 min", clean.wall <= 480.0);
    let nothing = build(target.path())?;
    table.told("  nothing changed", nothing.say());
    let desk = root()?.join("doors/desk");
    for (what, file) in [
        ("after a change of a page's template", desk.join("templates/accounts.html")),
        ("after a change of a page's handler", desk.join("src/accounts.rs")),
    ] {
        let touched = Touched::now(&file)?;
        let again = build(target.path())?;
        drop(touched);
        table.goal(what, again.say(), "<= 5 s", again.wall <= 5.0);
    }
    Ok(())
}

fn build(target: &Path) -> anyhow::Result<Took> {
    let mut cargo = cargo()?;
    // Without the bench feature: what one builds all day.
    cargo.args(["build", "--quiet", "-p", "guildhall", "--bin", "guildhall"]).env("CARGO_TARGET_DIR", target);
    let (start, before) = (Instant::now(), children()?);
    run_bounded(&mut cargo)?;
    let cpu = children()?.saturating_sub(before).as_secs_f64();
    Ok(Took { wall: start.elapsed().as_secs_f64(), cpu })
}

fn run_bounded(command: &mut Command) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut child = command.spawn().context("cargo")?;
    loop {
        match child.try_wait()? {
            Some(ended) if ended.success() => return Ok(()),
            Some(ended) => bail!("cargo ended with {ended}"),
            None if start.elapsed() > PATIENCE => {
                child.kill()?;
                child.wait()?;
                bail!("the build takes too long");
            }
            None => std::thread::park_timeout(Duration::from_millis(20)),
        }
    }
}

fn root() -> anyhow::Result<PathBuf> {
    let mut asked = cargo()?;
    let told = asked.args(["locate-project", "--workspace", "--message-format", "plain"]).output()?;
    let manifest = PathBuf::from(String::from_utf8(told.stdout)?.trim());
    manifest.parent().map(Path::to_owned).context("where the workspace is")
}

/// A file that looks changed as long as this lives; not a byte of it is.
struct Touched {
    file: File,
    before: SystemTime,
}

impl Touched {
    fn now(path: &Path) -> anyhow::Result<Touched> {
        let file = File::options().append(true).open(path).with_context(|| path.display().to_string())?;
        let before = file.metadata()?.modified()?;
        let millis = u64::try_from(SystemClock.now().0).unwrap_or_default();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))?;
        Ok(Touched { file, before })
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        // If it stays, the next build of whoever works here compiles one crate more.
        let _ = self.file.set_modified(self.before);
    }
}
