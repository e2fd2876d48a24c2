//! The seller whitelist: typed by people, kept by id.

use super::{must_build, no};
use crate::rules::BadLine;
use crate::store::{DELETE_WHITELIST, INSERT_LISTED, LIST_LISTED_IDS, TURN_WHITELIST};
use crate::verbs::look::find_app;
use crate::{Answer, Apps, Policy, Refusal};
use kernel::{AppId, By, Errors, Problem, SellerId};
use people::Seat;
use serde_json::json;
use std::collections::BTreeMap;
use store::{audit, params};

pub const WHITELIST_MAX: u32 = 10_000;
const ENTRY_MAX: usize = 254;

/// What was pasted, entry by entry with its line: parted by semicolons, commas or new lines, none empty.
pub fn entries(typed: &str) -> Vec<(u32, String)> {
    let lines = (1..).zip(typed.lines());
    let parts = lines.flat_map(|(n, line)| line.split([';', ',', '；', '，']).map(move |e| (n, e.trim())));
    parts.filter(|(_, e)| !e.is_empty()).map(|(n, e)| (n, e.to_owned())).collect()
}

fn unknown(bad: Vec<BadLine>) -> Refusal {
    let n = u32::try_from(bad.len()).unwrap_or(u32::MAX);
    Refusal::BadLines(Errors::one("sellers", Problem::BadLines(n)), bad)
}

/// Replaces the whole list, or nothing of it. Each entry is a seller that is there, found by short code or
/// login address; what counts from then on is who that is, not what was typed. Says how many are listed.
pub async fn replace_whitelist(apps: &Apps, by: &By, seat: &Seat, id: AppId, typed: &str) -> Answer<usize> {
    must_build(seat)?;
    let entries = entries(typed);
    if entries.len() > WHITELIST_MAX as usize {
        return no(Refusal::Invalid(Errors::one("sellers", Problem::TooMany(WHITELIST_MAX))));
    }
    let (asked, seat_) = (entries.clone(), seat.clone());
    // Finding ten thousand takes a while: it is done before anything is held.
    let found = apps.house.db.read(move |l| {
        let app = find_app(l, &seat_, id)?;
        if app.terms.policy != Policy::Whitelist {
            return no(Refusal::NoWhitelist);
        }
        let typed: Vec<String> = asked.iter().map(|(_, e)| e.chars().take(ENTRY_MAX).collect()).collect();
        Ok(people::resolve_sellers(l, &typed)?)
    });
    let (mut bad, mut wanted) = (Vec::new(), BTreeMap::<SellerId, String>::new());
    for ((number, text), seller) in entries.into_iter().zip(found.await?) {
        match seller {
            Some(s) => drop(wanted.entry(s.id).or_insert(text)),
            None => bad.push(BadLine { number, text: text.chars().take(60).collect() }),
        }
    }
    if !bad.is_empty() {
        return no(unknown(bad));
    }
    let (h, by, seat) = (apps.house.clone(), by.with(seat.account()), seat.clone());
    apps.house
        .db
        .write(move |tx| {
            let now = h.now();
            // First the app's row: who replaces at the same time waits here, and replaces all of this.
            if !tx.moved(&TURN_WHITELIST, params![id, seat.developer(), now])? {
                return no(Refusal::NotFound);
            }
            let before: Vec<(SellerId,)> = tx.all(&LIST_LISTED_IDS, params![id])?;
            let mut removed = 0;
            for (seller,) in &before {
                if !wanted.contains_key(seller) {
                    removed += tx.change(&DELETE_WHITELIST, params![id, *seller])?;
                }
            }
            for (seller, text) in &wanted {
                tx.change(&INSERT_LISTED, params![id, *seller, text, now, seat.account()])?;
            }
            let added = wanted.len() + removed as usize - before.len();
            let detail = json!({"sellers": wanted.len(), "added": added, "removed": removed});
            audit::record(tx, &h, &by, "app.whitelist_replaced", id, &detail)?;
            Ok(wanted.len())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a11_what_is_pasted_is_parted_and_counted_by_lines() {
        let e = entries("a;;b;\r\n c ；d\n\n ;\nE,f");
        let told: Vec<_> = e.iter().map(|(n, t)| (*n, t.as_str())).collect();
        assert_eq!(told, [(1, "a"), (1, "b"), (2, "c"), (2, "d"), (5, "E"), (5, "f")]);
        assert!(entries(" ; \n;").is_empty());
    }
}
