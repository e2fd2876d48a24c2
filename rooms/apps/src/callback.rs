//! Callback addresses: where a seller's browser is sent with a code. They are compared byte by byte, so what
//! may be registered is narrow, and nothing is mended on the way in.

use crate::rules::BadLine;
use kernel::Problem;

pub const CALLBACK_MAX: usize = 2_048;
pub const CALLBACKS_MAX: u32 = 20;

/// Names that the answer itself carries: in a registered address they would be there twice.
const ANSWERS: &[&str] = &["code", "state", "iss", "error", "error_description", "error_uri"];

/// Whether this address may be registered, exactly as it was typed.
pub fn callback(typed: &str, native: bool) -> Result<String, Problem> {
    if typed.is_empty() {
        return Err(Problem::Missing);
    }
    if typed.len() > CALLBACK_MAX {
        return Err(Problem::TooLong(CALLBACK_MAX as u32));
    }
    let fine = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()+,;=%".contains(&b);
    if !typed.bytes().all(fine) {
        return Err(Problem::BadUrl);
    }
    let (scheme, rest) = typed.split_once("://").ok_or(Problem::BadUrl)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (host, port) = host_and_port(authority)?;
    let allowed = match scheme {
        "https" => is_name(host) || is_literal(host),
        "http" => native && (host == "127.0.0.1" || host == "[::1]"),
        _ => false,
    };
    // A port that is the scheme's own would be a second spelling of the same address.
    let second = matches!((scheme, port), ("https", Some(443)) | ("http", Some(80)));
    if !allowed || second {
        return Err(Problem::BadUrl);
    }
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    if !escapes_are_whole(tail) || has_dot_segments(path) || path.contains("//") || !query_is_free(query) {
        return Err(Problem::BadUrl);
    }
    Ok(typed.to_owned())
}

/// One a line; each as it was typed, none twice.
pub fn callbacks(typed: &str, native: bool) -> Result<Vec<String>, (Problem, Vec<BadLine>)> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (n, line) in (1..).zip(typed.lines()) {
        let line = line.trim_matches([' ', '\t', '\r']);
        if line.is_empty() {
            continue;
        }
        match callback(line, native) {
            Ok(url) if !good.contains(&url) => good.push(url),
            Ok(_) => {}
            Err(_) => bad.push(BadLine { number: n, text: line.chars().take(200).collect() }),
        }
    }
    if !bad.is_empty() {
        return Err((Problem::BadLines(bad.len() as u32), bad));
    }
    if good.is_empty() {
        return Err((Problem::Missing, bad));
    }
    if good.len() > CALLBACKS_MAX as usize {
        return Err((Problem::TooMany(CALLBACKS_MAX), bad));
    }
    Ok(good)
}

fn host_and_port(authority: &str) -> Result<(&str, Option<u16>), Problem> {
    if authority.contains('@') {
        return Err(Problem::BadUrl);
    }
    let cut = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']').map(|n| n + 2).ok_or(Problem::BadUrl)?,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at_checked(cut).ok_or(Problem::BadUrl)?;
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        Some(digits) if !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(digits.parse().map_err(|_| Problem::BadUrl)?)
        }
        _ => return Err(Problem::BadUrl),
    };
    Ok((host, port))
}

/// A name in the one spelling that browsers send: small letters, a dot, no address in disguise.
fn is_name(host: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or("");
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(label)
        && last.bytes().any(|b| b.is_ascii_alphabetic())
        && !last.starts_with("0x")
        && last != "localhost"
}

/// A whole literal address, as it is written in its one form.
fn is_literal(host: &str) -> bool {
    let v4 = host.parse::<std::net::Ipv4Addr>().is_ok_and(|a| a.to_string() == host);
    let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    v4 || inner.is_some_and(|h| h.parse::<std::net::Ipv6Addr>().is_ok_and(|a| a.to_string() == h))
}

fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let two = after.as_bytes().get(..2);
        two.is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit))
    })
}

/// `..` in any spelling, also with a parameter behind it: what servers take differently.
fn has_dot_segments(path: &str) -> bool {
    let plain = path.replace("%2e", ".").replace("%2E", ".");
    let low = path.to_ascii_lowercase();
    let hidden = ["%2f", "%5c", "%25", "%00", "%0a", "%0d", "%09"].iter().any(|e| low.contains(e));
    hidden || plain.split('/').any(|s| matches!(s.split(';').next(), Some("." | "..")))
}

