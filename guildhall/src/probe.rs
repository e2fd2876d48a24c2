//! Knocking at an address outside: can it be reached over TLS? Nothing is sent but a handshake, nothing is read beyond
//! it, and no address inside the operator's network is ever spoken to: what a name resolves to is looked at when the
//! connection is made, and that very address is connected to.

use review::{Probe, Probed, Verdict};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(5);
/// A handshake is no longer; a server that talks on is hung up on.
const HANDSHAKE_MAX: usize = 64 * 1024;

/// Whether an address is somebody's on the open internet: nothing of this machine, of a network behind it, of a cloud's
/// own services, nor an address that leads to one of these.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let kept = a == 0
        || ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        // Shared between a carrier and its clients.
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        // Multicast, reserved, broadcast.
        || a >= 224;
    !kept
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    // Ways of writing an IPv4 address inside another: NAT64 and 6to4.
    if s[0] == 0x64 && s[1] == 0xff9b {
        return s[2..6] == [0, 0, 0, 0] && inner(s[6], s[7]);
    }
    if s[0] == 0x2002 {
        return inner(s[1], s[2]);
    }
    // Only what is given out for the open internet, without Teredo, benchmarks, documentation.
    (s[0] & 0xe000) == 0x2000
        && !(s[0] == 0x2001 && (s[1] < 0x0200 || s[1] == 0x0db8))
        && !(s[0] == 0x3fff && s[1] < 0x1000)
}

/// Host and port of an address that may be knocked at, or the code of why not.
fn target(address: &str) -> Result<(String, u16), &'static str> {
    let Some(rest) = address.strip_prefix("https://") else {
        return Err(if address.starts_with("http://") { "plain" } else { "address" });
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or("");
    if authority.contains('@') || authority.len() > 260 {
        return Err("address");
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => {
            v6.split_once(']').map(|(h, p)| (h, p.strip_prefix(':').unwrap_or("443"))).ok_or("address")?
        }
        None => authority.rsplit_once(':').unwrap_or((authority, "443")),
    };
    let port: u16 = port.parse().map_err(|_| "address")?;
    // Others are no web server's, and knocking at them would be looking around.
    if port != 443 && port != 8443 {
        return Err("port");
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host.is_empty() { Err("address") } else { Ok((host, port)) }
}

/// How names are looked up, so that a test can answer for the network.
type Resolve = Arc<dyn Fn(&str, u16) -> Vec<SocketAddr> + Send + Sync>;

/// Knocks by TCP and TLS.
pub struct Knock {
    tls: Arc<ClientConfig>,
    allowed: fn(IpAddr) -> bool,
    resolve: Option<Resolve>,
}

impl Knock {
    /// Trusts whom this machine trusts.
    pub fn new() -> anyhow::Result<Knock> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Knock::trusting(roots)
    }

    fn trusting(roots: RootCertStore) -> anyhow::Result<Knock> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Knock { tls: Arc::new(tls), allowed: is_public, resolve: None })
    }

    async fn look_up(&self, host: &str, port: u16) -> Vec<SocketAddr> {
        match &self.resolve {
            Some(resolve) => resolve(host, port),
            None => tokio::net::lookup_host((host, port)).await.map(Iterator::collect).unwrap_or_default(),
        }
    }

    async fn try_one(&self, address: &str) -> Result<(), &'static str> {
        let (host, port) = target(address)?;
        let found = self.look_up(&host, port).await;
        if found.is_empty() {
            return Err("name");
        }
        // One address inside is enough: whoever names it may mean it.
        if found.iter().any(|a| !(self.allowed)(a.ip())) {
            return Err("inside");
        }
        let mut stream = TcpStream::connect(found[0]).await.map_err(|_| "refused")?;
        let name = ServerName::try_from(host).map_err(|_| "address")?;
        let mut talk = ClientConnection::new(self.tls.clone(), name).map_err(|_| "address")?;
        let (mut read, mut out) = (0, Vec::new());
        let mut bytes = [0u8; 4096];
        while talk.is_handshaking() {
            while talk.wants_write() {
                talk.write_tls(&mut out).map_err(|_| "tls")?;
            }
            stream.write_all(&out).await.map_err(|_| "tls")?;
            out.clear();
            if !talk.is_handshaking() {
                break;
            }
            let n = stream.read(&mut bytes).await.map_err(|_| "tls")?;
            read += n;
            if n == 0 || read > HANDSHAKE_MAX {
                return Err("tls");
            }
            let mut part = &bytes[..n];
            while !part.is_empty() {
                talk.read_tls(&mut part).map_err(|_| "tls")?;
                talk.process_new_packets().map_err(|e| match e {
                    rustls::Error::InvalidCertificate(_) => "certificate",
                    _ => "tls",
                })?;
            }
        }
        Ok(())
    }

    async fn verdict(&self, address: &str) -> Probed {
        let tried = tokio::time::timeout(PATIENCE, self.try_one(address)).await;
        let (verdict, code) = match tried {
            Ok(Ok(())) => (Verdict::Fine, "reached"),
            Ok(Err(code @ ("port" | "address"))) => (Verdict::Unknown, code),
            Ok(Err(code)) => (Verdict::Warns, code),
            Err(_) => (Verdict::Warns, "silent"),
        };
        Probed { verdict, detail: code.to_owned() }
    }
}

