//! A page with 25 rows out of 100 000, asked of the shipped binary; its memory, and how soon it is ready.

use crate::Plan;
use crate::load::{self, Ask};
use crate::machine::{self, thread_micros};
use crate::server::Server;
use crate::table::{Table, median, quantile, rate, spread};
use crate::town::{HOST, Town, folder};
use anyhow::{Context, ensure};
use people::Visitor;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const CONNECTIONS: usize = 32;
const FIXED_RATE: u32 = 500;
/// How long the house is left alone before its memory is looked at.
const REST: Duration = Duration::from_millis(1_500);

pub fn measure(plan: Plan, binary: &Path, table: &mut Table) -> anyhow::Result<()> {
    let cores = machine::cores()?;
    let folder = folder()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let town = runtime.block_on(Town::build(folder.path(), plan.accounts))?;
    let (visitor, list) = runtime.block_on(parts(&town))?;
    let session = town.session.reveal().to_owned();
    town.people.house.db.close();
    drop(town);

    let mut ready = Vec::new();
    let mut server = Server::start(binary, folder.path(), &[], cores.server)?;
    ready.push(server.ready.as_secs_f64());
    for _ in 1..plan.starts {
        drop(server);
        server = Server::start(binary, folder.path(), &[], cores.server)?;
        ready.push(server.ready.as_secs_f64());
    }
    std::thread::park_timeout(REST);
    let fresh = server.resident_mb()?;

    let ask = Arc::new(Ask {
        address: server.pages,
        request: format!(
            "GET /desk/accounts HTTP/1.1\r\nhost: {HOST}\r\ncookie: __Host-session={session}\r\n\
             accept-language: en\r\naccept: text/html\r\naccept-encoding: gzip\r\nuser-agent: guildhall-bench\r\n\r\n"
        ),
        mark: "/desk/audit?subject=acc_",
        rows: 25,
    });
    load::closed(cores.load, &ask, CONNECTIONS, Duration::from_millis(500)).context("warming up")?;
    let (mut cpu, mut per_second, mut bytes) = (Vec::new(), Vec::new(), 0);
    for _ in 0..plan.rounds {
        let before = server.cpu_micros()?;
        let seen = load::closed(cores.load, &ask, CONNECTIONS, plan.round)?;
        let answers = seen.answers as f64;
        cpu.push((server.cpu_micros()? - before) / answers);
        per_second.push(answers / seen.took.as_secs_f64());
        bytes = seen.bytes / seen.answers.max(1);
    }
    let by_core: Vec<f64> = cpu.iter().map(|micros| 1e6 / micros).collect();
    let what = "page with 25 rows of 100 000, a second on one core";
    table.goal(what, rate(&by_core), ">= 4 000/s", median(&by_core) >= 4_000.0);
    table.told("  its CPU", format!("{} µs, {bytes} bytes", spread(&cpu, 0)));
    table.told("  as a closed loop of 32 connections saw it", rate(&per_second));
    table.told("  of it: who is visiting (1 query)", format!("{visitor:.1} µs CPU"));
    table.told("  of it: the 25 rows (1 query)", format!("{list:.1} µs CPU"));

    paced(plan, &server, cores, &ask, table)?;
    std::thread::park_timeout(REST);
    let after = server.resident_mb()?;
    table.goal("memory of an idle house (RSS)", format!("{fresh:.1} MB"), "<= 40 MB", fresh <= 40.0);
    table.goal("  idle again after the load", format!("{after:.1} MB"), "<= 40 MB", after <= 40.0);
    let slowest = quantile(&mut ready, 1.0);
    let what = "from start to ready, with 100 000 accounts";
    table.goal(what, format!("{} s", spread(&ready, 3)), "< 1 s", slowest < 1.0);
    Ok(())
}

/// At a fixed rate, each answer timed from when its question should have left.
fn paced(
    plan: Plan,
    server: &Server,
    cores: machine::Cores,
    ask: &Arc<Ask>,
    table: &mut Table,
) -> anyhow::Result<()> {
    // Does nothing and is asked just so: what it waits for is the machine.
    let idle = Arc::new(Ask {
        address: server.operations,
        request: "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned(),
        mark: "alive",
        rows: 1,
    });
    let (mut p50, mut p99, mut cpu, mut floor) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..plan.paced_rounds {
        let mut seen = load::paced(cores.load, &idle, CONNECTIONS, FIXED_RATE, plan.paced / 2)?;
        floor.push(quantile(&mut seen.waits, 0.99));
        let before = server.cpu_micros()?;
        let mut seen = load::paced(cores.load, ask, CONNECTIONS, FIXED_RATE, plan.paced)?;
        ensure!(seen.answers > 0, "nothing was asked");
        cpu.push((server.cpu_micros()? - before) / seen.answers as f64);
        p50.push(quantile(&mut seen.waits, 0.5));
        p99.push(quantile(&mut seen.waits, 0.99));
    }
    let what = "the same page at a fixed 500/s, p99";
    table.goal(what, format!("{} ms", spread(&p99, 2)), "< 20 ms", median(&p99) < 20.0);
    table.told("  /healthz at that rate, p99: the machine itself", format!("{} ms", spread(&floor, 2)));
    table.told("  p50", format!("{} ms", spread(&p50, 2)));
    table.told("  its CPU", format!("{} µs", spread(&cpu, 0)));
    Ok(())
}

/// What the two queries of the page cost by themselves, in µs of this thread's processor time.
async fn parts(town: &Town) -> anyhow::Result<(f64, f64)> {
    let (mut visitor, mut list) = (Vec::new(), Vec::new());
    for _ in 0..2_000 {
        let before = thread_micros();
        let who = people::visitor(&town.people, Some(town.session.clone())).await?;
        let between = thread_micros();
        let found = people::list_accounts(&town.people, "", None).await;
        list.push(thread_micros() - between);
        visitor.push(between - before);
        ensure!(matches!(who, Visitor::SignedIn(_)), "the session is gone");
        ensure!(found.is_ok_and(|rows| rows.len() == 26), "the accounts are gone");
    }
    Ok((quantile(&mut visitor, 0.5), quantile(&mut list, 0.5)))
}
