//! O9 for mail: letters and passwords go to the right server, encrypted, or not at all.

use crate::house::{courier, post, settings, state};
use crate::sink::{Mood, Received, hear, say, talk};
use courier::{Smtp, SmtpSettings, SmtpTls, Transport, deliver_due};
use kernel::{SecretText, Time};
use rustls_pki_types::pem::PemObject;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use store::testing::{Authority, Identity, TestDb, TestHouse};
use tokio::io::{AsyncReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

const ANA: &str = "ana@shop.example";

/// What the server does, or what somebody on the way makes of it.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Way {
    StartTls,
    Implicit,
    /// STARTTLS is not offered.
    Strips,
    /// STARTTLS is offered, and then refused.
    Refuses,
    /// STARTTLS is taken, and then nothing is encrypted.
    Lies,
    /// Answers to all that is not asked yet stand behind the last word in the clear.
    Foretells,
}

struct Server {
    port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    /// What came in the clear.
    heard: Arc<Mutex<Vec<String>>>,
    listening: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Server {
    async fn start(identity: &Identity, way: Way) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let port = listener.local_addr().expect("bound").port();
        let (received, heard) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let (acceptor, r, h) = (acceptor(identity), received.clone(), heard.clone());
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, r, h) = (acceptor.clone(), r.clone(), h.clone());
                tokio::spawn(async move {
                    let mut clear = BufReader::new(stream);
                    if way != Way::Implicit {
                        in_the_clear(&mut clear, way, &h).await?;
                    }
                    let mut stream = BufReader::new(acceptor.accept(clear.into_inner()).await.ok()?);
                    if way == Way::Implicit {
                        say(&mut stream, "220 sink").await?;
                    }
                    talk(stream, r, Arc::new(Mutex::new(Mood::Takes))).await
                });
            }
        });
        Server { port, received, heard, listening }
    }

    fn received(&self) -> Vec<String> {
        self.received.lock().expect("no panic while held").iter().map(|r| r.to.clone()).collect()
    }

    /// The words with which the lines in the clear begin.
    fn heard(&self) -> Vec<String> {
        let heard = self.heard.lock().expect("no panic while held");
        heard.iter().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect()
    }
}

/// Until TLS begins.
async fn in_the_clear(
    stream: &mut BufReader<tokio::net::TcpStream>,
    way: Way,
    heard: &Mutex<Vec<String>>,
) -> Option<()> {
    say(stream, "220 sink").await?;
    loop {
        let line = hear(stream).await?;
        heard.lock().expect("no panic while held").push(line.clone());
        match (line.split(' ').next().unwrap_or_default(), way) {
            ("EHLO", Way::Strips) => say(stream, "250-sink\r\n250-AUTH PLAIN\r\n250 8BITMIME").await?,
            ("EHLO", _) => say(stream, "250-sink\r\n250-STARTTLS\r\n250 AUTH PLAIN").await?,
            ("STARTTLS", Way::Refuses) => say(stream, "454 not now").await?,
            ("STARTTLS", Way::Lies) => {
                say(stream, "220 go on").await?;
                // What comes now must be a handshake; it is never answered.
                if stream.read_u8().await.ok()? != 22 {
                    heard.lock().expect("no panic while held").push("no handshake".to_owned());
                }
                return None;
            }
            ("STARTTLS", Way::Foretells) => {
                let after = "250 AUTH PLAIN\r\n235 welcome\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 taken";
                return say(stream, &format!("220 go on\r\n250-sink\r\n{after}")).await;
            }
            ("STARTTLS", _) => return say(stream, "220 go on").await,
            ("DATA", _) => say(stream, "354 go on").await?,
            _ => say(stream, "250 ok").await?,
        }
    }
}

fn acceptor(identity: &Identity) -> TlsAcceptor {
    use rustls_pki_types::{CertificateDer, PrivateKeyDer};
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they belong together");
    TlsAcceptor::from(Arc::new(config))
}

fn pem(authority: &Authority) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(authority.certificate().as_bytes()).expect("writes");
    file
}

fn over_tls(port: u16, way: Way, ca_file: Option<&Path>) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".to_owned(),
        tls: if way == Way::Implicit { SmtpTls::Implicit } else { SmtpTls::StartTls },
        ca_file: ca_file.map(Path::to_owned),
        credentials: Some(("open".to_owned(), SecretText::new("the mail password".to_owned()))),
        ..settings(port, 2_000)
    }
}

