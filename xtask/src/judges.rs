//! The stage `judges`: each judge is a program of another language that tests the running binary and
//! exits 0 when it is content.

use crate::stages::Outcome;
use crate::tally::Tally;
use crate::workspace::Workspace;
use crate::{run, tools};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A judge that hangs must not hold up the others.
const LIMIT: Duration = Duration::from_secs(10 * 60);

pub fn run(house: &Workspace) -> Result<Outcome> {
    let judges = find(&house.root.join("judges"))?;
    if judges.is_empty() {
        println!("no judges yet");
        return Ok(Outcome::plain(true));
    }
    if !run::quiet_input(house.cargo().args(["build", "-p", "guildhall"]))? {
        return Ok(Outcome::plain(false));
    }
    let shots = house.target.join("shots");
    std::fs::create_dir_all(&shots).with_context(|| shots.display().to_string())?;
    let mut tests = Tally::default();
    let mut lines = Vec::new();
    for judge in judges {
        let name = judge.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("\n-- {name}");
        let mut command = interpreter(house, &judge);
        command
            .arg(&judge)
            .current_dir(house.root.join("judges"))
            .env("GUILDHALL_BIN", house.target.join("debug/guildhall"))
            .env("GUILDHALL_SHOTS", &shots);
        if let Some(chromium) = tools::chromium() {
            command.env("CHROMIUM", chromium);
        }
        let start = Instant::now();
        let ok = run::within(&mut command, LIMIT)?;
        tests.add(Tally::one(ok));
        let verdict = if ok { "content" } else { "NOT CONTENT" };
        lines.push(format!("{name}: {verdict}, {:.1} s", start.elapsed().as_secs_f64()));
    }
    println!("\n{}", lines.join("\n"));
    Ok(Outcome { ok: tests.failed == 0, tests: Some(tests) })
}

fn interpreter(house: &Workspace, judge: &Path) -> Command {
    if judge.extension().is_some_and(|e| e == "mjs") {
        run::program("node")
    } else {
        Command::new(tools::venv_python(house))
    }
}

fn find(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|n| is_judge(&n.to_string_lossy())) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_judge(name: &str) -> bool {
    name.ends_with(".judge.mjs") || name.ends_with("_judge.py")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_are_known_by_their_names() {
        assert!(is_judge("console.judge.mjs") && is_judge("iop_sdk_judge.py"));
        assert!(!is_judge("browser.mjs") && !is_judge("judge.py") && !is_judge("package.json"));
    }
}
