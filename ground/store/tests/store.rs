//! The store's promises, on both databases.

use kernel::{AccountId, By, Clock, Fault, FaultKind, SystemRandom, Time};
use serde_json::json;
use std::sync::Arc;
use store::faults::At;
use store::testing::{START, TestDb};
use store::{Db, House, MasterKeys, Opening, Tx, Vault, VaultError, audit, backup, migrate, outbox, params};

store::statements! {
    INSERT = "INSERT INTO throttle (key, tat) VALUES ($1, $2)";
    SWAPPED = "SELECT $2, $1 FROM throttle WHERE tat = CAST($3 AS BIGINT) AND key = CAST($1 AS TEXT) OR key = CAST($2 AS TEXT)";
    ADD = "UPDATE throttle SET tat = tat + 1 WHERE key = $1 AND tat < $2";
    FIND = "SELECT tat FROM throttle WHERE key = $1";
    COUNT = "SELECT count(*) FROM throttle";
    NONSENSE = "INSERT INTO throttle (key, tat) VALUES ($1, NULL)";
    UNSEAL = "UPDATE audit SET detail = '{}' WHERE seq = 2";
}

async fn count(db: &Db) -> i64 {
    db.read(|l| l.one::<(i64,)>(&COUNT, &[])).await.expect("reads").expect("a row").0
}

