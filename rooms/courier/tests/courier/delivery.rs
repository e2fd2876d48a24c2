//! By SMTP: sent once, whatever fails.

use crate::house::{beside, by_smtp, courier, post, settings, state, to_sink};
use crate::sink::{Mood, Sink, free_port};
use courier::{GIVE_UP_AFTER, Smtp, SmtpTls, Transport, deliver_due};
use kernel::{Fault, SecretText, Time};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use store::faults::At;
use store::outbox;
use store::testing::TestDb;
use tokio::sync::{Notify, watch};

const ANA: &str = "ana@shop.example";

store::on_both! {
    async fn every_statement_prepares(on: TestDb) {
        let broken = store::prepare_all(&on.db, courier::statements().collect()).await.expect("asks");
        assert!(broken.is_empty(), "{broken:?}");
    }

    async fn f11_a_letter_waits_while_smtp_is_down_and_is_sent_once_later(on: TestDb) {
        let t = on.house().await;
        let port = free_port().await;
        let c = by_smtp(&t.house, port);
        let id = post(&t.house, ANA, "Ana").await;
        assert_eq!(deliver_due(&c).await.expect("runs"), 1);
        let (is, tries, due, error) = state(&t.house, id).await;
        assert_eq!((is.as_str(), tries), ("waiting", 1));
        assert!(due > t.house.now() && error.is_some_and(|e| e.starts_with("connecting")));
        assert_eq!(deliver_due(&c).await.expect("runs"), 0, "not before it is due");

        let sink = Sink::start_at(port, Mood::Takes).await;
        t.clock.advance(Time::MINUTE);
        assert_eq!(deliver_due(&c).await.expect("runs"), 1);
        t.clock.advance(Time::DAY);
        assert_eq!(deliver_due(&c).await.expect("runs"), 0);
        let all = sink.received();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].to, ANA);
        assert_eq!(all[0].header("Message-ID"), format!("<{id}@nordmarkt.example>"));
        assert_eq!(all[0].header("Auto-Submitted"), "auto-generated");
        assert!(all[0].data.contains("open.nordmarkt.example/verify?t=3Dgl_secret"), "{}", all[0].data);
        assert_eq!(state(&t.house, id).await.0, "done");
    }

    async fn f2_a_letter_is_sent_once_though_its_first_carrier_dies(on: TestDb) {
        let t = on.house().await;
        let sink = Sink::start(Mood::Takes).await;
        let id = post(&t.house, ANA, "Ana").await;
        // Claims, and is never heard of again.
        drop(outbox::claim(&t.house, 10, 5 * Time::MINUTE).await.expect("claims"));
        let other = to_sink(&beside(&t).await, &sink);
        assert_eq!(deliver_due(&other).await.expect("runs"), 0, "somebody may still be carrying it");
        t.clock.advance(6 * Time::MINUTE);
        assert_eq!(deliver_due(&other).await.expect("runs"), 1);
        assert_eq!(deliver_due(&to_sink(&t.house, &sink)).await.expect("runs"), 0);
        assert_eq!((sink.received().len(), state(&t.house, id).await.1), (1, 2));
    }

    async fn f2_a_lost_reply_to_the_mark_does_not_send_it_again(on: TestDb) {
        let t = on.house().await;
        let sink = Sink::start(Mood::Takes).await;
        let c = to_sink(&t.house, &sink);
        post(&t.house, ANA, "Ana").await;
        // The claim is the first commit, the mark the second.
        t.house.db.faults().order(At::AfterCommit(2));
        deliver_due(&c).await.expect("asks again");
        assert!(t.house.db.faults().is_done());
        t.clock.advance(Time::DAY);
        assert_eq!(deliver_due(&c).await.expect("runs"), 0);
        assert_eq!(sink.received().len(), 1);
    }

    async fn two_couriers_bring_fifty_letters_once_each(on: TestDb) {
        let t = on.house().await;
        let sink = Sink::start(Mood::Takes).await;
        for n in 0..50 {
            post(&t.house, &format!("p{n}@shop.example"), "Ana").await;
        }
        let gate = Arc::new(tokio::sync::Barrier::new(2));
        let tasks: Vec<_> = [t.house.clone(), beside(&t).await].into_iter().map(|house| {
            let (c, gate) = (to_sink(&house, &sink), gate.clone());
            tokio::spawn(async move {
                gate.wait().await;
                let mut carried = 0;
                loop {
                    match deliver_due(&c).await.expect("runs") {
                        0 => return carried,
                        n => carried += n,
                    }
                }
            })
        }).collect();
        let mut carried = Vec::new();
        for task in tasks {
            carried.push(task.await.expect("no panic"));
        }
        assert_eq!(carried.iter().sum::<usize>(), 50, "{carried:?}");
        let all = sink.received();
        let to: BTreeSet<_> = all.iter().map(|r| r.to.clone()).collect();
        assert_eq!((all.len(), to.len()), (50, 50));
        assert_eq!(outbox::counts(&t.house).await.expect("counts"), (0, 0));
    }

    async fn a_recipient_who_does_not_exist_is_given_up_after_one_try(on: TestDb) {
        let t = on.house().await;
        let sink = Sink::start(Mood::ToRecipient("550 5.1.1 no such mailbox here")).await;
        let c = to_sink(&t.house, &sink);
        let id = post(&t.house, ANA, "Ana").await;
        let nobody = post(&t.house, "no address", "Ana").await;
        deliver_due(&c).await.expect("runs");
        let (is, tries, _, error) = state(&t.house, id).await;
        assert_eq!((is.as_str(), tries), ("dead", 1));
        assert!(error.is_some_and(|e| e.contains("550") && e.contains("no such mailbox here")));
        assert_eq!(state(&t.house, nobody).await.0, "dead");
        t.clock.advance(Time::DAY);
        assert_eq!(deliver_due(&c).await.expect("runs"), 0);
    }

    async fn what_is_wrong_with_us_or_passes_is_tried_again(on: TestDb) {
        let t = on.house().await;
        let sink = Sink::start(Mood::Takes).await;
        let c = to_sink(&t.house, &sink);
        let id = post(&t.house, ANA, "Ana").await;
        for (n, mood) in (1..).zip([
            Mood::ToSender("550 5.7.1 you may not send as that"),
            Mood::ToRecipient("451 4.7.1 greylisted"),
            Mood::ToRecipient("554 5.7.1 relay access denied"),
        ]) {
            sink.set(mood);
            assert_eq!(deliver_due(&c).await.expect("runs"), 1, "{mood:?}");
            let (is, tries, ..) = state(&t.house, id).await;
            assert_eq!((is.as_str(), tries), ("waiting", n), "{mood:?}");
            t.clock.advance(Time::HOUR);
        }
        sink.set(Mood::Takes);
        assert_eq!(deliver_due(&c).await.expect("runs"), 1);
        assert_eq!(sink.received().len(), 1);
    }

    async fn a_letter_is_given_up_after_three_days(on: TestDb) {
        let t = on.house().await;
        let c = by_smtp(&t.house, free_port().await);
        let id = post(&t.house, ANA, "Ana").await;
        let mut tries = 0;
        while t.house.now() < store::testing::START.plus(GIVE_UP_AFTER + Time::HOUR) {
            tries += deliver_due(&c).await.expect("runs");
            t.clock.advance(10 * Time::MINUTE);
        }
        let (is, counted, _, error) = state(&t.house, id).await;
        assert_eq!(is, "dead");
        assert_eq!(usize::try_from(counted), Ok(tries));
        assert!((8..=10).contains(&tries), "{tries}");
        assert!(error.is_some_and(|e| e.starts_with("connecting")));
    }

    async fn a_silent_server_holds_a_letter_up_and_no_other(on: TestDb) {
        let t = on.house().await;
        let sink = Sink::start(Mood::Hangs).await;
        let smtp = Smtp::new(&settings(sink.port, 200)).expect("fine");
        let c = courier(&t.house, Transport::Smtp(Arc::new(smtp)));
        let id = post(&t.house, ANA, "Ana").await;
        deliver_due(&c).await.expect("runs");
        assert!(state(&t.house, id).await.3.is_some_and(|e| e.contains("in time")));
        // What it would have said must not be taken for the answer to another letter.
        sink.set(Mood::ToRecipient("550 5.1.1 nobody"));
        let gone = post(&t.house, "gone@shop.example", "Ana").await;
        deliver_due(&c).await.expect("runs");
        assert_eq!(state(&t.house, gone).await.0, "dead");
        sink.set(Mood::Takes);
        t.clock.advance(Time::MINUTE);
        deliver_due(&c).await.expect("runs");
        assert_eq!(sink.received().iter().map(|r| r.to.as_str()).collect::<Vec<_>>(), [ANA]);
    }

    async fn a_letter_that_may_have_been_taken_goes_again_under_the_same_name(on: TestDb) {
        let t = on.house().await;
        let sink = Sink::start(Mood::Closes).await;
        let c = to_sink(&t.house, &sink);
        post(&t.house, ANA, "Ana").await;
        deliver_due(&c).await.expect("runs");
        sink.set(Mood::Takes);
        t.clock.advance(Time::MINUTE);
        deliver_due(&c).await.expect("runs");
        let ids: Vec<_> = sink.received().iter().map(|r| (r.header("Message-ID"), r.header("Date"))).collect();
        assert_eq!(ids.len(), 2);
        assert_eq!(ids[0], ids[1]);
    }

    async fn w9_no_name_writes_a_header(on: TestDb) {
        let t = on.house().await;
        let sink = Sink::start(Mood::Takes).await;
        let mut c = to_sink(&t.house, &sink);
        c.site_name = "Nord\r\nBcc: evil@x.example\u{202e}".to_owned();
        post(&t.house, ANA, "<img onerror=x>\r\n.\r\nMAIL FROM:<evil@x.example>").await;
        deliver_due(&c).await.expect("runs");
        let all = sink.received();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].header("Bcc"), "");
        assert!(all[0].header("Subject").contains("Nord Bcc: evil@x.example"), "{}", all[0].header("Subject"));
        assert!(all[0].header("From").ends_with("<open@nordmarkt.example>"), "{}", all[0].header("From"));
        let (_, html) = all[0].data.split_once("text/html").expect("a second part");
        assert!(html.contains("&lt;img") && !html.contains("<img"), "{html}");
    }

    async fn other_parcels_are_left_for_who_knows_them(on: TestDb) {
        let t = on.house().await;
        let sink = Sink::start(Mood::Takes).await;
        let c = to_sink(&t.house, &sink);
        let h = t.house.clone();
        let posted: Result<_, Fault> = t.house.db.write(move |tx| outbox::post(tx, &h, "push", b"{}")).await;
        let id = posted.expect("posts");
        for _ in 0..5 {
            deliver_due(&c).await.expect("runs");
            t.clock.advance(2 * Time::DAY);
        }
        let (is, tries, due, _) = state(&t.house, id).await;
        assert_eq!(is, "waiting");
        assert!(tries > 3 && due <= t.house.now().plus(Time::DAY));
    }

    async fn the_loop_wakes_delivers_and_finishes_its_letter_when_told_to_stop(on: TestDb) {
        let t = on.house().await;
        let sink = Sink::start(Mood::Slow(300)).await;
        let (stop, told) = watch::channel(false);
        let wake = Arc::new(Notify::new());
        let running = tokio::spawn(courier::run(to_sink(&t.house, &sink), told, wake.clone()));
        for n in 0..3 {
            post(&t.house, &format!("p{n}@shop.example"), "Ana").await;
        }
        wake.notify_one();
        while sink.received().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.send(true).expect("it listens");
        tokio::time::timeout(Duration::from_secs(10), running).await.expect("ends soon").expect("no panic");
        let sent = sink.received().len();
        let (waiting, dead) = outbox::counts(&t.house).await.expect("counts");
        assert_eq!((i64::try_from(sent).expect("few") + waiting, dead), (3, 0), "each is sent or waits");
        assert!(waiting > 0, "it did not begin another");
        // What was put back is due at once.
        sink.set(Mood::Takes);
        deliver_due(&to_sink(&t.house, &sink)).await.expect("runs");
        assert_eq!(sink.received().len(), 3);
    }
}

#[tokio::test]
async fn settings_that_would_give_a_password_away_are_refused() {
    let mut s = settings(25, 100);
    s.host = "mail.nordmarkt.example".to_owned();
    s.credentials = Some(("open".to_owned(), SecretText::new("secret".to_owned())));
    assert!(Smtp::new(&s).is_err());
    s.tls = SmtpTls::StartTls;
    assert!(Smtp::new(&s).is_ok());
    s.from_address = "nobody".to_owned();
    assert!(Smtp::new(&s).is_err());
}
