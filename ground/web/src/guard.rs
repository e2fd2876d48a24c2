//! In front of every page: who may speak to us at all, what every answer carries, what is counted.

use crate::{Site, Trouble};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use kernel::TraceId;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Where a browser says that an unsafe request comes from one of our own pages.
///
/// `Sec-Fetch-Site` is believed where it is sent; browsers on plain HTTP leave it out, and then the
/// origin must be ours. Without either it is no browser, and our forms are for browsers.
pub fn origin_allowed(headers: &HeaderMap, site: &Site) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin" | "none"), _) => true,
        (Some(_), _) => false,
        (None, Some(origin)) => origin
            .split_once("://")
            .is_some_and(|(scheme, host)| scheme == site.scheme() && site.knows_host(host)),
        (None, None) => false,
    }
}

/// One host name, once, and one of ours: links are made from the configured one alone, but a page that
/// answers to any name can be read through any name.
fn host_allowed(request: &Request, site: &Site) -> Result<(), Trouble> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Trouble::new(StatusCode::BAD_REQUEST, "malformed"));
    };
    let asked = request.uri().authority().map(Authority::as_str);
    if asked.is_some_and(|a| !site.knows_host(a)) {
        return Err(Trouble::new(StatusCode::BAD_REQUEST, "malformed"));
    }
    if host.to_str().is_ok_and(|h| site.knows_host(h)) {
        Ok(())
    } else {
        Err(Trouble::new(StatusCode::MISDIRECTED_REQUEST, "malformed"))
    }
}

fn admit(request: &Request, site: &Site) -> Result<(), Trouble> {
    host_allowed(request, site)?;
    match *request.method() {
        Method::GET | Method::HEAD => Ok(()),
        // The management API takes a key and no cookie: a page of somebody else's gains nothing there.
        Method::POST if request.uri().path().starts_with("/api/v1/") => Ok(()),
        Method::POST if origin_allowed(request.headers(), site) => Ok(()),
        Method::POST => Err(Trouble::new(StatusCode::FORBIDDEN, "forged")),
        _ => Err(Trouble::new(StatusCode::METHOD_NOT_ALLOWED, "method")),
    }
}

const SECURITY: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// A panic becomes the answer to its one request; the process lives on.
pub async fn caught(answer: impl Future<Output = Response>) -> Response {
    AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a handler panicked");
        metrics::counter!("guildhall_panics_total").increment(1);
        Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").into_response()
    })
}

/// The middleware around all page routes.
pub async fn guard(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let started = tokio::time::Instant::now();
    let id =
        TraceId::new(kernel::Clock::now(&kernel::SystemClock), &kernel::SystemRandom as &dyn kernel::Random);
    request.extensions_mut().insert(id);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |m| m.as_str().to_owned());
    let admitted = admit(&request, &site);
    let refused = admitted.is_err();
    if let Err(trouble) = admitted {
        // It goes through, so that the passage behind can make a page of it; no handler is reached.
        request.extensions_mut().insert(trouble);
    }
    let mut response = caught(next.run(request)).await;
    if refused {
        // The body was not read: what follows on this connection would be taken for a request.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    for (name, value) in SECURITY {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert("x-request-id", value);
    }
    let status = response.status().as_u16();
    let took = started.elapsed();
    // The route and never the query: what people type stays out of the log.
    tracing::info!(request = %id, %method, route, status, micros = took.as_micros() as u64, "page");
    metrics::counter!("guildhall_pages_total", "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("guildhall_page_seconds", "route" => route).record(took.as_secs_f64());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site {
            name: "x".into(),
            public_url: "https://open.example".into(),
            hosts: vec!["open.example".into()],
            lang: kernel::Lang::En,
            trusted_proxies: vec![],
            demo: false,
        }
    }

    #[test]
    fn w4_w5_only_our_own_pages_may_post() {
        let asked = |pairs: &[(&str, &str)]| {
            let mut h = HeaderMap::new();
            for (n, v) in pairs {
                h.append(HeaderName::from_bytes(n.as_bytes()).unwrap(), v.parse().unwrap());
            }
            origin_allowed(&h, &site())
        };
        assert!(asked(&[("sec-fetch-site", "same-origin")]));
        assert!(asked(&[("sec-fetch-site", "none")]));
        assert!(asked(&[("origin", "https://open.example")]));
        for evil in ["cross-site", "same-site", "", "SAME-ORIGIN"] {
            assert!(!asked(&[("sec-fetch-site", evil), ("origin", "https://open.example")]), "{evil}");
        }
        for evil in
            ["null", "http://open.example", "https://open.example.evil", "https://evil", "open.example", ""]
        {
            assert!(!asked(&[("origin", evil)]), "{evil}");
        }
        assert!(!asked(&[]));
    }
}
