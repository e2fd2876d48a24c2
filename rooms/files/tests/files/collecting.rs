//! U11, F1, F2: what nothing names is collected, whatever broke off where, and nothing else ever is.

use crate::support::*;
use depot::Depot;
use depot::faults::At as DepotAt;
use files::Purpose;
use std::sync::Arc;
use store::faults::At;
use store::testing::TestDb;
use tokio::sync::Barrier;

store::on_both! {
    async fn u11_what_was_never_named_is_collected_after_a_day(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let loose = p.take(&ana, Purpose::Picture, "loose.png", &png(8, 8)).await.expect("takes");
        let kept = p.take(&ana, Purpose::Picture, "kept.png", &png(9, 9)).await.expect("takes");
        assert_eq!(p.keep(&ana, kept.id).await.expect("is there").name, "kept.png");
        p.t.clock.advance(23 * kernel::Time::HOUR);
        assert_eq!(files::collect(&p.files).await.expect("collects"), 0);
        assert!(p.find(&ana, loose.id).await.is_some());
        p.a_day_later();
        assert_eq!(files::collect(&p.files).await.expect("collects"), 1);
        assert!(p.find(&ana, loose.id).await.is_none() && p.bytes(loose.id).await.is_none());
        assert!(p.keep(&ana, loose.id).await.is_none(), "it cannot be named any more");
        assert_eq!(p.usage(&ana).await, (1, kept.size), "what it took up is given back");
        assert!(p.bytes(kept.id).await.is_some());
        // Let go, it has a day again.
        p.let_go(kept.id).await;
        p.t.clock.advance(kernel::Time::HOUR);
        assert_eq!(files::collect(&p.files).await.expect("collects"), 0);
        assert!(p.keep(&ana, kept.id).await.is_some(), "and may be named anew meanwhile");
        p.a_day_later();
        assert_eq!(files::collect(&p.files).await.expect("collects"), 0);
        p.let_go(kept.id).await;
        p.a_day_later();
        assert_eq!(files::collect(&p.files).await.expect("collects"), 1);
        assert_eq!((p.usage(&ana).await, p.on_disk(), p.count(&COUNT_ROWS).await, p.count(&COUNT_GONE).await), ((0, 0), 0, 0, 0));
        assert_eq!(p.count(&COUNT_AUDIT).await, 4);
    }

    async fn u11_more_than_a_batch_goes_in_one_round(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        for n in 0..230 {
            p.take(&ana, Purpose::Attachment, "a.txt", format!("note {n}").as_bytes()).await.expect("takes");
        }
        p.a_day_later();
        assert_eq!(files::collect(&p.files).await.expect("collects"), 230);
        assert_eq!((p.usage(&ana).await, p.on_disk()), ((0, 0), 0));
    }

    /// A reference of any table holds a file, whatever its state says.
    async fn u11_what_another_still_names_is_not_collected(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let twice = p.take(&ana, Purpose::Picture, "a.png", &png(8, 8)).await.expect("takes");
        let once = p.take(&ana, Purpose::Picture, "b.png", &png(8, 8)).await.expect("takes");
        let sql = format!("CREATE TABLE holder (file_id TEXT NOT NULL REFERENCES file (id)); INSERT INTO holder (file_id) VALUES ('{}')", twice.id);
        p.t.on.by_hand(&sql).await.expect("runs");
        p.keep(&ana, twice.id).await.expect("keeps");
        p.let_go(twice.id).await;
        p.a_day_later();
        assert_eq!(files::collect(&p.files).await.expect("collects"), 1);
        assert!(p.find(&ana, twice.id).await.is_some() && p.bytes(twice.id).await.is_some());
        assert!(p.find(&ana, once.id).await.is_none());
        assert_eq!(p.usage(&ana).await, (1, twice.size));
    }

    /// F1, F2: whichever step of taking breaks off, nobody finds half a file, and a day later nothing is left.
    async fn f1_f2_taking_may_break_off_anywhere(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let picture = png(8, 8);
        let mut orders: Vec<(Option<At>, Option<DepotAt>)> = (1..=5).map(|n| (Some(At::Statement(n)), None)).collect();
        for n in 1..=2 {
            orders.push((Some(At::BeforeCommit(n)), None));
            orders.push((Some(At::AfterCommit(n)), None));
        }
        orders.push((None, Some(DepotAt::BeforePut)));
        orders.push((None, Some(DepotAt::AfterPut)));
        for (db, depot) in orders {
            if let Some(at) = db {
                p.t.house.db.faults().order(at);
            }
            if let Some(at) = depot {
                p.depot.order(at);
            }
            let taken = p.take(&ana, Purpose::Picture, "a.png", &picture).await;
            assert!(matches!(taken, Err(kernel::Failure::Fault(_))), "{db:?} {depot:?}: {taken:?}");
            assert!(p.t.house.db.faults().is_done());
            p.usage(&ana).await;
            // Whatever is found has its bytes.
            let gone = files::missing(&p.files, 100).await.expect("looks");
            assert_eq!(gone.missing, 0, "{db:?} {depot:?}");
            p.a_day_later();
            files::collect(&p.files).await.expect("collects");
            assert_eq!((p.usage(&ana).await, p.on_disk(), p.count(&COUNT_ROWS).await), ((0, 0), 0, 0), "{db:?} {depot:?}");
        }
        // Killed in the middle of storing: the row is found by nobody, and collected.
        p.depot.order(DepotAt::NeverPut);
        let stuck = p.take(&ana, Purpose::Picture, "a.png", &picture);
        assert!(tokio::time::timeout(std::time::Duration::from_secs(2), stuck).await.is_err());
        assert_eq!((p.count(&COUNT_ROWS).await, p.usage(&ana).await.0), (1, 1));
        assert_eq!(files::missing(&p.files, 100).await.expect("looks").looked_at, 0, "nobody finds it");
        p.a_day_later();
        assert_eq!(files::collect(&p.files).await.expect("collects"), 1);
        assert_eq!((p.usage(&ana).await, p.on_disk()), ((0, 0), 0));
    }

    async fn f1_f2_collecting_may_break_off_anywhere(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let mut orders: Vec<(Option<At>, Option<DepotAt>)> = (1..=7).map(|n| (Some(At::Statement(n)), None)).collect();
        for n in 1..=2 {
            orders.push((Some(At::BeforeCommit(n)), None));
            orders.push((Some(At::AfterCommit(n)), None));
        }
        orders.push((None, Some(DepotAt::BeforeRemove)));
        orders.push((None, Some(DepotAt::AfterRemove)));
        for (db, depot) in orders {
            let kept = p.take(&ana, Purpose::Picture, "kept.png", &png(9, 9)).await.expect("takes");
            p.keep(&ana, kept.id).await.expect("keeps");
            let loose = p.take(&ana, Purpose::Picture, "a.png", &png(8, 8)).await.expect("takes");
            p.a_day_later();
            if let Some(at) = db {
                p.t.house.db.faults().order(at);
            }
            if let Some(at) = depot {
                p.depot.order(at);
            }
            // It may be told as a fault or not; what counts is what is there.
            let _ = files::collect(&p.files).await;
            p.usage(&ana).await;
            if p.find(&ana, loose.id).await.is_some() {
                assert!(p.bytes(loose.id).await.is_some(), "{db:?} {depot:?}: found without its bytes");
            }
            while files::collect(&p.files).await.expect("goes on") > 0 {}
            assert!(p.t.house.db.faults().is_done(), "{db:?}");
            assert_eq!(p.usage(&ana).await, (1, kept.size), "{db:?} {depot:?}");
            assert!(p.find(&ana, loose.id).await.is_none() && p.bytes(loose.id).await.is_none());
            assert!(p.bytes(kept.id).await.is_some(), "{db:?} {depot:?}");
            p.let_go(kept.id).await;
            p.a_day_later();
            assert_eq!(files::collect(&p.files).await.expect("collects"), 1);
        }
        assert_eq!((p.usage(&ana).await, p.on_disk(), p.count(&COUNT_GONE).await), ((0, 0), 0, 0));
    }

    /// X: several processes collect, while others name what is about to go.
    async fn x_collectors_and_holders_at_once(on: TestDb) {
        let p = Arc::new(Place::over(on).await);
        let ana = Arc::new(p.owner("ana").await);
        for _ in 0..6 {
            let mut ids = Vec::new();
            for _ in 0..6 {
                ids.push(p.take(&ana, Purpose::Attachment, "a.txt", b"words").await.expect("takes").id);
            }
            p.a_day_later();
            let start = Arc::new(Barrier::new(3 + ids.len()));
            let collectors: Vec<_> = (0..3).map(|_| {
                let (files, start) = (p.beside(), start.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    files::collect(&files).await.expect("collects")
                })
            }).collect();
            let holders: Vec<_> = ids.iter().map(|id| {
                let (p, ana, start, id) = (p.clone(), ana.clone(), start.clone(), *id);
                tokio::spawn(async move {
                    start.wait().await;
                    p.keep(&ana, id).await.is_some()
                })
            }).collect();
            let mut held = Vec::new();
            for (id, holder) in ids.iter().zip(holders) {
                held.push((*id, holder.await.expect("ends")));
            }
            let mut collected = 0;
            for collector in collectors {
                collected += collector.await.expect("ends");
            }
            collected += files::collect(&p.files).await.expect("collects");
            let kept = held.iter().filter(|(_, held)| *held).count();
            assert_eq!(collected as usize + kept, ids.len(), "each is collected once, or kept");
            for (id, held) in held {
                assert_eq!(p.bytes(id).await.is_some(), held);
                assert_eq!(p.find(&ana, id).await.is_some(), held);
                if held {
                    p.let_go(id).await;
                }
            }
            p.usage(&ana).await;
            p.a_day_later();
            files::collect(&p.files).await.expect("collects");
            assert_eq!((p.usage(&ana).await, p.on_disk()), ((0, 0), 0));
        }
    }

    async fn the_doctor_is_told_what_is_not_there(on: TestDb) {
        let p = Place::over(on).await;
        let ana = p.owner("ana").await;
        let there = p.take(&ana, Purpose::Picture, "a.png", &png(8, 8)).await.expect("takes");
        let lost = p.take(&ana, Purpose::Picture, "b.png", &png(8, 8)).await.expect("takes");
        p.depot.remove(lost.id).await.expect("removes");
        let found = files::missing(&p.files, 100).await.expect("looks");
        assert_eq!((found.looked_at, found.missing, found.first), (2, 1, vec![lost.id]));
        assert!(matches!(files::open(&p.files, &ana.session, lost.id).await, Err(kernel::Failure::Fault(_))));
        assert!(files::open(&p.files, &ana.session, there.id).await.is_ok());
        assert_eq!(files::counts(&p.files).await.expect("counts"), (2, there.size + lost.size));
    }
}
