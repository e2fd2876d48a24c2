//! L1, L3 and L6: no secret that was typed or issued is anywhere but with whom it belongs to.
//!
//! Letters go to a mail server here and not into the mailbox: that table holds mailed links by its
//! purpose. So everything else can be searched as it lies on the disk, byte by byte, without exception.
//! Codes of six digits are left out: any number of the log may look like one, and each is dead once used.

use super::book::Book;
use super::browser::{Browser, Line, fetch, request};
use super::mail::{Sink, by_smtp};
use super::person::{PASSWORD, Person, setup_link};
use super::place::{LIMIT, Place, Server, until};
use std::fs;
use std::path::Path;
use tokio::time::timeout;

store::statements! {
    AUDIT = "SELECT action, subject || ' ' || detail || ' ' || address FROM audit";
    OUTBOX = "SELECT kind, coalesce(error, '') FROM outbox";
    PAYLOADS = "SELECT payload FROM outbox WHERE payload IS NOT NULL";
    COUNT_MAIL = "SELECT count(*) FROM mail";
    COUNT_WAITING = "SELECT count(*) FROM outbox WHERE state = 'waiting'";
}

/// Everything that must stay unseen, and what it is.
#[derive(Default)]
struct Planted(Vec<(String, Vec<u8>)>);

impl Planted {
    fn add(&mut self, what: &str, secret: &str) {
        assert!(secret.len() >= 8, "{what} is too short to be looked for: {secret}");
        self.0.push((what.to_owned(), secret.as_bytes().to_vec()));
        // Tokens are hexadecimal digits of chance: neither those bytes may be there.
        if let Some((_, digits)) = secret.split_once('_').filter(|(_, d)| d.len() == 70) {
            let byte = |i: usize| u8::from_str_radix(&digits[i..i + 2], 16);
            if let Ok(bytes) = (0..64).step_by(2).map(byte).collect() {
                self.0.push((format!("{what}, as bytes"), bytes));
            }
        }
    }

    fn browser(&mut self, browser: &Browser) {
        for secret in &browser.given {
            self.add("cookie or form token", secret);
        }
    }

    /// What of it is in there. A character a byte, because texts are searched fast.
    fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        let text = |bytes: &[u8]| bytes.iter().map(|b| char::from(*b)).collect::<String>();
        let all = text(bytes);
        let there = self.0.iter().filter(|(_, secret)| all.contains(&text(secret)));
        there.map(|(what, _)| what.as_str()).collect()
    }

    #[track_caller]
    fn is_not_in(&self, place: &str, bytes: &[u8]) {
        let found = self.found_in(bytes);
        assert!(found.is_empty(), "{place} holds {found:?}");
    }

    fn is_not_in_files(&self, folder: &Path) {
        assert!(self.is_not_below(folder) >= 2, "the database is there");
    }

    /// Looks through a folder and those in it; gives how many files it saw.
    fn is_not_below(&self, folder: &Path) -> usize {
        let mut seen = 0;
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                seen += self.is_not_below(&path);
            // The two that hold a secret on purpose, each readable by its owner alone.
            } else if !path.ends_with("master.key") && !path.ends_with("setup-link.txt") {
                seen += 1;
                self.is_not_in(&path.display().to_string(), &fs::read(&path).expect("a file"));
            }
        }
        seen
    }
}

/// The code that an authenticator would show.
fn code_of(secret: &str) -> String {
    let mut bits = String::new();
    for c in secret.chars() {
        let digit = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).expect("base 32");
        bits += &format!("{digit:05b}");
    }
    let bytes = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|b| u8::from_str_radix(std::str::from_utf8(b).expect("digits"), 2).expect("eight bits"));
    let totp = totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(bytes.collect::<Vec<u8>>())
        .build_noncompliant();
    let now = kernel::Clock::now(&kernel::SystemClock).seconds();
    totp.generate(u64::try_from(now).expect("after 1970")).to_string()
}

