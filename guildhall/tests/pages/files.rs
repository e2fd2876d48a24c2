//! U1–U12 through the listener: what is sent, what is kept, who may read it.

use crate::browser::{Browser, HOST, Open, Reply, URL, raw};
use axum::response::IntoResponse;
use files::Purpose;
use kernel::Errors;
use lobby::{Answer, Cx};
use people::StaffRole;
use std::time::{Duration, Instant};
use store::testing::TestDb;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use web::FileForm;

store::statements! {
    COUNT_FILES = "SELECT count(*) FROM file";
    COUNT_AUDIT = "SELECT count(*) FROM audit";
}

/// A page of the tests' own that takes a file and names it in its answer.
pub async fn take(cx: Cx, mut form: FileForm) -> Answer {
    cx.session()?;
    let purpose = match form.get("purpose") {
        "document" => Purpose::Document,
        "logo" => Purpose::Logo,
        "attachment" => Purpose::Attachment,
        _ => Purpose::Picture,
    };
    let mut errors = Errors::default();
    let line = lobby::take_file(&cx, &mut form, "file", purpose, &mut errors).await?;
    let status = if errors.is_empty() { 200 } else { 422 };
    let said = format!("{:?} {:?} note={:?}", errors, line, form.get("note"));
    let status = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    Ok((status, said).into_response())
}

const PATH: &str = "/test/files";
const TYPE: &str = "Content-Type: multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxk";
const MB: usize = 1024 * 1024;

fn field(name: &str, value: &str) -> Vec<u8> {
    part(&format!("Content-Disposition: form-data; name=\"{name}\""), value.as_bytes())
}

fn file(field: &str, name: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("Content-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"");
    part(&format!("{head}\r\nContent-Type: image/png"), bytes)
}

fn part(head: &str, data: &[u8]) -> Vec<u8> {
    [format!("------WebKitFormBoundary7MA4YWxk\r\n{head}\r\n\r\n").as_bytes(), data, b"\r\n"].concat()
}

fn body(parts: &[Vec<u8>]) -> Vec<u8> {
    [&parts.concat()[..], b"------WebKitFormBoundary7MA4YWxk--\r\n"].concat()
}

/// The head of a request as this browser sends it, up to what says how long it will be.
fn head(b: &Browser, path: &str) -> String {
    let jar: Vec<_> = b.jar.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let cookies = if jar.is_empty() { String::new() } else { format!("Cookie: {}\r\n", jar.join("; ")) };
    format!(
        "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nOrigin: {URL}\r\n{cookies}{TYPE}\r\nConnection: close\r\n"
    )
}

async fn send(open: &Open, b: &Browser, path: &str, body: &[u8]) -> Reply {
    let head = format!("{}Content-Length: {}\r\n\r\n", head(b, path), body.len());
    let reply = raw(open.address, &[head.as_bytes(), body].concat()).await;
    Reply::read(&reply).expect("an answer")
}

fn picture() -> Vec<u8> {
    // One grey pixel, as a program made it.
    let hex = "89504e470d0a1a0a0000000d4948445200000001000000010800000000\
               3a7e9b550000000a49444154789c636800000082008177cd72b6000000\
               0049454e44ae426082";
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte =
        |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("a byte");
    digits.chunks(2).map(byte).collect()
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 })
    })
}

/// The picture with a comment, so that it has exactly so many bytes.
fn filled(size: usize) -> Vec<u8> {
    let png = picture();
    let text = [&b"tEXtComment\0"[..], &vec![b'x'; size - png.len() - 20]].concat();
    let length = (text.len() as u32 - 4).to_be_bytes();
    [&png[..33], &length, &text, &crc(&text).to_be_bytes(), &png[33..]].concat()
}

fn document(size: usize) -> Vec<u8> {
    [&b"%PDF-1.4\n"[..], &vec![b'x'; size - 14], b"%%EOF"].concat()
}

