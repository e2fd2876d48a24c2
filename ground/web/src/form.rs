//! Forms: read strictly, once, within a limit and a time, and only with the reader's own token.

use crate::cookies;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::BodyExt;
use kernel::{Token, TokenKind};
use std::collections::BTreeMap;
use std::time::Duration;

/// No form of ours is larger, its files apart.
pub(crate) const LIMIT: usize = 256 * 1024;
/// Two megabytes of anything, each byte of it written as three.
const LONG: usize = 7 * 1024 * 1024;
pub(crate) const FIELDS: usize = 200;
/// Everybody gets this long; then a body must come at least at this rate.
const GRACE: Duration = Duration::from_secs(5);
const BYTES_A_SECOND: u64 = 500;
/// Forms with files take a place among few: they must come faster.
const BYTES_A_SECOND_OF_FILES: u64 = 8_000;

/// The fields of a form that was sent from one of our pages.
#[derive(Default)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
    pub fn is_checked(&self, name: &str) -> bool {
        self.get(name) == "on"
    }
    pub(crate) fn into_fields(self) -> BTreeMap<String, String> {
        self.0
    }
}

/// A form that is not taken, and why: these are answers to clients that are not our pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadForm {
    MediaType,
    TooLarge,
    TooSlow,
    Malformed,
    /// The token is missing or another's.
    Forged,
    /// This reader sends too many files at once.
    TooMany,
    /// There is nowhere to put a file.
    NoDisk,
}

impl BadForm {
    pub fn trouble(self) -> crate::Trouble {
        let (status, why) = match self {
            BadForm::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type"),
            BadForm::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            BadForm::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too-slow"),
            BadForm::Malformed => (StatusCode::BAD_REQUEST, "malformed"),
            BadForm::Forged => (StatusCode::FORBIDDEN, "forged"),
            BadForm::TooMany => (StatusCode::TOO_MANY_REQUESTS, "throttled"),
            BadForm::NoDisk => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        };
        crate::Trouble::new(status, why)
    }
}

impl IntoResponse for BadForm {
    fn into_response(self) -> Response {
        self.trouble().into_response()
    }
}

/// Percent-decoding that refuses what is not UTF-8 instead of mending it: mended texts collide.
fn decode(text: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&b) = bytes.next() {
        match b {
            b'+' => out.push(b' '),
            b'%' => {
                let digit = |b: Option<&u8>| (*b? as char).to_digit(16);
                let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
                out.push((high * 16 + low) as u8);
            }
            _ => out.push(b),
        }
    }
    String::from_utf8(out).ok()
}

/// Reads `a=b&c=d`. A name that comes twice is refused, however it is written.
pub fn query(text: &[u8]) -> Option<BTreeMap<String, String>> {
    let mut fields = BTreeMap::new();
    for pair in text.split(|b| *b == b'&').filter(|p| !p.is_empty()) {
        let cut = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
        let name = decode(&pair[..cut])?;
        let value = decode(pair.get(cut + 1..).unwrap_or_default())?;
        if fields.insert(name, value).is_some() || fields.len() > FIELDS {
            return None;
        }
    }
    Some(fields)
}

/// The token that forms of this reader carry: derived from a cookie that only their browser has.
pub(crate) fn csrf_for(token: &Token) -> String {
    token.derive("form")
}

pub(crate) fn is_from_our_page(headers: &HeaderMap, sent: &str) -> bool {
    let own = [(cookies::SESSION, TokenKind::Session), (cookies::GUEST, TokenKind::Session)];
    own.into_iter().any(|(name, kind)| {
        cookies::get(headers, name)
            .and_then(|text| Token::read(kind, text))
            .is_some_and(|token| kernel::same_bytes(csrf_for(&token).as_bytes(), sent.as_bytes()))
    })
}

/// How long the body will be, as its sender says.
pub(crate) fn claimed_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A body that must come at a decent pace.
pub(crate) struct Paced {
    body: Body,
    read: u64,
    started: tokio::time::Instant,
    bytes_a_second: u64,
}

impl Paced {
    fn new(body: Body, bytes_a_second: u64) -> Paced {
        Paced { body, read: 0, started: tokio::time::Instant::now(), bytes_a_second }
    }
    pub(crate) fn with_files(body: Body) -> Paced {
        Paced::new(body, BYTES_A_SECOND_OF_FILES)
    }
    /// How much has been read.
    pub(crate) fn read(&self) -> u64 {
        self.read
    }
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, BadForm> {
        loop {
            let allowed = GRACE + Duration::from_secs(self.read / self.bytes_a_second);
            let left = allowed.checked_sub(self.started.elapsed()).ok_or(BadForm::TooSlow)?;
            let frame = tokio::time::timeout(left, self.body.frame()).await.map_err(|_| BadForm::TooSlow)?;
            let Some(frame) = frame else { return Ok(None) };
            if let Ok(data) = frame.map_err(|_| BadForm::Malformed)?.into_data() {
                self.read += data.len() as u64;
                return Ok(Some(data));
            }
        }
    }
}

async fn body(body: Body, limit: usize) -> Result<Vec<u8>, BadForm> {
    let (mut out, mut body) = (Vec::new(), Paced::new(body, BYTES_A_SECOND));
    while let Some(data) = body.next().await? {
        if out.len() + data.len() > limit {
            return Err(BadForm::TooLarge);
        }
        out.extend_from_slice(&data);
    }
    Ok(out)
}

impl Form {
    /// A form that may be long: a table that was pasted. For pages that have made sure first of who sends it.
    pub async fn long(request: Request) -> Result<Form, BadForm> {
        Form::read(request, LONG).await
    }

    async fn read(request: Request, limit: usize) -> Result<Form, BadForm> {
        let headers = request.headers().clone();
        let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
            || headers.contains_key(header::CONTENT_ENCODING)
        {
            return Err(BadForm::MediaType);
        }
        if claimed_length(&headers).is_some_and(|n| n > limit as u64) {
            return Err(BadForm::TooLarge);
        }
        let mut fields = query(&body(request.into_body(), limit).await?).ok_or(BadForm::Malformed)?;
        let sent = fields.remove("csrf").unwrap_or_default();
        if !is_from_our_page(&headers, &sent) {
            return Err(BadForm::Forged);
        }
        Ok(Form(fields))
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = BadForm;

    async fn from_request(request: Request, _: &S) -> Result<Form, BadForm> {
        Form::read(request, LIMIT).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn h20_g4_names_that_come_twice_and_broken_escapes_are_refused() {
        assert_eq!(query(b"a=1&b=x+y%20z&c").map(|m| m["b"].clone()), Some("x y z".into()));
        for bad in [&b"a=1&a=1"[..], b"a=1&%61=2", b"a=%", b"a=%4", b"a=%zz", b"a=%ff", b"a=%c3%28", b"%ff=1"]
        {
            assert_eq!(query(bad), None, "{}", String::from_utf8_lossy(bad));
        }
        let many: String = (0..300).map(|n| format!("k{n}=v&")).collect();
        assert_eq!(query(many.as_bytes()), None);
    }

    proptest! {
        #[test]
        fn nothing_sent_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = query(&bytes);
        }
    }
}
