//! A house with its listener, and browsers that visit it: small, strict, and without a mind of their own.

use kernel::{By, Email, Lang, SetClock, SystemRandom, Time};
use people::{Hasher, People, StaffRole};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use store::testing::{TestDb, TestHouse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// The house under test. Its clock stands still; its mail stays in the mailbox.
pub struct Open {
    pub people: People,
    pub courier: courier::Courier,
    pub files: files::Files,
    pub review: review::Review,
    pub clock: Arc<SetClock>,
    pub address: SocketAddr,
    /// Kept so that its folder lives as long as the house.
    on: TestDb,
    close: watch::Sender<bool>,
}

pub const HOST: &str = "open.example";
pub const URL: &str = "https://open.example";
pub const PASSWORD: &str = "a long enough sentence";

impl Open {
    pub async fn over(db: TestDb) -> Open {
        Open::with(db, Arc::new(SystemRandom), files::Quota::default(), Vec::new()).await
    }

    pub async fn with_quota(db: TestDb, quota: files::Quota) -> Open {
        Open::with(db, Arc::new(SystemRandom), quota, Vec::new()).await
    }

    /// With kinds of Request that only a test knows; they come before the house's own.
    pub async fn with_subjects(db: TestDb, subjects: Vec<Arc<dyn review::Subject>>) -> Open {
        Open::with(db, Arc::new(SystemRandom), files::Quota::default(), subjects).await
    }

    async fn with(
        db: TestDb,
        random: Arc<dyn kernel::Random>,
        quota: files::Quota,
        subjects: Vec<Arc<dyn review::Subject>>,
    ) -> Open {
        let TestHouse { mut house, clock, on } = db.house().await;
        house.random = random;
        let people = People { house: house.clone(), hasher: Hasher::with_memory(2, 64) };
        guildhall::open::first_texts(&house).await.expect("texts");
        let courier = courier::Courier {
            house: house.clone(),
            site_name: "Test Market".into(),
            public_url: URL.into(),
            transport: courier::Transport::Mailbox,
        };
        let site = Arc::new(web::Site {
            name: "Test Market".into(),
            public_url: URL.into(),
            hosts: vec![HOST.into()],
            lang: Lang::En,
            // The test's browsers say by this header where they are.
            trusted_proxies: vec![[127, 0, 0, 1].into()],
            demo: false,
        });
        let folder = on.folder.path().join("files");
        let depot = Arc::new(depot::Folder::open(folder.join("kept")).expect("a folder"));
        let spool = folder.join("coming");
        std::fs::create_dir_all(&spool).expect("a folder");
        let files = files::Files::new(house.clone(), depot, quota, spool);
        let mut hall =
            guildhall::open::hall(people.clone(), files.clone(), site, Vec::new(), Arc::new(Notify::new()));
        let own = hall.review.subjects.iter().cloned();
        hall.review.subjects = Arc::new(subjects.into_iter().chain(own).collect());
        let review = hall.review.clone();
        // The demo's door too, so that its forms are tried like all others.
        let extras = guildhall::serve::Extras { people: guildhall::demo::cast(), ..Default::default() };
        let doors = guildhall::serve::doors(&courier, &extras);
        let doors = doors
            .route("/test/panic", axum::routing::get(panics))
            .route("/test/files", axum::routing::post(crate::files::take));
        let routes = guildhall::serve::around(doors, hall);
        let (close, closing) = watch::channel(false);
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let limits = web::Limits {
            head: std::time::Duration::from_secs(2),
            per_address: 40,
            ..web::Limits::default()
        };
        let listening = web::listen(socket, routes, limits, closing).expect("listens");
        Open { people, courier, files, review, clock, address: listening.address, on, close }
    }

    /// Runs any SQL, as somebody with the database's password would.
    pub async fn by_hand(&self, sql: &str) {
        self.on.by_hand(sql).await.expect("runs");
    }

    pub fn browser(&self) -> Browser {
        Browser {
            address: self.address,
            jar: BTreeMap::new(),
            from: "203.0.113.7".into(),
            headers: Vec::new(),
        }
    }

    /// The letters to an address, newest first, after the courier went round.
    pub async fn letters(&self, to: &str) -> Vec<courier::Mail> {
        while courier::deliver_due(&self.courier).await.expect("delivers") > 0 {}
        let search = courier::MailSearch { recipient: Some(to.to_owned()), after: None };
        let mut out = Vec::new();
        for line in courier::list_mail(&self.courier, &search).await.expect("lists") {
            out.extend(courier::find_mail(&self.courier, line.id).await.expect("finds"));
        }
        out
    }

    /// The path of the link in the newest letter to an address.
    pub async fn link(&self, to: &str) -> String {
        let letters = self.letters(to).await;
        let text = &letters.first().expect("a letter").text;
        let at = text.find(URL).expect("a link");
        text[at + URL.len()..].split_whitespace().next().expect("a path").to_owned()
    }

    /// An account that is ready, without the pages.
    pub async fn account(&self, email: &str) -> kernel::AccountId {
        let email_ = Email::parse(email).expect(email);
        let name = email.split('@').next().unwrap_or("x").to_owned();
        people::make_account(&self.people, &By::house("test"), email_, name, PASSWORD, Lang::En)
            .await
            .expect("makes")
    }

    /// A browser that is signed in as a new account.
    pub async fn signed_in(&self, email: &str) -> Browser {
        self.account(email).await;
        let mut b = self.browser();
        b.sign_in(email, PASSWORD).await;
        b
    }

    pub async fn staff(&self, email: &str, role: StaffRole) -> Browser {
        self.account(email).await;
        let by = By::house("test");
        let parsed = Email::parse(email).expect(email);
        people::add_staff_by_hand(&self.people, &by, parsed, role).await.expect("adds");
        let mut b = self.browser();
        b.sign_in(email, PASSWORD).await;
        b
    }

    /// A browser of somebody who owns a developer of that name.
    pub async fn developer(&self, email: &str, name: &str) -> Browser {
        let mut b = self.signed_in(email).await;
        b.get("/console/start").await.submit(&mut b, "/console/start", &[("agree", "on")]).await.is(303);
        let page = b.get("/console/start/information").await;
        let fields = information(name);
        page.submit(&mut b, "/console/start/information", &fields)
            .await
            .leads_to("/console/apps?said=activated");
        b
    }

    pub async fn count(&self, statement: &'static store::Statement) -> i64 {
        let found = self.people.house.db.read(move |l| l.one::<(i64,)>(statement, &[])).await;
        found.expect("reads").expect("a row").0
    }

    pub fn now(&self) -> Time {
        self.people.house.now()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ = self.close.send(true);
    }
}

async fn panics() -> &'static str {
    panic!("on purpose")
}