async fn sign_up(server: &Server, sink: &Sink, planted: &mut Planted, email: &str, from: &str) -> Person {
    let mut browser = Browser::new(server.pages, from);
    browser.fill("/signup", &[("name", "Mei"), ("email", email)]).await.leads_to("/signup/sent");
    let link = sink.link(email, "/verify").await;
    planted.add("verify link", &link);
    let fields = [("t", link.as_str()), ("password", PASSWORD)];
    browser.fill(&format!("/verify?t={link}"), &fields).await.leads_to("/console");
    Person { browser, email: email.to_owned() }
}

/// An authenticator is added; gives the recovery codes.
async fn second_factor(mei: &mut Person, planted: &mut Planted) -> Vec<String> {
    mei.browser.get("/account/security").await;
    mei.browser.send("/account/totp/start", &[]).await.leads_to("/account/totp");
    let page = mei.browser.get("/account/totp").await;
    let spaced = page.between("id=\"totp-secret\">", "<").expect("the secret is shown");
    let secret = spaced.replace(' ', "");
    planted.add("authenticator's secret", &secret);
    planted.add("authenticator's secret in fours", &spaced);
    assert_eq!(mei.browser.send("/account/totp", &[("code", "000000")]).await.status, 422);
    let page = mei.browser.send("/account/totp", &[("code", &code_of(&secret))]).await;
    let list = page.between("id=\"codes\">", "</ul>").unwrap_or_else(|| panic!("no codes: {page:?}"));
    let codes: Vec<_> = list.split("<li>").skip(1).map(|c| c.trim_end_matches("</li>").to_owned()).collect();
    assert_eq!(codes.len(), 10);
    for code in &codes {
        planted.add("recovery code", code);
        planted.add("recovery code without dashes", &code.replace('-', ""));
    }
    codes
}

/// Mei becomes a developer and invites somebody, who joins.
async fn a_team(mei: &mut Person, server: &Server, sink: &Sink, planted: &mut Planted) {
    let page = mei.browser.get("/console/start").await;
    let agreement = page.field("agreement").expect("an agreement");
    let fields = [("agreement", agreement.as_str()), ("agree", "on")];
    mei.browser.send("/console/start", &fields).await.leads_to("/console/start/information");
    let fields = [
        ("kind", "individual"),
        ("name", "Mei Tools"),
        ("country", "ES"),
        ("contact_name", "Mei"),
        ("mobile", "+34 600 111 222"),
        ("email", "mei@house.example"),
        ("company", ""),
        ("licence_number", ""),
    ];
    mei.browser.fill("/console/start/information", &fields).await.leads_to("/console/apps");
    let fields = [("email", "leo@house.example"), ("role", "engineer")];
    mei.browser.get("/console/team").await;
    mei.browser.send("/console/team/invite", &fields).await.leads_to("/console/team");
    let link = sink.link("leo@house.example", "/invite").await;
    planted.add("invitation", &link);
    let mut leo = sign_up(server, sink, planted, "leo@house.example", "10.210.0.2").await;
    leo.browser.fill(&format!("/invite?t={link}"), &[("t", &link)]).await.leads_to("/console");
    planted.browser(&leo.browser);
}