impl Probe for Knock {
    fn knock<'a>(&'a self, address: &'a str) -> Pin<Box<dyn Future<Output = Probed> + Send + 'a>> {
        Box::pin(self.verdict(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn o1_no_address_inside_is_public() {
        for inside in [
            "127.0.0.1",
            "127.1.2.3",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "169.254.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.19.255.1",
            "198.51.100.7",
            "203.0.113.7",
            "192.88.99.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "fd00:ec2::254",
            "ff02::1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "4000::1",
        ] {
            assert!(!is_public(inside.parse().expect(inside)), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "100.63.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "2a00::1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(outside.parse().expect(outside)), "{outside}");
        }
    }

    #[test]
    fn o4_only_plain_web_addresses_are_knocked_at() {
        for (address, code) in [
            ("http://a.example/", "plain"),
            ("gopher://a.example/", "address"),
            ("file:///etc/passwd", "address"),
            ("https://", "address"),
            ("https://user@a.example/", "address"),
            ("https://a.example:22/", "port"),
            ("https://a.example:99999/", "address"),
            ("https://[::1", "address"),
        ] {
            assert_eq!(target(address), Err(code), "{address}");
        }
        assert_eq!(target("https://A.Example./cb?x=1"), Ok(("a.example".to_owned(), 443)));
        assert_eq!(target("https://[2001:db8::1]:8443/"), Ok(("2001:db8::1".to_owned(), 8443)));
        assert_eq!(target("https://a.example\\@b.example/"), Ok(("a.example".to_owned(), 443)));
    }

    fn knock(answer: Vec<SocketAddr>, allowed: fn(IpAddr) -> bool) -> Knock {
        let all = Knock::trusting(RootCertStore::empty()).expect("builds");
        Knock { allowed, resolve: Some(Arc::new(move |_, _| answer.clone())), ..all }
    }

    /// O1, O2: whatever the name is spelled like and whatever it meant before, the address that it resolves to now is
    /// looked at, and nothing inside is connected to.
    #[tokio::test]
    async fn o1_o2_what_resolves_inside_is_not_connected_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let inside = listener.local_addr().expect("bound");
        for name in ["https://rebound.example/", "https://127.1/", "https://0x7f.1/", "https://2130706433/"] {
            let tried = knock(vec![inside], is_public).verdict(name).await;
            assert_eq!((tried.verdict, tried.detail.as_str()), (Verdict::Warns, "inside"), "{name}");
        }
        // One public answer does not cover for a private one.
        let both = vec![SocketAddr::from(([1, 1, 1, 1], 443)), inside];
        assert_eq!(knock(both, is_public).verdict("https://a.example/").await.detail, "inside");
        let came = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(came.is_err(), "somebody knocked");
        // The machine's own resolver understands such spellings; none comes through.
        for name in
            ["https://127.1/", "https://2130706433/", "https://localhost/", "https://[::ffff:127.0.0.1]/"]
        {
            let own = Knock::trusting(RootCertStore::empty()).expect("builds");
            assert!(["inside", "name"].contains(&own.verdict(name).await.detail.as_str()), "{name}");
        }
    }

    /// O3, O5: a server that answers with anything but a handshake, endlessly or not at all, is hung up on.
    #[tokio::test]
    async fn o3_o5_what_is_no_handshake_is_not_read() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let at = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            while let Ok((mut peer, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let reply = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n";
                    let _ = peer.write_all(reply).await;
                    while peer.write_all(&[0x16; 4096]).await.is_ok() {}
                });
            }
        });
        let tried = knock(vec![at], |_| true).verdict("https://a.example/").await;
        assert_eq!((tried.verdict, tried.detail.as_str()), (Verdict::Warns, "tls"));
        assert_eq!(knock(vec![], |_| true).verdict("https://a.example/").await.detail, "name");
        let closed = TcpListener::bind("127.0.0.1:0").await.expect("binds").local_addr().expect("bound");
        assert_eq!(knock(vec![closed], |_| true).verdict("https://a.example/").await.detail, "refused");
    }
}