pub fn information(name: &str) -> Vec<(&str, &str)> {
    vec![
        ("kind", "organisation"),
        ("name", name),
        ("country", "ES"),
        ("company", "Lumen S.L."),
        ("licence_number", "B12345674"),
        ("contact_name", "Ana Ferrer"),
        ("mobile", "+34 600 111 222"),
        ("email", "contact@lumen.example"),
    ]
}

/// Cookies and an address.
#[derive(Clone)]
pub struct Browser {
    address: SocketAddr,
    pub jar: BTreeMap<String, String>,
    pub from: String,
    /// Sent with everything, for instance the language.
    pub headers: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

pub fn encoded(fields: &[(&str, &str)]) -> String {
    let one = |text: &str| {
        text.bytes().fold(String::new(), |mut out, b| {
            match b {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(b as char),
                b => write!(out, "%{b:02X}").expect("writes"),
            }
            out
        })
    };
    fields.iter().map(|(k, v)| format!("{}={}", one(k), one(v))).collect::<Vec<_>>().join("&")
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, &[], "").await
    }

    /// A form as a browser sends it from one of our pages; the token is the caller's affair.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send("POST", path, &[("Origin", URL)], &encoded(fields)).await
    }

    pub async fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: {}\r\n", self.from);
        if !self.jar.is_empty() {
            let all: Vec<_> = self.jar.iter().map(|(k, v)| format!("{k}={v}")).collect();
            write!(head, "Cookie: {}\r\n", all.join("; ")).expect("writes");
        }
        let own = self.headers.iter().map(|(k, v)| (*k, v.as_str()));
        for (k, v) in headers.iter().copied().chain(own) {
            write!(head, "{k}: {v}\r\n").expect("writes");
        }
        if method == "POST" {
            let typed = headers.iter().any(|(k, _)| k.eq_ignore_ascii_case("content-type"));
            if !typed {
                head.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            }
            write!(head, "Content-Length: {}\r\n", body.len()).expect("writes");
        }
        head.push_str("Connection: close\r\n\r\n");
        let reply = raw(self.address, format!("{head}{body}").as_bytes()).await;
        let reply = Reply::read(&reply).unwrap_or_else(|| panic!("{method} {path} was not answered"));
        for (name, value) in &reply.headers {
            if name == "set-cookie" {
                let pair = value.split(';').next().unwrap_or("");
                let (k, v) = pair.split_once('=').expect("a cookie");
                if value.contains("Max-Age=0") {
                    self.jar.remove(k);
                } else {
                    self.jar.insert(k.to_owned(), v.to_owned());
                }
            }
        }
        reply
    }

    pub async fn sign_in(&mut self, email: &str, password: &str) -> Reply {
        let page = self.get("/login").await;
        page.submit(self, "/login", &[("email", email), ("password", password)]).await
    }

    /// The session behind the cookie.
    pub async fn session(&self, open: &Open) -> people::Session {
        let text = self.jar.get("__Host-session").expect("is signed in");
        let token = kernel::Token::read(kernel::TokenKind::Session, text);
        match people::visitor(&open.people, token).await.expect("looks") {
            people::Visitor::SignedIn(session) => *session,
            _ => panic!("nobody is signed in"),
        }
    }

    /// The seat of whoever is signed in here.
    pub async fn seat(&self, open: &Open) -> people::Seat {
        self.session(open).await.seat().expect("has a developer")
    }

    /// Gives the password again, as sensitive acts ask for it.
    pub async fn confirm(&mut self) {
        let page = self.get("/account/confirm").await;
        page.submit(self, "/account/confirm", &[("password", PASSWORD)]).await.is(303);
    }
}

