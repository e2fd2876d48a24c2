//! Taking away what nothing names, and looking for what should be there.

use crate::store::{
    COUNT_FILES, DELETE_GONE, DELETE_ORPHAN, GIVE_BACK, INSERT_GONE, KEEP_NAMED, LIST_GONE, LIST_ORPHANS,
    LIST_STORED,
};
use crate::{Files, LOOSE_HOURS};
use kernel::{By, DeveloperId, Fault, FaultKind, FileId, Time};
use serde_json::json;
use store::{audit, params};

/// How many in one round.
const BATCH: i64 = 100;

/// Collects what nothing has named for a day; says how many files are gone for good. It may end anywhere and
/// be begun again, also by several processes at once: a row goes first, so that nobody finds it any more,
/// into a list of what is to be taken away; then its bytes; then its place in the list, and with it what it
/// took up of the quota.
pub async fn collect(files: &Files) -> Result<u64, Fault> {
    let house = &files.house;
    let before = house.now().plus(-LOOSE_HOURS * Time::HOUR);
    let mut last = String::new();
    loop {
        let from = last.clone();
        let page: Vec<(FileId,)> =
            house.db.read(move |l| l.all(&LIST_ORPHANS, params![before, &from, BATCH])).await?;
        for (id,) in &page {
            give_up(files, *id, before).await?;
        }
        match page.last() {
            Some((id,)) if page.len() as i64 == BATCH => last = id.to_string(),
            _ => break,
        }
    }
    let (mut collected, mut last) = (0, String::new());
    loop {
        let from = last.clone();
        let page: Vec<(FileId,)> = house.db.read(move |l| l.all(&LIST_GONE, params![&from, BATCH])).await?;
        for (id,) in &page {
            // One that cannot be taken away does not keep the others.
            match take_away(files, *id).await {
                Ok(gone) => collected += u64::from(gone),
                Err(fault) => tracing::warn!(file = %id, error = %fault, "cannot be taken away now"),
            }
        }
        match page.last() {
            Some((id,)) if page.len() as i64 == BATCH => last = id.to_string(),
            _ => return Ok(collected),
        }
    }
}

/// Nobody finds the file from here on.
async fn give_up(files: &Files, id: FileId, before: Time) -> Result<(), Fault> {
    let h = files.house.clone();
    let done = files
        .house
        .db
        .write(move |tx| {
            let row: Option<(Option<DeveloperId>, i64, String)> =
                tx.changed(&DELETE_ORPHAN, params![id, before])?;
            // Another was quicker, or something names it by now.
            let Some((developer, size, name)) = row else { return Ok(()) };
            tx.change(&INSERT_GONE, params![id, developer, size])?;
            let detail = json!({"name": name, "size": size, "developer": developer.map(|d| d.to_string())});
            audit::record(tx, &h, &By::house("collect"), "file.collected", id, &detail)
        })
        .await;
    match done {
        Err(fault) if fault.kind == FaultKind::Constraint => {
            tracing::warn!(file = %id, "was let go by one and is still named by another: it is kept");
            files.house.db.write(move |tx| tx.change(&KEEP_NAMED, params![id])).await.map(drop)
        }
        done => done,
    }
}

async fn take_away(files: &Files, id: FileId) -> Result<bool, Fault> {
    files.depot.remove(id).await?;
    files
        .house
        .db
        .write(move |tx| {
            let row: Option<(Option<DeveloperId>, i64)> = tx.changed(&DELETE_GONE, params![id])?;
            if let Some((Some(developer), size)) = row {
                tx.change(&GIVE_BACK, params![developer, size])?;
            }
            Ok(row.is_some())
        })
        .await
}

/// What looking for the bytes of every file found.
#[derive(Default, Debug)]
pub struct Missing {
    pub looked_at: u64,
    /// The first of those that are not there, or not whole.
    pub first: Vec<FileId>,
    pub missing: u64,
}

/// Looks in the depot for the bytes of up to `most` files.
pub async fn missing(files: &Files, most: u64) -> Result<Missing, Fault> {
    let (mut found, mut last) = (Missing::default(), String::new());
    while found.looked_at < most {
        let from = last.clone();
        let page: Vec<(FileId, i64)> =
            files.house.db.read(move |l| l.all(&LIST_STORED, params![&from, BATCH])).await?;
        for (id, size) in &page {
            found.looked_at += 1;
            let there = files.depot.size(*id).await?;
            if there != u64::try_from(*size).ok() {
                found.missing += 1;
                if found.first.len() < 5 {
                    found.first.push(*id);
                }
            }
        }
        match page.last() {
            Some((id, _)) if page.len() as i64 == BATCH => last = id.to_string(),
            _ => break,
        }
    }
    Ok(found)
}

/// How many files there are, and their bytes.
pub async fn counts(files: &Files) -> Result<(i64, i64), Fault> {
    let found: Option<(i64, i64)> = files.house.db.read(|l| l.one(&COUNT_FILES, &[])).await?;
    Ok(found.unwrap_or_default())
}
