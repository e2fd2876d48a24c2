//! Sellers at the desk, keys, and messages in the portal.

use crate::browser::{Browser, Open, Reply};
use people::StaffRole;
use store::testing::TestDb;

store::statements! {
    COUNT_SELLERS = "SELECT count(*) FROM seller";
    COUNT_ACTING = "SELECT count(*) FROM seller_account";
    COUNT_KEYS = "SELECT count(*) FROM api_key";
    COUNT_UNREAD = "SELECT count(*) FROM notice WHERE read_at IS NULL";
    SUSPENDED = "SELECT count(*) FROM seller WHERE state = 'suspended'";
    PLAIN_KEYS = "SELECT count(*) FROM api_key WHERE hint LIKE '%0123456789%' OR length(hint) > 10";
}

const EVIL: &str = "<img src=x onerror=alert(1)>\"'&{{7*7}}";

async fn import(b: &mut Browser, csv: &str) -> Reply {
    let page = b.get("/desk/sellers/import").await.is(200);
    page.submit(b, "/desk/sellers/import", &[("csv", csv)]).await.is(200);
    let fields = [("csv", csv)];
    page.submit(b, "/desk/sellers/import", &fields)
        .await
        .submit(b, "/desk/sellers/import/confirm", &fields)
        .await
}

