//! The management API: a key in one place, JSON and nothing else, and what the document says.

use crate::browser::{Browser, Open, Reply, URL};
use kernel::Time;
use people::StaffRole;
use serde_json::{Value, json};
use store::testing::TestDb;

store::statements! {
    COUNT_SELLERS = "SELECT count(*) FROM seller";
    COUNT_TESTS = "SELECT count(*) FROM seller WHERE test_of IS NOT NULL";
    IMPORTED_BY = "SELECT count(*) FROM audit WHERE action = 'seller.imported' AND account_id IS NOT NULL AND request_id IS NOT NULL";
}

const PATH: &str = "/api/v1/sellers";

async fn key(b: &mut Browser) -> String {
    b.confirm().await;
    let page = b.get("/account/keys").await;
    let made = page.submit(b, "/account/keys", &[("name", "sync"), ("days", "30")]).await.is(200);
    made.body.split("<code id=\"key\">").nth(1).expect("a key").split('<').next().expect("it").to_owned()
}

/// A program: it keeps no cookies and says no origin.
async fn call(open: &Open, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let reply = open.browser().send(method, path, headers, body).await;
    assert!(reply.header("set-cookie").is_empty());
    assert_eq!(reply.header("cache-control"), "no-store", "{method} {path}");
    assert!(reply.header("access-control-allow-origin").is_empty());
    assert_eq!(reply.header("content-type"), "application/json", "{method} {path}: {}", reply.body);
    reply
}

fn read(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap_or_else(|e| panic!("{e}: {}", reply.body))
}

