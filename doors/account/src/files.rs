//! A file, for those who may read it: always as something to save, never as a page of ours.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kernel::FileId;
use lobby::{Answer, Cx, Stop};
use web::Trouble;

/// Whatever a browser makes of it, it may run nothing, ask for nothing and be part of nobody's page.
const LOCKED: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
    (header::CACHE_CONTROL, "private, no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    let session = cx.session()?;
    let not_there = || Stop::from(Trouble::new(axum::http::StatusCode::NOT_FOUND, "not-found"));
    let id: FileId = id.parse().map_err(|_| not_there())?;
    let files::Opened { line, reading } = files::open(cx.files(), session, id).await?;
    let kind = match line.media {
        files::Media::Text => "text/plain; charset=utf-8",
        other => other.word(),
    };
    let mut response: Response = Body::from_stream(reading.bytes).into_response();
    let headers = response.headers_mut();
    for (name, value) in LOCKED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(reading.size));
    let told = HeaderValue::from_str(&disposition(&line.name));
    headers.insert(header::CONTENT_DISPOSITION, told.unwrap_or(HeaderValue::from_static("attachment")));
    Ok(response)
}

/// To be saved under this name: in full for those who read the newer form, roughly for the others.
fn disposition(name: &str) -> String {
    let plain = |c: char| if (' '..='~').contains(&c) && !"\"\\%;".contains(c) { c } else { '_' };
    let rough: String = name.chars().map(plain).collect();
    let kept = |b: u8| b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&b);
    let full: String =
        name.bytes().map(|b| if kept(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
    format!("attachment; filename=\"{rough}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn u7_names_break_out_of_no_header() {
        assert_eq!(
            disposition("licence 1.png"),
            "attachment; filename=\"licence 1.png\"; filename*=UTF-8''licence%201.png"
        );
        assert_eq!(
            disposition("营业.pdf"),
            "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E8%90%A5%E4%B8%9A.pdf"
        );
        for evil in ["a\"; filename=\"b.exe", "a\r\nSet-Cookie: x", "a%22b", "a\\\"b", "é;x", "a\0"] {
            let told = disposition(evil);
            assert_eq!(told.matches('"').count(), 2, "{told}");
            assert!(told.bytes().all(|b| (b' '..=b'~').contains(&b)), "{told}");
            assert_eq!(told.matches("filename").count(), 2 + evil.matches("filename").count() * 2, "{told}");
        }
    }
}
