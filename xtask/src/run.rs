//! Running other programs: with our terminal, within a time, or reading along to count their tests.

use crate::tally::Tally;
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

pub fn program(name: &str) -> Command {
    Command::new(name)
}

/// Where on the PATH a program is.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// What a program prints, when it ends well.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// With our own terminal, input included.
pub fn interactive(command: &mut Command) -> Result<bool> {
    Ok(command.status().with_context(|| named(command))?.success())
}

/// Prints where we print, and is asked nothing.
pub fn quiet_input(command: &mut Command) -> Result<bool> {
    interactive(command.stdin(Stdio::null()))
}

/// Like [`quiet_input`], but ended when its time is up.
pub fn within(command: &mut Command, limit: Duration) -> Result<bool> {
    let mut child = command.stdin(Stdio::null()).spawn().with_context(|| named(command))?;
    if let Some(status) = wait(&mut child, limit)? {
        return Ok(status.success());
    }
    println!("ended after {} s: it took too long", limit.as_secs());
    // Asked first, so that it can end what it started.
    let _ = Command::new("kill").arg(child.id().to_string()).status();
    if wait(&mut child, Duration::from_secs(10))?.is_none() {
        child.kill()?;
        child.wait()?;
    }
    Ok(false)
}

fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let until = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Hands on what it prints, line by line, and counts the tests it tells of.
pub fn counted(command: &mut Command) -> Result<(bool, Tally)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| named(command))?;
    let (out, err) = (child.stdout.take().context("a pipe")?, child.stderr.take().context("a pipe")?);
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        scope.spawn(|| read_along(out, std::io::stdout(), &tally));
        scope.spawn(|| read_along(err, std::io::stderr(), &tally));
    });
    let status = child.wait()?;
    let tally = tally.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    Ok((status.success(), tally))
}

fn read_along(from: impl Read, mut to: impl Write, tally: &Mutex<Tally>) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    // Bytes, not text: a test may print anything.
    while from.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        let _ = to.write_all(&line).and_then(|()| to.flush());
        if let Ok(mut tally) = tally.lock() {
            tally.read(&String::from_utf8_lossy(&line));
        }
        line.clear();
    }
}

fn named(command: &Command) -> String {
    format!("{} did not start", command.get_program().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut sh = program("sh");
        sh.args(["-c", script]);
        sh
    }

    #[test]
    fn what_takes_too_long_is_ended() {
        let start = Instant::now();
        assert!(!within(&mut sh("exec sleep 30"), Duration::from_millis(100)).expect("runs"));
        assert!(start.elapsed() < Duration::from_secs(20));
        assert!(within(&mut sh("exit 0"), Duration::from_secs(20)).expect("runs"));
        assert!(!within(&mut sh("exit 3"), Duration::from_secs(20)).expect("runs"));
    }

    #[test]
    fn tests_are_counted_on_both_outputs() {
        let script = "echo 'test result: ok. 2 passed; 0 failed;'; \
                      echo ' Summary [1s] 3 tests run: 2 passed, 1 failed' >&2; exit 1";
        let (ok, tally) = counted(&mut sh(script)).expect("runs");
        assert!(!ok);
        assert_eq!(tally, Tally { passed: 4, failed: 1 });
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = interactive(&mut program("no-such-program")).expect_err("it is not there");
        assert!(error.to_string().contains("no-such-program"));
    }
}
