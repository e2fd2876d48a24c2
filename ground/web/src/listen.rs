//! The accept loop: hyper's HTTP/1.1 with a limit and a time on everything, and an end that loses nothing.
//!
//! HTTP/2 ends at the proxy in front: it would bring flow control to defend and nothing that pages need.

use crate::ClientAddress;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub connections: usize,
    pub per_address: usize,
    /// For a request's head, and for a kept connection that says nothing.
    pub head: Duration,
    /// How long a client may take none of what we send.
    pub write_stall: Duration,
    /// How long requests in progress may take when we close.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 10_000,
            per_address: 256,
            head: Duration::from_secs(10),
            write_stall: Duration::from_secs(30),
            shutdown: Duration::from_secs(30),
        }
    }
}

/// A listener that runs until it is told to close.
pub struct Listening {
    pub address: SocketAddr,
    done: tokio::task::JoinHandle<()>,
}

impl Listening {
    /// Waits until the last connection is done.
    pub async fn finished(self) {
        // The loop does not panic; if it did, there is nothing left to wait for.
        let _ = self.done.await;
    }
}

struct Counted {
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

impl Counted {
    fn enter(counts: &Arc<Mutex<HashMap<IpAddr, usize>>>, address: IpAddr, limit: usize) -> Option<Counted> {
        let mut held = counts.lock().ok()?;
        let n = held.entry(address).or_default();
        if *n >= limit {
            return None;
        }
        *n += 1;
        Some(Counted { counts: counts.clone(), address })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Ok(mut held) = self.counts.lock()
            && let Some(n) = held.get_mut(&self.address)
        {
            *n -= 1;
            if *n == 0 {
                held.remove(&self.address);
            }
        }
    }
}

/// Serves the routes. `closing` turns true when the house closes.
pub fn listen(
    socket: TcpListener,
    routes: Router,
    limits: Limits,
    closing: watch::Receiver<bool>,
) -> io::Result<Listening> {
    let address = socket.local_addr()?;
    let done = tokio::spawn(accept(socket, routes, limits, closing));
    Ok(Listening { address, done })
}

/// What came before the word to close, but was not looked at yet, is still served within this time.
const DRAIN: Duration = Duration::from_millis(300);

async fn accept(socket: TcpListener, routes: Router, limits: Limits, mut closing: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let counts = Arc::default();
    let open = open_count::Tracker::default();
    let mut until: Option<tokio::time::Instant> = None;
    loop {
        let accepted = match until {
            None => tokio::select! {
                () = told(&mut closing) => {
                    until = Some(tokio::time::Instant::now() + DRAIN);
                    continue;
                }
                accepted = socket.accept() => accepted,
            },
            // Whoever the system let in already is not turned away by the closing of the socket.
            Some(until) => match tokio::time::timeout_at(until, socket.accept()).await {
                Ok(accepted) => accepted,
                Err(_) => break,
            },
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(e) => {
                // Out of file descriptors, or a connection that died in the queue: others still come.
                tracing::warn!(error = %e, "accept failed");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let counted = Counted::enter(&counts, peer.ip(), limits.per_address);
        let place = places.clone().try_acquire_owned().ok();
        let (Some(counted), Some(place)) = (counted, place) else {
            metrics::counter!("guildhall_connections_refused_total").increment(1);
            continue;
        };
        let (routes, closing, held) = (routes.clone(), closing.clone(), open.enter());
        tokio::spawn(async move {
            let _kept = (place, counted, held);
            serve(stream, peer, routes, limits, closing).await;
        });
    }
    drop(socket);
    if tokio::time::timeout(limits.shutdown, open.empty()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

/// Waits for the word to close. A sender that is gone is a house that is gone.
async fn told(closing: &mut watch::Receiver<bool>) {
    let _ = closing.wait_for(|c| *c).await.map(drop);
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    limits: Limits,
    mut closing: watch::Receiver<bool>,
) {
    // Small answers go out at once; if it cannot be set they only go out later.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Unstalled { stream, patience: limits.write_stall, stalled: None });
    let ending = closing.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ClientAddress(peer.ip()));
        let (answer, ending) = (routes.clone().oneshot(request), ending.clone());
        async move {
            let mut response = answer.await?;
            if *ending.borrow() {
                // The client sends its next request elsewhere, instead of into a closing door.
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(64 * 1024)
        .serve_connection(io, service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told(&mut closing) => {
            // Asked to end at once, hyper would drop a request that has arrived and was not read yet.
            match tokio::time::timeout(DRAIN, connection.as_mut()).await {
                Ok(ended) => ended,
                Err(_) => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            }
        }
    };
    if let Err(e) = ended {
        tracing::debug!(error = %e, "a connection ended early");
    }
}

/// Ends a connection whose client takes nothing of what we send.
struct Unstalled {
    stream: TcpStream,
    patience: Duration,
    stalled: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Unstalled {
    fn watched<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.stalled = None;
            return polled;
        }
        let sleep = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.patience)));
        match sleep.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Unstalled {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Unstalled {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watched(cx, polled)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watched(cx, polled)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Counts what is open, and tells when nothing is.
mod open_count {
    use std::sync::Arc;
    use tokio::sync::watch;

    #[derive(Clone, Default)]
    pub struct Tracker(Arc<watch::Sender<usize>>);

    pub struct Held(Tracker);

    impl Tracker {
        pub fn enter(&self) -> Held {
            self.0.send_modify(|n| *n += 1);
            Held(self.clone())
        }
        pub async fn empty(&self) {
            // The sender lives as long as we do, so this cannot fail.
            let _ = self.0.subscribe().wait_for(|n| *n == 0).await;
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            self.0.0.send_modify(|n| *n -= 1);
        }
    }
}
