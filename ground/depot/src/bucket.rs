//! A bucket of any service that speaks S3: four requests, signed in their addresses.

use crate::{Depot, Reading};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{StreamExt, TryStreamExt};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kernel::{Clock, Fault, FileId, SecretText, SystemClock};
use rusty_s3::{Credentials, S3Action, UrlStyle};
use std::io;
use std::time::Duration;

/// How long a signed address may be used: as long as a request may take, and a little for the clocks.
const SIGNED: Duration = Duration::from_secs(300);
/// For an answer to begin, and for each of its pieces.
const PATIENCE: Duration = Duration::from_secs(30);
/// For sending a whole file.
const SENDING: Duration = Duration::from_secs(120);

#[derive(Clone)]
pub struct BucketSettings {
    /// `https://s3.example.com`, with port if unusual, and nothing behind it.
    pub endpoint: String,
    pub region: String,
    pub name: String,
    pub access_key: String,
    pub secret_key: SecretText,
    /// The bucket's name in the path, as most services want it that are not Amazon's; else in the host.
    pub in_path: bool,
}

/// Why a bucket cannot be spoken to, whatever it would answer.
#[derive(Debug, thiserror::Error)]
pub enum BadBucket {
    #[error("files.s3_endpoint is no address: write https://, a host name, and port if unusual")]
    Endpoint,
    #[error("the certificates that this system trusts cannot be read: {0}")]
    Certificates(io::Error),
}

pub struct Bucket {
    bucket: rusty_s3::Bucket,
    credentials: Credentials,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

fn away(e: impl std::fmt::Display) -> Fault {
    Fault::unavailable(format!("the bucket does not answer: {e}"))
}

impl Bucket {
    pub fn new(settings: &BucketSettings) -> Result<Bucket, BadBucket> {
        let style = if settings.in_path { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let endpoint = settings.endpoint.parse().map_err(|_| BadBucket::Endpoint)?;
        let bucket = rusty_s3::Bucket::new(endpoint, style, settings.name.clone(), settings.region.clone())
            .map_err(|_| BadBucket::Endpoint)?;
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(Duration::from_secs(10)));
        let tls = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(BadBucket::Certificates)?
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_timer(TokioTimer::new())
            .build(tls);
        let credentials =
            Credentials::new(settings.access_key.clone(), settings.secret_key.reveal().to_owned());
        Ok(Bucket { bucket, credentials, client })
    }

    fn signed<'a>(&'a self, action: &impl S3Action<'a>) -> Result<String, Fault> {
        let now = jiff::Timestamp::from_millisecond(SystemClock.now().0)
            .map_err(|e| Fault::internal(e.to_string()))?;
        Ok(action.sign_with_time(SIGNED, &now).to_string())
    }

    /// One request. Nothing of an answer is believed but its status, and its body where one is asked for.
    async fn ask(
        &self,
        method: Method,
        address: String,
        body: Bytes,
        within: Duration,
    ) -> Result<Response<Incoming>, Fault> {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header(header::CONTENT_LENGTH, body.len())
            .body(Full::new(body))
            // The address holds a signature: it is not told.
            .map_err(|_| Fault::internal("the bucket's address cannot be asked"))?;
        let answer = tokio::time::timeout(within, self.client.request(request)).await;
        answer.map_err(|_| away("it takes too long"))?.map_err(away)
    }
}

/// What the service says about its refusal: the code, which is for operators, and nothing else.
async fn refused(answer: Response<Incoming>) -> Fault {
    let status = answer.status();
    let read = tokio::time::timeout(PATIENCE, Limited::new(answer.into_body(), 16 * 1024).collect()).await;
    let text = match read {
        Ok(Ok(body)) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        _ => String::new(),
    };
    let code = text.split("<Code>").nth(1).and_then(|rest| rest.split("</Code>").next()).unwrap_or("");
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
    Fault::unavailable(format!("the bucket says {status} {code}"))
}

impl Depot for Bucket {
    fn place(&self) -> String {
        format!("the bucket {}", self.bucket.name())
    }

    fn put(&self, id: FileId, bytes: Bytes) -> BoxFuture<'_, Result<(), Fault>> {
        async move {
            let name = id.to_string();
            let address = self.signed(&self.bucket.put_object(Some(&self.credentials), &name))?;
            let answer = self.ask(Method::PUT, address, bytes, SENDING).await?;
            if answer.status().is_success() { Ok(()) } else { Err(refused(answer).await) }
        }
        .boxed()
    }

    fn get(&self, id: FileId) -> BoxFuture<'_, Result<Option<Reading>, Fault>> {
        async move {
            let name = id.to_string();
            let address = self.signed(&self.bucket.get_object(Some(&self.credentials), &name))?;
            let answer = self.ask(Method::GET, address, Bytes::new(), PATIENCE).await?;
            match answer.status() {
                StatusCode::NOT_FOUND => Ok(None),
                StatusCode::OK => {
                    let size = length(&answer).ok_or_else(|| away("it does not say how long a file is"))?;
                    let pieces = answer.into_body().into_data_stream().map_err(io::Error::other);
                    let patient = futures_util::stream::unfold(pieces.boxed(), |mut pieces| async {
                        match tokio::time::timeout(PATIENCE, pieces.next()).await {
                            Ok(piece) => piece.map(|piece| (piece, pieces)),
                            Err(_) => Some((
                                Err(io::ErrorKind::TimedOut.into()),
                                futures_util::stream::empty().boxed(),
                            )),
                        }
                    });
                    Ok(Some(Reading { size, bytes: patient.boxed() }))
                }
                _ => Err(refused(answer).await),
            }
        }
        .boxed()
    }

    fn size(&self, id: FileId) -> BoxFuture<'_, Result<Option<u64>, Fault>> {
        async move {
            let name = id.to_string();
            let address = self.signed(&self.bucket.head_object(Some(&self.credentials), &name))?;
            let answer = self.ask(Method::HEAD, address, Bytes::new(), PATIENCE).await?;
            match answer.status() {
                StatusCode::NOT_FOUND => Ok(None),
                StatusCode::OK => Ok(length(&answer)),
                _ => Err(refused(answer).await),
            }
        }
        .boxed()
    }

    fn remove(&self, id: FileId) -> BoxFuture<'_, Result<(), Fault>> {
        async move {
            let name = id.to_string();
            let address = self.signed(&self.bucket.delete_object(Some(&self.credentials), &name))?;
            let answer = self.ask(Method::DELETE, address, Bytes::new(), PATIENCE).await?;
            let gone = answer.status().is_success() || answer.status() == StatusCode::NOT_FOUND;
            if gone { Ok(()) } else { Err(refused(answer).await) }
        }
        .boxed()
    }
}

fn length<B>(answer: &Response<B>) -> Option<u64> {
    answer.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