fn insert(key: &str, n: i64) -> impl FnMut(&mut Tx<'_>) -> Result<u64, Fault> + Send + 'static {
    let key = key.to_owned();
    move |tx| tx.change(&INSERT, params![&key, n])
}

store::on_both! {
    async fn a_transaction_is_whole_or_nothing(on: TestDb) {
        let failed: Result<(), Fault> = on.db.write(|tx| {
            tx.change(&INSERT, params!["a", 1])?;
            Err(Fault::internal("changed my mind"))
        }).await;
        assert!(failed.is_err());
        let swallowed: Result<(), Fault> = on.db.write(|tx| {
            tx.change(&INSERT, params!["b", 1])?;
            let _ = tx.change(&NONSENSE, params!["c"]);
            Ok(())
        }).await;
        assert_eq!(swallowed.expect_err("half of the work is missing").kind, FaultKind::Internal);
        let panicked: Result<(), Fault> = on.db.write(|tx| {
            tx.change(&INSERT, params!["d", 1])?;
            panic!("on purpose")
        }).await;
        assert!(panicked.expect_err("the panic is told").text.contains("on purpose"));
        assert_eq!(count(&on.db).await, 0);
        on.db.write(insert("e", 1)).await.expect("the writer still works");
        let twice = on.db.write(insert("e", 1)).await.expect_err("unique");
        assert_eq!(twice.kind, FaultKind::Constraint);
        assert_eq!(count(&on.db).await, 1);
    }

    async fn parameters_are_bound_by_their_numbers(on: TestDb) {
        on.db.write(insert("one", 7)).await.expect("writes");
        let row = on.db.read(|l| l.one::<(String, String)>(&SWAPPED, params!["one", "two", 7])).await;
        assert_eq!(row.expect("reads"), Some(("two".into(), "one".into())));
    }

    async fn sixty_four_writers_lose_nothing_and_overshoot_nothing(on: TestDb) {
        on.db.write(insert("n", 0)).await.expect("writes");
        let gate = Arc::new(tokio::sync::Barrier::new(64));
        let tasks: Vec<_> = (0..64).map(|_| {
            let (db, gate) = (on.db.clone(), gate.clone());
            tokio::spawn(async move {
                gate.wait().await;
                let mut moved = 0;
                for _ in 0..20 {
                    let m = db.write(|tx| tx.moved(&ADD, params!["n", 500])).await;
                    moved += i64::from(m.expect("writes"));
                }
                moved
            })
        }).collect();
        let mut acknowledged = 0;
        for t in tasks {
            acknowledged += t.await.expect("no panic");
        }
        let (stored,) = on.db.read(|l| l.one::<(i64,)>(&FIND, params!["n"])).await.expect("reads").expect("row");
        assert_eq!((acknowledged, stored), (500, 500));
    }

    /// F5: an I/O error at every single statement and commit; nothing half done is ever seen.
    async fn f5_a_fault_at_any_point_leaves_the_database_consistent(on: TestDb) {
        let both = |key: &'static str| move |tx: &mut Tx<'_>| -> Result<(), Fault> {
            tx.change(&INSERT, params![&format!("{key}1"), 1])?;
            tx.change(&INSERT, params![&format!("{key}2"), 1])?;
            Ok(())
        };
        for at in [At::Statement(1), At::Statement(2), At::BeforeCommit(1)] {
            on.db.faults().order(at);
            assert!(on.db.write(both("x")).await.is_err(), "{at:?}");
            assert!(on.db.faults().is_done());
            assert_eq!(count(&on.db).await, 0, "{at:?}");
        }
        on.db.faults().order(At::AfterCommit(1));
        assert!(on.db.write(both("y")).await.is_err());
        assert_eq!(count(&on.db).await, 2, "a lost reply does not undo the commit");
    }

    async fn x13_four_processes_migrate_at_once(on: TestDb) {
        let fresh = match &on.settings {
            store::Settings::Sqlite(_) => TestDb::empty_sqlite().await,
            store::Settings::Postgres(_) => TestDb::empty_postgres().await,
        };
        let gate = Arc::new(tokio::sync::Barrier::new(4));
        let tasks: Vec<_> = (0..4).map(|_| {
            let (db, gate) = (fresh.beside(), gate.clone());
            tokio::spawn(async move {
                gate.wait().await;
                migrate::run(&db, START).await
            })
        }).collect();
        let mut ran = Vec::new();
        for t in tasks {
            ran.push(t.await.expect("no panic").expect("all succeed"));
        }
        ran.sort_unstable();
        assert_eq!(ran, [0, 0, 0, usize::try_from(migrate::newest()).expect("small")]);
        assert_eq!(migrate::missing(&fresh.db).await.expect("asks"), 0);
    }

    async fn f15_a_newer_schema_and_an_edited_migration_are_refused(on: TestDb) {
        on.by_hand("INSERT INTO migration (id, name, hash, at) VALUES (9999, 'future', '', 0)".replace("''",
            if matches!(on.settings, store::Settings::Sqlite(_)) { "x''" } else { "''" }).as_str()).await.expect("by hand");
        let refused = migrate::run(&on.db, START).await.expect_err("newer");
        assert!(refused.text.contains("run a newer Guildhall"), "{refused}");
        on.by_hand("DELETE FROM migration WHERE id = 9999; UPDATE migration SET name = name, hash = (SELECT hash FROM migration WHERE id = 2) WHERE id = 1")
            .await.expect("by hand");
        assert!(migrate::run(&on.db, START).await.expect_err("edited").text.contains("changed after its release"));
    }

    async fn f15_an_interrupted_migration_leaves_nothing_behind(on: TestDb) {
        // The second table exists already, so that this run stops in the middle of its first migration.
        let fresh = match &on.settings {
            store::Settings::Sqlite(_) => TestDb::empty_sqlite().await,
            store::Settings::Postgres(_) => TestDb::empty_postgres().await,
        };
        fresh.by_hand("CREATE TABLE mail (id TEXT)").await.expect("by hand");
        assert!(migrate::run(&fresh.db, START).await.is_err());
        let tables: Vec<_> = store::shape(&fresh.db).await.expect("shape").into_iter().map(|c| c.table).collect();
        assert!(!tables.contains(&"audit".to_owned()), "{tables:?}");
        fresh.by_hand("DROP TABLE mail").await.expect("by hand");
        migrate::run(&fresh.db, START).await.expect("resumes");
    }

    /// A20
    async fn a20_an_edited_or_removed_audit_entry_is_found(on: TestDb) {
        let t = on.house().await;
        let h = t.house.clone();
        for n in 0..5 {
            let house = h.clone();
            t.clock.advance(1);
            h.db.write(move |tx| audit::record(tx, &house, &By::house("test"), "test.done", "it", &json!({"n": n})))
                .await.expect("records");
        }
        assert_eq!(audit::seal(&h).await.expect("seals"), 5);
        assert_eq!(audit::seal(&h).await.expect("seals"), 0);
        let verdict = async |h: &House| {
            let house = h.clone();
            h.db.snapshot(move |l| audit::verify(l, &house)).await.expect("verifies")
        };
        assert_eq!(verdict(&h).await, audit::Verdict::Whole { entries: 5, unsealed: 0 });

        // The database itself refuses, whoever asks.
        assert!(h.db.write(|tx| tx.change(&UNSEAL, &[])).await.is_err());
        assert!(t.on.by_hand("DELETE FROM audit WHERE seq = 3").await.is_err());
        assert_eq!(verdict(&h).await, audit::Verdict::Whole { entries: 5, unsealed: 0 });

        // And with the guards taken off, the chain shows it.
        let on_table = if matches!(t.on.settings, store::Settings::Sqlite(_)) { "" } else { " ON audit" };
        t.on.by_hand(&format!("DROP TRIGGER audit_stays{on_table}; DROP TRIGGER audit_keeps{on_table}")).await.expect("by hand");
        t.on.by_hand("UPDATE audit SET detail = '{\"n\":7}' WHERE seq = 2").await.expect("by hand");
        assert!(matches!(verdict(&h).await, audit::Verdict::Broken { seq: 2, .. }));
        t.on.by_hand("UPDATE audit SET detail = '{\"n\":1}' WHERE seq = 2").await.expect("by hand");
        assert!(matches!(verdict(&h).await, audit::Verdict::Whole { .. }));
        t.on.by_hand("DELETE FROM audit WHERE seq = 5").await.expect("by hand");
        assert!(matches!(verdict(&h).await, audit::Verdict::Broken { seq: 5, .. }), "a cut tail shows too");
    }

    async fn two_processes_seal_one_chain(on: TestDb) {
        let t = on.house().await;
        let other = House::open(t.on.beside(), t.house.clock.clone(), Arc::new(SystemRandom), t.house.vault.clone())
            .await.expect("opens");
        let both = [t.house.clone(), other];
        let tasks: Vec<_> = (0..8).map(|n: usize| {
            let h = both[n % 2].clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    let house = h.clone();
                    h.db.write(move |tx| audit::record(tx, &house, &By::house("test"), "test.done", "it", &json!({})))
                        .await.expect("records");
                    audit::seal(&h).await.expect("seals");
                }
            })
        }).collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        audit::seal(&t.house).await.expect("seals");
        let house = t.house.clone();
        let verdict = t.house.db.snapshot(move |l| audit::verify(l, &house)).await.expect("verifies");
        assert_eq!(verdict, audit::Verdict::Whole { entries: 80, unsealed: 0 });
    }

    async fn a_parcel_is_carried_by_one_and_taken_up_when_its_carrier_dies(on: TestDb) {
        let t = on.house().await;
        let h = &t.house;
        for n in 0..20u8 {
            let house = h.clone();
            h.db.write(move |tx| outbox::post(tx, &house, "mail", &[n])).await.expect("posts");
        }
        let gate = Arc::new(tokio::sync::Barrier::new(4));
        let tasks: Vec<_> = (0..4).map(|_| {
            let (h, gate) = (h.clone(), gate.clone());
            tokio::spawn(async move {
                gate.wait().await;
                outbox::claim(&h, 8, 60_000).await.expect("claims")
            })
        }).collect();
        let mut carried = Vec::new();
        for task in tasks {
            carried.extend(task.await.expect("no panic"));
        }
        while carried.len() < 20 {
            let more = outbox::claim(h, 8, 60_000).await.expect("claims");
            assert!(!more.is_empty(), "every parcel is found");
            carried.extend(more);
        }
        let mut what: Vec<_> = carried.iter().map(|p| p.payload.reveal()[0]).collect();
        what.sort_unstable();
        assert_eq!(what, (0..20).collect::<Vec<u8>>(), "each by exactly one");

        // One arrives; its carrier's lease ends for the others, and they are taken up again.
        let first = carried.remove(0);
        h.db.write(move |tx| outbox::arrived(tx, &first)).await.expect("marks");
        t.clock.advance(61_000);
        let again = outbox::claim(h, 100, 60_000).await.expect("claims");
        assert_eq!((again.len(), again[0].tries), (19, 2));
        let late = carried.remove(0);
        assert!(!h.db.write(move |tx| outbox::arrived(tx, &late)).await.expect("asks"), "the first carrier came too late");
        assert_eq!(outbox::counts(h).await.expect("counts"), (19, 0));
    }

    /// F16, F17, F18
    async fn f16_a_backup_comes_back_whole_and_only_into_an_empty_house(on: TestDb) {
        let t = on.house().await;
        let h = t.house.clone();
        for n in 0..700 {
            let house = h.clone();
            let write = h.db.write(move |tx| audit::record(tx, &house, &By::house("test"), "test.done", "\"quoted\" 界\n", &json!({"n": n})));
            write.await.expect("records");
        }
        while audit::seal(&h).await.expect("seals") > 0 {}
        let file = t.on.folder.path().join("backup");
        // Others go on writing meanwhile.
        let busy = tokio::spawn({ let db = h.db.clone(); async move {
            for n in 0..200 { db.write(insert(&format!("k{n}"), n)).await.expect("writes"); }
        }});
        let saved = backup::save(&h.db, &file, h.now()).await.expect("saves");
        busy.await.expect("no panic");
        assert!(backup::save(&h.db, &file, h.now()).await.is_err(), "never over another file");
        assert!(matches!(backup::bring_back(&h.db, &h.vault, &file).await, Err(backup::BackupError::NotEmpty(_))));

        for target in targets().await {
            let report = backup::bring_back(&target.db, &h.vault, &file).await.expect("comes back");
            assert_eq!(report.rows, saved.rows);
            let house = House::open(target.db.clone(), h.clock.clone(), h.random.clone(), h.vault.clone()).await.expect("opens");
            let same = house.clone();
            let verdict = house.db.snapshot(move |l| audit::verify(l, &same)).await.expect("verifies");
            assert_eq!(verdict, audit::Verdict::Whole { entries: 700, unsealed: 0 });
            assert!(matches!(backup::bring_back(&target.db, &h.vault, &file).await, Err(backup::BackupError::NotEmpty(_))));
        }

        // With a wrong master key nothing is brought back, and the right one still finds an empty house.
        let other = TestDb::sqlite().await;
        let wrong = Vault::new(&MasterKeys::parse(&"43".repeat(32)).expect("a key"));
        assert!(matches!(backup::bring_back(&other.db, &wrong, &file).await, Err(backup::BackupError::Key(_))));
        assert!(backup::bring_back(&other.db, &h.vault, &file).await.is_ok());

        let whole = std::fs::read(&file).expect("reads");
        let bent_file = t.on.folder.path().join("bent");
        let empty = TestDb::sqlite().await;
        for n in 0..40 {
            let mut bent = whole.clone();
            if n % 2 == 0 { bent.truncate(whole.len() * n / 40) } else { let i = whole.len() * n / 40; bent[i] ^= 4 }
            std::fs::write(&bent_file, &bent).expect("writes");
            assert!(backup::bring_back(&empty.db, &h.vault, &bent_file).await.is_err(), "{n}");
        }
        assert_eq!(count(&empty.db).await, 0);
    }

    /// F19
    async fn f19_a_missing_or_wrong_master_key_is_noticed_at_the_door(on: TestDb) {
        let t = on.house().await;
        let clock: Arc<dyn Clock> = t.house.clock.clone();
        let open = async |keys: &str| {
            let vault = Vault::new(&MasterKeys::parse(keys).expect("parses"));
            House::open(t.on.db.clone(), clock.clone(), Arc::new(SystemRandom), vault).await.map(|_| ())
        };
        let (right, other) = ("42".repeat(32), "43".repeat(32));
        assert!(matches!(open(&other).await, Err(VaultError::Missing(_))));
        assert!(open(&right).await.is_ok());
        assert!(open(&format!("{other}\n{right}")).await.is_ok(), "a new key in front of the old one");
        assert!(matches!(open(&right).await, Err(VaultError::Missing(_))), "now both are in use");
    }

    async fn every_statement_of_the_store_prepares(on: TestDb) {
        let list: Vec<_> = store::statements().chain(STATEMENTS.iter().copied().filter(|s| s.name != "NONSENSE")).collect();
        assert_eq!(store::prepare_all(&on.db, list).await.expect("asks"), Vec::<String>::new());
    }

    async fn the_schema_is_the_one_that_is_written_down(on: TestDb) {
        let mut text = String::new();
        let mut table = String::new();
        for c in store::shape(&on.db).await.expect("shape") {
            if c.table != table {
                text += &format!("\n{}\n", c.table);
                table = c.table;
            }
            text += &format!("  {} {}{}\n", c.name, c.kind, if c.required { "" } else { "?" });
        }
        store::testing::pinned(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/schema.txt"), text.trim_start());
    }
}

