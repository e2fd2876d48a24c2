//! Stylesheet, script and icons: in the binary, under names that carry their hash, kept by browsers
//! for a year.

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

struct Asset {
    name: &'static str,
    path: String,
    kind: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal $kind:literal;)*) => {
        static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| vec![$(Asset {
            name: $name,
            path: format!("/assets/{}?{}", $name, short_hash(include_bytes!(concat!("../assets/", $name)))),
            kind: $kind,
            bytes: include_bytes!(concat!("../assets/", $name)),
        }),*]);
    };
}

assets! {
    "app.css" "text/css; charset=utf-8";
    "app.js" "text/javascript; charset=utf-8";
    "icons.svg" "image/svg+xml";
    "logo.svg" "image/svg+xml";
    "favicon.svg" "image/svg+xml";
}

fn short_hash(bytes: &[u8]) -> String {
    kernel::sha256(bytes)[..6].iter().map(|b| format!("{b:02x}")).collect()
}

/// The path under which a page names an asset: it changes when the asset does.
pub fn asset_path(name: &str) -> &'static str {
    ASSETS.iter().find(|a| a.name == name).map_or("/assets/missing", |a| a.path.as_str())
}

pub async fn assets(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|a| a.name == name) else {
        return crate::Trouble::new(StatusCode::NOT_FOUND, "not-found").into_response();
    };
    let tag = format!("\"{}\"", short_hash(asset.bytes));
    let kept = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "public, max-age=31536000".to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(header::CONTENT_TYPE, asset.kind)], Bytes::from_static(asset.bytes)).into_response()
}
