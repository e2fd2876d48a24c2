//! W4, W5, W6, W8: no form is taken that did not come from this reader's own page. The list of forms is
//! read from the route tables, so a new one is tried without anybody thinking of it.

use crate::browser::{Open, URL, encoded};
use people::StaffRole;
use store::testing::TestDb;

store::statements! {
    COUNT_AUDIT = "SELECT count(*) FROM audit";
    COUNT_ROWS = "SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM session) + (SELECT count(*) FROM member)
        + (SELECT count(*) FROM invite) + (SELECT count(*) FROM staff) + (SELECT count(*) FROM link)
        + (SELECT count(*) FROM mail_template) + (SELECT count(*) FROM outbox)";
}

/// Every path of a door's table, with whether it takes POST.
pub fn route_table() -> Vec<(String, bool)> {
    let doors = [
        include_str!("../../../doors/site/src/lib.rs"),
        include_str!("../../../doors/account/src/lib.rs"),
        include_str!("../../../doors/console/src/lib.rs"),
        include_str!("../../../doors/desk/src/lib.rs"),
        include_str!("../../../doors/demo/src/lib.rs"),
    ];
    let mut out = Vec::new();
    for part in doors.iter().flat_map(|d| d.split(".route(").skip(1)) {
        // A long one stands on several lines.
        if let Some(rest) = part.trim_start().strip_prefix('"') {
            let (path, handlers) = rest.split_once('"').expect("a path");
            let handlers = handlers.split("\n}").next().unwrap_or_default();
            out.push((path.to_owned(), handlers.contains("post(")));
        }
    }
    let mut once: Vec<_> = out.iter().map(|(path, _)| path).collect();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), out.len(), "a path that stands twice ends the house at its start");
    assert!(out.len() > 40, "the tables are read");
    out
}

const MULTIPART: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=----parts");

/// The fields and a file behind them, as a browser sends a form with files.
fn parts(fields: &[(&str, &str)], token: Option<&str>) -> String {
    let all = token.iter().map(|t| ("csrf", *t)).chain(fields.iter().copied());
    let field =
        |(k, v)| format!("------parts\r\nContent-Disposition: form-data; name=\"{k}\"\r\n\r\n{v}\r\n");
    let file =
        "------parts\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nwords\r\n";
    format!("{}{file}------parts--\r\n", all.map(field).collect::<String>())
}

fn forms() -> impl Iterator<Item = String> {
    route_table().into_iter().filter(|(_, post)| *post).map(|(path, _)| path)
}

store::on_both! {
    async fn w5_every_form_refuses_what_did_not_come_from_its_own_page(on: TestDb) {
        let open = Open::over(on).await;
        let mut ana = open.developer("ana@x.example", "Lumen").await;
        let mut dee = open.staff("dee@x.example", StaffRole::Administrator).await;
        ana.confirm().await;
        dee.confirm().await;
        let fields = [("email", "new@x.example"), ("name", "New"), ("role", "viewer"), ("agree", "on"), ("lang", "es"),
            ("language", "es"), ("theme", "dark"), ("password", "another long sentence"), ("code", "123456")];
        let others = dee.get("/account").await.csrf();
        let mut guest = open.browser();
        let guests = guest.get("/login").await.csrf();
        let (mut tried, mut multipart) = (0, 0);
        for path in forms().chain(["/test/files".to_owned()]) {
            for browser in [&mut ana, &mut dee] {
                let own = browser.get("/account").await.csrf();
                let before = (open.count(&COUNT_AUDIT).await, open.count(&COUNT_ROWS).await);
                let jar = browser.jar.clone();
                let good = ("Origin", URL);
                let with = |token: &str| encoded(&[&fields[..], &[("csrf", token)]].concat());
                let tries: Vec<(Vec<(&str, &str)>, String)> = vec![
                    (vec![good], encoded(&fields)),
                    (vec![good], with("")),
                    (vec![good], with(if own == others { &guests } else { &others })),
                    (vec![good], with(&guests)),
                    (vec![], with(&own)),
                    (vec![("Origin", "https://evil.example")], with(&own)),
                    (vec![("Origin", "null")], with(&own)),
                    (vec![good, ("Sec-Fetch-Site", "cross-site")], with(&own)),
                    (vec![good, ("Sec-Fetch-Site", "same-site")], with(&own)),
                ];
                for (headers, body) in tries {
                    let reply = browser.send("POST", &path, &headers, &body).await;
                    assert_eq!(reply.status, 403, "{path} with {headers:?}");
                    assert!(reply.body.contains("<h1>"), "a page, not a bare word: {path}");
                    tried += 1;
                }
                // With the fields as a page with files sends them: one that takes files refuses it alike, and
                // one that takes none does not even look.
                for token in [None, Some(""), Some(if own == others { &guests } else { &others }), Some(&guests)] {
                    let reply = browser.send("POST", &path, &[good, MULTIPART], &parts(&fields, token)).await;
                    assert!([403, 415].contains(&reply.status), "{path} with parts: {}", reply.status);
                    multipart += usize::from(reply.status == 403);
                    tried += 1;
                }
                let after = (open.count(&COUNT_AUDIT).await, open.count(&COUNT_ROWS).await);
                assert_eq!(before, after, "{path} changed something");
                assert_eq!(jar, browser.jar, "{path} gave or took a cookie");
            }
        }
        assert!(tried > 300 && multipart >= 8);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w6_what_changes_something_cannot_be_got() {
    let open = Open::over(TestDb::sqlite().await).await;
    let mut b = open.developer("ana@x.example", "Lumen").await;
    for (path, _) in route_table().iter().filter(|(_, post)| *post) {
        let before = open.count(&COUNT_AUDIT).await;
        let reply = b.get(path).await;
        assert!([200, 303, 404, 405, 410].contains(&reply.status), "{path}: {}", reply.status);
        assert_eq!(open.count(&COUNT_AUDIT).await, before, "getting {path} did something");
    }
    for path in
        ["/logout", "/language", "/theme", "/console/switch", "/console/team/remove", "/account/sessions/end"]
    {
        let reply = b.get(path).await.is(405);
        assert!(reply.header("allow").contains("POST"), "{path}");
    }
}

/// W2, W8: signing in needs the token of a page that this browser was shown before.
#[tokio::test(flavor = "multi_thread")]
async fn w2_w8_nobody_is_signed_in_by_another_page() {
    let open = Open::over(TestDb::sqlite().await).await;
    open.account("eve@x.example").await;
    let mut victim = open.browser();
    let fields = [("email", "eve@x.example"), ("password", crate::browser::PASSWORD)];
    victim.post("/login", &fields).await.is(403);
    // Eve's own page token does not do in the victim's browser.
    let mut eve = open.browser();
    let hers = eve.get("/login").await.csrf();
    victim.get("/login").await;
    victim.post("/login", &[fields[0], fields[1], ("csrf", &hers)]).await.is(403);
    assert!(!victim.jar.contains_key("__Host-session"));
    // A session that was planted before is not the one that signing in gives, and the guest's token is gone.
    let mut planted = eve.clone();
    planted.sign_in("eve@x.example", crate::browser::PASSWORD).await.is(303);
    let old = planted.jar["__Host-session"].clone();
    victim.jar.insert("__Host-session".into(), old.clone());
    open.account("vic@x.example").await;
    let mut own = victim.clone();
    own.jar.remove("__Host-session");
    own.sign_in("vic@x.example", crate::browser::PASSWORD).await.is(303);
    assert_ne!(own.jar["__Host-session"], old);
    assert!(!own.jar.contains_key("__Host-guest"));
}
