//! The lobby: what all doors with pages share. Who is visiting, what frame their page gets, and what
//! becomes of a refusal or a fault on its way out. No page of its own, but the one for trouble.

pub mod question;
mod stop;
mod uploads;

pub use stop::{Answer, Retry, Stop, retry};
pub use uploads::{file_hint, kept, path_of, take_file, take_file_up_to};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::{By, Token, TokenKind, TraceId};
use people::{People, Session, Visitor};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Notify;
use web::{Frame, MayUpload, Me, Persona, Site, Theme, Trouble, Words, cookies};

/// What the doors are built on.
#[derive(Clone)]
pub struct Hall {
    pub people: People,
    pub files: files::Files,
    pub review: review::Review,
    pub catalogue: catalogue::Catalogue,
    pub apps: apps::Apps,
    pub tickets: tickets::Tickets,
    pub site: Arc<Site>,
    /// The people of the demo; nobody elsewhere.
    pub personas: Arc<Vec<Persona>>,
    /// Rung when something was put into the outbox.
    pub wake: Arc<Notify>,
}

/// One request, as the doors see it.
#[derive(Clone)]
pub struct Cx(Arc<Inner>);

struct Inner {
    hall: Hall,
    by: By,
    w: Words,
    theme: Theme,
    visitor: Visitor,
    /// What this browser's forms are bound to.
    own: Token,
    path: String,
    query: BTreeMap<String, String>,
    agent: String,
    device: Option<Token>,
}

impl Cx {
    pub fn hall(&self) -> &Hall {
        &self.0.hall
    }
    pub fn people(&self) -> &People {
        &self.0.hall.people
    }
    pub fn files(&self) -> &files::Files {
        &self.0.hall.files
    }
    pub fn review(&self) -> &review::Review {
        &self.0.hall.review
    }
    pub fn catalogue(&self) -> &catalogue::Catalogue {
        &self.0.hall.catalogue
    }
    pub fn apps(&self) -> &apps::Apps {
        &self.0.hall.apps
    }
    pub fn tickets(&self) -> &tickets::Tickets {
        &self.0.hall.tickets
    }
    pub fn by(&self) -> &By {
        &self.0.by
    }
    pub fn w(&self) -> &Words {
        &self.0.w
    }
    pub fn visitor(&self) -> &Visitor {
        &self.0.visitor
    }
    /// A parameter of the address.
    pub fn query(&self, name: &str) -> &str {
        self.0.query.get(name).map_or("", String::as_str)
    }
    /// What this browser brings along when somebody signs in with it.
    pub fn browser(&self) -> people::Browser {
        let session = match &self.0.visitor {
            Visitor::SignedIn(session) => Some(session.token().clone()),
            Visitor::Half(half) => Some(half.token().clone()),
            Visitor::Nobody => None,
        };
        people::Browser { device: self.0.device.clone(), session, agent: self.0.agent.clone() }
    }
    /// The token in a mailed link.
    pub fn link(&self, text: &str) -> Option<Token> {
        Token::read(TokenKind::Link, text)
    }
    /// Something was put into the outbox: whoever carries it need not wait for the next look.
    pub fn ring(&self) {
        self.0.hall.wake.notify_one();
    }
    /// Whoever is signed in; others are sent to sign in and come back.
    pub fn session(&self) -> Result<&Session, Stop> {
        match &self.0.visitor {
            Visitor::SignedIn(session) => Ok(session),
            Visitor::Half(_) => Err(Stop::To("/login/code".to_owned())),
            Visitor::Nobody => Err(Stop::To(format!("/login?next={}", encode(&self.0.path)))),
        }
    }
    /// Proof of a fresh password; others are sent to give it, and come back to `page`.
    pub fn sudo(&self, page: &str) -> Result<people::Sudo, Stop> {
        let now = self.people().house.now();
        self.session()?.sudo(now).map_err(|_| Stop::To(format!("/account/confirm?next={}", encode(page))))
    }

