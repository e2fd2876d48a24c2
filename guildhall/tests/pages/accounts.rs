//! From a stranger to somebody who is signed in, and back.

use crate::browser::{Open, PASSWORD, Reply};
use kernel::Time;
use std::sync::Arc;
use store::testing::TestDb;

store::statements! {
    COUNT_ACCOUNTS = "SELECT count(*) FROM account";
    COUNT_ACTIVE = "SELECT count(*) FROM account WHERE state = 'active'";
    COUNT_SESSIONS = "SELECT count(*) FROM session";
    COUNT_UNUSED = "SELECT count(*) FROM link WHERE used_at IS NULL";
}

async fn sign_up(open: &Open, email: &str) -> Reply {
    let mut b = open.browser();
    let page = b.get("/signup").await;
    page.submit(&mut b, "/signup", &[("name", "Ana"), ("email", email)]).await
}

store::on_both! {
    async fn the_story_from_sign_up_to_an_empty_list_of_apps(on: TestDb) {
        let open = Open::over(on).await;
        let mut b = open.browser();
        let page = b.get("/signup").await;
        page.submit(&mut b, "/signup", &[("name", ""), ("email", "nonsense")]).await.is(422)
            .says("href=\"#name\"").says("href=\"#email\"").says("value=\"nonsense\"").says("aria-invalid");
        page.submit(&mut b, "/signup", &[("name", "Ana"), ("email", "Ana@X.example")]).await.leads_to("/signup/sent");
        let link = open.link("ana@x.example").await;
        let page = b.get(&link).await.is(200).says("Ana@X.example");
        page.submit(&mut b, "/verify", &[("password", "short")]).await.is(422).says("At least 10 characters");
        page.submit(&mut b, "/verify", &[("password", PASSWORD)]).await.leads_to("/console");
        b.get("/console").await.leads_to("/console/start");
        let page = b.get("/console/start").await.is(200).says("Agreement on the use of the APIs");
        page.submit(&mut b, "/console/start", &[]).await.is(422).says("accept the agreement");
        page.submit(&mut b, "/console/start", &[("agree", "on")]).await.leads_to("/console/start/information");
        let page = b.get("/console/start/information").await.is(200).says("value=\"Ana@X.example\"");
        page.submit(&mut b, "/console/start/information", &[("kind", "organisation")]).await.is(422).says("href=\"#licence_number\"");
        let before = b.jar["__Host-session"].clone();
        page.submit(&mut b, "/console/start/information", &crate::browser::information("Lumen Tools")).await
            .leads_to("/console/apps?said=activated");
        assert_ne!(b.jar["__Host-session"], before, "W1: more rights, another session");
        b.get("/console/apps").await.is(200).says("No apps yet").says("Lumen Tools");
        b.get("/console/start").await.leads_to("/console");
        open.letters("ana@x.example").await.iter().find(|m| m.line.template == "developer-activated").expect("a letter");
    }

    async fn x12_one_address_signs_up_thirty_two_times_at_once(on: TestDb) {
        let open = Arc::new(Open::over(on).await);
        let gate = Arc::new(tokio::sync::Barrier::new(32));
        let tasks: Vec<_> = (0..32).map(|n| {
            let (open, gate) = (open.clone(), gate.clone());
            tokio::spawn(async move {
                let email = kernel::Email::parse("ana@x.example").expect("fine");
                let by = kernel::By { account: None, address: format!("203.0.113.{n}"), request: None };
                gate.wait().await;
                people::sign_up(&open.people, &by, email, "Ana".into(), kernel::Lang::En).await
            })
        }).collect();
        for t in tasks {
            t.await.expect("no panic").expect("every one is answered alike");
        }
        assert_eq!(open.count(&COUNT_ACCOUNTS).await, 1);
        let letters = open.letters("ana@x.example").await;
        assert!((1..=4).contains(&letters.len()), "{} letters: an inbox is not flooded", letters.len());
        let link = open.link("ana@x.example").await;
        let mut b = open.browser();
        b.get(&link).await.submit(&mut b, "/verify", &[("password", PASSWORD)]).await.is(303);
        assert_eq!(open.count(&COUNT_ACTIVE).await, 1);
        assert_eq!(open.count(&COUNT_UNUSED).await, 0, "the other links died with the one that was used");
    }

    /// One link clicked by many at once is used by one.
    async fn w14_a_link_is_good_once_however_many_come(on: TestDb) {
        let open = Arc::new(Open::over(on).await);
        open.account("ana@x.example").await;
        let mut b = open.browser();
        let page = b.get("/reset").await;
        page.submit(&mut b, "/reset", &[("email", "ana@x.example")]).await.leads_to("/reset/sent");
        let link = open.link("ana@x.example").await;
        for _ in 0..5 {
            b.get(&link).await.is(200);
        }
        let token = kernel::Token::read(kernel::TokenKind::Link, link.split("t=").nth(1).expect("t")).expect("a token");
        let gate = Arc::new(tokio::sync::Barrier::new(16));
        let tasks: Vec<_> = (0..16).map(|n| {
            let (open, gate, token) = (open.clone(), gate.clone(), token.clone());
            tokio::spawn(async move {
                gate.wait().await;
                people::reset(&open.people, &kernel::By::house("t"), token, &format!("a new long sentence {n}")).await.is_ok()
            })
        }).collect();
        let mut done = 0;
        for t in tasks {
            done += i32::from(t.await.expect("no panic"));
        }
        assert_eq!(done, 1);
        b.get(&link).await.is(410).says("no longer good");
        b.sign_in("ana@x.example", PASSWORD).await.is(422);
    }

    async fn w14_links_die_by_age_by_use_and_by_a_change_of_address(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.signed_in("ana@x.example").await;
        let mut b = open.browser();
        b.get("/reset").await.submit(&mut b, "/reset", &[("email", "ana@x.example")]).await.is(303);
        let old = open.link("ana@x.example").await;
        b.get(&old).await.is(200);
        open.clock.advance(31 * Time::MINUTE);
        b.get(&old).await.is(410);
        b.get("/reset").await.submit(&mut b, "/reset", &[("email", "ana@x.example")]).await.is(303);
        let reset = open.link("ana@x.example").await;
        b.get(&reset).await.is(200);

        ana.confirm().await;
        let page = ana.get("/account/email").await.is(200);
        page.submit(&mut ana, "/account/email", &[("email", "new@x.example")]).await.is(303);
        let confirm = open.link("new@x.example").await;
        // A scanner that opens it changes nothing.
        let mut scanner = open.browser();
        let page = scanner.get(&confirm).await.is(200);
        b.sign_in("ana@x.example", PASSWORD).await.is(303);
        page.submit(&mut scanner, "/account/email/confirm", &[]).await.is(303);
        b.get(&reset).await.is(410);
        let mut c = open.browser();
        c.sign_in("ana@x.example", PASSWORD).await.is(422);
        c.sign_in("new@x.example", PASSWORD).await.is(303);
        assert!(open.letters("ana@x.example").await.iter().any(|m| m.line.template == "email-changed"));
    }

    async fn w1_w17_sessions_change_with_what_they_may_and_end_when_told(on: TestDb) {
        let open = Open::over(on).await;
        let mut a = open.signed_in("ana@x.example").await;
        let mut b = open.browser();
        b.sign_in("ana@x.example", PASSWORD).await.is(303);
        let first = a.jar["__Host-session"].clone();
        assert_ne!(first, b.jar["__Host-session"]);

        // Showing the password again rotates; the old token is dead.
        a.confirm().await;
        let mut stale = a.clone();
        stale.jar.insert("__Host-session".into(), first);
        stale.get("/account").await.is(303);
        a.get("/account").await.is(200);

        // Another's session id is not there; one's own ends, and its browser is out.
        let mut eve = open.signed_in("eve@x.example").await;
        let list = a.get("/account/security").await.is(200);
        let other = list.body.split("name=\"session\" value=\"").nth(1).expect("another session").split('"').next().expect("id").to_owned();
        let page = eve.get("/account/security").await;
        let csrf = page.csrf();
        eve.post("/account/sessions/end", &[("csrf", &csrf), ("session", &other)]).await.is(404);
        b.get("/account").await.is(200);
        list.submit(&mut a, "/account/sessions/end", &[]).await.is(303);
        b.get("/account").await.is(303);

        // A new password ends all others and rotates this one.
        b.sign_in("ana@x.example", PASSWORD).await.is(303);
        let before = a.jar["__Host-session"].clone();
        let page = a.get("/account/password").await.is(200);
        page.submit(&mut a, "/account/password", &[("password", "quite another sentence")]).await.is(303);
        assert_ne!(a.jar["__Host-session"], before);
        b.get("/account").await.is(303);
        a.get("/account").await.is(200);

        // Signing out ends it on this side too, and nothing is kept to go back to.
        let gone = a.clone();
        let page = a.get("/account").await;
        page.submit(&mut a, "/logout", &[]).await.leads_to("/?said=signed-out");
        assert!(!a.jar.contains_key("__Host-session"));
        gone.clone().get("/account").await.is(303);
    }

    async fn sessions_end_by_age_and_by_idling(on: TestDb) {
        let open = Open::over(on).await;
        let mut b = open.signed_in("ana@x.example").await;
        for _ in 0..4 {
            open.clock.advance(6 * Time::DAY);
            b.get("/account").await.is(200);
        }
        open.clock.advance(7 * Time::DAY);
        b.get("/account").await.is(303);
        let mut c = open.browser();
        c.sign_in("ana@x.example", PASSWORD).await.is(303);
        open.clock.advance(8 * Time::DAY);
        c.get("/account").await.is(303);
        assert!(open.count(&COUNT_SESSIONS).await > 0);
        open.clock.advance(40 * Time::DAY);
        people::sweep(&open.people).await.expect("sweeps");
        assert_eq!(open.count(&COUNT_SESSIONS).await, 0);
    }

    /// F2: the reply is lost after the commit; trying again does no harm and ends well.
    async fn f2_a_lost_reply_can_be_tried_again(on: TestDb) {
        let open = Open::over(on).await;
        let faults = || open.people.house.db.faults();
        faults().order(store::faults::At::AfterCommit(1));
        sign_up(&open, "ana@x.example").await.is(503).says("Nothing was lost");
        assert!(faults().is_done());
        sign_up(&open, "ana@x.example").await.is(303);
        assert_eq!(open.count(&COUNT_ACCOUNTS).await, 1);

        let link = open.link("ana@x.example").await;
        let mut b = open.browser();
        let page = b.get(&link).await;
        faults().order(store::faults::At::AfterCommit(1));
        page.submit(&mut b, "/verify", &[("password", PASSWORD)]).await.is(503);
        page.submit(&mut b, "/verify", &[("password", PASSWORD)]).await.is(410);
        b.sign_in("ana@x.example", PASSWORD).await.leads_to("/console");

        let page = b.get("/console/start").await;
        faults().order(store::faults::At::AfterCommit(1));
        page.submit(&mut b, "/console/start", &[("agree", "on")]).await.is(503);
        page.submit(&mut b, "/console/start", &[("agree", "on")]).await.is(303);
        let page = b.get("/console/start/information").await;
        let fields = crate::browser::information("Lumen");
        faults().order(store::faults::At::AfterCommit(1));
        page.submit(&mut b, "/console/start/information", &fields).await.is(503);
        // The session was rotated in that commit: this browser signs in again, and is a developer, once.
        b.sign_in("ana@x.example", PASSWORD).await.leads_to("/console");
        b.get("/console").await.is(200).says("Lumen");
    }

    /// F5: a fault at any statement of signing up and signing in shows as "not just now", and leaves nothing half done.
    async fn f5_a_fault_at_any_statement_is_answered_and_leaves_nothing(on: TestDb) {
        let open = Open::over(on).await;
        open.account("ana@x.example").await;
        let faults = || open.people.house.db.faults();
        let mut failed = 0;
        for n in 1..40 {
            let accounts = open.count(&COUNT_ACCOUNTS).await;
            let mut b = open.browser();
            b.from = format!("198.51.100.{n}");
            let page = b.get("/signup").await;
            let email = format!("n{n}@x.example");
            faults().order(store::faults::At::Statement(n));
            let reply = page.submit(&mut b, "/signup", &[("name", "N"), ("email", &email)]).await;
            if !faults().is_done() {
                faults().order(store::faults::At::Statement(1));
                let _ = b.get("/account").await;
                break;
            }
            failed += 1;
            assert_eq!(reply.status, 503, "statement {n}");
            assert_eq!(open.count(&COUNT_ACCOUNTS).await, accounts, "statement {n}");
        }
        assert!((4..39).contains(&failed), "{failed} statements were failed");
    }
}

