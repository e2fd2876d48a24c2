//! A11: sellers are found by one spelling, and two who bring the same ones at once make them once.

use crate::house::{Gate, Town};
use kernel::{By, Country, DeveloperId, Failure, SellerId};
use people::{Mode, OnStaff, Outcome, Refusal, SELLERS_ROLE, SellerTyped, TEST_SELLERS_MAX, emails_in};
use store::testing::TestDb;

store::statements! {
    SELLERS = "SELECT count(*) FROM seller";
    CODE_KEYS = "SELECT count(*) FROM seller_key WHERE email IS NULL";
    EMAIL_KEYS = "SELECT count(*) FROM seller_key WHERE email IS NOT NULL";
    IMPORTS = "SELECT count(*) FROM audit WHERE action = 'seller.imported'";
    LIVE_TESTS = "SELECT count(*) FROM seller WHERE test_of IS NOT NULL AND state <> 'closed'";
    A_DEVELOPER = "INSERT INTO developer (id, kind, name, country, contact_name, mobile, email, state, made_at)
        VALUES ('dev_00000000000000000000000001', 'individual', 'Lumen', 'ES', 'Ana', '+34600111222', 'a@b.co', 'active', 0)";
}

async fn count(town: &Town, statement: &'static store::Statement) -> i64 {
    let found = town.t.house.db.read(move |l| l.one::<(i64,)>(statement, &[])).await;
    found.expect("reads").expect("a row").0
}

async fn staff(town: &Town) -> OnStaff {
    let p = town.person("sup").await;
    let by = By::house("test");
    people::add_staff_by_hand(&town.people, &by, p.email.clone(), SELLERS_ROLE).await.expect("adds");
    town.session(&p).await.on_staff(SELLERS_ROLE).expect("on the staff")
}

fn table(rows: &str) -> Vec<people::ImportLine> {
    people::import_lines(&format!("short_code,name,country,emails\n{rows}")).expect("a table")
}

