//! Group commit against one commit each, both at FULL on the same disk, in turns.

use crate::Plan;
use crate::machine::process_micros;
use crate::table::{Table, median, quantile, rate, spread};
use crate::town::{Row, database, folder, statement};
use anyhow::Context;
use kernel::{Clock, SystemClock};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::{Db, Statement};

const WRITERS: usize = 64;

pub fn measure(plan: Plan, table: &mut Table) -> anyhow::Result<()> {
    let folder = folder()?;
    let insert = statement("INSERT_FIRST")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let grouped = runtime.block_on(database(&folder.path().join("grouped.db")))?;
    let path = folder.path().join("each.db");
    runtime.block_on(database(&path))?.close();
    let each = Each::open(&path)?;

    let numbers = Arc::new(AtomicUsize::new(0));
    let mut found = Found::default();
    for round in 0..=plan.rounds {
        let synced = sync_rate(folder.path(), plan.round / 4)?;
        let a = runtime.block_on(many(&grouped, insert, plan.round, &numbers))?;
        let b = each.one_by_one(insert, plan.round, &numbers)?;
        // The first of them warms up.
        if round > 0 {
            found.add(synced, a, b);
        }
    }
    grouped.close();
    found.tell(table);
    Ok(())
}

/// One side of a round.
struct Side {
    per_second: f64,
    cpu_micros: f64,
    /// How long each writer waited, in ms.
    waits: Vec<f64>,
}

#[derive(Default)]
struct Found {
    synced: Vec<f64>,
    grouped: Vec<f64>,
    each: Vec<f64>,
    ratio: Vec<f64>,
    grouped_cpu: Vec<f64>,
    each_cpu: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
}

impl Found {
    fn add(&mut self, synced: f64, mut a: Side, b: Side) {
        self.synced.push(synced);
        self.ratio.push(a.per_second / b.per_second);
        self.grouped.push(a.per_second);
        self.each.push(b.per_second);
        self.grouped_cpu.push(a.cpu_micros);
        self.each_cpu.push(b.cpu_micros);
        self.p50.push(quantile(&mut a.waits, 0.5));
        self.p99.push(quantile(&mut a.waits, 0.99));
    }

    fn tell(&self, table: &mut Table) {
        let ratio = median(&self.ratio);
        let what = "group commit against one commit each, FULL, 64 writers";
        table.goal(what, format!("{} times", spread(&self.ratio, 1)), ">= 6 times", ratio >= 6.0);
        table.told("  group commit", rate(&self.grouped));
        table.told("  one commit each, bare driver", rate(&self.each));
        table.told("  fdatasync of 4 KB on this disk", rate(&self.synced));
        let cpu = |values: &[f64]| format!("{} µs CPU", spread(values, 1));
        table.told("  a row by group commit", cpu(&self.grouped_cpu));
        table.told("  a row by one commit each", cpu(&self.each_cpu));
        let waits = format!("p50 {:.1} ms, p99 {:.1} ms", median(&self.p50), median(&self.p99));
        table.told("  how long a writer waits", waits);
    }
}

/// As the verbs write: many tasks, each waits until its row is on the disk.
async fn many(
    db: &Db,
    insert: &'static Statement,
    round: Duration,
    numbers: &Arc<AtomicUsize>,
) -> anyhow::Result<Side> {
    let (start, before) = (Instant::now(), process_micros());
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (db, numbers) = (db.clone(), numbers.clone());
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while start.elapsed() < round {
                    let row = Row::new(numbers.fetch_add(1, Ordering::Relaxed), SystemClock.now());
                    let began = Instant::now();
                    db.write(move |tx| tx.change(insert, &row.params())).await?;
                    waits.push(began.elapsed().as_secs_f64() * 1e3);
                }
                Ok::<_, kernel::Fault>(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for writer in writers {
        waits.extend(writer.await??);
    }
    Ok(side(start, before, waits))
}

fn side(start: Instant, before: f64, waits: Vec<f64>) -> Side {
    let rows = waits.len() as f64;
    Side {
        per_second: rows / start.elapsed().as_secs_f64(),
        cpu_micros: (process_micros() - before) / rows,
        waits,
    }
}

/// The bare driver, as one would use it without a thought: every row its own commit.
struct Each(rusqlite::Connection);

impl Each {
    fn open(path: &Path) -> anyhow::Result<Each> {
        let conn = rusqlite::Connection::open(path)?;
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )?;
        Ok(Each(conn))
    }

    fn one_by_one(
        &self,
        insert: &'static Statement,
        round: Duration,
        numbers: &AtomicUsize,
    ) -> anyhow::Result<Side> {
        let mut prepared = self.0.prepare(insert.for_sqlite())?;
        let (start, before) = (Instant::now(), process_micros());
        let mut waits = Vec::new();
        while start.elapsed() < round {
            let row = Row::new(numbers.fetch_add(1, Ordering::Relaxed), SystemClock.now());
            let began = Instant::now();
            let n = prepared.execute(rusqlite::params![
                row.id,
                row.email,
                row.email,
                row.name,
                row.lang,
                row.password,
                row.at.0
            ])?;
            anyhow::ensure!(n == 1, "a row was not kept");
            waits.push(began.elapsed().as_secs_f64() * 1e3);
        }
        Ok(side(start, before, waits))
    }
}

/// What the disk can do at all: the floor under every commit.
fn sync_rate(folder: &Path, round: Duration) -> anyhow::Result<f64> {
    let mut file = std::fs::File::create(folder.join("sync")).context("a file to sync")?;
    let (start, mut n) = (Instant::now(), 0.0);
    while start.elapsed() < round {
        file.write_all(&[7; 4_096])?;
        file.sync_data()?;
        n += 1.0;
    }
    Ok(n / start.elapsed().as_secs_f64())
}
