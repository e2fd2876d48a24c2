//! The built-in mailbox: exactly once, and easy to look through.

use crate::house::{courier, post, state};
use courier::{MAIL_PAGE, MailSearch, Transport, deliver_due, find_mail, list_mail, purge_mail};
use kernel::Time;
use store::faults::At;
use store::testing::TestDb;

store::on_both! {
    async fn f2_a_letter_comes_into_the_mailbox_exactly_once(on: TestDb) {
        let t = on.house().await;
        let c = courier(&t.house, Transport::Mailbox);
        let faults = [
            At::AfterCommit(1), At::AfterCommit(2), At::BeforeCommit(1), At::BeforeCommit(2),
            At::Statement(1), At::Statement(2), At::Statement(3), At::Statement(4),
        ];
        for (n, at) in faults.into_iter().enumerate() {
            let id = post(&t.house, "ana@shop.example", "Ana").await;
            t.house.db.faults().order(at);
            assert!(deliver_due(&c).await.is_err(), "{at:?}");
            assert!(t.house.db.faults().is_done(), "{at:?}");
            t.clock.advance(6 * Time::MINUTE);
            deliver_due(&c).await.expect("runs");
            t.clock.advance(6 * Time::MINUTE);
            assert_eq!(deliver_due(&c).await.expect("runs"), 0, "{at:?}");
            assert_eq!(state(&t.house, id).await.0, "done", "{at:?}");
            assert_eq!(list_mail(&c, &MailSearch::default()).await.expect("lists").len(), n + 1, "{at:?}");
        }
    }

    async fn the_mailbox_is_read_page_by_page(on: TestDb) {
        let t = on.house().await;
        let c = courier(&t.house, Transport::Mailbox);
        for n in 0..30 {
            t.clock.advance(1);
            post(&t.house, if n % 3 == 0 { "Bea@shop.example" } else { "ana@shop.example" }, "Ana").await;
        }
        while deliver_due(&c).await.expect("runs") > 0 {
            t.clock.advance(1);
        }
        let first = list_mail(&c, &MailSearch::default()).await.expect("lists");
        assert_eq!(first.len(), MAIL_PAGE + 1, "another page follows");
        let after = Some(first[MAIL_PAGE - 1].id);
        let second = list_mail(&c, &MailSearch { after, ..MailSearch::default() }).await.expect("lists");
        assert_eq!(second.len(), 5);
        assert_eq!(second[0].id, first[MAIL_PAGE].id);
        assert!(first.windows(2).all(|w| w[0].id > w[1].id));

        let recipient = Some(" bea@SHOP.example ".to_owned());
        let hers = list_mail(&c, &MailSearch { recipient, after: None }).await.expect("lists");
        assert_eq!(hers.len(), 10);
        let mail = find_mail(&c, hers[0].id).await.expect("finds").expect("there");
        assert_eq!((mail.line.template.as_str(), mail.line.lang.as_str()), ("verify", "en"));
        assert_eq!(mail.line.subject, "Confirm your e-mail address for Nordmarkt");
        assert!(mail.text.contains("\nConfirm my address: https://open.nordmarkt.example/verify?t=gl_secret\n"));
        assert!(mail.html.contains(">Confirm my address</a>"));

        t.clock.advance(Time::DAY);
        assert_eq!(purge_mail(&c, t.house.now()).await.expect("purges"), 30);
    }
}