/// Wrong passwords, the second factor, a reset, another address, another password.
async fn a_life(mei: &mut Person, sink: &Sink, planted: &mut Planted) {
    for wrong in ["not-the-password-73", "another-wrong-one-58"] {
        planted.add("wrong password", wrong);
        mei.sign_out().await;
        assert_eq!(mei.sign_in(wrong).await.status, 422);
        mei.sign_in(PASSWORD).await.leads_to("/console");
    }
    let codes = second_factor(mei, planted).await;
    mei.sign_out().await;
    mei.sign_in(PASSWORD).await.leads_to("/login/code");
    assert_eq!(mei.browser.fill("/login/code", &[("code", "aaaa-bbbb-cccc-dddd")]).await.status, 422);
    mei.browser.send("/login/code", &[("code", &codes[0])]).await.leads_to("/console");

    mei.sign_out().await;
    let email = mei.email.clone();
    mei.browser.fill("/reset", &[("email", &email)]).await.leads_to("/reset/sent");
    let link = sink.link(&email, "/reset/new").await;
    planted.add("reset link", &link);
    let after_reset = "a-second-password-19";
    planted.add("password after the reset", after_reset);
    let fields = [("t", link.as_str()), ("password", after_reset)];
    mei.browser.fill(&format!("/reset/new?t={link}"), &fields).await.leads_to("/login/code");
    mei.browser.fill("/login/code", &[("code", &codes[1])]).await.leads_to("/console");

    let fields = [("password", after_reset), ("code", codes[2].as_str()), ("next", "/account/email")];
    mei.browser.fill("/account/confirm", &fields).await.leads_to("/account/email");
    mei.email = "mei.new@house.example".to_owned();
    let fields = [("email", mei.email.as_str())];
    mei.browser.fill("/account/email", &fields).await.leads_to("/account/security");
    let link = sink.link(&mei.email, "/account/email/confirm").await;
    planted.add("address link", &link);
    let page = format!("/account/email/confirm?t={link}");
    mei.browser.fill(&page, &[("t", &link)]).await.leads_to("/account/security");

    let changed = "a-third-password-64";
    planted.add("changed password", changed);
    mei.browser.fill("/account/password", &[("password", changed)]).await.leads_to("/account/security");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l1_no_secret_is_in_the_log_the_figures_the_audit_or_the_database() {
    let (place, mut planted) = (Place::new(), Planted::default());
    let sink = Sink::start().await;
    let settings = by_smtp(sink.port);
    let mut settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    settings.push("log.level=trace");
    let server = place.serve(&settings).await;
    planted.add("password", PASSWORD);
    let mut mei = sign_up(&server, &sink, &mut planted, "mei@house.example", "10.210.0.1").await;
    a_team(&mut mei, &server, &sink, &mut planted).await;
    a_life(&mut mei, &sink, &mut planted).await;
    // Where secrets stand in addresses, and where they are sent to pages that want none.
    let session = mei.browser.cookies["__Host-session"].clone();
    assert_eq!(
        fetch(server.pages, &format!("/nothing/{session}?t={session}")).await.expect("answers").status,
        404
    );
    assert_eq!(fetch(server.pages, &format!("/verify?t={session}")).await.expect("answers").status, 410);
    planted.browser(&mei.browser);
    // One more, from the operator's shell.
    let told = place.run(&["staff", "add", "dee@house.example", "--role", "administrator", "--name", "Dee"]);
    let told = told.await.well();
    let (_, password) = told.out.trim().rsplit_once(' ').expect("the password ends the line");
    planted.add("password told at the shell", password);

    let book = Book::of(&place);
    until("all letters", async || (book.count(&COUNT_WAITING).await == 0).then_some(())).await;
    // And one that waits, with a link in it that nobody was told.
    drop(sink);
    let email = mei.email.clone();
    mei.browser.fill("/reset", &[("email", &email)]).await.leads_to("/reset/sent");
    let [letter] = &book.waiting().await[..] else { panic!("one letter waits") };
    let (_, link) = letter["args"]["path"].as_str().and_then(|p| p.split_once("?t=")).expect("a link");
    planted.add("link in a letter that waits", link);
    let payloads: Vec<(Vec<u8>,)> = book.all(&PAYLOADS).await;
    assert_eq!(payloads.len(), 1);
    planted.is_not_in("a payload of the outbox", &payloads[0].0);

    let kinds: Vec<_> = planted.0.iter().map(|(what, _)| what.as_str()).collect();
    assert!(kinds.len() > 60, "it did collect: {kinds:?}");
    planted.is_not_in("what a command says on its error output", told.err.as_bytes());
    planted
        .is_not_in("/metrics", fetch(server.operations, "/metrics").await.expect("answers").body.as_bytes());
    for (action, text) in book.all::<(String, String)>(&AUDIT).await {
        planted.is_not_in(&format!("the audit of {action}"), text.as_bytes());
    }
    for (kind, error) in book.all::<(String, String)>(&OUTBOX).await {
        planted.is_not_in("the outbox", format!("{kind} {error}").as_bytes());
    }
    assert_eq!(book.count(&COUNT_MAIL).await, 0, "nothing was left out of the search");
    // As it lies on the disk: first with the log of changes beside it, then brought together.
    planted.is_not_in_files(&place.data);
    drop(book);
    let log = server.log.clone();
    server.end().await;
    planted.is_not_in_files(&place.data);
    let log = fs::read(log).expect("reads");
    planted.is_not_in("the log", &log);

    // The search finds what is there.
    let mut control = Planted::default();
    control.add("address", "mei.new@house.example");
    let database = fs::read(place.data.join("guildhall.db")).expect("reads");
    assert_eq!(control.found_in(&database), ["address"]);
    let mut control = Planted::default();
    control.add("route", "/account/email/confirm");
    assert_eq!(control.found_in(&log), ["route"]);
}

/// The one secret that is logged, on purpose: on a machine whose files nobody can reach yet, the log is how
/// the first administrator comes in. It stands there once, and is worth nothing once it was used.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l1_the_setup_link_is_logged_once_and_nothing_else_of_it() {
    let place = Place::new();
    let server = place.serve(&["log.level=trace"]).await;
    let token = setup_link(&place);
    let ana = Person::set_up(&place, &server, "ana@house.example").await;
    let mut planted = Planted::default();
    planted.browser(&ana.browser);
    let log = server.log.clone();
    server.end().await;
    let text = fs::read_to_string(&log).expect("reads");
    assert_eq!(text.matches(&token).count(), 1);
    planted.is_not_in("the log", text.as_bytes());
    planted.add("setup link", &token);
    planted.is_not_in_files(&place.data);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_whatever_is_sent_a_line_of_the_log_stays_one_line_of_json() {
    let place = Place::new();
    let server = place.serve(&["log.level=trace"]).await;
    let forged = "{\"level\":\"ERROR\",\"message\":\"forged\"}";
    for evil in ["\u{1b}[31mred", "a\rb", "a\u{9b}31m", "a\u{2028}b", "a\u{7f}", "\t", "é", "\"}\\n"] {
        let mut line = Line::to(server.pages).await.expect("connects");
        let head = format!(
            "Connection: close\r\nUser-Agent: {evil}\r\nX-Forwarded-For: {evil}\r\nReferer: {evil}\r\nCookie: {evil}\r\n"
        );
        line.send(request("GET", "/login", &head, "").as_bytes()).await.expect("sends");
        // Refused or answered: both are fine, and no connection is left hanging.
        let _ = timeout(LIMIT, line.reply()).await.expect("an end");
        let mut eve = Browser::new(server.pages, "10.220.0.1");
        let name = format!("Eve{evil}\r\n{forged}");
        eve.fill("/signup", &[("name", &name), ("email", "eve@house.example")]).await;
        eve.send("/signup", &[("name", "Eve"), ("email", &format!("eve{evil}\n@house.example"))]).await;
        eve.send("/login", &[("email", "eve@house.example"), ("password", &name)]).await;
        let path = format!("/login?next=%0A{forged}&said=%1b%5b31m").replace('"', "%22");
        eve.get(&path.replace(['{', '}'], "")).await;
    }
    // A body that is no form, a method that is none, a path that is none.
    for bytes in [
        "POST /login HTTP/1.1\r\nHost: \u{1b}\r\n\r\n",
        "\u{1b}[31m / HTTP/1.1\r\n\r\n",
        "GET /%0a%1b HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let mut line = Line::to(server.pages).await.expect("connects");
        line.send(bytes.as_bytes()).await.expect("sends");
        let _ = timeout(LIMIT, line.reply()).await.expect("an end");
    }
    let log = server.log.clone();
    server.end().await;
    let log = fs::read_to_string(log).expect("a text");
    assert!(log.lines().count() > 30, "{log}");
    for line in log.split_terminator('\n') {
        let json: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
        assert_ne!(json["message"], "forged");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

/// Secrets are in its memory, and nothing writes that to a disk.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l6_no_core_is_dumped() {
    let place = Place::new();
    // It switches them off itself, wherever it was started from.
    let mut command = std::process::Command::new("/bin/sh");
    command.args([
        "-c",
        "ulimit -c unlimited 2>/dev/null; exec \"$0\" \"$@\"",
        super::place::BINARY,
        "serve",
    ]);
    command.env_clear().arg("--set").arg(format!("data.folder={}", place.data.display()));
    let server = place.serve_as(command, &[]).await;
    let pid = server.held.pid().as_raw_nonzero();
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).expect("reads");
    let core = limits.lines().find(|l| l.starts_with("Max core file size")).expect("a line");
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    server.end().await;
}