fn query_is_free(query: &str) -> bool {
    query.split('&').filter(|p| !p.is_empty()).all(|pair| {
        let name = pair.split('=').next().unwrap_or("");
        // A name in disguise is no better.
        !name.contains('%') && !ANSWERS.iter().any(|a| name.eq_ignore_ascii_case(a))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn r6_r7_what_may_be_registered_is_narrow() {
        let long = format!("https://a.example/{}", "x".repeat(2_048));
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://a.example/",
            "//a.example/cb",
            "/cb",
            "a.example/cb",
            "https://a.example/cb#x",
            "https://a@a.example/cb",
            "https://a:b@a.example/cb",
            "https://a@b@client.example/cb",
            "https://client.example\\@evil/cb",
            "https://*.example.com/cb",
            "https://a.example/*",
            "http://a.example/cb",
            "http://127.0.0.1/cb",
            "http://localhost/cb",
            "https://localhost/cb",
            "https://a.localhost/cb",
            "https://127.1/cb",
            "https://0x7f.1/cb",
            "https://2130706433/cb",
            "https://a.example/cb?code=1",
            "https://a.example/cb?x=1&state=2",
            "https://a.example/?ISS=x",
            "https://a.example/?error=x",
            "https://a.example/?%63ode=1",
            "https://a.example/cb/../x",
            "https://a.example/cb/%2e%2e/x",
            "https://a.example/..;/cb",
            "https://a.example/%2fx",
            "https://A.example/cb",
            "https://a.example:443/cb",
            "https://a.example:0443/cb",
            "https://a.example:99999/",
            "https://münchen.example/",
            "https://a。example/",
            "https://a.example/ cb",
            "https://a.example/cb\t",
            "https://a.example/cb\u{0}",
            "https://a.example/cb\r\nX: y",
            "https://a.example/%zz",
            "https://-a.example/",
            "https://a..example/",
            "https://",
            "https://a.example//b",
            "HTTPS://a.example/",
            "https://[::1/cb",
            "https://[::g]/",
            &long,
        ] {
            assert!(callback(bad, false).is_err(), "{bad:?}");
        }
        for good in [
            "https://a.example",
            "https://a.example/",
            "https://a.example/oauth/callback?shop=1&x=%20y",
            "https://xn--mnchen-3ya.example/cb",
            "https://a.example:8443/cb",
            "https://203.0.113.9/cb",
            "https://[2001:db8::1]/cb",
        ] {
            assert_eq!(callback(good, false), Ok(good.to_owned()), "{good}");
        }
    }

    #[test]
    fn r8_loopback_is_for_native_apps_and_only_as_a_literal() {
        for good in
            ["http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", "http://[::1]/cb", "http://[::1]:9000/"]
        {
            assert_eq!(callback(good, true), Ok(good.to_owned()));
            assert_eq!(callback(good, false), Err(Problem::BadUrl), "{good}");
        }
        for bad in [
            "http://localhost/cb",
            "http://127.1/cb",
            "http://127.0.0.2/cb",
            "http://[::2]/cb",
            "http://0.0.0.0/",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1:80/cb",
            "http://127.0.0.1@evil.example/",
            "http://[0:0:0:0:0:0:0:1]/",
        ] {
            assert!(callback(bad, true).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_list_is_taken_whole_or_told_line_by_line() {
        let (p, lines) = callbacks("https://a.example/\n\nhttp://b.example/\nhttps://c.example/#x", false)
            .expect_err("bad");
        assert_eq!(p, Problem::BadLines(2));
        assert_eq!(lines.iter().map(|l| l.number).collect::<Vec<_>>(), [3, 4]);
        let twice = callbacks(" https://a.example/ \r\nhttps://a.example/", false).expect("good");
        assert_eq!(twice, ["https://a.example/"]);
        let many: String = (0..21).map(|n| format!("https://a{n}.example/\n")).collect();
        assert_eq!(callbacks(&many, false).expect_err("many").0, Problem::TooMany(20));
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_taken_as_it_is(text in "(https?://)?[ -~\\PC]{0,60}", native: bool) {
            if let Ok(kept) = callback(&text, native) {
                prop_assert_eq!(&kept, &text);
                prop_assert!(!kept.contains(['#', '@', '*', ' ', '\\']));
                let loopback = kept.starts_with("http://127.0.0.1") || kept.starts_with("http://[::1]");
                prop_assert!(kept.starts_with("https://") || (native && loopback));
            }
        }
    }
}