/// Two transactions take two rows in opposite orders: PostgreSQL ends one, and it is run again unseen.
#[cfg(feature = "postgres-tests")]
#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_nobodys_concern() {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};
    let on = TestDb::postgres().await;
    for key in ["a", "b"] {
        on.db.write(insert(key, 0)).await.expect("writes");
    }
    let gate = Arc::new(Barrier::new(2));
    let runs = Arc::new(AtomicU32::new(0));
    let both = [("a", "b"), ("b", "a")].map(|(first, second)| {
        let (db, gate, runs) = (on.db.clone(), gate.clone(), runs.clone());
        tokio::spawn(async move {
            let mut met = false;
            db.write(move |tx| {
                runs.fetch_add(1, Ordering::SeqCst);
                let one = tx.moved(&ADD, params![first, 100])?;
                if !met {
                    met = true;
                    gate.wait();
                }
                Ok::<_, Fault>(one && tx.moved(&ADD, params![second, 100])?)
            })
            .await
        })
    });
    for task in both {
        assert!(task.await.expect("no panic").expect("both succeed"));
    }
    for key in ["a", "b"] {
        let found = on.db.read(move |l| l.one::<(i64,)>(&FIND, params![key])).await.expect("reads");
        assert_eq!(found, Some((2,)));
    }
    assert!(runs.load(Ordering::SeqCst) > 2, "one of them was run again");
}

