//! Members: inviting, joining, roles, leaving, handing over; and A6, the last administrator.

use crate::browser::{Browser, Open};
use people::{Refusal, StaffRole};
use std::sync::Arc;
use store::testing::TestDb;

store::statements! {
    COUNT_MEMBERS = "SELECT count(*) FROM member";
    COUNT_OWNERS = "SELECT count(*) FROM member WHERE role = 'owner'";
    COUNT_DEVELOPERS = "SELECT count(*) FROM developer";
    COUNT_ADMINISTRATORS = "SELECT count(*) FROM staff WHERE role = 'administrator'";
    HEADCOUNT = "SELECT n FROM headcount WHERE role = 'administrator'";
}

async fn invite(open: &Open, by: &mut Browser, email: &str, role: &str) -> String {
    let page = by.get("/console/team").await;
    page.submit(by, "/console/team/invite", &[("email", email), ("role", role)])
        .await
        .leads_to("/console/team?said=invited");
    open.link(email).await
}

async fn join(b: &mut Browser, link: &str) {
    b.get(link).await.is(200).submit(b, "/invite", &[]).await.leads_to("/console?said=joined");
}

store::on_both! {
    async fn a_team_comes_together_and_changes_hands(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let mut leo = open.signed_in("leo@x.example").await;
        let link = invite(&open, &mut ana, "leo@x.example", "engineer").await;
        let page = ana.get("/console/team").await.says("leo@x.example");
        page.submit(&mut ana, "/console/team/invite", &[("email", "leo@x.example"), ("role", "viewer")]).await.is(409);
        // Another's invitation is of no use.
        let mut eve = open.signed_in("eve@x.example").await;
        let page = eve.get(&link).await.is(200).says("another address");
        assert!(page.form("/invite").is_none());
        let (csrf, token) = (page.csrf(), link.split("t=").nth(1).expect("t").to_owned());
        eve.post("/invite", &[("csrf", &csrf), ("t", &token)]).await.hides("said=joined");
        assert_eq!(open.count(&COUNT_MEMBERS).await, 1);

        join(&mut leo, &link).await;
        leo.get(&link).await.is(410);
        leo.get("/console/team").await.is(200).says("Ana Ferrer".split(' ').next().expect("a name").to_lowercase().as_str());

        // An engineer does not manage.
        let page = leo.get("/console/team").await;
        assert!(page.form("/console/team/invite").is_none());
        let csrf = page.csrf();
        leo.post("/console/team/invite", &[("csrf", &csrf), ("email", "x@x.example"), ("role", "viewer")]).await.is(403);
        leo.post("/console/developer", &[&[("csrf", csrf.as_str())][..], &crate::browser::information("Mine")].concat()).await.is(403);

        // The owner changes the role; the member's session ends.
        let row = ana.get("/console/team").await;
        let path = row.body.split("href=\"/console/team/member?id=").nth(1).expect("a link").split('"').next().expect("id").to_owned();
        ana.confirm().await;
        let page = ana.get(&format!("/console/team/member?id={path}")).await.is(200);
        page.submit(&mut ana, "/console/team/member", &[("role", "owner")]).await.is(403);
        page.submit(&mut ana, "/console/team/member", &[("role", "admin")]).await.is(303);
        leo.get("/console/team").await.is(303);
        leo.sign_in("leo@x.example", crate::browser::PASSWORD).await.is(303);
        let page = leo.get("/console/team").await.is(200);
        assert!(page.form("/console/team/invite").is_some());

        // The owner can be neither removed nor demoted by an admin, and cannot leave.
        leo.confirm().await;
        let own = ana.get("/console/team").await;
        let csrf = own.csrf();
        ana.post("/console/team/leave", &[("csrf", &csrf)]).await.is(409).says("owner stays");

        // Handing over, and leaving.
        let page = ana.get(&format!("/console/team/member?id={path}")).await;
        page.submit(&mut ana, "/console/team/transfer", &[]).await.leads_to("/console/team?said=transferred");
        assert_eq!(open.count(&COUNT_OWNERS).await, 1);
        let page = ana.get("/console/team").await;
        page.submit(&mut ana, "/console/team/leave", &[]).await.leads_to("/console?said=left");
        ana.get("/console/team").await.leads_to("/console/start");
        assert_eq!(open.count(&COUNT_MEMBERS).await, 1);
    }

    async fn one_account_activates_one_developer_however_often_it_asks(on: TestDb) {
        let open = Arc::new(Open::over(on).await);
        let mut b = open.signed_in("ana@x.example").await;
        b.get("/console/start").await.submit(&mut b, "/console/start", &[("agree", "on")]).await.is(303);
        let page = b.get("/console/start/information").await;
        let gate = Arc::new(tokio::sync::Barrier::new(16));
        let tasks: Vec<_> = (0..16).map(|_| {
            let (mut b, page, gate) = (b.clone(), page.clone(), gate.clone());
            tokio::spawn(async move {
                gate.wait().await;
                page.submit(&mut b, "/console/start/information", &crate::browser::information("Lumen")).await.status
            })
        }).collect();
        for t in tasks {
            let status = t.await.expect("no panic");
            assert!([303, 409].contains(&status), "{status}");
        }
        assert_eq!((open.count(&COUNT_DEVELOPERS).await, open.count(&COUNT_OWNERS).await), (1, 1));
    }

    async fn nobody_becomes_a_developer_without_the_agreement_in_force(on: TestDb) {
        let open = Open::over(on).await;
        let mut b = open.signed_in("ana@x.example").await;
        b.get("/console/start/information").await.leads_to("/console/start");
        let csrf = b.get("/account").await.csrf();
        let fields = [&[("csrf", csrf.as_str())][..], &crate::browser::information("Lumen")].concat();
        b.post("/console/start/information", &fields).await.is(409);
        // A newer version comes out between reading and accepting.
        let page = b.get("/console/start").await;
        let texts = vec![(kernel::Lang::En, "Newer".to_owned(), "Other words.".to_owned())];
        people::publish_agreement(&open.people.house, &kernel::By::house("t"), people::API_USE, 2, texts).await.expect("publishes");
        page.submit(&mut b, "/console/start", &[("agree", "on")]).await.is(409).says("Newer");
        b.get("/agreements/api_use/1").await.is(200).says("Agreement on the use of the APIs");
        assert_eq!(open.count(&COUNT_DEVELOPERS).await, 0);
    }

    /// A6, in a race: many administrators take the role from each other until one is left.
    async fn a6_the_last_administrator_stays(on: TestDb) {
        let open = Arc::new(Open::over(on).await);
        let by = kernel::By::house("test");
        let mut ids = Vec::new();
        for n in 0..8 {
            let email = format!("dee{n}@x.example");
            ids.push(open.account(&email).await);
            let email = kernel::Email::parse(&email).expect("fine");
            people::add_staff_by_hand(&open.people, &by, email, StaffRole::Administrator).await.expect("adds");
        }
        let gate = Arc::new(tokio::sync::Barrier::new(8));
        let tasks: Vec<_> = ids.into_iter().map(|id| {
            let (open, gate, by) = (open.clone(), gate.clone(), by.clone());
            tokio::spawn(async move {
                gate.wait().await;
                people::remove_staff_by_hand(&open.people, &by, id, StaffRole::Administrator).await
            })
        }).collect();
        let mut refused = 0;
        for t in tasks {
            if let Err(e) = t.await.expect("no panic") {
                assert!(matches!(e, kernel::Failure::Refused(Refusal::LastAdministrator)), "{e:?}");
                refused += 1;
            }
        }
        assert_eq!(refused, 1);
        assert_eq!((open.count(&COUNT_ADMINISTRATORS).await, open.count(&HEADCOUNT).await), (1, 1));
    }

    async fn a6_by_the_page(on: TestDb) {
        let open = Open::over(on).await;
        let mut dee = open.staff("dee@x.example", StaffRole::Administrator).await;
        let page = dee.get("/desk/staff").await.is(200);
        page.submit(&mut dee, "/desk/staff/remove", &[]).await.is(409).says("last administrator");
        assert_eq!(open.count(&COUNT_ADMINISTRATORS).await, 1);
        open.account("bo@x.example").await;
        page.submit(&mut dee, "/desk/staff", &[("email", "nobody@x.example"), ("role", "reviewer")]).await.is(422);
        page.submit(&mut dee, "/desk/staff", &[("email", "bo@x.example"), ("role", "owner")]).await.is(422);
        page.submit(&mut dee, "/desk/staff", &[("email", "bo@x.example"), ("role", "reviewer")]).await.is(303);
        dee.get("/desk/staff").await.says("bo@x.example");
    }
}
