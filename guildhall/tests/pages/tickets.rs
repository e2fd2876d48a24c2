//! Tickets: asked and answered in turn, kept apart, and never talked over.

use crate::browser::{Browser, Open, Reply};
use kernel::{Failure, Token, TokenKind};
use people::{Session, StaffRole, Visitor};
use std::sync::Arc;
use store::testing::TestDb;
use tickets::{Refusal, Then, Tickets};

store::statements! {
    COUNT_TICKETS = "SELECT count(*) FROM ticket";
    COUNT_ENTRIES = "SELECT count(*) FROM ticket_entry";
    TURNS = "SELECT CAST(sum(turn) AS BIGINT) FROM ticket";
    PUBLIC_ENTRIES = "SELECT count(*) FROM ticket_entry WHERE internal = 0";
    ASSIGNED = "SELECT count(*) FROM ticket WHERE assignee IS NOT NULL";
    CLAIMS = "SELECT count(*) FROM audit WHERE action = 'ticket.claimed'";
    CONTEXT = "SELECT count(*) FROM ticket WHERE page = '/console/apps' AND trace <> '' AND app_id IS NULL";
}

const EVIL: &str = "<img src=x onerror=alert(1)>\"'&{{7*7}}";

async fn ask(b: &mut Browser, subject: &str) -> String {
    let page = b.get("/console/tickets/new").await.is(200);
    let sent =
        page.submit(b, "/console/tickets/new", &[("subject", subject), ("text", "It does not work.")]).await;
    sent.is(303).header("location").split('?').next().expect("a path").to_owned()
}

fn desk(path: &str) -> String {
    path.replace("/console/", "/desk/")
}

async fn answer(b: &mut Browser, page: &Reply, path: &str, text: &str, then: &str) -> Reply {
    page.submit(b, path, &[("text", text), ("then", then)]).await
}

async fn session(open: &Open, b: &Browser) -> Session {
    let token = Token::read(TokenKind::Session, &b.jar["__Host-session"]);
    match people::visitor(&open.people, token).await.expect("finds") {
        Visitor::SignedIn(session) => *session,
        _ => panic!("signed in"),
    }
}

