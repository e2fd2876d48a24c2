//! The house's own tools, as `cargo xtask COMMAND`: what a developer and continuous integration run
//! is the same program, so that green here is green there.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool at a terminal: it prints, waits for servers, and reads the environment cargo gives it"
)]

mod judges;
mod postgres;
mod run;
mod stages;
mod tally;
mod tidy;
mod tools;
mod unit;
mod workspace;

use anyhow::{Result, bail};
use std::process::ExitCode;
use workspace::Workspace;

const HELP: &str = "\
cargo xtask COMMAND

  test [STAGE…]        runs every stage, or only these; `test --list` lists them
  tidy                 the house rules: one line for each violation
  postgres -- CMD…     starts a throw-away PostgreSQL, runs CMD with its address in
                       GUILDHALL_TEST_POSTGRES, stops it; for example
                       cargo xtask postgres -- cargo nextest run -p store --features postgres-tests
                       cargo xtask postgres -- sh -c 'psql \"$GUILDHALL_TEST_POSTGRES\"'
  bench [ARGS…]        measures the release build; ARGS go to guildhall-bench
  help                 this
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match command(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("xtask: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(args: &[String]) -> Result<bool> {
    let (name, rest) = match args.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => ("help", args),
    };
    match name {
        "test" if rest.iter().any(|a| a == "--list") => stages::list(),
        "test" => return stages::run(&Workspace::read()?, rest),
        "tidy" => return tidy::run(&Workspace::read()?),
        "postgres" => return with_postgres(rest),
        "bench" => return bench(&Workspace::read()?, rest),
        "help" | "--help" | "-h" => print!("{HELP}"),
        unknown => bail!("no command `{unknown}`\n\n{HELP}"),
    }
    Ok(true)
}

fn with_postgres(args: &[String]) -> Result<bool> {
    let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
    let Some((program, rest)) = args.split_first() else {
        bail!("which command? cargo xtask postgres -- CMD…");
    };
    let server = postgres::Postgres::start()?;
    let mut command = run::program(program);
    command.args(rest).env(postgres::VARIABLE, &server.url);
    run::interactive(&mut command)
}

fn bench(house: &Workspace, args: &[String]) -> Result<bool> {
    let mut cargo = house.cargo();
    cargo.args([
        "run",
        "--release",
        "-p",
        "guildhall",
        "--features",
        "bench",
        "--bin",
        "guildhall-bench",
        "--",
    ]);
    run::interactive(cargo.args(args))
}
