//! F13: told to end, it finishes what it was asked before, and takes no more.

use super::book::{Book, audit_is_whole};
use super::browser::{Line, Reply};
use super::load::{Asked, Pass};
use super::place::{LIMIT, Place, Server};
use rustix::process::Signal;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A request, when the last of its bytes was sent, and what became of it.
struct Sent {
    asked: Asked,
    at: Instant,
    reply: io::Result<Reply>,
}

/// Signs up again and again, on one connection or on a new one each time, until nobody answers.
async fn person(pass: Pass, server: SocketAddr, keeps: bool, enough: Arc<AtomicBool>) -> Vec<Sent> {
    let (mut all, mut kept) = (Vec::new(), None);
    while !enough.load(Ordering::Relaxed) {
        let mut asked = Asked { tries: 1, ..Asked::fresh() };
        let line = match kept.take() {
            Some(line) => Ok(line),
            None => Line::to(server).await,
        };
        // Nobody listens any more.
        let Ok(mut line) = line else { break };
        if line.send(pass.request(&asked.email, "").as_bytes()).await.is_err() {
            break;
        }
        let at = Instant::now();
        let reply = line.reply().await;
        asked.status = reply.as_ref().ok().map(|r| r.status);
        let closes = reply.as_ref().is_ok_and(|r| r.header("connection") == "close");
        kept = (keeps && reply.is_ok() && !closes).then_some(line);
        all.push(Sent { asked, at, reply });
    }
    all
}

async fn ended_well(mut server: Server) {
    let status = server.held.ended(LIMIT).await;
    assert_eq!(status.and_then(|s| s.code()), Some(0), "{status:?}: {}", server.said());
}

/// Ends a busy house; none of the requests that were sent before may fail.
async fn ended_under_load(keeps: bool) {
    let place = Place::new();
    let mut all = Vec::new();
    for _ in 0..4 {
        let server = place.serve(&[]).await;
        let pass = Pass::get(server.pages).await.expect("the page opens");
        let enough = Arc::new(AtomicBool::new(false));
        let people: Vec<_> =
            (0..8).map(|_| tokio::spawn(person(pass.clone(), server.pages, keeps, enough.clone()))).collect();
        sleep(Duration::from_millis(250)).await;
        let told = Instant::now();
        server.held.signal(Signal::TERM);
        ended_well(server).await;
        enough.store(true, Ordering::Relaxed);
        let mut before = 0;
        for task in people {
            for sent in task.await.expect("no panic") {
                if sent.at <= told {
                    before += 1;
                    let fine = sent.reply.as_ref().is_ok_and(|r| r.status == 303);
                    assert!(fine, "sent {:?} before the signal: {:?}", told - sent.at, sent.reply);
                }
                all.push(sent.asked);
            }
        }
        assert!(before > 8, "{before} requests are no load");
    }
    Book::of(&place).is_whole(&all).await;
    audit_is_whole(&place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_ended_under_load_every_request_on_an_open_connection_is_answered() {
    ended_under_load(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_ended_under_load_every_request_on_a_new_connection_is_answered() {
    ended_under_load(false).await;
}

/// The process stands still while requests arrive, as on a machine that is short of time, and the first
/// that it hears is that it must end. What lies in its sockets was sent, and is answered.
async fn ended_while_it_stood_still(keeps: bool) {
    let place = Place::new();
    // What it looks at first when it goes on is a matter of luck.
    for _ in 0..6 {
        stands_still_and_ends(&place, keeps).await;
    }
    audit_is_whole(&place).await;
}

async fn stands_still_and_ends(place: &Place, keeps: bool) {
    let server = place.serve(&[]).await;
    let pass = Pass::get(server.pages).await.expect("the page opens");
    let mut lines = Vec::new();
    for _ in 0..24 {
        let mut line = Line::to(server.pages).await.expect("connects");
        if keeps {
            line.send(pass.request(&Asked::fresh().email, "").as_bytes()).await.expect("sends");
            line.reply().await.expect("answers").leads_to("/signup/sent");
        }
        lines.push(line);
    }
    server.held.signal(Signal::STOP);
    if !keeps {
        lines.clear();
        for _ in 0..24 {
            lines.push(Line::to(server.pages).await.expect("the system takes it for the process"));
        }
    }
    let mut all = Vec::new();
    for line in &mut lines {
        let asked = Asked { tries: 1, ..Asked::fresh() };
        line.send(pass.request(&asked.email, "").as_bytes()).await.expect("sends");
        all.push(asked);
    }
    server.held.signal(Signal::TERM);
    server.held.signal(Signal::CONT);
    let mut lost = Vec::new();
    for (line, asked) in lines.iter_mut().zip(&mut all) {
        match line.reply().await {
            Ok(reply) => asked.status = Some(reply.status),
            Err(e) => lost.push(e.to_string()),
        }
    }
    ended_well(server).await;
    let unlike: Vec<_> = all.iter().filter(|a| a.status.is_some() && !a.is_acknowledged()).collect();
    assert!(unlike.is_empty(), "{unlike:?}");
    assert!(
        lost.is_empty(),
        "{} of {} requests sent before the signal got no answer: {lost:?}",
        lost.len(),
        all.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_ended_while_it_stood_still_open_connections_are_answered() {
    ended_while_it_stood_still(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_ended_while_it_stood_still_new_connections_are_answered() {
    ended_while_it_stood_still(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_a_slow_request_is_finished_and_an_idle_connection_holds_up_nobody() {
    let place = Place::new();
    let server = place.serve(&[]).await;
    let pass = Pass::get(server.pages).await.expect("the page opens");
    let mut asked = Asked { tries: 1, ..Asked::fresh() };
    let request = pass.request(&asked.email, "");
    let (first, second) = request.split_at(request.len() - 10);
    let mut slow = Line::to(server.pages).await.expect("connects");
    slow.send(first.as_bytes()).await.expect("sends");
    let idle = Line::to(server.pages).await.expect("connects");
    // Both are with the process now, and not only on their way.
    sleep(Duration::from_millis(200)).await;
    let mut server = server;
    server.held.signal(Signal::TERM);
    assert!(server.held.ended(Duration::from_millis(500)).await.is_none(), "it waits for the slow one");
    assert!(Line::to(server.pages).await.is_err(), "and takes no more");
    slow.send(second.as_bytes()).await.expect("sends");
    let reply = slow.reply().await.expect("the slow one is answered");
    asked.status = Some(reply.status);
    reply.leads_to("/signup/sent");
    ended_well(server).await;
    drop(idle);
    Book::of(&place).is_whole(&[asked]).await;
    audit_is_whole(&place).await;
}
