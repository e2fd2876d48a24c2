//! H16: how many connections the accept loop holds, in all and from one address.

use axum::Router;
use axum::routing::get;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use web::Limits;

const TOTAL: usize = 20;
const EACH: usize = 8;

/// A connection from an address of this machine; there are many of them.
async fn from(last: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from(([127, 0, 0, last], 0))).expect("an address of our own");
    socket.connect(to).await.expect("connects")
}

/// Whether a request on it is answered. Who was refused finds it closed.
async fn is_served(stream: &mut TcpStream) -> bool {
    let asked = stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while asked.is_ok() && !answer.ends_with(b"\r\n\r\nhere") {
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut byte)).await;
        match read.expect("an answer or an end") {
            Ok(1) => answer.push(byte[0]),
            _ => return false,
        }
    }
    answer.starts_with(b"HTTP/1.1 200 OK")
}

/// Those of so many that are let in, from one address after the other.
async fn let_in(addresses: impl Iterator<Item = u8>, to: SocketAddr) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for last in addresses {
        let mut stream = from(last, to).await;
        if is_served(&mut stream).await {
            held.push(stream);
        }
    }
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn h16_so_many_connections_in_all_and_the_next_when_one_is_gone() {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let routes = Router::new().route("/", get(|| async { "here" }));
    // Nobody is cut off for his silence within this test.
    let limits =
        Limits { connections: TOTAL, per_address: EACH, head: Duration::from_secs(60), ..Limits::default() };
    let (close, closing) = watch::channel(false);
    let listening = web::listen(socket, routes, limits, closing).expect("listens");
    let to = listening.address;

    // One address never gets more than its own.
    let one = let_in([2; EACH * 2].into_iter(), to).await;
    assert_eq!(one.len(), EACH);

    // Many addresses, none of which asks for more than its own, never get more than all.
    let mut many = let_in((0..20).map(|n| 3 + n / 4), to).await;
    assert_eq!(one.len() + many.len(), TOTAL);
    assert_eq!(let_in(90..95, to).await.len(), 0, "one more than there is room for");
    for stream in &mut many {
        assert!(is_served(stream).await, "who is in is served meanwhile");
    }

    // What is freed is given to others: as much, and no more.
    drop(one);
    let mut late = Vec::new();
    let end = tokio::time::Instant::now() + Duration::from_secs(20);
    while late.len() < EACH {
        assert!(tokio::time::Instant::now() < end, "{} of {EACH} were let in", late.len());
        late.extend(let_in(std::iter::once(100), to).await);
    }
    assert_eq!(let_in(101..110, to).await.len(), 0);
    for stream in late.iter_mut().chain(&mut many) {
        assert!(is_served(stream).await);
    }
    drop((late, many));
    close.send(true).expect("it listens");
    listening.finished().await;
}