/// Sends bytes and reads until the other side is done.
pub async fn raw(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    // The other side may answer and close before it has read all.
    let _ = stream.write_all(bytes).await;
    let mut out = Vec::new();
    let read = stream.read_to_end(&mut out);
    let _ = tokio::time::timeout(std::time::Duration::from_secs(15), read).await;
    out
}

impl Reply {
    pub fn read(bytes: &[u8]) -> Option<Reply> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines.filter_map(|l| l.split_once(':'));
        let headers = headers.map(|(k, v)| (k.to_lowercase(), v.trim().to_owned())).collect();
        Some(Reply { status, headers, body: body.to_owned() })
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v)
    }
    #[track_caller]
    pub fn is(self, status: u16) -> Reply {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
    #[track_caller]
    pub fn leads_to(self, path: &str) -> Reply {
        assert_eq!((self.status, self.header("location")), (303, path), "{}", self.body);
        self
    }
    #[track_caller]
    pub fn says(self, text: &str) -> Reply {
        assert!(self.body.contains(text), "no {text:?} in {}", self.body);
        self
    }
    #[track_caller]
    pub fn hides(self, text: &str) -> Reply {
        assert!(!self.body.contains(text), "{text:?} stands in {}", self.body);
        self
    }

    /// The form of this page that goes to `action`: its hidden fields, with the given ones over them.
    pub fn form(&self, action: &str) -> Option<Vec<(String, String)>> {
        let start = self.body.find(&format!("action=\"{action}\""))?;
        let form = &self.body[start..];
        let form = &form[..form.find("</form>")?];
        let hidden = form.split("<input type=\"hidden\" name=\"").skip(1).filter_map(|part| {
            let (name, rest) = part.split_once('"')?;
            let value = rest.split_once("value=\"")?.1.split_once('"')?.0;
            Some((name.to_owned(), value.to_owned()))
        });
        Some(hidden.collect())
    }

    pub async fn submit(&self, browser: &mut Browser, action: &str, fields: &[(&str, &str)]) -> Reply {
        let hidden = self.form(action).unwrap_or_else(|| panic!("no form to {action} in {}", self.body));
        let mut all: Vec<(&str, &str)> = Vec::new();
        for (k, v) in &hidden {
            if fields.iter().all(|(f, _)| f != k) {
                all.push((k, v));
            }
        }
        all.extend(fields);
        browser.post(action, &all).await
    }

    pub fn csrf(&self) -> String {
        let part = self.body.split("name=\"csrf\" value=\"").nth(1).unwrap_or_default();
        part.split('"').next().unwrap_or_default().to_owned()
    }
}
