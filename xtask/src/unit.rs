//! The stage `unit`: every test and every example in the documentation, on both databases.

use crate::postgres::{Postgres, VARIABLE};
use crate::run;
use crate::stages::Outcome;
use crate::tally::Tally;
use crate::workspace::Workspace;
use anyhow::Result;
use std::io::IsTerminal;
use std::process::Command;

pub fn run(house: &Workspace) -> Result<Outcome> {
    let server = Postgres::start()?;
    let features = house.features_named("postgres-tests");
    // One set of features for both runs, so that nothing is compiled twice.
    let with = |args: &[&str]| {
        let mut cargo = house.cargo();
        cargo.args(args).arg("--workspace").env(VARIABLE, &server.url);
        if !features.is_empty() {
            cargo.args(["--features", &features]);
        }
        colour(&mut cargo);
        cargo
    };
    if run::answer(house.cargo().args(["nextest", "--version"])).is_none() {
        let (ok, tests) = run::counted(with(&["test", "--no-fail-fast"]).args(["--", "--test-threads=4"]))?;
        return Ok(Outcome { ok, tests: Some(tests) });
    }
    let mut nextest = with(&["nextest", "run", "--no-fail-fast", "--no-tests=pass"]);
    nextest.arg("--config-file").arg(house.root.join("xtask/nextest.toml"));
    let (ran, mut tests) = run::counted(&mut nextest)?;
    if !ran && tests == Tally::default() {
        // It does not compile, and would only say so twice.
        return Ok(Outcome { ok: false, tests: Some(tests) });
    }
    // Nextest cannot run the documentation's examples.
    let (shown, examples) = run::counted(&mut with(&["test", "--doc", "--no-fail-fast"]))?;
    tests.add(examples);
    Ok(Outcome { ok: ran && shown, tests: Some(tests) })
}

/// We read along through pipes, which programs take for "no colours".
fn colour(cargo: &mut Command) {
    if std::io::stderr().is_terminal() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
        cargo.env("CARGO_TERM_COLOR", "always");
    }
}
