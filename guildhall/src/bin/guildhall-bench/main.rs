//! `cargo xtask bench`: what the house costs, measured on this machine and set beside its goals.
//!
//! Figures swing with the machine, so whatever can be a ratio is one, both sides taken in turns within
//! one run; no test asserts any of it. What the lines mean is told in `docs/performance.md`.

mod builds;
mod crowd;
mod load;
mod machine;
mod pages;
mod reads;
mod server;
mod store;
mod table;
mod town;
mod writes;

use anyhow::Context;
use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use table::Table;

/// Measures the release build of Guildhall.
#[derive(Parser)]
#[command(name = "guildhall-bench")]
struct Cli {
    /// Fewer and shorter rounds: whether it runs, not how fast.
    #[arg(long)]
    quick: bool,
    /// Measure building instead: a clean debug build and two small changes. Takes minutes.
    #[arg(long)]
    builds: bool,
    /// The guildhall to serve with; else the one of this build, brought up to date first.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    /// Only these parts: writes, reads, pages, crowd.
    #[arg(long, value_name = "PART")]
    only: Vec<String>,
}

/// How much of it all.
#[derive(Clone, Copy)]
pub struct Plan {
    pub rounds: usize,
    /// Of one side of a pair.
    pub round: Duration,
    /// At a fixed rate.
    pub paced: Duration,
    pub paced_rounds: usize,
    pub accounts: usize,
    pub starts: usize,
}

impl Plan {
    fn new(quick: bool) -> Plan {
        let ms = Duration::from_millis;
        if quick {
            Plan {
                rounds: 3,
                round: ms(400),
                paced: ms(2_000),
                paced_rounds: 1,
                accounts: 100_000,
                starts: 1,
            }
        } else {
            Plan {
                rounds: 5,
                round: ms(1_500),
                paced: ms(5_000),
                paced_rounds: 3,
                accounts: 100_000,
                starts: 3,
            }
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.note(&machine::describe());
    if cli.builds {
        builds::measure(&mut table)?;
    } else {
        let plan = Plan::new(cli.quick);
        let wanted = |part: &str| cli.only.is_empty() || cli.only.iter().any(|p| p == part);
        // First, and before anything is timed: it may take all cores.
        let server = if wanted("pages") || wanted("crowd") {
            Some(server::binary(cli.server.as_deref())?)
        } else {
            None
        };
        if wanted("writes") {
            writes::measure(plan, &mut table).context("writes")?;
        }
        if wanted("reads") {
            reads::measure(plan, &mut table).context("reads")?;
        }
        if let Some(binary) = server {
            if wanted("pages") {
                pages::measure(plan, &binary, &mut table).context("pages")?;
            }
            if wanted("crowd") {
                crowd::measure(plan, &binary, &mut table).context("crowd")?;
            }
        }
    }
    table.note(&machine::describe());
    table.print();
    Ok(())
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        // A missed goal is told in the table; it is no failure of the run.
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            table::complain(&format!("{e:#}"));
            ExitCode::FAILURE
        }
    }
}
