//! What a request says about its reader: address, language, theme.

use axum::http::{HeaderMap, request::Parts};
use kernel::Lang;
use std::net::IpAddr;
use std::sync::Arc;

/// What the operator calls this house, and where it lives.
#[derive(Clone, Debug)]
pub struct Site {
    pub name: String,
    /// Scheme and host, as browsers see it: the only source of links, whatever a request claims.
    pub public_url: String,
    /// Host names that requests may carry: the public one and others of the operator's.
    pub hosts: Vec<String>,
    pub lang: Lang,
    /// Proxies whose forwarding header is believed.
    pub trusted_proxies: Vec<IpAddr>,
    pub demo: bool,
}

impl Site {
    pub fn host_of(url: &str) -> &str {
        url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/')
    }
    pub fn scheme(&self) -> &str {
        self.public_url.split("://").next().unwrap_or("https")
    }
    pub fn knows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|h| h.eq_ignore_ascii_case(host))
    }
}

/// Where the request came from; put there by the accept loop.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// The client's address: the peer's, or what a trusted proxy says of it.
pub fn address_of(parts: &Parts, site: &Site) -> IpAddr {
    let peer =
        parts.extensions.get::<ClientAddress>().map_or(IpAddr::from([0, 0, 0, 0]), |a| a.0.to_canonical());
    if !site.trusted_proxies.contains(&peer) {
        return peer;
    }
    // The last one that is not a proxy of ours: all before it are the client's own claim.
    parts
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        // What cannot be read ends the walk: before it stands only the client's own claim.
        .map_while(read_address)
        .find(|a| !site.trusted_proxies.contains(a))
        .unwrap_or(peer)
}

/// An address as proxies write it: alone, in brackets, or with a port.
fn read_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let alone = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let found = alone.or_else(|_| text.parse::<std::net::SocketAddr>().map(|a| a.ip())).ok()?;
    Some(found.to_canonical())
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];
    pub const fn word(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
    pub fn from_word(word: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|t| t.word() == word)
    }
    pub fn of(headers: &HeaderMap) -> Theme {
        crate::cookies::get(headers, crate::cookies::THEME).and_then(Theme::from_word).unwrap_or_default()
    }
}

/// The reader's language: account, then cookie, then what the browser asks for, then the house's.
pub fn lang_of(headers: &HeaderMap, account: Option<Lang>, site: &Arc<Site>) -> Lang {
    account
        .or_else(|| crate::cookies::get(headers, crate::cookies::LANG).and_then(Lang::from_tag))
        .or_else(|| headers.get("accept-language")?.to_str().ok().and_then(Lang::negotiate))
        .unwrap_or(site.lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r19_only_a_trusted_proxy_is_believed() {
        let site = Site {
            name: String::new(),
            public_url: "https://open.example".into(),
            hosts: vec![],
            lang: Lang::En,
            trusted_proxies: vec![[10, 0, 0, 1].into()],
            demo: false,
        };
        let ask = |peer: [u8; 4], forwarded: &str| {
            let mut request =
                axum::http::Request::builder().header("x-forwarded-for", forwarded).body(()).unwrap();
            request.extensions_mut().insert(ClientAddress(peer.into()));
            address_of(&request.into_parts().0, &site).to_string()
        };
        assert_eq!(ask([6, 6, 6, 6], "1.2.3.4"), "6.6.6.6");
        assert_eq!(ask([10, 0, 0, 1], "9.9.9.9, 1.2.3.4"), "1.2.3.4");
        assert_eq!(ask([10, 0, 0, 1], "1.2.3.4, 10.0.0.1"), "1.2.3.4");
        assert_eq!(ask([10, 0, 0, 1], "nonsense"), "10.0.0.1");
        assert_eq!(ask([10, 0, 0, 1], "9.9.9.9, 203.0.113.5:4711"), "203.0.113.5");
        assert_eq!(ask([10, 0, 0, 1], "9.9.9.9, [2001:db8::1]"), "2001:db8::1");
        assert_eq!(ask([10, 0, 0, 1], "9.9.9.9, unknown"), "10.0.0.1");
        assert_eq!(ask([10, 0, 0, 1], "::ffff:1.2.3.4"), "1.2.3.4");
    }
}
