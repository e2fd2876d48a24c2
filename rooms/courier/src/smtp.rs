//! Letters by SMTP.
//!
//! We hold the talk with the server ourselves, on lettre's connection, and not through its pooled
//! transport, for three reasons. The transport does not tell at which step a server said 5xx, and a wrong
//! password of ours must not be taken for a recipient who does not exist. Its asynchronous connections
//! wait for ever for a server that is silent. And when one gives up waiting from outside, the pool keeps
//! the half-used connection, so that the next letter reads the answer that was meant for the one before.

use crate::clear::ClearFirst;
use crate::model::Rendered;
use crate::rules::{Step, is_final, one_line, quoted};
use kernel::{OutboxId, SecretText, Time};
use lettre::address::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use std::error::Error as _;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum SmtpTls {
    /// Begins in the clear and must change to TLS before anything is said: port 587.
    #[default]
    StartTls,
    /// TLS from the first byte: port 465.
    Implicit,
    /// None at all: a server on the same machine, or a test. Never with a password elsewhere.
    None,
}

#[derive(Clone)]
pub struct SmtpSettings {
    pub host: String,
    /// By default the one that belongs to `tls`.
    pub port: Option<u16>,
    pub tls: SmtpTls,
    /// Certificates to trust beside the system's own, as PEM.
    pub ca_file: Option<PathBuf>,
    pub credentials: Option<(String, SecretText)>,
    pub from_address: String,
    pub from_name: String,
    /// How long each step may take; never longer than [`SmtpSettings::TIMEOUT`].
    pub timeout: Duration,
}

impl SmtpSettings {
    pub const TIMEOUT: Duration = Duration::from_secs(20);
}

/// Why the settings cannot be used, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("`{0}` is no e-mail address that letters could come from")]
    From(String),
    #[error("a password is not sent without TLS, but for a server on this machine")]
    PasswordInTheClear,
    #[error("TLS to `{0}` cannot be set up: {1}")]
    Tls(String, String),
}

/// Why a letter did not arrive. The text may quote the server; it is for the database and for staff.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    Later(String),
    /// This recipient will never be reached.
    Never(String),
}

pub(crate) struct Outgoing<'a> {
    pub id: OutboxId,
    pub at: Time,
    pub to: &'a str,
    pub letter: &'a Rendered,
}

/// How long one letter may take at most: the steps that [`Smtp::send`] goes through, a kept connection
/// that turns out to be dead, and the good-bye.
pub(crate) const LETTER_LIMIT: i64 = 6 * SmtpSettings::TIMEOUT.as_millis() as i64;

/// Connections kept, and for how long: servers close what idles.
const KEPT: usize = 4;
const KEPT_FOR: Duration = Duration::from_secs(20);

