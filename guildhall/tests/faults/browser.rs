//! HTTP/1.1 by hand, so that a test knows which bytes went out, and when.

use super::place::URL;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }
    /// Sent on to this page, whatever it is told there.
    #[track_caller]
    pub fn leads_to(&self, path: &str) {
        let to = self.header("location");
        assert_eq!((self.status, to.split('?').next().unwrap_or("")), (303, path), "{self:?}");
    }
    /// The value of the first field of this name.
    pub fn field(&self, name: &str) -> Option<String> {
        self.between(&format!("name=\"{name}\" value=\""), "\"")
    }
    pub fn between(&self, before: &str, after: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(before)?;
        Some(rest.split_once(after)?.0.to_owned())
    }
}

/// A connection.
pub struct Line(BufReader<TcpStream>);

impl Line {
    pub async fn to(address: SocketAddr) -> io::Result<Line> {
        Ok(Line(BufReader::new(TcpStream::connect(address).await?)))
    }

    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes).await
    }

    /// A whole answer; whatever is cut off is an error.
    pub async fn reply(&mut self) -> io::Result<Reply> {
        timeout(super::place::LIMIT, self.read()).await.map_err(|_| io::ErrorKind::TimedOut)?
    }

    async fn read(&mut self) -> io::Result<Reply> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut lines = lines.into_iter();
        let first = lines.next().unwrap_or_default();
        let status = first.split(' ').nth(1).and_then(|s| s.parse().ok());
        let headers = lines.filter_map(|l| {
            let (name, value) = l.split_once(':')?;
            Some((name.to_lowercase(), value.trim().to_owned()))
        });
        let mut reply = Reply {
            status: status.ok_or(io::ErrorKind::InvalidData)?,
            headers: headers.collect(),
            body: String::new(),
        };
        let length = reply.header("content-length").parse().map_err(|_| io::ErrorKind::InvalidData)?;
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        reply.body = String::from_utf8_lossy(&body).into_owned();
        Ok(reply)
    }
}

/// As browsers encode the fields of a form.
pub fn encoded(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        let kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        text.bytes()
            .map(|b| if kept(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect::<String>()
    };
    fields.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect::<Vec<_>>().join("&")
}

/// A whole request; `more` are further lines of its head.
pub fn request(method: &str, path: &str, more: &str, body: &str) -> String {
    let host = URL.trim_start_matches("http://");
    let form = match method {
        "POST" => format!(
            "Origin: {URL}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            body.len()
        ),
        _ => String::new(),
    };
    format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{more}{form}\r\n{body}")
}

/// One request on a connection of its own, without a cookie.
pub async fn fetch(address: SocketAddr, path: &str) -> io::Result<Reply> {
    let mut line = Line::to(address).await?;
    line.send(request("GET", path, "Connection: close\r\n", "").as_bytes()).await?;
    line.reply().await
}

/// What one person's browser does: keeps cookies, and sends a form with the token of the page it is on.
pub struct Browser {
    pub server: SocketAddr,
    pub from: String,
    pub cookies: BTreeMap<String, String>,
    csrf: String,
    /// Everything secret that this browser was ever given.
    pub given: Vec<String>,
}

impl Browser {
    pub fn new(server: SocketAddr, from: &str) -> Browser {
        Browser {
            server,
            from: from.to_owned(),
            cookies: BTreeMap::new(),
            csrf: String::new(),
            given: Vec::new(),
        }
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.ask("GET", path, "").await
    }

    /// Opens the page and sends its form.
    pub async fn fill(&mut self, page: &str, fields: &[(&str, &str)]) -> Reply {
        let shown = self.get(page).await;
        assert_eq!(shown.status, 200, "{page}: {shown:?}");
        self.send(page.split('?').next().unwrap_or(page), fields).await
    }

    /// Sends a form of the page that is open.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let csrf = self.csrf.clone();
        self.ask("POST", path, &encoded(&[&[("csrf", csrf.as_str())], fields].concat())).await
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Reply {
        let cookies: Vec<_> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let cookies = match cookies.is_empty() {
            true => String::new(),
            false => format!("Cookie: {}\r\n", cookies.join("; ")),
        };
        let from = &self.from;
        let more = format!("Connection: close\r\nUser-Agent: tests\r\nX-Forwarded-For: {from}\r\n{cookies}");
        let mut line = Line::to(self.server).await.expect("connects");
        line.send(request(method, path, &more, body).as_bytes()).await.expect("sends");
        let reply = line.reply().await.unwrap_or_else(|e| panic!("{method} {path}: {e}"));
        self.keep(&reply);
        reply
    }

    fn keep(&mut self, reply: &Reply) {
        for (_, set) in reply.headers.iter().filter(|(n, _)| n == "set-cookie") {
            let (name, value) = set.split(';').next().and_then(|p| p.split_once('=')).expect("a cookie");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
                self.given.push(value.to_owned());
            }
        }
        if let Some(csrf) = reply.field("csrf") {
            self.given.push(csrf.clone());
            self.csrf = csrf;
        }
    }
}
