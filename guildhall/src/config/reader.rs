//! From layered values to typed ones: each setting read once and checked by itself.

use super::layers::{Layers, SECRETS};
use super::problem::Problem;
use super::value::Value;
use kernel::SecretText;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// Hands out settings by name. What is wrong is noted, and a stand-in handed out, so that all
/// problems can be told at once; with any of them there is no configuration.
pub(super) struct Reader<'f> {
    pub layers: Layers<'f>,
    read: BTreeSet<&'static str>,
}

impl<'f> Reader<'f> {
    pub(super) fn new(layers: Layers<'f>) -> Reader<'f> {
        Reader { layers, read: BTreeSet::new() }
    }

    /// Notes what is wrong with a setting, unless more basic things are wrong with it already.
    pub(super) fn wrong(&mut self, name: &str, why: impl Into<String>) {
        if self.layers.problems.iter().all(|p| !p.is_about(name)) {
            let problem = self.about(name, why.into());
            self.layers.problems.push(problem);
        }
    }

    pub(super) fn warn(&mut self, name: &str, why: &str) {
        let warning = self.about(name, why.to_owned()).to_string();
        self.layers.warnings.push(warning);
    }

    fn about(&self, name: &str, why: String) -> Problem {
        let setting = self.layers.settings.iter().find(|s| s.name == name);
        let origin = setting.map_or(super::Origin::Default, |s| s.origin.clone());
        Problem::Wrong { name: name.to_owned(), origin, why }
    }

    fn value(&mut self, name: &'static str) -> Option<Value> {
        self.read.insert(name);
        self.layers.settings.iter().find(|s| s.name == name).map(|s| s.value.clone())
    }

    pub(super) fn text(&mut self, name: &'static str) -> String {
        match self.value(name) {
            Some(Value::Text(text)) => text,
            _ => {
                self.wrong(name, "default.toml has no such text");
                String::new()
            }
        }
    }

    /// A text that goes into headings and headers, where a line end would begin another one.
    pub(super) fn line(&mut self, name: &'static str) -> String {
        let text = self.text(name);
        if text.chars().any(char::is_control) {
            self.wrong(name, "must be one line, without control characters");
        }
        text
    }

    /// The name of a file, or none.
    pub(super) fn file(&mut self, name: &'static str) -> Option<PathBuf> {
        Some(self.line(name)).filter(|file| !file.is_empty()).map(PathBuf::from)
    }

    pub(super) fn secret(&mut self, name: &'static str) -> SecretText {
        if !SECRETS.contains(&name) {
            self.wrong(name, "is read as a secret and not listed as one");
        }
        SecretText::new(self.text(name))
    }

    pub(super) fn list(&mut self, name: &'static str) -> Vec<String> {
        match self.value(name) {
            Some(Value::List(items)) => items,
            _ => {
                self.wrong(name, "default.toml has no such list");
                Vec::new()
            }
        }
    }

    pub(super) fn number<T: TryFrom<i64> + Default>(
        &mut self,
        name: &'static str,
        allowed: RangeInclusive<i64>,
    ) -> T {
        let number = match self.value(name) {
            Some(Value::Whole(n)) if allowed.contains(&n) => T::try_from(n).ok(),
            _ => None,
        };
        number.unwrap_or_else(|| {
            self.wrong(name, format!("must be a number from {} to {}", allowed.start(), allowed.end()));
            T::default()
        })
    }

    pub(super) fn seconds(&mut self, name: &'static str, allowed: RangeInclusive<i64>) -> Duration {
        Duration::from_secs(self.number(name, allowed))
    }

    pub(super) fn choice<T: Copy + Default>(&mut self, name: &'static str, of: &[(&str, T)]) -> T {
        let text = self.text(name);
        if let Some((_, chosen)) = of.iter().find(|(word, _)| *word == text) {
            return *chosen;
        }
        let words: Vec<&str> = of.iter().map(|(word, _)| *word).collect();
        self.wrong(name, format!("is {text:?}, must be one of {}", words.join(", ")));
        T::default()
    }

    pub(super) fn mail_address(&mut self, name: &'static str) -> String {
        let text = self.line(name);
        let parts = text.rsplit_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
        if parts.is_none() || text.contains(|c: char| c.is_whitespace() || "<>,;\"".contains(c)) {
            self.wrong(name, "must be a mail address alone, such as platform@example.com");
        }
        text
    }

    pub(super) fn address(&mut self, name: &'static str) -> SocketAddr {
        self.text(name).parse().unwrap_or_else(|_| {
            self.wrong(name, "must be an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080");
            SocketAddr::from(([0, 0, 0, 0], 0))
        })
    }

    /// Scheme and host in the spelling of browsers' Origin header, which it is compared with.
    pub(super) fn base_url(&mut self, name: &'static str) -> String {
        const EXAMPLE: &str =
            "must be http:// or https:// and a host name, without path, such as https://open.example.com";
        let text = self.text(name).to_ascii_lowercase();
        let parts = text.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
        let read = parts.and_then(|(scheme, rest)| {
            let (host, port) = authority(rest.strip_suffix('/').unwrap_or(rest))?;
            let usual = if scheme == "https" { 443 } else { 80 };
            let port = port.filter(|p| *p != usual).map(|p| format!(":{p}")).unwrap_or_default();
            Some(format!("{scheme}://{host}{port}"))
        });
        read.unwrap_or_else(|| {
            self.wrong(name, EXAMPLE);
            String::new()
        })
    }

    pub(super) fn hosts(&mut self, name: &'static str) -> Vec<String> {
        let hosts = self.list(name);
        for host in &hosts {
            if authority(host).is_none() {
                self.wrong(name, format!("{host:?} is not a host name; write open.example.com or host:port"));
            }
        }
        hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect()
    }

    pub(super) fn ip_addresses(&mut self, name: &'static str) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for text in self.list(name) {
            match text.parse() {
                Ok(address) => addresses.push(address),
                Err(_) => self.wrong(name, format!("{text:?} is not an IP address, such as 10.0.0.7")),
            }
        }
        addresses
    }

    /// A setting that nobody reads would be a promise nobody keeps.
    pub(super) fn finish(&mut self) {
        let unread: Vec<String> = self
            .layers
            .settings
            .iter()
            .map(|s| s.name.clone())
            .filter(|n| !self.read.contains(n.as_str()))
            .collect();
        for name in unread {
            self.wrong(&name, "default.toml has it, and nothing reads it");
        }
    }
}

/// Host and port as in `host`, `host:8080`, `[::1]:8080`; names outside ASCII are written `xn--…`.
fn authority(text: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            (format!("[{}]", address.parse::<Ipv6Addr>().ok()?), port)
        }
        None => {
            let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            let fits = |label: &str| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            };
            host.split('.').all(fits).then_some(())?;
            (host.to_ascii_lowercase(), port)
        }
    };
    let port = match port.strip_prefix(':') {
        // `parse` alone would take a sign, too.
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => Some(digits.parse().ok()?),
        Some(_) => return None,
        None if port.is_empty() => None,
        None => return None,
    };
    Some((host, port))
}

/// The host of what [`Reader::base_url`] read, without its port.
pub(super) fn host_of(base_url: &str) -> &str {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    match rest.rfind(']') {
        Some(end) => &rest[..=end],
        None => rest.split(':').next().unwrap_or(rest),
    }
}

pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost"
        || bare.ends_with(".localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Reached from this machine or from a private network only.
pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}
