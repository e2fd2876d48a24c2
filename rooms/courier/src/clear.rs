//! A connection that begins in the clear and changes to TLS.
//!
//! Whoever sits on the way can send the answers to what we have not asked yet, right behind the server's
//! last word in the clear. lettre keeps what it has read when the connection changes to TLS, and would take
//! them for the words of a server whose certificate was verified: letters "taken" that nobody ever saw. So
//! as long as we speak in the clear, nothing beyond the end of a line is read; the rest meets the handshake,
//! and fails it.

use lettre::transport::smtp::client::AsyncTokioStream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

#[derive(Debug)]
pub(crate) struct ClearFirst {
    stream: TcpStream,
    /// From our first word of the handshake on, bytes are TLS's affair.
    encrypted: bool,
}

/// With this byte every TLS handshake begins, and no command of SMTP.
const HANDSHAKE: u8 = 22;

impl ClearFirst {
    pub(crate) fn new(stream: TcpStream) -> ClearFirst {
        ClearFirst { stream, encrypted: false }
    }
}

impl AsyncTokioStream for ClearFirst {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for ClearFirst {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.encrypted {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        // Byte by byte: the few lines before TLS are short, and no line's end is overrun.
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut one))?;
        buf.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ClearFirst {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.encrypted |= bytes.first() == Some(&HANDSHAKE);
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
