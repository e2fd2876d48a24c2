//! F11: the mail server is down. People are told yes all the same, and their letter goes out later, once.

use super::book::Book;
use super::load::{Asked, Pass};
use super::place::{Place, free_port, until};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

store::statements! {
    WAITS = "SELECT count(*) FROM outbox
        WHERE state = 'waiting' AND tries > 0 AND error IS NOT NULL AND payload IS NOT NULL";
    DONE = "SELECT count(*) FROM outbox WHERE state = 'done' AND payload IS NULL";
    // The first pause is about a minute: nobody wants to wait for it here.
    MAKE_DUE = "UPDATE outbox SET due = 0 WHERE state = 'waiting'";
}

/// A mail server that takes everything and keeps it.
pub struct Sink {
    pub port: u16,
    letters: Arc<Mutex<Vec<(String, String)>>>,
    listening: JoinHandle<()>,
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Sink {
    pub async fn start() -> Sink {
        Sink::at(0).await
    }

    pub async fn at(port: u16) -> Sink {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        let port = listener.local_addr().expect("bound").port();
        let letters = Arc::new(Mutex::new(Vec::new()));
        let kept = letters.clone();
        let listening = tokio::spawn(async move {
            // Gone with it: a server that is down answers on no old connection either.
            let mut talks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                talks.spawn(talk(stream, kept.clone()));
            }
        });
        Sink { port, letters, listening }
    }

    /// Recipients and letters as they were sent, but with every line as it was written.
    pub fn letters(&self) -> Vec<(String, String)> {
        self.letters.lock().expect("no panic while held").clone()
    }

    /// The token of the newest link under this path that somebody was sent.
    pub async fn link(&self, to: &str, path: &str) -> String {
        let before = format!("{path}?t=");
        until(&format!("a letter to {to} with {path}"), async || {
            let letters = self.letters();
            let of = letters.iter().rev().filter(|(recipient, _)| recipient == to);
            of.filter_map(|(_, text)| text.split_once(&before)).next().map(|(_, rest)| {
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
            })
        })
        .await
    }
}

/// `None` when the other side went away, which is no trouble of the server's.
async fn talk(stream: TcpStream, letters: Arc<Mutex<Vec<(String, String)>>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut to = String::new();
    say(&mut stream, "220 sink").await?;
    loop {
        let line = hear(&mut stream).await?;
        match line.split([' ', ':']).next().unwrap_or("") {
            "RCPT" => to = line.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned(),
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                let mut text = String::new();
                loop {
                    let line = hear(&mut stream).await?;
                    if line == "." {
                        break;
                    }
                    // Quoted-printable cuts long lines and hides equals signs, and links have both.
                    match line.strip_suffix('=') {
                        Some(begun) => text += begun,
                        None => text = text + &line + "\n",
                    }
                }
                letters.lock().expect("no panic while held").push((to.clone(), text.replace("=3D", "=")));
            }
            "QUIT" => return say(&mut stream, "221 bye").await,
            _ => {}
        }
        say(&mut stream, "250 ok").await?;
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

async fn hear(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let n = stream.read_line(&mut line).await.ok()?;
    (n > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Settings for a house whose mail goes to this port.
pub fn by_smtp(port: u16) -> Vec<String> {
    ["mail.transport=smtp", "mail.host=127.0.0.1", "mail.tls=none", "mail.from=house@house.example"]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("mail.port={port}")])
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f11_with_the_mail_server_down_the_letter_waits_and_goes_out_once() {
    let (place, port) = (Place::new(), free_port());
    let settings = by_smtp(port);
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let server = place.serve(&settings).await;
    let pass = Pass::get(server.pages).await.expect("the page opens");
    let mut asked = Asked::fresh();
    pass.sign_up(server.pages, &mut asked).await.expect("answers").leads_to("/signup/sent");
    let book = Book::of(&place);
    until("the first try", async || (book.count(&WAITS).await == 1).then_some(())).await;
    assert!(!server.said().contains(&asked.email), "the log does not name who waits for a letter");

    let sink = Sink::at(port).await;
    book.change(&MAKE_DUE).await;
    until("the letter", async || (!sink.letters().is_empty()).then_some(())).await;
    until("the note of it", async || (book.count(&DONE).await == 1).then_some(())).await;
    assert!(sink.link(&asked.email, "/verify").await.starts_with("gl_"), "{:?}", sink.letters());
    // Another process, and some more looks into the outbox, send it no second time.
    server.end().await;
    let server = place.serve(&settings).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    server.end().await;
    assert_eq!(sink.letters().len(), 1, "{:?}", sink.letters());
}

/// O9: a file of certificates that holds none is told at the door, and not by every letter.
#[tokio::test]
async fn o9_a_wrong_file_of_certificates_is_told_before_it_opens() {
    let place = Place::new();
    let file = place.beside("ca.pem");
    std::fs::write(&file, "no certificate").expect("writes");
    let file = format!("mail.ca_file={}", file.display());
    let settings = ["mail.transport=smtp", "mail.host=mail.example", file.as_str()];
    let said = ["ca.pem", "holds no certificate"];
    place.try_serve(&settings).await.refused(&said);
    let with_settings: Vec<_> =
        std::iter::once("doctor").chain(settings.iter().flat_map(|s| ["--set", s])).collect();
    place.run(&with_settings).await.refused(&said);
    std::fs::write(place.beside("empty.pem"), "").expect("writes");
    let database = format!("database.ca_file={}", place.beside("empty.pem").display());
    let url = "database.url=postgres://guildhall@db.example/guildhall";
    place.try_serve(&[url, &database]).await.refused(&["empty.pem", "holds no certificate", "[database]"]);
}