/// The first administrator comes in by the one-time link, and by nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn the_set_up_link_works_once() {
    let open = Open::over(TestDb::sqlite().await).await;
    let mut b = open.browser();
    b.get("/setup").await.is(410);
    let first = people::set_up_link(&open.people).await.expect("makes").expect("a link");
    let link = people::set_up_link(&open.people).await.expect("makes").expect("a link");
    b.get(&format!("/setup?t={}", first.reveal())).await.is(410);
    let path = format!("/setup?t={}", link.reveal());
    let page = b.get(&path).await.is(200);
    let fields = [("name", "Dee"), ("email", "dee@x.example"), ("password", PASSWORD)];
    page.submit(&mut b, "/setup", &fields).await.leads_to("/desk");
    b.get("/desk/staff").await.is(200).says("dee@x.example");
    let mut c = open.browser();
    c.get(&path).await.is(410);
    assert!(people::set_up_link(&open.people).await.expect("asks").is_none());
}

/// Somebody else became the administrator first: the link of the first start is worth nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_set_up_link_dies_with_the_first_administrator_however_made() {
    let open = Open::over(TestDb::sqlite().await).await;
    let link = people::set_up_link(&open.people).await.expect("makes").expect("a link");
    let mut b = open.browser();
    let page = b.get(&format!("/setup?t={}", link.reveal())).await.is(200);
    open.staff("dee@x.example", people::StaffRole::Administrator).await;
    let fields = [("name", "Eve"), ("email", "eve@x.example"), ("password", PASSWORD)];
    page.submit(&mut b, "/setup", &fields).await.is(410);
    assert_eq!(open.count(&COUNT_ACCOUNTS).await, 1);
}
