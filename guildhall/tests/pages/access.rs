//! A1–A5: who sees what. The table of pages is read from the doors; a page without a row here fails.

use crate::browser::{Browser, Open};
use crate::forms::route_table;
use people::StaffRole;
use store::testing::TestDb;

store::statements! {
    COUNT_ADMIN_MEMBERS = "SELECT count(*) FROM member WHERE role = 'admin'";
    COUNT_SUSPENDED = "SELECT count(*) FROM developer WHERE state <> 'active'";
    NAMES = "SELECT count(*) FROM developer WHERE name = 'Taken'";
}

/// What each kind of visitor gets: guest, account, developer, viewer, reviewer, support, administrator.
/// 303 means "sign in" or "become a developer first"; what is not for a visitor is not there.
const PAGES: &[(&str, [u16; 7])] = &[
    ("/", [200, 200, 200, 200, 200, 200, 200]),
    ("/agreements/api_use", [200, 200, 200, 200, 200, 200, 200]),
    ("/agreements/api_use/{version}", [200, 200, 200, 200, 200, 200, 200]),
    ("/assets/{name}", [200, 200, 200, 200, 200, 200, 200]),
    ("/signup", [200, 200, 200, 200, 200, 200, 200]),
    ("/signup/sent", [200, 200, 200, 200, 200, 200, 200]),
    ("/verify", [410, 410, 410, 410, 410, 410, 410]),
    ("/login", [200, 303, 303, 303, 303, 303, 303]),
    ("/login/code", [303, 303, 303, 303, 303, 303, 303]),
    ("/reset", [200, 200, 200, 200, 200, 200, 200]),
    ("/reset/sent", [200, 200, 200, 200, 200, 200, 200]),
    ("/reset/new", [410, 410, 410, 410, 410, 410, 410]),
    ("/setup", [410, 410, 410, 410, 410, 410, 410]),
    ("/invite", [410, 410, 410, 410, 410, 410, 410]),
    ("/account", [303, 200, 200, 200, 200, 200, 200]),
    ("/account/confirm", [303, 200, 200, 200, 200, 200, 200]),
    ("/account/security", [303, 200, 200, 200, 200, 200, 200]),
    ("/account/password", [303, 200, 200, 200, 200, 200, 200]),
    ("/account/email", [303, 200, 200, 200, 200, 200, 200]),
    ("/account/email/confirm", [410, 410, 410, 410, 410, 410, 410]),
    ("/account/totp", [303, 303, 303, 303, 303, 303, 303]),
    ("/files/{id}", [303, 404, 404, 404, 404, 404, 404]),
    ("/console", [303, 303, 200, 200, 303, 303, 303]),
    ("/console/start", [303, 200, 303, 303, 200, 200, 200]),
    ("/console/start/information", [303, 303, 303, 303, 303, 303, 303]),
    ("/console/apps", [303, 303, 200, 200, 303, 303, 303]),
    ("/console/apps/new", [303, 303, 404, 404, 303, 303, 303]),
    ("/console/apps/{id}", [303, 303, 404, 404, 303, 303, 303]),
    ("/console/apps/{id}/credentials", [303, 303, 404, 404, 303, 303, 303]),
    ("/console/apps/{id}/authorization", [303, 303, 404, 404, 303, 303, 303]),
    ("/console/apps/{id}/permissions", [303, 303, 404, 404, 303, 303, 303]),
    ("/console/apps/{id}/limits", [303, 303, 404, 404, 303, 303, 303]),
    ("/console/apps/{id}/live", [303, 303, 404, 404, 303, 303, 303]),
    ("/console/apps/{id}/settings", [303, 303, 404, 404, 303, 303, 303]),
    ("/desk/apps", [303, 404, 404, 404, 403, 200, 200]),
    ("/desk/apps/{id}", [303, 404, 404, 404, 403, 404, 404]),
    ("/console/categories", [303, 303, 200, 200, 303, 303, 303]),
    ("/console/company", [303, 303, 200, 200, 303, 303, 303]),
    ("/console/requests", [303, 303, 200, 200, 303, 303, 303]),
    ("/console/requests/{id}", [303, 303, 404, 404, 303, 303, 303]),
    ("/console/requests/{id}/edit", [303, 303, 404, 404, 303, 303, 303]),
    ("/console/requests/{id}/check", [303, 303, 404, 404, 303, 303, 303]),
    ("/console/requests/{id}/sent", [303, 303, 404, 404, 303, 303, 303]),
    ("/console/developer", [303, 303, 200, 200, 303, 303, 303]),
    ("/console/team", [303, 303, 200, 200, 303, 303, 303]),
    ("/console/team/member", [303, 404, 404, 403, 404, 404, 404]),
    ("/console/activity", [303, 303, 200, 200, 303, 303, 303]),
    ("/desk", [303, 404, 404, 404, 200, 200, 200]),
    ("/desk/queue", [303, 404, 404, 404, 200, 403, 200]),
    ("/desk/requests/{id}", [303, 404, 404, 404, 404, 403, 404]),
    ("/desk/requests/{id}/decide", [303, 404, 404, 404, 404, 403, 404]),
    ("/desk/requests/{id}/done", [303, 404, 404, 404, 404, 403, 404]),
    ("/desk/reasons", [303, 404, 404, 404, 200, 403, 200]),
    ("/desk/reasons/edit", [303, 404, 404, 404, 200, 403, 200]),
    ("/desk/figures", [303, 404, 404, 404, 200, 403, 200]),
    ("/desk/accounts", [303, 404, 404, 404, 403, 200, 200]),
    ("/desk/audit", [303, 404, 404, 404, 403, 200, 200]),
    ("/desk/staff", [303, 404, 404, 404, 403, 403, 200]),
    ("/desk/mail", [303, 404, 404, 404, 403, 403, 200]),
    ("/desk/categories", [303, 404, 404, 404, 403, 403, 200]),
    ("/desk/categories/new", [303, 404, 404, 404, 403, 403, 200]),
    ("/desk/categories/{id}", [303, 404, 404, 404, 403, 403, 404]),
    ("/desk/categories/{id}/basics", [303, 404, 404, 404, 403, 403, 404]),
    ("/desk/categories/{id}/terms", [303, 404, 404, 404, 403, 403, 404]),
    ("/desk/categories/{id}/groups", [303, 404, 404, 404, 403, 403, 404]),
    ("/desk/categories/{id}/form", [303, 404, 404, 404, 403, 403, 404]),
    ("/desk/categories/{id}/field", [303, 404, 404, 404, 403, 403, 404]),
    ("/desk/categories/{id}/preview", [303, 404, 404, 404, 403, 403, 404]),
    ("/desk/categories/{id}/apps", [303, 404, 404, 404, 403, 403, 404]),
    ("/desk/groups", [303, 404, 404, 404, 403, 403, 200]),
    ("/desk/groups/new", [303, 404, 404, 404, 403, 403, 200]),
    ("/desk/groups/{id}", [303, 404, 404, 404, 403, 403, 404]),
    ("/demo", [200, 200, 200, 200, 200, 200, 200]),
    ("/demo/mailbox", [200, 200, 200, 200, 200, 200, 200]),
    ("/demo/mailbox.json", [200, 200, 200, 200, 200, 200, 200]),
    ("/demo/openapi.json", [200, 200, 200, 200, 200, 200, 200]),
    ("/desk/mail/edit", [303, 404, 404, 404, 403, 403, 404]),
    ("/desk/tickets", [303, 404, 404, 404, 403, 200, 200]),
    ("/desk/tickets/{id}", [303, 404, 404, 404, 403, 404, 404]),
    ("/desk/sellers", [303, 404, 404, 404, 403, 200, 200]),
    ("/desk/sellers/new", [303, 404, 404, 404, 403, 200, 200]),
    ("/desk/sellers/import", [303, 404, 404, 404, 403, 200, 200]),
    ("/desk/sellers/export.csv", [303, 404, 404, 404, 403, 200, 200]),
    ("/desk/sellers/{id}", [303, 404, 404, 404, 403, 404, 404]),
    ("/account/inbox", [303, 200, 200, 200, 200, 200, 200]),
    ("/account/keys", [303, 404, 404, 404, 200, 200, 200]),
    ("/console/sellers", [303, 303, 200, 200, 303, 303, 303]),
    ("/console/tickets", [303, 303, 200, 200, 303, 303, 303]),
    ("/console/tickets/new", [303, 303, 200, 403, 303, 303, 303]),
    ("/console/tickets/{id}", [303, 303, 404, 404, 303, 303, 303]),
];

