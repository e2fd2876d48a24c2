//! Cookies: `__Host-` names, so that no neighbour under the same domain can plant one.

use axum::http::{HeaderMap, HeaderValue, header};

pub const SESSION: &str = "__Host-session";
pub const DEVICE: &str = "__Host-device";
/// Before anybody signed in: what a guest's forms are bound to.
pub const GUEST: &str = "__Host-guest";
pub const LANG: &str = "__Host-lang";
pub const THEME: &str = "__Host-theme";

const YEAR: i64 = 365 * 24 * 3600;

/// The cookie's value, if it was sent exactly once.
pub fn get<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(n, _)| *n == name)
        .map(|(_, v)| v);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// A cookie of ours: kept for a year, or until the browser closes it with the session it belongs to.
pub fn set(headers: &mut HeaderMap, name: &str, value: &str, lasting: bool) {
    let age = if lasting { format!("; Max-Age={YEAR}") } else { String::new() };
    put(headers, &format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}"));
}

pub fn remove(headers: &mut HeaderMap, name: &str) {
    put(headers, &format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"));
}

fn put(headers: &mut HeaderMap, text: &str) {
    // Values are tokens and words of ours: nothing in them can break a header.
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.append(header::SET_COOKIE, value);
    }
}