store::on_both! {
    async fn a11_what_is_typed_finds_the_seller_and_nobody_else(on: TestDb) {
        let town = Town::on(on).await;
        let staff = staff(&town).await;
        let typed = |code: &str, email: &str| SellerTyped {
            short_code: code.into(), name: "Casa".into(), country: "ES".into(), emails: Some(emails_in(email)), ..SellerTyped::default()
        };
        let by = By::house("test");
        let add = async |code: &str, email: &str| people::add_seller(&town.people, &by, &staff, &typed(code, email)).await;
        let latin = add("alice", "Owner@X.example").await.expect("adds");
        let cyrillic = add("аlice", "").await.expect("another one");
        assert!(matches!(add("ＡＬＩＣＥ", "").await, Err(Failure::Refused(Refusal::Invalid(e))) if e.0["short_code"] == kernel::Problem::Taken));
        assert!(matches!(add("bob", "owner@x.example").await, Err(Failure::Refused(Refusal::Invalid(e))) if e.0["emails"] == kernel::Problem::Taken));
        assert_eq!((count(&town, &SELLERS).await, count(&town, &CODE_KEYS).await), (2, 2), "nothing half added");

        let asked = ["Alice ", "ａlice", "\u{200b}ALICE", "аlice", "OWNER@x.example", "ｏwner@x.example", "owner@y.example", "", " ", "al"];
        let expected = [Some(latin), Some(latin), Some(latin), Some(cyrillic), Some(latin), Some(latin), None, None, None, None];
        let asked: Vec<String> = asked.iter().map(|t| (*t).to_owned()).collect();
        let found = town.t.house.db.read(move |l| people::resolve_sellers(l, &asked)).await.expect("reads");
        let found: Vec<Option<SellerId>> = found.into_iter().map(|l| l.map(|l| l.id)).collect();
        assert_eq!(found, expected);
    }

    async fn a_table_is_tried_then_kept_and_what_is_wrong_is_told(on: TestDb) {
        let town = Town::on(on).await;
        let staff = staff(&town).await;
        let by = By::house("test");
        let import = async |rows: &str, mode| people::import_sellers(&town.people, &by, &staff, table(rows), mode).await.expect("imports");
        let rows = "A1,Casa,ES,a@x.example b@x.example\nB2,,ES,\nC3,Tienda,ES,\na1,Twice,ES,\nD4,\"=cmd\",CN,\"x\n";
        let tried = import(rows, Mode::Try).await;
        assert_eq!((tried.added(), tried.wrong(), tried.written, count(&town, &SELLERS).await), (2, 3, false, 0));
        let nothing = import(rows, Mode::AllOrNothing).await;
        assert_eq!((nothing.written, count(&town, &SELLERS).await, count(&town, &IMPORTS).await), (false, 0, 0));
        let kept = import(rows, Mode::Keep).await;
        assert_eq!((kept.added(), kept.wrong(), kept.written, count(&town, &SELLERS).await), (2, 3, true, 2));
        assert_eq!((count(&town, &EMAIL_KEYS).await, count(&town, &IMPORTS).await), (2, 1));
        // Again, with one change: the rest stays as it is, and an address of another's is refused.
        let again = import("a1,Casa,ES,b@x.example c@x.example\nC3,Tienda,ES,\nE5,Otra,ES,b@x.example\n", Mode::Keep).await;
        assert_eq!((again.changed(), again.same(), again.wrong()), (1, 1, 1));
        assert!(matches!(&again.lines[2].outcome, Outcome::Wrong(e) if e.0["emails"] == kernel::Problem::Twice));
        let foreign = import("E5,Otra,ES,c@x.example\n", Mode::Keep).await;
        assert!(matches!(&foreign.lines[0].outcome, Outcome::Wrong(e) if e.0["emails"] == kernel::Problem::Taken));
        assert_eq!((count(&town, &SELLERS).await, count(&town, &EMAIL_KEYS).await), (2, 2));
        assert!(!import("C3,Tienda,ES,\n", Mode::Keep).await.written, "nothing to do, nothing noted");
        // What goes out comes in again, and changes nothing.
        let out = people::export_sellers(&town.people, &staff).await.expect("exports");
        assert!(out.starts_with("short_code,name,country,state,emails\r\n"));
        let back = people::import_lines(&out).expect("a table");
        let report = people::import_sellers(&town.people, &by, &staff, back, Mode::Keep).await.expect("imports");
        assert_eq!((report.same(), report.lines.len(), report.written), (2, 2, false));
    }

    /// Many imports of the same codes at once, in other orders: each seller is there once, with its keys.
    async fn x8_the_same_sellers_brought_many_times_at_once(on: TestDb) {
        let town = Town::on(on).await;
        let staff = staff(&town).await;
        for round in 0..12 {
            let gate = Gate::of(12);
            let tasks: Vec<_> = (0..12).map(|n| {
                let mut rows: Vec<String> = (0..6).map(|c| format!("R{round}-{c},Name {n},ES,r{round}c{c}@x.example\n")).collect();
                if n % 2 == 0 {
                    rows.reverse();
                }
                let (people, staff, lines) = (town.people.clone(), staff.clone(), table(&rows.concat()));
                gate.run(async move { people::import_sellers(&people, &By::house("test"), &staff, lines, Mode::Keep).await })
            }).collect();
            for t in tasks {
                let report = t.await.expect("no panic").expect("nobody is turned away");
                assert_eq!(report.wrong(), 0);
            }
            let there = (round + 1) * 6;
            assert_eq!((count(&town, &SELLERS).await, count(&town, &CODE_KEYS).await, count(&town, &EMAIL_KEYS).await), (there, there, there));
        }
    }

    /// However many decisions fall at once, a developer has five test sellers at most.
    async fn x8_nobody_has_more_test_sellers_than_five(on: TestDb) {
        let town = Town::on(on).await;
        let p = town.person("ana").await;
        town.t.house.db.write(|tx| tx.change(&A_DEVELOPER, &[]).map(drop)).await.expect("a developer");
        let developer: DeveloperId = "dev_00000000000000000000000001".parse().expect("an id");
        let gate = Gate::of(16);
        let tasks: Vec<_> = (0..16).map(|_| {
            let (h, who) = (town.t.house.clone(), p.id);
            gate.run(async move {
                let db = h.db.clone();
                let spain = Country::parse("ES").expect("Spain");
                db.write(move |tx| people::make_test_seller(tx, &h, &By::house("test"), developer, who, "Casa", spain)).await
            })
        }).collect();
        let mut made = 0;
        for t in tasks {
            made += i64::from(t.await.expect("no panic").expect("no fault").is_some());
        }
        assert_eq!((made, count(&town, &LIVE_TESTS).await), (TEST_SELLERS_MAX, TEST_SELLERS_MAX));
    }
}