async fn member(open: &Open, owner: &mut Browser, email: &str, role: &str) -> Browser {
    let mut b = open.signed_in(email).await;
    let page = owner.get("/console/team").await;
    page.submit(owner, "/console/team/invite", &[("email", email), ("role", role)]).await.is(303);
    let link = open.link(email).await;
    b.get(&link).await.submit(&mut b, "/invite", &[]).await.is(303);
    b
}

store::on_both! {
    async fn a1_a5_every_page_for_every_kind_of_visitor(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let viewer = member(&open, &mut ana, "vic@x.example", "viewer").await;
        let mut visitors = [
            open.browser(),
            open.signed_in("acc@x.example").await,
            ana,
            viewer,
            open.staff("rev@x.example", StaffRole::Reviewer).await,
            open.staff("sup@x.example", StaffRole::Support).await,
            open.staff("adm@x.example", StaffRole::Administrator).await,
        ];
        let gets: Vec<_> = route_table().into_iter().map(|(p, _)| p).filter(|p| {
            let source = [include_str!("../../../doors/site/src/lib.rs"), include_str!("../../../doors/account/src/lib.rs"),
                include_str!("../../../doors/console/src/lib.rs"), include_str!("../../../doors/desk/src/lib.rs"), include_str!("../../../doors/demo/src/lib.rs")].concat();
            // A long one stands on several lines.
            let source: String = source.split_whitespace().collect();
            source.contains(&format!("(\"{p}\",get("))
        }).collect();
        for path in &gets {
            let row = PAGES.iter().find(|(p, _)| p == path);
            let (_, expected) = row.unwrap_or_else(|| panic!("{path} has no row in the table of who sees what"));
            let asked = path.replace("{version}", "1").replace("{name}", "app.css");
            for (visitor, status) in visitors.iter_mut().zip(expected) {
                let reply = visitor.get(&asked).await;
                assert_eq!(reply.status, *status, "{asked} for visitor {:?}", expected);
            }
        }
        assert_eq!(gets.len(), PAGES.len(), "a row for a page that is gone");
    }

    /// A1: by id, another developer's members and invitations are not there.
    async fn a1_what_is_another_developers_is_not_there(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        member(&open, &mut ana, "vic@x.example", "viewer").await;
        let page = ana.get("/console/team").await;
        page.submit(&mut ana, "/console/team/invite", &[("email", "leo@x.example"), ("role", "viewer")]).await.is(303);
        let team = ana.get("/console/team").await;
        let part = |mark: &str| team.body.split(mark).nth(1).expect(mark).split('"').next().expect("id").to_owned();
        let (who, which) = (part("href=\"/console/team/member?id="), part("name=\"invite\" value=\""));

        let mut eve = open.developer("eve@x.example", "Other").await;
        eve.confirm().await;
        let csrf = eve.get("/console/team").await.csrf();
        let c = ("csrf", csrf.as_str());
        eve.get(&format!("/console/team/member?id={who}")).await.is(404);
        eve.post("/console/team/member", &[c, ("member", &who), ("role", "admin")]).await.is(404);
        eve.post("/console/team/remove", &[c, ("member", &who)]).await.is(404);
        eve.post("/console/team/transfer", &[c, ("member", &who)]).await.is(404);
        eve.post("/console/team/withdraw", &[c, ("invite", &which)]).await.is(404);
        let mine = ana.get("/console/developer").await.is(200);
        assert!(mine.body.contains("Lumen"));
        let list = ana.get("/console/activity").await;
        assert!(!list.body.contains(">eve<"));
        // Switching to a developer that one is no member of.
        let foreign = "dev_00000000000000000000000000";
        eve.post("/console/switch", &[c, ("developer", foreign)]).await.is(404);
        assert_eq!(open.count(&COUNT_ADMIN_MEMBERS).await, 0);
        ana.get("/console/team").await.says("vic@x.example").says("leo@x.example");
    }

    /// A2, A3: cursors are ours, for one list; page sizes are not the caller's.
    async fn a2_a3_cursors_cannot_be_made_or_moved(on: TestDb) {
        let open = Open::over(on).await;
        for n in 0..60 {
            // Ids of one millisecond are in no order.
            open.clock.advance(1);
            open.account(&format!("n{n}@x.example")).await;
        }
        let mut sup = open.staff("sup@x.example", StaffRole::Support).await;
        let first = sup.get("/desk/accounts").await.is(200);
        let cursor = first.body.split("/desk/accounts?after=").nth(1).expect("another page").split('"').next().expect("it").to_owned();
        let second = sup.get(&format!("/desk/accounts?after={cursor}")).await.is(200);
        assert_ne!(first.body.matches("n59@").count(), second.body.matches("n59@").count());
        assert_eq!(first.body.matches("<tr>").count(), 26);
        for forged in ["x", "acc_00000000000000000000000000.000000000000000000000000", "' OR 1=1 --", "-1", &cursor[1..]] {
            let reply = sup.get(&format!("/desk/accounts?after={}", forged.replace(['\'', ' ', '='], "%20"))).await.is(200);
            assert!(reply.body.contains("sup@x.example"), "a forged cursor begins at the first page: {forged}");
        }
        let moved = sup.get(&format!("/desk/audit?after={cursor}")).await.is(200);
        assert!(moved.body.contains("staff.added"), "a cursor of another list is none");
        for odd in ["limit=-1", "page_size=1000000000", "limit=0"] {
            assert_eq!(sup.get(&format!("/desk/accounts?{odd}")).await.is(200).body.matches("<tr>").count(), 26);
        }
    }

    /// A4: fields that no form of ours has change nothing.
    async fn a4_extra_fields_are_nobodys(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let csrf = ana.get("/console/developer").await.csrf();
        let extra = [("csrf", csrf.as_str()), ("state", "suspended"), ("id", "dev_1"), ("owner_id", "x"), ("role", "admin"),
            ("developer_id", "dev_00000000000000000000000000"), ("authorized_user_limit", "9")];
        let fields = [&extra[..], &crate::browser::information("Lumen")].concat();
        ana.post("/console/developer", &fields).await.is(303);
        assert_eq!(open.count(&COUNT_SUSPENDED).await, 0);
        let csrf = ana.get("/account").await.csrf();
        ana.post("/account", &[("csrf", &csrf), ("name", "Ana"), ("lang", "en"), ("email", "taken@x.example"),
            ("state", "closed"), ("staff", "administrator")]).await.is(303);
        ana.get("/account").await.is(200).says("ana@x.example");
        ana.get("/desk").await.is(404);
        // The kind of a developer stays what it was.
        let csrf = ana.get("/console/developer").await.csrf();
        let mut fields = crate::browser::information("Lumen");
        fields[0] = ("kind", "individual");
        fields[3] = ("company", "");
        fields.push(("csrf", &csrf));
        ana.post("/console/developer", &fields).await.is(422);
        assert_eq!(open.count(&NAMES).await, 0);
    }
}
