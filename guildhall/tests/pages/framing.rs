//! B10 for the pages' listener: raw requests, and what they must not achieve.

use crate::browser::{HOST, Open, Reply, raw};
use std::time::{Duration, Instant};
use store::testing::TestDb;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn open() -> Open {
    Open::over(TestDb::sqlite().await).await
}

async fn ask(open: &Open, request: &str) -> Option<Reply> {
    Reply::read(&raw(open.address, request.as_bytes()).await)
}

async fn status(open: &Open, request: &str) -> u16 {
    ask(open, request).await.map_or(0, |r| r.status)
}

#[tokio::test(flavor = "multi_thread")]
async fn h2_h4_h6_h9_requests_that_are_framed_wrongly_are_refused() {
    let open = open().await;
    for bad in [
        // H2, and H3 where hyper refuses
        "POST /login HTTP/1.1\r\nHost: open.example\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST /login HTTP/1.1\r\nHost: open.example\r\nContent-Length: 5, 5\r\n\r\nhello",
        "POST /login HTTP/1.1\r\nHost: open.example\r\nContent-Length: +5\r\n\r\nhello",
        "POST /login HTTP/1.1\r\nHost: open.example\r\nContent-Length: -1\r\n\r\n",
        "POST /login HTTP/1.1\r\nHost: open.example\r\nContent-Length: 0x5\r\n\r\nhello",
        // H4
        "POST /login HTTP/1.1\r\nHost: open.example\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST /login HTTP/1.1\r\nHost: open.example\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST /login HTTP/1.1\r\nHost: open.example\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST /login HTTP/1.1\r\nHost: open.example\r\nTransfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n",
        // H6
        "GET / HTTP/1.1\r\nHost : open.example\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: open.example\r\nA: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: open.example\r\nA: b\rc\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: open.example\r\nA: b\0c\r\n\r\n",
        // H8
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: open.example\r\nHost: open.example\r\n\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nHost: open.example\r\n\r\n",
        // H9
        "POST /login HTTP/1.0\r\nHost: open.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let got = status(&open, bad).await;
        assert_eq!(got, 400, "{bad:?}");
    }
    let form = "Host: open.example\r\nOrigin: https://open.example\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n";
    for chunks in [
        "5\nhello\r\n0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    ] {
        let got = status(&open, &format!("POST /login HTTP/1.1\r\n{form}{chunks}")).await;
        assert_eq!(got, 400, "{chunks:?}");
    }
    assert_eq!(status(&open, "GET / HTTP/1.1\r\nHost: open.example\r\nConnection: close\r\n\r\n").await, 200);
}