store::on_both! {
    async fn staff_add_find_change_and_suspend_sellers(on: TestDb) {
        let open = Open::over(on).await;
        let mut sup = open.staff("sup@x.example", StaffRole::Support).await;
        sup.get("/desk/sellers").await.is(200).says("No sellers yet");
        let page = sup.get("/desk/sellers/new").await.is(200);
        page.submit(&mut sup, "/desk/sellers/new", &[("short_code", "a b"), ("name", ""), ("country", "XX"), ("emails", "x")]).await
            .is(422).says("href=\"#short_code\"").says("href=\"#name\"").says("href=\"#country\"").says("href=\"#emails\"");
        let good = [("short_code", "ES-1"), ("name", EVIL), ("country", "ES"), ("emails", "own@shop.example")];
        let at = page.submit(&mut sup, "/desk/sellers/new", &good).await.is(303).header("location").to_owned();
        page.submit(&mut sup, "/desk/sellers/new", &[("short_code", "ｅs-1"), ("name", "Other"), ("country", "ES")]).await.is(422);
        assert_eq!(open.count(&COUNT_SELLERS).await, 1);
        let path = at.split('?').next().expect("a path").to_owned();
        let one = sup.get(&at).await.is(200).hides("<img").says("own@shop.example").says("The seller is added");
        one.submit(&mut sup, &path, &[("short_code", "ES-9"), ("name", "Casa"), ("country", "PT"), ("emails", "")]).await.is(303);
        sup.get(&path).await.is(200).says("Casa").says("ES-1").hides("own@shop.example");
        // From the state that was shown, once.
        let to = [("to", "suspended")];
        one.submit(&mut sup, &format!("{path}/state"), &to).await.is(303);
        one.submit(&mut sup, &format!("{path}/state"), &to).await.is(409);
        assert_eq!(open.count(&SUSPENDED).await, 1);
        one.submit(&mut sup, &format!("{path}/state"), &[("to", "gone")]).await.is(404);
        // Who acts for it.
        open.account("chen@x.example").await;
        let add = format!("{path}/accounts");
        one.submit(&mut sup, &add, &[("email", "nobody@x.example")]).await.is(422);
        one.submit(&mut sup, &add, &[("email", "chen@x.example")]).await.is(303);
        one.submit(&mut sup, &add, &[("email", "chen@x.example")]).await.is(409);
        assert_eq!(open.count(&COUNT_ACTING).await, 1);
        let page = sup.get(&path).await.says("chen@x.example");
        page.submit(&mut sup, &format!("{path}/accounts/remove"), &[]).await.is(303);
        assert_eq!(open.count(&COUNT_ACTING).await, 0);
        // Zero results are not the empty state.
        sup.get("/desk/sellers?q=es-").await.is(200).says("Casa");
        sup.get("/desk/sellers?q=nope").await.is(200).says("Nothing matches").hides("No sellers yet");
    }

    async fn w9_a_table_of_sellers_is_seen_before_it_is_taken(on: TestDb) {
        let open = Open::over(on).await;
        let mut sup = open.staff("sup@x.example", StaffRole::Support).await;
        let page = sup.get("/desk/sellers/import").await.is(200);
        for bad in ["", "name,code\nx,y\n", "short_code,name,country\n"] {
            page.submit(&mut sup, "/desk/sellers/import", &[("csv", bad)]).await.is(422).says("href=\"#csv\"");
        }
        let csv = format!("short_code,name,country\nES1,\"{}\",ES\nES2,=cmd|calc,ES\nES3,a\u{202e}b,ES\nES4,\"x,ES\n", EVIL.replace('"', "\"\""));
        let preview = page.submit(&mut sup, "/desk/sellers/import", &[("csv", &csv)]).await.is(200).hides("<img")
            .says("Nothing has been written yet").says("quotes in this line");
        assert_eq!(open.count(&COUNT_SELLERS).await, 0);
        let all = [("csv", csv.as_str()), ("all_or_nothing", "on")];
        preview.submit(&mut sup, "/desk/sellers/import/confirm", &all).await.is(409);
        assert_eq!(open.count(&COUNT_SELLERS).await, 0);
        preview.submit(&mut sup, "/desk/sellers/import/confirm", &[("csv", &csv)]).await.leads_to("/desk/sellers?said=sellers-imported");
        assert_eq!(open.count(&COUNT_SELLERS).await, 2);
        sup.get("/desk/sellers").await.is(200).hides("<img").says("ES1");
        let out = sup.get("/desk/sellers/export.csv").await.is(200).says("\"'=cmd|calc\"");
        assert!(out.header("content-disposition").starts_with("attachment"));
        import(&mut sup, &out.body).await.leads_to("/desk/sellers?said=sellers-same");
        // A4: columns that are nobody's.
        page.submit(&mut sup, "/desk/sellers/import", &[("csv", "short_code,name,country,test_of\na,b,ES,dev_1\n")]).await.is(422);
    }

    async fn a2_pages_of_sellers_by_cursors_of_ours(on: TestDb) {
        let open = Open::over(on).await;
        let mut sup = open.staff("sup@x.example", StaffRole::Support).await;
        let rows: String = (0..120).map(|n| format!("S{n:03},Shop {n},ES\n")).collect();
        import(&mut sup, &format!("short_code,name,country\n{rows}")).await.is(303);
        let mut seen = 0;
        let mut path = "/desk/sellers?q=s".to_owned();
        loop {
            let page = sup.get(&path).await.is(200);
            seen += page.body.matches("row-link").count();
            let Some(next) = page.body.split("href=\"/desk/sellers?q=s&#38;after=").nth(1)
                .or_else(|| page.body.split("href=\"/desk/sellers?q=s&amp;after=").nth(1)) else { break };
            path = format!("/desk/sellers?q=s&after={}", next.split('"').next().expect("a cursor"));
        }
        assert_eq!(seen, 120);
        // Of another search, or made up: the first page.
        let cursor = path.split("after=").nth(1).expect("a cursor").to_owned();
        for odd in [format!("q=S1&after={cursor}"), format!("q=s&after=x{cursor}"), "q=s&after=s100.00".to_owned(), "q=s&after=%27+OR+1".to_owned()] {
            sup.get(&format!("/desk/sellers?{odd}")).await.is(200).says("row-link");
        }
        sup.get("/desk/sellers?q=s&after=s100.00").await.says("S000");
    }

    /// Keys: shown once, for staff alone, dead when they are revoked, run out, or their owner is no staff.
    async fn keys_are_shown_once_and_end_when_they_should(on: TestDb) {
        let open = Open::over(on).await;
        let mut adm = open.staff("adm@x.example", StaffRole::Administrator).await;
        open.clock.advance(kernel::Time::MINUTE * 11);
        let page = adm.get("/account/keys").await.is(200);
        page.submit(&mut adm, "/account/keys", &[("name", "sync"), ("days", "30")]).await.is(303);
        assert_eq!(open.count(&COUNT_KEYS).await, 0, "first the password again");
        adm.confirm().await;
        let page = adm.get("/account/keys").await.is(200);
        for (name, days) in [("", "30"), ("x", "0"), ("x", "366"), ("x", "-1"), ("x", "many")] {
            page.submit(&mut adm, "/account/keys", &[("name", name), ("days", days)]).await.is(422);
        }
        let made = page.submit(&mut adm, "/account/keys", &[("name", "sync"), ("days", "30")]).await.is(200);
        let key = made.body.split("<code id=\"key\">").nth(1).expect("a key").split('<').next().expect("it").to_owned();
        assert!(key.starts_with("gk_"));
        let page = adm.get("/account/keys").await.is(200).hides(&key).says("sync");
        assert_eq!((open.count(&COUNT_KEYS).await, open.count(&PLAIN_KEYS).await), (1, 0));
        // Another's key is not there.
        let mut eve = open.staff("eve@x.example", StaffRole::Reviewer).await;
        let id = page.body.split("name=\"key\" value=\"").nth(1).expect("an id").split('"').next().expect("it").to_owned();
        let csrf = eve.get("/account/keys").await.csrf();
        eve.post("/account/keys/revoke", &[("csrf", &csrf), ("key", &id)]).await.is(404);
        assert_eq!(open.count(&COUNT_KEYS).await, 1);
        page.submit(&mut adm, "/account/keys/revoke", &[]).await.is(303);
        assert_eq!(open.count(&COUNT_KEYS).await, 0);
    }

    /// A1: messages are their reader's alone; what came after the page was made stays unread.
    async fn a1_messages_are_read_by_whom_they_are_for(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        ana.get("/account/inbox").await.is(200).says("No messages");
        let ask = async |b: &mut Browser, subject: &str| {
            let page = b.get("/console/tickets/new").await.is(200);
            page.submit(b, "/console/tickets/new", &[("subject", subject), ("text", "words")]).await.is(303);
        };
        ask(&mut ana, EVIL).await;
        let inbox = ana.get("/account/inbox").await.is(200).hides("<img").says("was opened").says("count-new");
        open.clock.advance(5);
        ask(&mut ana, "Second").await;
        assert_eq!(open.count(&COUNT_UNREAD).await, 2);
        let mut eve = open.signed_in("eve@x.example").await;
        let id = inbox.body.split("name=\"notice\" value=\"").nth(1).expect("an id").split('"').next().expect("it").to_owned();
        let csrf = eve.get("/account").await.csrf();
        eve.post("/account/inbox/open", &[("csrf", &csrf), ("notice", &id)]).await.is(404);
        eve.post("/account/inbox/read", &[("csrf", &csrf), ("notice", &id)]).await.is(303);
        assert_eq!(open.count(&COUNT_UNREAD).await, 2);
        inbox.submit(&mut ana, "/account/inbox/read", &[]).await.is(303);
        assert_eq!(open.count(&COUNT_UNREAD).await, 1, "the second one was not shown");
        let inbox = ana.get("/account/inbox").await.is(200);
        let to = inbox.submit(&mut ana, "/account/inbox/open", &[]).await.is(303).header("location").to_owned();
        assert!(to.starts_with("/console/tickets/tkt_"), "{to}");
        ana.get(&to).await.is(200).hides("count-new");
    }
}
