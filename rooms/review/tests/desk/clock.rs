//! What the house does by itself: once, however many processes there are.

use crate::house::*;
use kernel::{SystemRandom, Time};
use review::{Probe, Probed, Verdict};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use store::House;
use store::testing::TestDb;

struct Says(Verdict, std::sync::Mutex<Vec<String>>);

impl Probe for Says {
    fn knock<'a>(&'a self, address: &'a str) -> Pin<Box<dyn Future<Output = Probed> + Send + 'a>> {
        self.1.lock().expect("fine").push(address.to_owned());
        Box::pin(async { Probed { verdict: self.0, detail: "tls".to_owned() } })
    }
}

store::on_both! {
    async fn a_broken_promise_is_told_once(on: TestDb) {
        let d = Desk::open(on).await;
        let bo = d.reviewer("bo@x.example").await;
        let id = d.pending("one").await;
        assert_eq!(review::escalate(&d.review).await.expect("runs"), 0);
        d.t.clock.advance(7 * Time::DAY);
        let house = &d.t.house;
        let beside = House::open(d.t.on.beside(), house.clock.clone(), Arc::new(SystemRandom), house.vault.clone()).await;
        let other = review_of(&beside.expect("opens"));
        let (one, two) = tokio::join!(review::escalate(&d.review), review::escalate(&other));
        assert_eq!(one.expect("runs") + two.expect("runs"), 1);
        assert_eq!(review::escalate(&d.review).await.expect("runs"), 0);
        assert_eq!(d.count(&COUNT_NOTICES, vec![bo.id.to_string(), "request-escalated".into()]).await, 1);
        let seen = review::find(&d.review, &d.seat, id).await.expect("finds");
        assert!(seen.request.escalated_at.is_some());
        assert!(seen.entries.iter().any(|e| e.what == review::What::Escalated), "its applicant sees it too");
    }

    async fn a_digest_goes_out_once_a_working_day(on: TestDb) {
        let d = Desk::open(on).await;
        let bo = d.reviewer("bo@x.example").await;
        d.pending("one").await;
        let house = &d.t.house;
        let beside = House::open(d.t.on.beside(), house.clock.clone(), Arc::new(SystemRandom), house.vault.clone()).await;
        let other = review_of(&beside.expect("opens"));
        let digests = async || d.count(&COUNT_NOTICES, vec![bo.id.to_string(), "desk-digest".into()]).await;
        // The tests' clock starts on a Wednesday, at eleven in the morning.
        let (one, two) = tokio::join!(review::digest(&d.review), review::digest(&other));
        assert!(one.expect("runs") ^ two.expect("runs"));
        assert_eq!(digests().await, 1);
        d.t.clock.advance(14 * Time::HOUR);
        assert!(!review::digest(&d.review).await.expect("runs"), "not in the night");
        d.t.clock.advance(10 * Time::HOUR);
        assert!(review::digest(&d.review).await.expect("runs"));
        d.t.clock.advance(2 * Time::DAY);
        assert!(!review::digest(&d.review).await.expect("runs"), "not on a Saturday");
        assert_eq!(digests().await, 2);
    }

    async fn checks_of_the_network_are_settled_once(on: TestDb) {
        let d = Desk::open(on).await;
        let id = d.pending_with("one", "https://lumen.example/cb").await;
        d.pending_with("other", "").await;
        let says = Says(Verdict::Warns, std::sync::Mutex::default());
        let house = &d.t.house;
        let beside = House::open(d.t.on.beside(), house.clock.clone(), Arc::new(SystemRandom), house.vault.clone()).await;
        let other = review_of(&beside.expect("opens"));
        let (one, two) = tokio::join!(review::settle_checks(&d.review, &says), review::settle_checks(&other, &says));
        assert_eq!(one.expect("runs") + two.expect("runs"), 1);
        assert_eq!(review::settle_checks(&d.review, &says).await.expect("runs"), 0);
        assert!(says.1.lock().expect("fine").iter().all(|a| a == "https://lumen.example/cb"));
        assert_eq!(d.count(&FLAGS, vec![id.to_string()]).await, 1);
        assert_eq!(d.count(&COUNT_ACTION, vec![id.to_string(), "request.checked".into()]).await, 1);
    }
}