async fn ana(open: &Open) -> (Browser, Vec<u8>) {
    let mut ana = open.developer("ana@x.example", "Lumen").await;
    let csrf = ana.get("/account").await.csrf();
    (ana, field("csrf", &csrf))
}

/// The id of the file that the tests' page says it took.
fn id_of(reply: &Reply) -> String {
    let at = reply.body.find("file_").expect("an id");
    reply.body[at..at + 31].to_owned()
}

store::on_both! {
    async fn u3_files_come_with_forms_and_are_kept(on: TestDb) {
        let open = Open::over(on).await;
        let (mut ana, token) = ana(&open).await;
        let reply = send(&open, &ana, PATH, &body(&[token.clone(), field("note", "día 一"), file("file", "a.png", &picture())])).await;
        let reply = reply.is(200).says("name: \"a.png\"").says("note=\"día 一\"");
        let read = ana.get(&format!("/files/{}", id_of(&reply))).await.is(200);
        assert_eq!(read.header("content-type"), "image/png");
        // Exactly two megabytes, and one byte more; ten megabytes where they are allowed: axum's own limit is two.
        send(&open, &ana, PATH, &body(&[token.clone(), file("file", "a.png", &filled(2 * MB))])).await.is(200);
        send(&open, &ana, PATH, &body(&[token.clone(), file("file", "a.png", &filled(2 * MB + 1))])).await.is(422).says("FileTooLarge(2)");
        let parts = |bytes: &[u8]| body(&[token.clone(), field("purpose", "document"), file("file", "a.pdf", bytes)]);
        send(&open, &ana, PATH, &parts(&document(10 * MB))).await.is(200);
        send(&open, &ana, PATH, &parts(&document(10 * MB + 1))).await.is(422).says("FileTooLarge(10)");
        // No file chosen, the field left out, and a form without files: all are "no file".
        let none = "Content-Disposition: form-data; name=\"file\"; filename=\"\"\r\nContent-Type: application/octet-stream";
        send(&open, &ana, PATH, &body(&[token.clone(), part(none, b"")])).await.is(200).says("None");
        send(&open, &ana, PATH, &body(&[token.clone(), field("note", "x")])).await.is(200).says("None");
        let csrf = ana.get("/account").await.csrf();
        ana.post(PATH, &[("csrf", &csrf), ("note", "plain")]).await.is(200).says("None").says("plain");
        send(&open, &ana, PATH, &body(&[token.clone(), file("file", "empty.png", b"")])).await.is(422).says("BadFile");
        assert_eq!(open.count(&COUNT_FILES).await, 3);
        let spool = std::fs::read_dir(&*open.files.spool).expect("a folder").count();
        assert_eq!(spool, 0, "what was sent lies nowhere under a name");
    }

    /// U7, U8, A1: a file is something to save, for its team and the deciding staff, and nothing for others.
    async fn u7_u8_a_file_is_opened_by_few_and_runs_nothing(on: TestDb) {
        let open = Open::over(on).await;
        let (mut ana, token) = ana(&open).await;
        let mut eve = open.developer("eve@x.example", "Other").await;
        let name = "..\\..\\营业%22执照\u{202e}.png";
        let sent = body(&[token, file("file", name, &picture())]);
        let reply = send(&open, &ana, PATH, &sent).await.is(200);
        let path = format!("/files/{}", id_of(&reply));
        let mut guest = open.browser();
        guest.get(&path).await.leads_to(&format!("/login?next={path}"));
        eve.get(&path).await.is(404);
        open.signed_in("nobody@x.example").await.get(&path).await.is(404);
        for (role, status) in [(StaffRole::Reviewer, 200), (StaffRole::Support, 200), (StaffRole::Administrator, 200), (StaffRole::CatalogueManager, 404)] {
            let email = format!("{}@x.example", role.word().replace('_', "-"));
            open.staff(&email, role).await.get(&path).await.is(status);
        }
        let reply = ana.get(&path).await.is(200);
        assert_eq!(reply.header("content-disposition"),
            "attachment; filename=\"__ __.png\"; filename*=UTF-8''%E8%90%A5%E4%B8%9A%20%E6%89%A7%E7%85%A7.png");
        assert_eq!(reply.header("content-security-policy"), "sandbox; default-src 'none'");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("cache-control"), "private, no-store");
        assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(reply.header("x-frame-options"), "DENY");
        assert_eq!((reply.header("etag"), reply.header("content-type")), ("", "image/png"));
        assert!(reply.header("content-length").parse::<usize>().expect("a number") > 0);
        for odd in ["/files/x", "/files/file_00000000000000000000000000", "/files/..%2f..%2fetc%2fpasswd", "/files/", "/files/%00"] {
            let status = ana.get(odd).await.status;
            assert!([400, 404].contains(&status), "{odd}: {status}");
        }
        assert_eq!(ana.post(&path, &[]).await.status, 405);
    }

    /// U10: what is too much is said at the field.
    async fn u10_a_full_quota_is_told(on: TestDb) {
        let open = Open::with_quota(on, files::Quota { files: 2, bytes: 1 << 30 }).await;
        let (ana, token) = ana(&open).await;
        let sent = body(&[token, file("file", "a.png", &picture())]);
        for status in [200, 200, 422, 422] {
            let reply = send(&open, &ana, PATH, &sent).await.is(status);
            assert_eq!(reply.body.contains("NoRoomForFile"), status == 422);
        }
        assert_eq!(open.count(&COUNT_FILES).await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn u1_u2_u4_u5_what_is_no_picture_is_told_at_its_field() {
    let open = Open::over(TestDb::sqlite().await).await;
    let (ana, token) = ana(&open).await;
    let mut huge = picture();
    huge[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    let sum = crc(&huge[12..29]).to_be_bytes();
    huge[29..33].copy_from_slice(&sum);
    let mut corrupt = picture();
    corrupt[45] ^= 0xff;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
    for bad in [huge, corrupt, svg, b"MZ\x90".to_vec(), picture()[..20].to_vec(), b"GIF89a".to_vec()] {
        let sent = body(&[token.clone(), file("file", "a.png", &bad)]);
        send(&open, &ana, PATH, &sent).await.is(422).says("BadFile");
    }
    assert_eq!(open.count(&COUNT_FILES).await, 0);
    send(&open, &ana, PATH, &body(&[token, file("file", "a.png", &picture())])).await.is(200);
}

/// W5: with a file, too, nothing is taken that did not come from this reader's own page.
#[tokio::test(flavor = "multi_thread")]
async fn w5_u3_a_file_before_its_token_or_without_one_is_refused() {
    let open = Open::over(TestDb::sqlite().await).await;
    let (mut ana, token) = ana(&open).await;
    let sent = file("file", "a.png", &picture());
    let foreign = open.browser().get("/login").await.csrf();
    let before = open.count(&COUNT_AUDIT).await;
    for parts in [
        vec![sent.clone(), token.clone()],
        vec![sent.clone()],
        vec![field("csrf", ""), sent.clone()],
        vec![field("csrf", &foreign), sent.clone()],
        vec![field("note", "x")],
        vec![],
    ] {
        let status = send(&open, &ana, PATH, &body(&parts)).await.status;
        assert!(status == 403 || (parts.is_empty() && status == 400), "{status}");
    }
    // A guest's own token is a guest's: the file is not kept, and the page asks to sign in.
    let mut guest = open.browser();
    let csrf = guest.get("/login").await.csrf();
    let reply = send(&open, &guest, PATH, &body(&[field("csrf", &csrf), sent.clone()])).await;
    assert_eq!((reply.status, open.count(&COUNT_FILES).await), (303, 0));
    assert_eq!(open.count(&COUNT_AUDIT).await, before);
    // Nor does one that has ended.
    let old = ana.clone();
    let page = ana.get("/account").await;
    page.submit(&mut ana, "/logout", &[]).await.is(303);
    let reply = send(&open, &old, PATH, &body(&[token, sent])).await;
    assert_eq!((reply.status, open.count(&COUNT_FILES).await), (303, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn u3_bodies_that_lie_or_never_end_are_cut_off() {
    let open = Open::over(TestDb::sqlite().await).await;
    let (ana, token) = ana(&open).await;
    let small = file("file", "a.png", &picture());
    let ask = async |head: String, body: &[u8]| {
        Reply::read(&raw(open.address, &[head.as_bytes(), body].concat()).await).map(|r| r.status)
    };
    let head = head(&ana, PATH);
    // A part too large, all too large, and only said to be.
    let sent = body(&[token.clone(), file("file", "a.png", &vec![b'x'; 16 * MB + 1])]);
    send(&open, &ana, PATH, &sent).await.is(413);
    let many: Vec<_> = (0..3).map(|n| file(&format!("f{n}"), "a.png", &vec![b'x'; 11 * MB])).collect();
    let sent = body(&[&[token.clone()][..], &many].concat());
    send(&open, &ana, PATH, &sent).await.is(413);
    assert_eq!(ask(format!("{head}Content-Length: 50000000\r\n\r\n"), b"--").await, Some(413));
    // Shorter than said, longer than said, and a length that is none.
    let fine = body(&[token.clone(), small.clone()]);
    assert_eq!(ask(format!("{head}Content-Length: {}\r\n\r\n", fine.len() - 9), &fine).await, Some(400));
    assert_eq!(ask(format!("{head}Content-Length: -5\r\n\r\n"), &fine).await, Some(400));
    // In chunks, without a length: as good as any, and no better.
    let chunked = |body: &[u8]| {
        let chunks =
            body.chunks(10_000).map(|c| [format!("{:x}\r\n", c.len()).as_bytes(), c, b"\r\n"].concat());
        [chunks.collect::<Vec<_>>().concat(), b"0\r\n\r\n".to_vec()].concat()
    };
    let unsized_ = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    assert_eq!(ask(unsized_.clone(), &chunked(&fine)).await, Some(200));
    let large = body(&[token.clone(), file("file", "a.png", &vec![b'x'; 17 * MB])]);
    assert_eq!(ask(unsized_, &chunked(&large)).await, Some(413));
    // Too many parts, too many files, a name twice, a head of a megabyte, a boundary that is none.
    let empty = |n: usize| field(&format!("k{n}"), "");
    let parts: Vec<_> = std::iter::once(token.clone()).chain((0..1_000).map(empty)).collect();
    send(&open, &ana, PATH, &body(&parts)).await.is(400);
    let none = |n: usize| file(&format!("k{n}"), "", b"");
    let parts: Vec<_> = std::iter::once(token.clone()).chain((0..1_000).map(none)).collect();
    send(&open, &ana, PATH, &body(&parts)).await.is(400);
    let files: Vec<_> = (0..6).map(|n| file(&format!("f{n}"), "a.png", b"x")).collect();
    send(&open, &ana, PATH, &body(&[&[token.clone()][..], &files].concat())).await.is(413);
    send(&open, &ana, PATH, &body(&[token.clone(), small.clone(), small.clone()])).await.is(400);
    send(&open, &ana, PATH, &body(&[token.clone(), field("a", "1"), field("a", "2")])).await.is(400);
    send(&open, &ana, PATH, &body(&[token.clone(), token.clone()])).await.is(403);
    let long = format!("Content-Disposition: form-data; name=\"a\"\r\nX: {}", "y".repeat(MB));
    send(&open, &ana, PATH, &body(&[token.clone(), part(&long, b"1")])).await.is(400);
    send(
        &open,
        &ana,
        PATH,
        &body(&[token.clone(), part("Content-Disposition: form-data; name=\"a\"", b"\xff")]),
    )
    .await
    .is(400);
    let text = field("a", &"x".repeat(300 * 1024));
    send(&open, &ana, PATH, &body(&[token.clone(), text])).await.is(413);
    for other in [
        "multipart/form-data",
        "multipart/mixed; boundary=x",
        "text/plain",
        "multipart/form-data; boundary=\"\"",
    ] {
        let head = head.replace(TYPE, &format!("Content-Type: {other}"));
        assert_eq!(
            ask(format!("{head}Content-Length: {}\r\n\r\n", fine.len()), &fine).await,
            Some(415),
            "{other}"
        );
    }
    assert_eq!(open.count(&COUNT_FILES).await, 1);
    send(&open, &ana, PATH, &fine).await.is(200);
}

/// What this process holds of the machine's memory.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).expect("a line");
    line.split_whitespace().nth(1).expect("a number").parse::<usize>().expect("a number") * 1024
}

/// U3: sixty megabytes in two forms go through a few of memory.
#[tokio::test(flavor = "multi_thread")]
async fn u3_memory_stays_flat_while_files_come() {
    let open = Open::over(TestDb::sqlite().await).await;
    let (ana, token) = ana(&open).await;
    let begin = |n: usize| {
        let head = format!("Content-Disposition: form-data; name=\"other{n}\"; filename=\"a.png\"");
        format!("------WebKitFormBoundary7MA4YWxk\r\n{head}\r\n\r\n")
    };
    let piece = vec![b'x'; 64 * 1024];
    let before = memory();
    let mut most = 0;
    for _ in 0..2 {
        let mut stream = TcpStream::connect(open.address).await.expect("connects");
        let (begins, length) = ([begin(0), begin(1)], 15 * MB);
        let end = b"------WebKitFormBoundary7MA4YWxk--\r\n";
        let all = token.len() + begins.iter().map(|b| b.len() + length + 2).sum::<usize>() + end.len();
        let head = format!("{}Content-Length: {all}\r\n\r\n", head(&ana, PATH));
        stream.write_all(&[head.as_bytes(), &token].concat()).await.expect("writes");
        for begin in begins {
            stream.write_all(begin.as_bytes()).await.expect("writes");
            for _ in 0..length / piece.len() {
                stream.write_all(&piece).await.expect("writes");
                most = most.max(memory());
            }
            stream.write_all(b"\r\n").await.expect("writes");
        }
        stream.write_all(end).await.expect("writes");
        let mut out = Vec::new();
        stream.read_to_end(&mut out).await.expect("reads");
        Reply::read(&out).expect("an answer").is(200);
    }
    let grown = most.saturating_sub(before) / MB;
    assert!(grown < 12, "{grown} MB more while 60 came");
}

/// H: who sends slowly is cut off, and takes places only from themselves.
#[tokio::test(flavor = "multi_thread")]
async fn u3_slow_senders_use_up_only_their_own_places() {
    let open = Open::over(TestDb::sqlite().await).await;
    let (ana, token) = ana(&open).await;
    let mut eve = open.developer("eve@x.example", "Other").await;
    let eves = field("csrf", &eve.get("/account").await.csrf());
    let begin = [&token[..], b"------WebKitFormBoundary7MA4YWxk\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n", &[b'x'; 200][..]].concat();
    let head = format!("{}Content-Length: 100000\r\n\r\n", head(&ana, PATH));
    let started = Instant::now();
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(open.address).await.expect("connects");
        stream.write_all(&[head.as_bytes(), &begin].concat()).await.expect("writes");
        held.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let sent = |token: &[u8]| body(&[token.to_vec(), file("file", "a.png", &picture())]);
    send(&open, &ana, PATH, &sent(&token)).await.is(429);
    send(&open, &eve, PATH, &sent(&eves)).await.is(200);
    for mut stream in held {
        let mut out = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(15), stream.read_to_end(&mut out));
        read.await.expect("is cut off").expect("reads");
        assert_eq!(Reply::read(&out).expect("an answer").status, 408);
    }
    assert!(started.elapsed() > Duration::from_secs(4));
    send(&open, &ana, PATH, &sent(&token)).await.is(200);
}