async fn targets() -> Vec<TestDb> {
    vec![
        TestDb::sqlite().await,
        #[cfg(feature = "postgres-tests")]
        TestDb::postgres().await,
    ]
}

#[tokio::test]
async fn one_server_a_file_and_tools_beside_it() {
    let on = TestDb::sqlite().await;
    let second = Db::open(&on.settings, Opening::Server).err().expect("refused");
    assert!(second.to_string().contains("in use by another Guildhall"), "{second}");
    on.beside().write(insert("tool", 1)).await.expect("a tool writes beside it");
    assert_eq!(count(&on.db).await, 1);
    on.db.close();
    assert!(on.db.write(insert("late", 1)).await.is_err());
}

/// F6, F18
#[tokio::test]
async fn f18_a_damaged_file_is_refused_with_the_next_step() {
    let on = TestDb::sqlite().await;
    on.db.close();
    drop(on.db);
    let store::Settings::Sqlite(at) = &on.settings else { panic!("sqlite") };
    std::fs::write(&at.path, b"this is no database, and long enough to look like one: ".repeat(100))
        .expect("writes");
    let _ = std::fs::remove_file(at.path.with_extension("db-wal"));
    let refused = Db::open(&on.settings, Opening::Server).err().expect("refused").to_string();
    assert!(refused.contains("restore the last backup"), "{refused}");
    let nowhere =
        store::Settings::Sqlite(store::SqliteSettings { path: "/nonexistent/folder/guildhall.db".into() });
    let refused = Db::open(&nowhere, Opening::Server).err().expect("refused").to_string();
    assert!(refused.contains("/nonexistent/folder"), "{refused}");
}

#[test]
fn ids_of_the_future_sort_behind() {
    let (a, b) = (AccountId::new(Time(1), &SystemRandom), AccountId::new(START, &SystemRandom));
    assert!(a.to_string() < b.to_string());
}