/// One letter by that server: whether it went, and what the outbox says of it otherwise.
async fn one_letter(t: &TestHouse, smtp: &SmtpSettings) -> Result<(), String> {
    let transport = Transport::Smtp(Arc::new(Smtp::new(smtp).expect("the settings are fine")));
    let courier = courier(&t.house, transport);
    let id = post(&t.house, ANA, "Ana").await;
    assert_eq!(deliver_due(&courier).await.expect("runs"), 1);
    let (is, tries, _, error) = state(&t.house, id).await;
    assert_eq!(tries, 1);
    // Not due again within the rest of this test.
    match is.as_str() {
        "done" => Ok(()),
        "waiting" => Err(error.expect("why it waits")),
        other => panic!("the letter is {other}"),
    }
}

#[tokio::test]
async fn o9_letters_go_by_tls_to_the_right_server() {
    let t = TestDb::sqlite().await.house().await;
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let (right, wrong) = (pem(&ours), pem(&theirs));
    for way in [Way::StartTls, Way::Implicit] {
        let server = Server::start(&ours.identity("localhost"), way).await;
        one_letter(&t, &over_tls(server.port, way, Some(right.path()))).await.expect("goes");
        assert_eq!(server.received(), [ANA], "{way:?}");
        let clear: &[&str] = if way == Way::StartTls { &["EHLO", "STARTTLS"] } else { &[] };
        assert_eq!(server.heard(), clear, "{way:?}");

        // An authority that we do not trust; none but the system's.
        for ca_file in [Some(wrong.path()), None] {
            let why = one_letter(&t, &over_tls(server.port, way, ca_file)).await.expect_err("refused");
            assert!(why.starts_with("connecting") && why.contains("UnknownIssuer"), "{way:?}: {why}");
        }
        // A right certificate, of another server; one that ran out.
        for (identity, what) in
            [(ours.identity("mail.example"), "not valid for name"), (ours.expired("localhost"), "expired")]
        {
            let other = Server::start(&identity, way).await;
            let why =
                one_letter(&t, &over_tls(other.port, way, Some(right.path()))).await.expect_err("refused");
            assert!(why.contains(what), "{way:?}: {why}");
            assert_eq!(other.received(), [""; 0]);
        }
        assert_eq!(server.received(), [ANA], "{way:?}: nothing came beside");
    }
    // What waits goes when all is well again.
    t.clock.advance(Time::HOUR);
    let server = Server::start(&ours.identity("localhost"), Way::StartTls).await;
    let smtp = Smtp::new(&over_tls(server.port, Way::StartTls, Some(right.path()))).expect("fine");
    let courier = courier(&t.house, Transport::Smtp(Arc::new(smtp)));
    assert_eq!(deliver_due(&courier).await.expect("runs"), 8);
    assert_eq!(server.received(), [ANA; 8]);
}

/// Neither the password nor a word of a letter goes over the wire in the clear, whatever the other side does.
#[tokio::test]
async fn o9_starttls_is_never_left_out() {
    let t = TestDb::sqlite().await.house().await;
    let ours = Authority::new("ours");
    let right = pem(&ours);
    for (way, why) in [
        (Way::Strips, "STARTTLS is not supported"),
        (Way::Refuses, "454"),
        (Way::Lies, "connecting"),
        (Way::Foretells, "connecting"),
    ] {
        let server = Server::start(&ours.identity("localhost"), way).await;
        let said = one_letter(&t, &over_tls(server.port, way, Some(right.path()))).await;
        let said = said.expect_err("it must not go");
        assert!(said.contains(why), "{way:?}: {said}");
        assert_eq!(server.received(), [""; 0], "{way:?}");
        let clear = server.heard();
        let harmless = |word: &String| ["EHLO", "STARTTLS", "QUIT"].contains(&word.as_str());
        assert!(!clear.is_empty() && clear.iter().all(harmless), "{way:?}: {clear:?}");
    }
}

#[test]
fn a_file_without_a_certificate_is_told_at_once() {
    for text in ["", "nothing of that kind", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("writes");
        let told =
            Smtp::new(&over_tls(465, Way::Implicit, Some(file.path()))).err().expect("refused").to_string();
        assert!(told.contains(&file.path().display().to_string()), "{told}");
    }
    let gone = over_tls(465, Way::Implicit, Some(Path::new("/nowhere/ca.pem")));
    assert!(Smtp::new(&gone).is_err());
}
