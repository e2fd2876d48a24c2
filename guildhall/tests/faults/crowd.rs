//! H16, F20: more visitors than file descriptors. Nobody is let in for a while, and then everybody is.

use super::book::audit_is_whole;
use super::browser::{Line, fetch};
use super::load::{Asked, Pass};
use super::place::{BINARY, Place, until};
use std::path::Path;

#[tokio::test]
async fn h16_f20_accepting_goes_on_after_the_descriptors_ran_out() {
    let place = Place::new();
    let few = ["-c", "ulimit -n 96 && exec \"$0\" \"$@\"", BINARY, "serve"];
    let limited = place.command(Path::new("sh"), &few);
    let mut server = place.serve_as(limited, &["listen.header_timeout_seconds=300"]).await;
    let pass = Pass::get(server.pages).await.expect("a page");

    // The system lets them in; the house has nothing left to take them with.
    let mut crowd = Vec::new();
    for _ in 0..150 {
        crowd.push(Line::to(server.pages).await.expect("the queue is long"));
    }
    until("it runs out", async || server.said().contains("accept failed").then_some(())).await;
    assert!(server.held.ended(std::time::Duration::from_millis(200)).await.is_none(), "it lives");

    drop(crowd);
    until("it lets people in again", async || {
        fetch(server.pages, "/").await.ok().filter(|reply| reply.status == 200)
    })
    .await;
    let mut asked = Asked::fresh();
    let reply = pass.sign_up(server.pages, &mut asked).await.expect("an answer");
    assert_eq!(reply.status, 303, "writing goes on too: {reply:?}");
    let failures = server.said().matches("accept failed").count();
    assert!(failures < 10_000, "it does not spin: {failures} lines");
    server.end().await;
    audit_is_whole(&place).await;
}