/// A mail server, and how to talk to it.
pub struct Smtp {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    from: Mailbox,
    hello: ClientId,
    kept: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Smtp {
    pub fn new(settings: &SmtpSettings) -> Result<Smtp, SettingsError> {
        let s = settings.clone();
        let address: Address =
            s.from_address.parse().map_err(|_| SettingsError::From(s.from_address.clone()))?;
        let tls = match s.tls {
            SmtpTls::None => None,
            _ => Some(trust(&s).map_err(|why| SettingsError::Tls(s.host.clone(), why))?),
        };
        let here = ["localhost", "127.0.0.1", "::1"].contains(&s.host.as_str());
        if tls.is_none() && s.credentials.is_some() && !here {
            return Err(SettingsError::PasswordInTheClear);
        }
        let credentials = s
            .credentials
            .as_ref()
            .map(|(who, password)| Credentials::new(who.clone(), password.reveal().to_owned()));
        let name = one_line(&s.from_name, 80);
        Ok(Smtp {
            hello: ClientId::Domain(address.domain().to_owned()),
            from: Mailbox::new((!name.is_empty()).then_some(name), address),
            kept: Mutex::default(),
            settings: s,
            tls,
            credentials,
        })
    }

    /// Brings one letter to the server. `Ok` says that the server took it.
    pub(crate) async fn send(&self, out: &Outgoing<'_>) -> Result<(), Trouble> {
        let to: Address = out.to.parse().map_err(|_| Trouble::Never("not an e-mail address".to_owned()))?;
        let bytes = self.message(out, &to).map_err(Trouble::Later)?;
        let mut conn = self.connection().await?;
        let sent = self.talk(&mut conn, &to, &bytes).await;
        match sent {
            Ok(()) => self.keep(conn),
            // After a refusal the server still listens: say good-bye, and do not wait long for an answer.
            Err(_) => drop(timeout(Duration::from_secs(1), conn.abort()).await),
        }
        sent
    }

    async fn talk(&self, conn: &mut AsyncSmtpConnection, to: &Address, bytes: &[u8]) -> Result<(), Trouble> {
        let from = self.from.email.clone();
        self.within(Step::Sender, conn.command(Mail::new(Some(from), vec![]))).await?;
        self.within(Step::Recipient, conn.command(Rcpt::new(to.clone(), vec![]))).await?;
        let content = async {
            conn.command(Data).await?;
            conn.message(bytes).await
        };
        self.within(Step::Content, content).await?;
        Ok(())
    }

    async fn connection(&self) -> Result<AsyncSmtpConnection, Trouble> {
        if let Some(mut conn) = self.take_kept() {
            if timeout(self.patience(), conn.test_connected()).await.unwrap_or(false) {
                return Ok(conn);
            }
            // Where one has died the others have too, and asking each would take its time.
            self.kept().clear();
        }
        let s = &self.settings;
        let port = s.port.unwrap_or(match s.tls {
            SmtpTls::StartTls => 587,
            SmtpTls::Implicit => 465,
            SmtpTls::None => 25,
        });
        let (server, patience) = ((s.host.as_str(), port), self.patience());
        let clear = match s.tls {
            SmtpTls::StartTls => Some(self.dial(server).await?),
            _ => None,
        };
        self.within(Step::Connect, async {
            let mut conn = match (clear, &self.tls) {
                (Some(stream), Some(tls)) => {
                    let mut conn = AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await?;
                    conn.starttls(tls.clone(), &self.hello).await?;
                    conn
                }
                (_, tls) => {
                    let (patience, tls) = (Some(patience), tls.clone());
                    AsyncSmtpConnection::connect_tokio1(server, patience, &self.hello, tls, None).await?
                }
            };
            if let Some(credentials) = &self.credentials {
                conn.auth(DEFAULT_MECHANISMS, credentials).await?;
            }
            Ok(conn)
        })
        .await
    }

    async fn dial(&self, server: (&str, u16)) -> Result<Box<ClearFirst>, Trouble> {
        let later = |what: &dyn Display| Trouble::Later(say(Step::Connect, what));
        let stream = timeout(self.patience(), TcpStream::connect(server)).await;
        let stream = stream.map_err(|_| later(&"the server did not answer in time"))?;
        Ok(Box::new(ClearFirst::new(stream.map_err(|e| later(&e))?)))
    }

    fn patience(&self) -> Duration {
        self.settings.timeout.min(SmtpSettings::TIMEOUT)
    }

    /// One step, and not for ever.
    async fn within<T>(
        &self,
        step: Step,
        talk: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, Trouble> {
        match timeout(self.patience(), talk).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(e)) => {
                let code = e.status().map_or(0, u16::from);
                let words = e.source().map(ToString::to_string).unwrap_or_default();
                let text = say(step, &e);
                Err(if is_final(step, code, &words) { Trouble::Never(text) } else { Trouble::Later(text) })
            }
            Err(_) => Err(Trouble::Later(say(step, &"the server did not answer in time"))),
        }
    }

    fn message(&self, out: &Outgoing<'_>, to: &Address) -> Result<Vec<u8>, String> {
        // The same for every try: whoever gets it twice, because we died between the server's answer and
        // our note of it, can see that it is one letter.
        let id = format!("<{}@{}>", out.id, self.from.email.domain());
        let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(out.at.0).unwrap_or(0));
        let automatic =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let (text, html) = (out.letter.text.clone(), out.letter.html.clone());
        Message::builder()
            .message_id(Some(id))
            .date(at)
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(one_line(&out.letter.subject, crate::rules::SUBJECT_MAX))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map(|m| m.formatted())
            .map_err(|e| e.to_string())
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_kept(&self) -> Option<AsyncSmtpConnection> {
        let mut kept = self.kept();
        kept.retain(|(_, since)| since.elapsed() < KEPT_FOR);
        kept.pop().map(|(conn, _)| conn)
    }

    fn keep(&self, conn: AsyncSmtpConnection) {
        let mut kept = self.kept();
        if kept.len() < KEPT {
            kept.push((conn, Instant::now()));
        }
    }

    /// Says good-bye on what is kept.
    pub(crate) async fn close(&self) {
        while let Some(mut conn) = self.take_kept() {
            drop(timeout(Duration::from_secs(1), conn.abort()).await);
        }
    }
}

/// How the server's certificate is verified: for its name, by the system's authorities and one's own.
fn trust(s: &SmtpSettings) -> Result<TlsParameters, String> {
    let mut tls = TlsParameters::builder(s.host.clone());
    if let Some(file) = &s.ca_file {
        let cannot = |what: &dyn Display| format!("{}: {what}", file.display());
        let text = std::fs::read(file).map_err(|e| cannot(&e))?;
        if !text.windows(BEGINS.len()).any(|w| w == BEGINS) {
            return Err(cannot(&"holds no certificate"));
        }
        tls = tls.add_root_certificate(Certificate::from_pem(&text).map_err(|e| cannot(&e))?);
        return tls.build().map_err(|e| cannot(&e));
    }
    tls.build().map_err(|e| e.to_string())
}

const BEGINS: &[u8] = b"-----BEGIN CERTIFICATE-----";

fn say(step: Step, what: &(impl Display + ?Sized)) -> String {
    let step = match step {
        Step::Connect => "connecting",
        Step::Sender => "naming the sender",
        Step::Recipient => "naming the recipient",
        Step::Content => "handing over the letter",
    };
    quoted(&format!("{step}: {what}"))
}