store::on_both! {
    async fn a_ticket_is_asked_answered_solved_and_opened_again(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let mut sup = open.staff("sup@x.example", StaffRole::Support).await;
        ana.get("/console/tickets").await.is(200).says("No tickets");
        let page = ana.get("/console/tickets/new").await;
        page.submit(&mut ana, "/console/tickets/new", &[("subject", ""), ("text", "a\u{202e}b")]).await
            .is(422).says("href=\"#subject\"").says("href=\"#text\"");
        let path = ask(&mut ana, EVIL).await;
        ana.get(&path).await.is(200).hides("<img").says("We are to answer");
        assert!(open.letters("sup@x.example").await.iter().any(|m| m.line.template == "ticket-opened" && !m.html.contains("<img")));

        sup.get("/desk/tickets").await.is(200).hides("<img").says("Lumen");
        let at = desk(&path);
        let page = sup.get(&at).await.is(200).hides("<img");
        page.submit(&mut sup, &format!("{at}/claim"), &[]).await.is(303);
        page.submit(&mut sup, &format!("{at}/claim"), &[]).await.is(409);
        page.submit(&mut sup, &format!("{at}/note"), &[("note", "only between us")]).await.is(303);
        answer(&mut sup, &page, &at, "", "wait").await.is(422);
        answer(&mut sup, &page, &at, "Which order?", "wait").await.is(303);
        let hers = ana.get(&path).await.is(200).says("Which order?").says("You are to answer").hides("between us").hides("sup</h2>");
        assert!(open.letters("ana@x.example").await.iter().any(|m| m.line.template == "ticket-replied"));
        sup.get(&at).await.says("between us");
        sup.get("/desk/tickets?state=mine").await.says("Lumen");
        sup.get("/desk/tickets?state=open").await.says("Nothing here");

        // Twice by the same button is once.
        hers.submit(&mut ana, &path, &[("text", "Number 7")]).await.is(303);
        hers.submit(&mut ana, &path, &[("text", "Number 7")]).await.is(409).says("Number 7");
        // The staff's page is older than that: what is written there comes back, and is not sent.
        answer(&mut sup, &page, &at, "Are you there?", "solve").await.is(409).says("Are you there?");
        let page = sup.get(&at).await.says("Number 7");
        answer(&mut sup, &page, &at, "Done.", "solve").await.is(303);
        let hers = ana.get(&path).await.says("Solved");
        hers.submit(&mut ana, &path, &[("text", "It came back")]).await.is(303);
        ana.get(&path).await.says("We are to answer");

        let page = sup.get(&at).await;
        page.submit(&mut sup, &format!("{at}/close"), &[]).await.is(303);
        let old = hers.submit(&mut ana, &path, &[("text", "And again")]).await.is(409);
        assert!(old.body.contains("closed"));
        let entries = open.count(&COUNT_ENTRIES).await;
        answer(&mut sup, &page, &at, "More", "wait").await.is(409);
        assert_eq!(open.count(&COUNT_ENTRIES).await, entries);
    }

    async fn what_it_is_about_comes_along(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        ana.get("/console/apps").await.says("/console/tickets/new?page=/console/apps");
        let lost = ana.get("/console/nowhere?t=secret").await.is(404);
        let trace = lost.header("x-request-id").to_owned();
        assert!(lost.body.contains(&format!("trace={trace}")) && !lost.body.contains("page=/console/nowhere%3F"), "{}", lost.body);
        let app = "app_00000000000000000000000000";
        let page = ana.get(&format!("/console/tickets/new?page=/console/apps&trace={trace}&app={app}")).await.is(200).says(&trace);
        page.submit(&mut ana, "/console/tickets/new", &[("subject", "s"), ("text", "t")]).await.is(303);
        assert_eq!(open.count(&CONTEXT).await, 1, "an app that is not theirs is left out");
        ana.get("/console/tickets/new?page=//evil.example&trace=%3Cscript%3E").await.is(200)
            .says("name=\"page\" value=\"\"").says("name=\"trace\" value=\"\"").hides("<script>");
        // A guest has nowhere to ask.
        open.browser().get("/nowhere").await.is(404).hides("/console/tickets/new");
    }

    /// A1, A5: another developer's tickets are not there; the desk's pages are the desk's.
    async fn a1_a5_tickets_of_others_are_not_there(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let path = ask(&mut ana, "Mine").await;
        let mut eve = open.developer("eve@x.example", "Other").await;
        let mut rev = open.staff("rev@x.example", StaffRole::Reviewer).await;
        let before = (open.count(&COUNT_ENTRIES).await, open.count(&TURNS).await);
        let csrf = eve.get("/console/tickets").await.hides("Mine").csrf();
        let c = ("csrf", csrf.as_str());
        eve.get(&path).await.is(404);
        eve.post(&path, &[c, ("turn", "1"), ("text", "x")]).await.is(404);
        eve.post(&format!("{path}/solved"), &[c]).await.is(404);
        let at = desk(&path);
        for part in ["", "/note", "/claim", "/release", "/assign", "/close"] {
            let fields = [c, ("turn", "1"), ("text", "x"), ("note", "x"), ("to", "acc_00000000000000000000000000")];
            eve.post(&format!("{at}{part}"), &fields).await.is(404);
            let own = rev.get("/account").await.csrf();
            let fields = [("csrf", own.as_str()), ("turn", "1"), ("text", "x"), ("note", "x"), ("to", "x")];
            rev.post(&format!("{at}{part}"), &fields).await.is(403);
        }
        assert_eq!(before, (open.count(&COUNT_ENTRIES).await, open.count(&TURNS).await));
        // A cursor of one developer's list leads nowhere in another's.
        eve.get("/console/tickets?after=tkt_zzzzzzzzzzzzzzzzzzzzzzzzzz.00").await.is(200).says("No tickets");
    }

    /// Only so many at a time.
    async fn w16_tickets_are_throttled(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        for n in 0..10 {
            ask(&mut ana, &format!("n{n}")).await;
        }
        let page = ana.get("/console/tickets/new").await;
        page.submit(&mut ana, "/console/tickets/new", &[("subject", "more"), ("text", "t")]).await.is(429).says("value=\"more\"");
        assert_eq!(open.count(&COUNT_TICKETS).await, 10);
    }

    /// Two of the staff answer, the developer writes, and several claim, all at once: each turn is taken once.
    async fn x8_one_answer_to_each_turn(on: TestDb) {
        let open = Arc::new(Open::over(on).await);
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let sup = open.staff("sup@x.example", StaffRole::Support).await;
        let seat = session(&open, &ana).await.seat().expect("a seat");
        let staff = session(&open, &sup).await.on_staff(StaffRole::Support).expect("on the staff");
        let tickets = Tickets { house: open.people.house.clone() };
        for round in 0..8 {
            let path = ask(&mut ana, &format!("round {round}")).await;
            // Buckets fill again meanwhile.
            open.clock.advance(20 * kernel::Time::MINUTE);
            let id: kernel::TicketId = path.rsplit('/').next().expect("an id").parse().expect("an id");
            let gate = Arc::new(tokio::sync::Barrier::new(12));
            let tasks: Vec<_> = (0..12).map(|n| {
                let (t, seat, staff, gate) = (tickets.clone(), seat.clone(), staff.clone(), gate.clone());
                tokio::spawn(async move {
                    let by = kernel::By::house("test");
                    gate.wait().await;
                    let done = match n % 3 {
                        0 => tickets::reply(&t, &by, &seat, id, 1, "again", None).await,
                        1 => tickets::answer(&t, &by, &staff, id, 1, ("answer", None), Then::Wait).await,
                        _ => tickets::claim(&t, &by, &staff, id).await,
                    };
                    (n % 3 == 2, done)
                })
            }).collect();
            let (mut spoke, mut claimed) = (0, 0);
            for t in tasks {
                let (claims, done) = t.await.expect("no panic");
                match done {
                    Ok(()) if claims => claimed += 1,
                    Ok(()) => spoke += 1,
                    Err(Failure::Refused(Refusal::TicketMoved)) => {}
                    Err(e) => panic!("{e:?}"),
                }
            }
            assert_eq!(spoke, 1, "one turn, one answer");
            assert!(claimed <= 1);
        }
        assert_eq!((open.count(&COUNT_TICKETS).await, open.count(&PUBLIC_ENTRIES).await, open.count(&TURNS).await), (8, 16, 16));
        assert_eq!(open.count(&ASSIGNED).await, 8);
        assert!(open.count(&CLAIMS).await <= 8);
    }
}
