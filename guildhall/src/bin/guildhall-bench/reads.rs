//! A point read through the store against the bare driver, by processor time of the reading thread.

use crate::Plan;
use crate::machine::thread_micros;
use crate::table::{Table, median, quantile};
use crate::town::{database, folder, settle, statement};
use anyhow::{Context, ensure};
use rusqlite::OptionalExtension;
use store::{Db, Statement, params};

const ROWS: usize = 20_000;
/// Asking for the processor time costs a system call: it is asked once for so many reads.
const TOGETHER: usize = 8;

pub fn measure(plan: Plan, table: &mut Table) -> anyhow::Result<()> {
    let folder = folder()?;
    let path = folder.path().join("reads.db");
    let find = statement("NAME_OF")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let db = runtime.block_on(database(&path))?;
    let ids = runtime.block_on(settle(&db, ROWS))?;
    let bare = rusqlite::Connection::open(&path)?;
    // As much memory for pages as the store gives a reader.
    bare.execute_batch("PRAGMA cache_size = -4096; PRAGMA query_only = ON;")?;

    let mut draw = Draw(1);
    let (mut through, mut beside, mut ratio) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=plan.rounds * 20 {
        let mut a = runtime.block_on(read(&db, find, &ids, &mut draw))?;
        let mut b = read_bare(&bare, find, &ids, &mut draw)?;
        // The first of them fill the caches.
        if round > 0 {
            ratio.push(quantile(&mut a, 0.5) / quantile(&mut b, 0.5));
            through.extend(a);
            beside.extend(b);
        }
    }
    db.close();
    let (p50, p99) = (quantile(&mut through, 0.5), quantile(&mut through, 0.99));
    let what = "point read through Db, SQLite, 20 000 rows, p50";
    table.goal(what, format!("{p50:.1} µs CPU (p99 {p99:.1})"), "<= 8 µs", p50 <= 8.0);
    let bare = quantile(&mut beside, 0.5);
    table.told("  the same by the bare driver", format!("{bare:.1} µs CPU; {:.2} times", median(&ratio)));
    Ok(())
}

/// Which row is read next: all over the table, and the same in every run.
struct Draw(u64);

impl Draw {
    fn next<'i>(&mut self, ids: &'i [String]) -> anyhow::Result<&'i str> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (self.0 >> 33) as usize % ids.len().max(1);
        ids.get(at).map(String::as_str).context("no rows")
    }
}

const GROUPS: usize = 64;

/// µs of processor time a read, one figure for each group of reads.
async fn read(
    db: &Db,
    find: &'static Statement,
    ids: &[String],
    draw: &mut Draw,
) -> anyhow::Result<Vec<f64>> {
    let mut taken = Vec::with_capacity(GROUPS);
    for _ in 0..GROUPS {
        let before = thread_micros();
        for _ in 0..TOGETHER {
            let id = draw.next(ids)?.to_owned();
            let name: Option<(String,)> =
                db.read(move |l| l.one(find, params![&id])).await.map_err(|e: kernel::Fault| e)?;
            ensure!(name.is_some(), "a row is gone");
        }
        taken.push((thread_micros() - before) / TOGETHER as f64);
    }
    Ok(taken)
}

fn read_bare(
    conn: &rusqlite::Connection,
    find: &'static Statement,
    ids: &[String],
    draw: &mut Draw,
) -> anyhow::Result<Vec<f64>> {
    let mut taken = Vec::with_capacity(GROUPS);
    for _ in 0..GROUPS {
        let before = thread_micros();
        for _ in 0..TOGETHER {
            let id = draw.next(ids)?.to_owned();
            let name: Option<String> =
                conn.prepare_cached(find.for_sqlite())?.query_row([id], |row| row.get(0)).optional()?;
            ensure!(name.is_some(), "a row is gone");
        }
        taken.push((thread_micros() - before) / TOGETHER as f64);
    }
    Ok(taken)
}
