//! A mail server that keeps what it is given, or behaves as badly as it is told.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Mood {
    Takes,
    /// Answers the sender, or the recipient, with this line.
    ToSender(&'static str),
    ToRecipient(&'static str),
    /// Says nothing any more once it has the letter.
    Hangs,
    /// Keeps the letter and closes without a word.
    Closes,
    /// Takes its time before it answers.
    Slow(u64),
}

#[derive(Clone, Debug)]
pub struct Received {
    pub to: String,
    pub data: String,
}

impl Received {
    /// A header with its continuation lines.
    pub fn header(&self, name: &str) -> String {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
        let start = format!("{name}: ");
        head.lines().find_map(|l| l.strip_prefix(&start)).unwrap_or_default().to_owned()
    }
}

pub struct Sink {
    pub port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    mood: Arc<Mutex<Mood>>,
    listening: JoinHandle<()>,
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// A port where nobody listens now.
pub async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    listener.local_addr().expect("bound").port()
}

impl Sink {
    pub async fn start(mood: Mood) -> Sink {
        Sink::start_at(0, mood).await
    }

    pub async fn start_at(port: u16, mood: Mood) -> Sink {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("binds");
        let port = listener.local_addr().expect("bound").port();
        let (received, mood) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(mood)));
        let (r, m) = (received.clone(), mood.clone());
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that goes away ends its talk; that is no trouble of the server's.
                let (r, m) = (r.clone(), m.clone());
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    say(&mut stream, "220 sink").await?;
                    talk(stream, r, m).await
                });
            }
        });
        Sink { port, received, mood, listening }
    }

    pub fn set(&self, mood: Mood) {
        *self.mood.lock().expect("no panic while held") = mood;
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no panic while held").clone()
    }
}

/// All that comes after the greeting.
pub async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    received: Arc<Mutex<Vec<Received>>>,
    mood: Arc<Mutex<Mood>>,
) -> Option<()> {
    let now = || *mood.lock().expect("no panic while held");
    let mut to = String::new();
    loop {
        let line = hear(&mut stream).await?;
        let answer = match (line.split([' ', ':']).next().unwrap_or(""), now()) {
            ("EHLO", _) => "250-sink\r\n250-AUTH PLAIN\r\n250 8BITMIME",
            ("MAIL", Mood::ToSender(answer)) => answer,
            ("RCPT", Mood::ToRecipient(answer)) => answer,
            ("RCPT", _) => {
                to = line.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned();
                "250 ok"
            }
            ("DATA", _) => {
                say(&mut stream, "354 go on").await?;
                let mut data = String::new();
                loop {
                    let line = hear(&mut stream).await?;
                    if line == "." {
                        break;
                    }
                    data += line.strip_prefix('.').unwrap_or(&line);
                    data += "\r\n";
                }
                let keep = |data| {
                    received.lock().expect("no panic while held").push(Received { to: to.clone(), data });
                };
                match now() {
                    Mood::Hangs => std::future::pending().await,
                    Mood::Closes => {
                        keep(data);
                        return None;
                    }
                    Mood::Slow(millis) => {
                        tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
                        keep(data);
                    }
                    _ => keep(data),
                }
                "250 taken"
            }
            ("QUIT", _) => {
                say(&mut stream, "221 bye").await?;
                return None;
            }
            _ => "250 ok",
        };
        say(&mut stream, answer).await?;
    }
}

pub async fn say<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, line: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
    stream.get_mut().flush().await.ok()
}

pub async fn hear<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut line = String::new();
    let n = stream.read_line(&mut line).await.ok()?;
    (n > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}