#[track_caller]
fn refused(reply: &Reply, status: u16, code: &str) {
    let body = read(reply);
    assert_eq!((reply.status, body["code"].as_str()), (status, Some(code)), "{}", reply.body);
    assert_eq!(body["request_id"].as_str(), Some(reply.header("x-request-id")));
    assert!(!body["message"].as_str().unwrap_or_default().is_empty());
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

store::on_both! {
    async fn sellers_are_brought_listed_and_found(on: TestDb) {
        let open = Open::over(on).await;
        let mut sup = open.staff("sup@x.example", StaffRole::Support).await;
        let bearer = format!("Bearer {}", key(&mut sup).await);
        let auth = ("Authorization", bearer.as_str());
        let sent = json!([
            {"short_code": "ES1", "name": "Casa", "country": "ES", "emails": ["own@casa.example"]},
            {"short_code": "es1", "name": "Twice", "country": "ES"},
            {"short_code": "ES2", "name": "<b>", "country": "XX"},
            {"short_code": "ES3", "name": "Tienda", "country": "es", "state": "suspended"},
        ]).to_string();
        let tried = call(&open, "POST", &format!("{PATH}?dry_run=true"), &[auth, JSON], &sent).await.is(200);
        assert_eq!((read(&tried)["added"].as_i64(), open.count(&COUNT_SELLERS).await), (Some(2), 0));
        let all = call(&open, "POST", &format!("{PATH}?all_or_nothing=true"), &[auth, JSON], &sent).await;
        refused(&all, 422, "invalid");
        assert_eq!((read(&all)["problems"].as_array().map(Vec::len), open.count(&COUNT_SELLERS).await), (Some(2), 0));
        let kept = read(&call(&open, "POST", PATH, &[auth, JSON], &sent).await.is(200));
        assert_eq!((kept["added"].as_i64(), kept["left_out"].as_i64(), kept["written"].as_bool()), (Some(2), Some(2), Some(true)));
        assert_eq!(kept["problems"][0]["index"], 1);
        assert_eq!((open.count(&COUNT_SELLERS).await, open.count(&IMPORTED_BY).await), (2, 1));
        let one = read(&call(&open, "GET", &format!("{PATH}/%EF%BD%85s1"), &[auth], "").await.is(200));
        assert_eq!((one["name"].as_str(), one["emails"][0].as_str()), (Some("Casa"), Some("own@casa.example")));
        refused(&call(&open, "GET", &format!("{PATH}/nope"), &[auth], "").await, 404, "not-found");
        refused(&call(&open, "GET", &format!("{PATH}/%ff"), &[auth], "").await, 400, "malformed");

        let many: Vec<Value> = (0..70).map(|n| json!({"short_code": format!("M{n:03}"), "name": "M", "country": "ES"})).collect();
        call(&open, "POST", PATH, &[auth, JSON], &json!(many).to_string()).await.is(200);
        let first = read(&call(&open, "GET", &format!("{PATH}?prefix=m"), &[auth], "").await.is(200));
        let next = first["next"].as_str().expect("more").to_owned();
        let second = read(&call(&open, "GET", &format!("{PATH}?prefix=m&after={next}"), &[auth], "").await.is(200));
        assert_eq!((first["sellers"].as_array().map(Vec::len), second["sellers"].as_array().map(Vec::len)), (Some(50), Some(20)));
        assert_eq!((second["sellers"][0]["short_code"].as_str(), second["next"].is_null()), (Some("M050"), true));
        // A2: of another search, or made up.
        for odd in [format!("?after={next}"), format!("?prefix=m&after=x{next}"), "?after=m000".to_owned(), "?after=%27+OR+1%3D1".to_owned()] {
            refused(&call(&open, "GET", &format!("{PATH}{odd}"), &[auth], "").await, 400, "bad-cursor");
        }
    }

    async fn a5_a_key_is_good_while_its_owner_is(on: TestDb) {
        let open = Open::over(on).await;
        let mut sup = open.staff("sup@x.example", StaffRole::Support).await;
        let good = key(&mut sup).await;
        let mut rev = open.staff("rev@x.example", StaffRole::Reviewer).await;
        let reviewers = key(&mut rev).await;
        let with = async |key: &str| {
            let bearer = format!("Bearer {key}");
            call(&open, "GET", PATH, &[("Authorization", &bearer)], "").await
        };
        with(&good).await.is(200);
        refused(&with(&reviewers).await, 403, "not-allowed");
        let nobody = call(&open, "GET", PATH, &[], "").await;
        refused(&nobody, 401, "no-key");
        assert!(nobody.header("www-authenticate").starts_with("Bearer"));
        let mut bent = good.clone();
        bent.replace_range(10..11, if &good[10..11] == "0" { "1" } else { "0" });
        for bad in [bent.as_str(), "", "gk_", "x", &good[..20], &good.replace("gk_", "gs_")] {
            refused(&with(bad).await, 401, "no-key");
        }
        for odd in [vec![("Authorization", "Basic eDp5")], vec![("Authorization", good.as_str())]] {
            refused(&call(&open, "GET", PATH, &odd, "").await, 401, "no-key");
        }
        let twice = format!("Bearer {good}");
        refused(&call(&open, "GET", PATH, &[("Authorization", &twice), ("Authorization", &twice)], "").await, 401, "no-key");
        for place in [format!("?access_token={good}"), format!("?prefix={good}"), "?key=x".to_owned()] {
            refused(&call(&open, "GET", &format!("{PATH}{place}"), &[("Authorization", &twice)], "").await, 400, "key-in-address");
        }
        // A session is no key, with or without the page's own origin.
        let csrf = sup.get("/account").await.csrf();
        let cookies = sup.send("POST", PATH, &[("Origin", URL), JSON, ("X-CSRF", &csrf)], "[]").await;
        refused(&cookies, 401, "no-key");
        // The role goes, and the key with it; it comes back with the role.
        let by = kernel::By::house("test");
        let email = kernel::Email::parse("sup@x.example").expect("fine");
        let id = people::find_account(&open.people, &email).await.expect("asks").expect("there");
        people::remove_staff_by_hand(&open.people, &by, id, StaffRole::Support).await.expect("removes");
        refused(&with(&good).await, 403, "not-allowed");
        people::add_staff_by_hand(&open.people, &by, email, StaffRole::Support).await.expect("adds");
        with(&good).await.is(200);
        open.clock.advance(30 * Time::DAY + 1);
        refused(&with(&good).await, 401, "no-key");
    }

    async fn a4_what_is_not_known_or_not_json_is_refused(on: TestDb) {
        let open = Open::over(on).await;
        let mut sup = open.staff("sup@x.example", StaffRole::Support).await;
        let bearer = format!("Bearer {}", key(&mut sup).await);
        let auth = ("Authorization", bearer.as_str());
        for body in [
            "", "null", "{}", "[", "[{}]", "[] x", r#"[{"short_code":"A","name":"B","country":"ES","test_of":"dev_1"}]"#,
            r#"[{"short_code":"A","short_code":"B","name":"B","country":"ES"}]"#, &"[".repeat(60_000), "\u{feff}[]",
            r#"[{"short_code":"A","name":"B","country":"ES","emails":"a@b.co"}]"#,
        ] {
            refused(&call(&open, "POST", PATH, &[auth, JSON], body).await, 400, "malformed");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "application/jsonx"] {
            refused(&call(&open, "POST", PATH, &[auth, ("Content-Type", kind)], "[]").await, 415, "media-type");
        }
        refused(&call(&open, "POST", PATH, &[auth, JSON, ("Content-Encoding", "gzip")], "[]").await, 415, "media-type");
        let large = format!("[{}]", " ".repeat(2 * 1024 * 1024));
        refused(&call(&open, "POST", PATH, &[auth, JSON], &large).await, 413, "too-large");
        for odd in ["?limit=1000000000", "?state=active", "?after=&after="] {
            let status = call(&open, "GET", &format!("{PATH}{odd}"), &[auth], "").await;
            assert_eq!(status.status, 400, "{odd}");
        }
        refused(&call(&open, "POST", &format!("{PATH}?dry_run=maybe"), &[auth, JSON], "[]").await, 400, "bad-parameter");
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
            let reply = call(&open, method, PATH, &[auth], "").await;
            refused(&reply, 405, "method");
            assert!(reply.header("allow").contains("POST"), "{method}");
        }
        refused(&call(&open, "POST", &format!("{PATH}/ES1"), &[auth, JSON], "[]").await, 405, "method");
        refused(&call(&open, "GET", "/api/v2/sellers", &[auth], "").await, 404, "not-found");
        refused(&call(&open, "POST", "/api/v1/nothing", &[JSON], "[]").await, 404, "not-found");
        assert_eq!((open.count(&COUNT_SELLERS).await, open.count(&COUNT_TESTS).await), (0, 0));
        // Empty is nothing to do.
        call(&open, "POST", PATH, &[auth, JSON], "[]").await.is(200);
        // A page of somebody else's may send what it likes: no cookie counts.
        let cross = [auth, JSON, ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")];
        call(&open, "POST", PATH, &cross, "[]").await.is(200);
        // Elsewhere nothing changed.
        let mut b = open.browser();
        let csrf = b.get("/login").await.csrf();
        b.send("POST", "/login", &[], &format!("csrf={csrf}")).await.is(403);
    }
}

/// Each route of the door stands in its document, with its methods.
#[tokio::test(flavor = "multi_thread")]
async fn the_document_tells_of_every_route() {
    let open = Open::over(TestDb::sqlite().await).await;
    let document = read(&call(&open, "GET", "/api/openapi.json", &[], "").await.is(200));
    let source = include_str!("../../../doors/api/src/lib.rs");
    let mut routes = 0;
    for line in source.lines().filter_map(|l| l.trim().strip_prefix(".route(\"")) {
        let (path, handlers) = line.split_once('"').expect("a path");
        if handlers.contains("any(") {
            continue;
        }
        routes += 1;
        let told =
            document["paths"][path].as_object().unwrap_or_else(|| panic!("{path} is not in the document"));
        let methods: Vec<&str> =
            ["get", "post"].into_iter().filter(|m| handlers.contains(&format!("{m}("))).collect();
        assert_eq!(told.keys().map(String::as_str).collect::<Vec<_>>(), methods, "{path}");
        for answer in told.values() {
            for name in answer["responses"].as_object().expect("answers").values() {
                let reference = name["$ref"].as_str().map(|r| r.replacen('#', "", 1));
                assert!(reference.is_none_or(|r| document.pointer(&r).is_some()), "{name}");
            }
        }
    }
    assert_eq!(routes, document["paths"].as_object().expect("paths").len());
}