/// H1: hyper lets the chunks win and closes; here nothing is forwarded, so nothing can be smuggled.
#[tokio::test(flavor = "multi_thread")]
async fn h1_h10_h11_one_request_is_never_two() {
    let open = open().await;
    let second = "GET /signup HTTP/1.1\r\nHost: open.example\r\n\r\n";
    for first in [
        format!(
            "POST /nothing HTTP/1.1\r\nHost: open.example\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{second}",
            5 + second.len()
        ),
        format!(
            "POST /nothing HTTP/1.1\r\nHost: open.example\r\nContent-Length: {}\r\n\r\n{second}",
            second.len()
        ),
        format!(
            "POST /login HTTP/1.1\r\nHost: open.example\r\nContent-Length: {}\r\n\r\n{second}",
            second.len()
        ),
    ] {
        let answer = String::from_utf8_lossy(&raw(open.address, first.as_bytes()).await).into_owned();
        assert!(!answer.contains("action=\"/signup\""), "the body was taken for a request: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    }
    let upgrade =
        "GET / HTTP/1.1\r\nHost: open.example\r\nConnection: Upgrade, close\r\nUpgrade: foo\r\n\r\n";
    assert_eq!(status(&open, upgrade).await, 200, "no tunnel is ever made");
}

#[tokio::test(flavor = "multi_thread")]
async fn h13_h14_slow_clients_are_closed() {
    let open = open().await;
    let started = Instant::now();
    let mut half = TcpStream::connect(open.address).await.expect("connects");
    half.write_all(b"GET / HTTP/1.1\r\nHost: open.ex").await.expect("writes");
    let mut idle = TcpStream::connect(open.address).await.expect("connects");
    idle.write_all(b"GET /login HTTP/1.1\r\nHost: open.example\r\n\r\n").await.expect("writes");
    let mut silent = TcpStream::connect(open.address).await.expect("connects");
    let mut slow = TcpStream::connect(open.address).await.expect("connects");
    slow.write_all(
        b"POST /login HTTP/1.1\r\nHost: open.example\r\nOrigin: https://open.example\r\n\
        Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\na=",
    )
    .await
    .expect("writes");
    let mut out = Vec::new();
    for (what, stream) in [("half", &mut half), ("idle", &mut idle), ("silent", &mut silent)] {
        out.clear();
        let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut out)).await;
        assert!(ended.is_ok(), "{what} is still open");
    }
    out.clear();
    let ended = tokio::time::timeout(Duration::from_secs(15), slow.read_to_end(&mut out)).await;
    assert!(ended.is_ok(), "a slow body is still open");
    assert_eq!(Reply::read(&out).map(|r| r.status), Some(408));
    assert!(started.elapsed() < Duration::from_secs(30));
    open.browser().get("/").await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn h15_h18_h19_h20_limits_media_types_and_methods() {
    let open = open().await;
    let mut b = open.browser();
    let page = b.get("/login").await;
    let csrf = page.csrf();
    let big = format!("csrf={csrf}&email={}", "a".repeat(3 * 1024 * 1024));
    b.send("POST", "/login", &[("Origin", "https://open.example")], &big).await.is(413);
    let origin = ("Origin", "https://open.example");
    b.send("POST", "/login", &[origin, ("Content-Encoding", "gzip")], "csrf=x").await.is(415);
    b.send("POST", "/login", &[origin, ("Content-Type", "application/json")], "{}").await.is(415);
    b.send("POST", "/login", &[origin], &format!("csrf={csrf}&email=a&email=a")).await.is(400);
    b.send("POST", "/login", &[origin], &format!("csrf={csrf}&email=a%ff")).await.is(400);
    for method in ["TRACE", "OPTIONS", "PUT", "DELETE", "PATCH", "BREW"] {
        let reply = b.send(method, "/login", &[], "").await.is(405);
        assert_eq!(reply.header("access-control-allow-origin"), "", "H24");
    }
    let connect = "CONNECT open.example:80 HTTP/1.1\r\nHost: open.example\r\n\r\n";
    assert!([400, 405].contains(&status(&open, connect).await));
    let long = format!("GET /{} HTTP/1.1\r\nHost: {HOST}\r\n\r\n", "a".repeat(100_000));
    assert!([414, 431].contains(&status(&open, &long).await));
    let heads: String = (0..300).map(|n| format!("X-{n}: y\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n{heads}\r\n");
    assert_eq!(status(&open, &many).await, 431);
}

#[tokio::test(flavor = "multi_thread")]
async fn h16_one_address_gets_so_many_connections_and_others_theirs() {
    let open = open().await;
    let mut held = Vec::new();
    for _ in 0..60 {
        held.push(TcpStream::connect(open.address).await.expect("connects"));
    }
    let mut refused = 0;
    for stream in &mut held {
        let mut byte = [0];
        let read = tokio::time::timeout(Duration::from_millis(40), stream.read(&mut byte)).await;
        refused += usize::from(matches!(read, Ok(Ok(0) | Err(_))));
    }
    assert!(refused >= 20, "{refused} of 60 were refused at a limit of 40");
    drop(held);
    tokio::time::sleep(Duration::from_millis(200)).await;
    open.browser().get("/").await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn h21_tricks_with_paths_lead_nowhere() {
    let open = open().await;
    let mut b = open.browser();
    for path in [
        "//login",
        "/log%69n",
        "/login/",
        "/login/..;/desk",
        "/desk%00",
        "/./login",
        "/../login",
        "/DESK",
        "/desk/../login",
    ] {
        let reply = b.get(path).await;
        assert!([400, 404].contains(&reply.status), "{path}: {}", reply.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h23_w20_a_panic_is_one_answer_and_tells_nothing() {
    let open = open().await;
    let mut b = open.browser();
    let reply = b.get("/test/panic").await.is(500);
    for inside in ["on purpose", "panicked", ".rs", "src/"] {
        assert!(!reply.body.contains(inside), "{inside}");
    }
    for path in [
        "/nothing",
        "/verify?t=x",
        "/agreements/api_use/99999999999999999999",
        "/agreements/api_use/%27",
        "/login?a=%ff",
    ] {
        let reply = b.get(path).await;
        assert!((400..500).contains(&reply.status), "{path}");
        for inside in ["SELECT", "sqlite", "postgres", "axum", "hyper", env!("CARGO_PKG_VERSION"), "/src/"] {
            assert!(!reply.body.to_lowercase().contains(&inside.to_lowercase()), "{inside} on {path}");
        }
        assert!(
            reply.body.contains(reply.header("x-request-id")),
            "L4: the id on the page is the one in the log"
        );
    }
    b.get("/").await.is(200);
}

/// R18, R19, W10, W11, L4
#[tokio::test(flavor = "multi_thread")]
async fn r18_r19_w10_w11_what_every_answer_carries() {
    let open = open().await;
    let mut b = open.signed_in("ana@x.example").await;
    for path in ["/", "/login", "/account/security", "/nothing", "/assets/app.css"] {
        let reply = b.get(path).await;
        let csp = reply.header("content-security-policy");
        assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'"), "{path}");
        assert!(!csp.contains("unsafe"), "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        if !path.starts_with("/assets") {
            assert_eq!(reply.header("cache-control"), "no-store", "{path}");
            assert!(
                !reply.body.contains("<script>")
                    && !reply.body.contains(" style=")
                    && !reply.body.contains("onclick")
            );
        }
    }
    let mut guest = open.browser();
    let page = guest.get("/login").await;
    for (name, value) in page.headers.iter().filter(|(n, _)| n == "set-cookie") {
        assert!(value.starts_with("__Host-"), "{name}: {value}");
        for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(value.contains(part), "{value}");
        }
        assert!(!value.contains("Domain"));
    }
    let evil = "GET /login HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let reply = ask(&open, evil).await.expect("answers");
    assert_eq!(reply.status, 421);
    assert!(!reply.body.contains("evil.example"));
    let forwarded = "GET /login HTTP/1.1\r\nHost: open.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n";
    assert!(!ask(&open, forwarded).await.expect("answers").body.contains("evil.example"));
}