    /// The frame of a page, titled by a message.
    pub fn frame(&self, title: &str) -> Frame {
        let i = &self.0;
        let mut f = Frame::new(i.w.clone(), i.theme, i.hall.site.clone(), i.path.clone(), &i.own)
            .titled(i.w.t(title));
        let mut own_email = "";
        if let Visitor::SignedIn(session) = &i.visitor {
            let a = &session.account;
            own_email = &a.email;
            let unread = match session.unread {
                0 => String::new(),
                n @ 1..=9 => n.to_string(),
                _ => "9+".to_owned(),
            };
            let (name, email) = (a.name.clone(), a.email.clone());
            f.me = Some(Me { initials: web::initials(&name), name, email, unread });
            f.is_staff = session.is_staff();
            if session.membership.as_ref().is_some_and(|m| m.role.builds()) {
                // Without what stands behind the path: that may be a secret.
                let page = i.path.split('?').next().unwrap_or("/");
                f.ticket = Some(format!("/console/tickets/new?page={}", encode(page)));
            }
        }
        f.personas = i.hall.personas.iter().cloned().collect();
        for p in &mut f.personas {
            p.current = own_email.split('@').next() == Some(p.key);
        }
        // Only what is in our list is ever said.
        let said = format!("said-{}", self.query("said"));
        if i.w.has(&said) {
            f.toast = i.w.t(&said).to_owned();
        }
        f
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Cx {
    type Rejection = Stop;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Cx, Stop> {
        let cx = parts.extensions.get::<Cx>().cloned();
        cx.ok_or(Stop::Trouble(Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")))
    }
}

/// Percent-encodes a path for use as a parameter.
pub fn encode(text: &str) -> String {
    let kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    text.bytes().map(|b| if kept(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Everything that is known before a handler runs. A query that cannot be read is told, not guessed.
async fn cx_of(hall: &Hall, parts: &Parts) -> (Cx, bool, Option<Trouble>) {
    let headers = &parts.headers;
    let mut trouble = parts.extensions.get::<Trouble>().copied();
    let token = |name, kind| cookies::get(headers, name).and_then(|text| Token::read(kind, text));
    // Looked up for refused requests too: the page that tells of it is in the reader's own frame.
    let found = people::visitor(&hall.people, token(cookies::SESSION, TokenKind::Session)).await;
    let visitor = found.unwrap_or_else(|fault| {
        trouble = Some(stop::trouble_of(&fault));
        Visitor::Nobody
    });
    let guest = token(cookies::GUEST, TokenKind::Session);
    let fresh = guest.is_none();
    let guest = guest.unwrap_or_else(|| Token::new(TokenKind::Session, &*hall.people.house.random));
    let (own, account_lang) = match &visitor {
        Visitor::SignedIn(session) => (session.token().clone(), Some(session.account.lang)),
        Visitor::Half(half) => (half.token().clone(), None),
        Visitor::Nobody => (guest.clone(), None),
    };
    let query = web::query(parts.uri.query().unwrap_or("").as_bytes()).unwrap_or_else(|| {
        trouble = trouble.or(Some(Trouble::new(StatusCode::BAD_REQUEST, "malformed")));
        BTreeMap::new()
    });
    // A wish of the pseudo-language comes by the address alone: it is for those who build.
    let pseudo = (query.get("lang").map(String::as_str) == Some("en-XA")).then_some(kernel::Lang::Pseudo);
    let lang = pseudo.unwrap_or_else(|| web::lang_of(headers, account_lang, &hall.site));
    let path = match parts.method {
        Method::GET => parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
        _ => "/".to_owned(),
    };
    let cx = Cx(Arc::new(Inner {
        by: By {
            account: None,
            address: web::address_of(parts, &hall.site).to_string(),
            request: parts.extensions.get::<TraceId>().copied(),
        },
        w: Words::new(lang),
        theme: Theme::of(headers),
        visitor,
        own,
        path,
        query,
        agent: text(headers, header::USER_AGENT),
        device: token(cookies::DEVICE, TokenKind::Device),
        hall: hall.clone(),
    }));
    (cx, fresh, trouble)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned()
}

/// Around the routes of every door: finds out who visits, and makes a page of whatever went wrong.
pub async fn passage(State(hall): State<Hall>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let (cx, fresh, trouble) = cx_of(&hall, &parts).await;
    let mut request = Request::from_parts(parts, body);
    request.extensions_mut().insert(cx.clone());
    if let Visitor::SignedIn(session) = cx.visitor() {
        let may = MayUpload { who: session.account.id.to_string(), folder: hall.files.spool.clone() };
        request.extensions_mut().insert(may);
    }
    let mut response = match trouble {
        Some(trouble) => Stop::Trouble(trouble).into_response(),
        None => web::caught(next.run(request)).await,
    };
    let marked = response.extensions().get::<Trouble>().copied().or_else(|| unmarked(&response));
    if let Some(trouble) = marked {
        let id = cx.by().request.map(|r| r.to_string()).unwrap_or_default();
        let mut page = web::trouble_page(cx.frame("trouble"), trouble, &id);
        for name in [header::RETRY_AFTER, header::ALLOW, header::CONNECTION] {
            if let Some(value) = response.headers().get(&name) {
                page.headers_mut().insert(name, value.clone());
            }
        }
        response = page;
    }
    if fresh && matches!(cx.visitor(), Visitor::Nobody) {
        cookies::set(response.headers_mut(), cookies::GUEST, cx.0.own.reveal(), false);
    }
    response
}

/// The router's own answers: no such route, or not by this method.
fn unmarked(response: &Response) -> Option<Trouble> {
    match response.status() {
        StatusCode::NOT_FOUND => Some(Trouble::new(StatusCode::NOT_FOUND, "not-found")),
        StatusCode::METHOD_NOT_ALLOWED => Some(Trouble::new(StatusCode::METHOD_NOT_ALLOWED, "method")),
        _ => None,
    }
}
