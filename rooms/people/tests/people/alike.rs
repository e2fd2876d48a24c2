//! W13: known and unknown addresses cost the database the same. Times are not asserted anywhere: they swing
//! with the machine; how many statements and commits there are does not.

use crate::house::Town;
use kernel::{Email, Lang};
use people::{Browser, Refusal};
use store::testing::TestDb;
use store::{outbox, params};

store::statements! {
    CLOSE = "UPDATE account SET state = 'closed' WHERE id = $1";
    LINKS = "SELECT count(*) FROM link WHERE account_id = $1";
    ALL_LINKS = "SELECT count(*) FROM link";
    NOBODY = "SELECT count(*) FROM audit WHERE action = 'password.reset_asked' AND subject = 'nobody'";
}

/// Somebody of each kind: active, signed up and no more, closed, and nobody at all.
async fn everybody(town: &Town) -> Vec<(&'static str, Email)> {
    let active = town.person("active").await;
    let closed = town.person("closed").await;
    let id = closed.id;
    let done: Result<u64, kernel::Fault> =
        town.t.house.db.write(move |tx| tx.change(&CLOSE, params![id])).await;
    done.expect("closes");
    let unverified = Email::parse("unverified@x.example").expect("fine");
    people::sign_up(&town.people, &town.by(), unverified.clone(), "U".into(), Lang::En).await.expect("asks");
    let unknown = Email::parse("unknown@x.example").expect("fine");
    vec![("active", active.email), ("closed", closed.email), ("unverified", unverified), ("unknown", unknown)]
}

/// Statements and commits of one act.
async fn cost<T>(town: &Town, act: impl Future<Output = T>) -> ((u64, u64), T) {
    let faults = town.t.house.db.faults();
    let (statements, commits) = faults.counted();
    let done = act.await;
    let now = faults.counted();
    ((now.0 - statements, now.1 - commits), done)
}

/// All the same, and more than nothing.
#[track_caller]
fn alike(what: &str, costs: &[(&'static str, (u64, u64))]) {
    let (_, first) = costs[0];
    assert!(first.0 >= 2 && first.1 >= 1, "{what}: nothing was counted: {costs:?}");
    assert!(costs.iter().all(|(_, cost)| *cost == first), "{what}: {costs:?}");
}

async fn letters(town: &Town) -> i64 {
    outbox::counts(&town.t.house).await.expect("counts").0
}

async fn links(town: &Town) -> i64 {
    let found = town.t.house.db.read(|l| l.one::<(i64,)>(&ALL_LINKS, &[])).await;
    found.expect("reads").expect("a row").0
}

store::on_both! {
    async fn w13_a_reset_costs_the_same_for_everybody_and_nobody(on: TestDb) {
        let town = Town::on(on).await;
        let mut costs = Vec::new();
        for (who, email) in everybody(&town).await {
            let before = (letters(&town).await, links(&town).await);
            let (cost, done) = cost(&town, people::ask_reset(&town.people, &town.by(), email)).await;
            done.expect("the same answer");
            costs.push((who, cost));
            let kept = i64::from(["active", "unverified"].contains(&who));
            assert_eq!((letters(&town).await - before.0, links(&town).await - before.1), (kept, kept), "{who}");
        }
        alike("reset", &costs);
        let nobody = town.t.house.db.read(|l| l.one::<(i64,)>(&NOBODY, &[])).await;
        assert_eq!(nobody.expect("reads"), Some((1,)));
    }

    async fn w13_signing_up_costs_the_same_whether_one_is_known(on: TestDb) {
        let town = Town::on(on).await;
        let mut costs = Vec::new();
        for (who, email) in everybody(&town).await {
            let before = (letters(&town).await, links(&town).await);
            let by = town.by();
            let asked = people::sign_up(&town.people, &by, email, "N".into(), Lang::En);
            let (cost, done) = cost(&town, asked).await;
            done.expect("the same answer");
            costs.push((who, cost));
            let link = i64::from(["unknown", "unverified"].contains(&who));
            assert_eq!((letters(&town).await - before.0, links(&town).await - before.1), (1, link), "{who}");
        }
        alike("sign-up", &costs);
    }

    async fn w13_another_address_costs_the_same_whether_it_is_taken(on: TestDb) {
        let town = Town::on(on).await;
        let asking = town.person("asking").await;
        let session = town.session(&asking).await;
        let mut costs = Vec::new();
        for (who, email) in everybody(&town).await {
            let before = letters(&town).await;
            let by = town.by();
            let asked = people::ask_email(&town.people, &by, &session, email, town.sudo(&session));
            let (cost, done) = cost(&town, asked).await;
            done.expect("the same answer");
            costs.push((who, cost));
            let free = i64::from(who == "unknown");
            assert_eq!(letters(&town).await - before, free, "{who}");
            assert_eq!(town.count(&LINKS, &asking).await, free, "{who}");
        }
        alike("another address", &costs);
    }

    async fn w13_a_wrong_password_costs_the_same_for_everybody_and_nobody(on: TestDb) {
        let town = Town::on(on).await;
        let everybody = everybody(&town).await;
        // A stranger's browser, and one that somebody else signed in with.
        let other = town.person("other").await;
        let device = town.sign_in(&other).await.device;
        for device in [None, device] {
            let mut costs = Vec::new();
            for (who, email) in &everybody {
                let browser = Browser { device: device.clone(), ..Browser::from("test") };
                let by = town.by();
                let tried = people::sign_in(&town.people, &by, email, "wrong wrong wrong", browser);
                let (cost, done) = cost(&town, tried).await;
                assert!(matches!(done, Err(kernel::Failure::Refused(Refusal::BadCredentials))), "{who}");
                costs.push((*who, cost));
            }
            alike("sign-in", &costs);
        }
    }

    /// Empty buckets are told to nobody, and cost the same too.
    async fn w13_too_many_letters_cost_the_same(on: TestDb) {
        let town = Town::on(on).await;
        let mut costs = Vec::new();
        for (who, email) in everybody(&town).await {
            for _ in 0..4 {
                people::ask_reset(&town.people, &town.by(), email.clone()).await.expect("asks");
            }
            let before = letters(&town).await;
            let (cost, done) = cost(&town, people::ask_reset(&town.people, &town.by(), email)).await;
            done.expect("the same answer");
            assert_eq!(letters(&town).await, before, "{who}: an inbox is not flooded");
            costs.push((who, cost));
        }
        alike("an empty bucket", &costs);
    }
}
