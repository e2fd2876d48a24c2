//! `cargo xtask test`: the stages in their order, timed, with one table and one line at the end.

use crate::tally::Tally;
use crate::workspace::Workspace;
use crate::{judges, run, tidy, tools, unit};
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

pub struct Stage {
    pub name: &'static str,
    what: &'static str,
    /// What fails here would drown what fails after it, so nothing comes after it.
    last_when_failed: bool,
    run: fn(&Workspace, &[&str]) -> Result<Outcome>,
}

/// How a stage went, and its tests where it has any of its own; else it counts as one.
pub struct Outcome {
    pub ok: bool,
    pub tests: Option<Tally>,
}

impl Outcome {
    pub fn plain(ok: bool) -> Outcome {
        Outcome { ok, tests: None }
    }

    fn tally(&self) -> Tally {
        match self.tests {
            // It failed before a test could: code that does not compile, a server that did not start.
            Some(tests) if !self.ok && tests.failed == 0 => Tally { failed: 1, ..tests },
            Some(tests) => tests,
            None => Tally::one(self.ok),
        }
    }
}

/// Cheap before dear: a typing error is told in seconds.
pub const STAGES: &[Stage] = &[
    Stage {
        name: "tools",
        what: "finds, and on Debian as root installs, what the other stages need",
        last_when_failed: false,
        run: |house, selected| Ok(Outcome::plain(tools::ensure(house, selected)?)),
    },
    Stage {
        name: "fmt",
        what: "the code is formatted",
        last_when_failed: true,
        run: |house, _| cargo(house, &["fmt", "--all", "--", "--check"]),
    },
    Stage {
        name: "tidy",
        what: "the house rules hold",
        last_when_failed: false,
        run: |house, _| Ok(Outcome::plain(tidy::run(house)?)),
    },
    Stage {
        name: "clippy",
        what: "no warning anywhere",
        last_when_failed: true,
        run: |house, _| {
            cargo(
                house,
                &["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"],
            )
        },
    },
    Stage {
        name: "unit",
        what: "every test of the workspace, on SQLite and on a PostgreSQL of its own",
        last_when_failed: false,
        run: |house, _| unit::run(house),
    },
    Stage {
        name: "judges",
        what: "outside clients and browsers test the running binary",
        last_when_failed: false,
        run: |house, _| judges::run(house),
    },
];

pub fn list() {
    for stage in STAGES {
        println!("{:<8} {}", stage.name, stage.what);
    }
}

/// Whether all that ran went well.
pub fn run(house: &Workspace, names: &[String]) -> Result<bool> {
    let selected = select(names)?;
    let asked: Vec<&str> = selected.iter().map(|s| s.name).collect();
    let mut rows: Vec<(&str, &str, Duration)> = Vec::new();
    let mut total = Tally::default();
    let mut ended = false;
    for stage in selected {
        if ended {
            rows.push((stage.name, "not run", Duration::ZERO));
            continue;
        }
        println!("\n== {}: {}", stage.name, stage.what);
        let start = Instant::now();
        let outcome = (stage.run)(house, &asked).unwrap_or_else(|e| {
            println!("{}: {e:#}", stage.name);
            Outcome::plain(false)
        });
        total.add(outcome.tally());
        rows.push((stage.name, if outcome.ok { "ok" } else { "FAILED" }, start.elapsed()));
        ended = !outcome.ok && stage.last_when_failed;
    }
    println!("\n{:<8} {:<8} {:>8}", "stage", "outcome", "seconds");
    for (name, outcome, took) in &rows {
        println!("{name:<8} {outcome:<8} {:>8.1}", took.as_secs_f64());
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    Ok(rows.iter().all(|(_, outcome, _)| *outcome == "ok"))
}

/// The stages in the house's order, and the tools that they need first.
fn select(names: &[String]) -> Result<Vec<&'static Stage>> {
    if let Some(unknown) = names.iter().find(|n| STAGES.iter().all(|s| s.name != **n)) {
        bail!("no stage `{unknown}`: cargo xtask test --list");
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|n| n == name);
    let with_tools = names.iter().any(|n| tools::needed_by(n));
    Ok(STAGES.iter().filter(|s| wanted(s.name) || (s.name == "tools" && with_tools)).collect())
}

fn cargo(house: &Workspace, args: &[&str]) -> Result<Outcome> {
    run::quiet_input(house.cargo().args(args)).map(Outcome::plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(names: &[&str]) -> Vec<&'static str> {
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        select(&names).expect("known").iter().map(|s| s.name).collect()
    }

    #[test]
    fn stages_keep_their_order_and_bring_their_tools() {
        assert_eq!(selected(&[]).len(), STAGES.len());
        assert_eq!(selected(&["tidy", "fmt"]), ["fmt", "tidy"]);
        assert_eq!(selected(&["unit"]), ["tools", "unit"]);
        assert!(select(&["unti".to_owned()]).is_err());
    }

    #[test]
    fn a_stage_that_fails_before_its_tests_is_counted() {
        let tests = Some(Tally { passed: 3, failed: 0 });
        assert_eq!(Outcome { ok: false, tests }.tally(), Tally { passed: 3, failed: 1 });
        assert_eq!(Outcome { ok: true, tests }.tally(), Tally { passed: 3, failed: 0 });
        assert_eq!(Outcome::plain(true).tally(), Tally { passed: 1, failed: 0 });
    }
}
