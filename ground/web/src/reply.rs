//! What goes back: pages, redirects, and trouble that becomes a page.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A page. Never kept by browsers: the back button shows nothing after signing out.
pub struct Page<T>(pub T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        // A template fails only if writing to a String does.
        let html = self.0.render().unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
        (kind, html).into_response()
    }
}

/// To another page of ours, with GET, whatever the request was.
pub fn see_other(path: &str) -> Response {
    let ours = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t']);
    let to = HeaderValue::from_str(if ours { path } else { "/" }).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::CACHE_CONTROL, "no-store")]).into_response()
}

/// An answer that is not the page that was asked for. It travels as a mark on the response, and the
/// passage in front of the doors makes the page, in the reader's language: `trouble-<why>-title`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub status: StatusCode,
    pub why: &'static str,
}

impl Trouble {
    pub const fn new(status: StatusCode, why: &'static str) -> Trouble {
        Trouble { status, why }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.why).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The page for a trouble, inside the reader's frame.
pub fn trouble_page(f: crate::Frame, trouble: Trouble, request: &str) -> Response {
    let (title, text) = words_for(trouble.why);
    let page = TroublePage {
        title: f.t(title),
        text: f.t(text),
        status: trouble.status.as_u16(),
        request: request.to_owned(),
        f: f.titled(""),
    };
    let page = TroublePage { f: crate::Frame { title: page.title.to_owned(), ..page.f }, ..page };
    let mut response = Page(page).into_response();
    *response.status_mut() = trouble.status;
    response
}

fn words_for(why: &str) -> (&'static str, &'static str) {
    match why {
        "not-found" => ("trouble-not-found-title", "trouble-not-found"),
        "not-allowed" => ("trouble-not-allowed-title", "trouble-not-allowed"),
        "forged" => ("trouble-forged-title", "trouble-forged"),
        "bad-link" => ("trouble-bad-link-title", "trouble-bad-link"),
        "changed" => ("trouble-changed-title", "trouble-changed"),
        "throttled" => ("trouble-throttled-title", "trouble-throttled"),
        "unavailable" => ("trouble-unavailable-title", "trouble-unavailable"),
        "method" => ("trouble-method-title", "trouble-method"),
        "too-large" => ("trouble-too-large-title", "trouble-too-large"),
        "malformed" | "media-type" | "too-slow" => ("trouble-malformed-title", "trouble-malformed"),
        _ => ("trouble-internal-title", "trouble-internal"),
    }
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage {
    f: crate::Frame,
    title: &'static str,
    text: &'static str,
    status: u16,
    request: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r17_h22_redirects_stay_here_and_split_nothing() {
        for evil in [
            "//evil",
            "/\\evil",
            "https:evil",
            "/\t/evil",
            "https://evil",
            "",
            "/a\r\nSet-Cookie: x=y",
            "\\\\evil",
        ] {
            let response = see_other(evil);
            assert_eq!(response.headers()["location"], "/", "{evil:?}");
            assert_eq!(response.status(), StatusCode::SEE_OTHER);
        }
        assert_eq!(see_other("/console?a=b").headers()["location"], "/console?a=b");
    }
}
