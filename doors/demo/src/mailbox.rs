//! The built-in mailbox: every letter, as a page for people and as JSON for test clients.

use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use courier::{Courier, Mail, MailLine, MailSearch};
use kernel::MailId;
use lobby::{Answer, Cx};
use serde_json::json;
use web::{Frame, Page, Trouble};

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Mailbox {
    f: Frame,
    lines: Vec<MailLine>,
    open: Option<Mail>,
    parts: Vec<Part>,
}

/// A piece of a letter: words, or one of our own links.
struct Part {
    text: String,
    link: bool,
}

/// Finds our links in a letter. Others stay words: the mailbox leads nowhere else.
fn parts(text: &str, home: &str) -> Vec<Part> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(home) {
        let (before, from) = rest.split_at(at);
        let end = from.find(char::is_whitespace).unwrap_or(from.len());
        let (link, after) = from.split_at(end);
        out.push(Part { text: before.to_owned(), link: false });
        out.push(Part { text: link.to_owned(), link: true });
        rest = after;
    }
    out.push(Part { text: rest.to_owned(), link: false });
    out
}

pub async fn show(cx: Cx, Extension(courier): Extension<Courier>) -> Answer {
    let lines = courier::list_mail(&courier, &MailSearch::default()).await?;
    let asked = cx.query("id").parse::<MailId>().ok();
    let open = match asked.or(lines.first().map(|l| l.id)) {
        Some(id) => courier::find_mail(&courier, id).await?,
        None => None,
    };
    if asked.is_some() && open.is_none() {
        return Err(Trouble::new(StatusCode::NOT_FOUND, "not-found").into());
    }
    let parts = open.as_ref().map(|m| parts(&m.text, &courier.public_url)).unwrap_or_default();
    Ok(Page(Mailbox { f: cx.frame("demo-mailbox"), lines, open, parts }).into_response())
}

/// The letters to one address, newest first, whole.
pub async fn json(cx: Cx, Extension(courier): Extension<Courier>) -> Answer {
    let recipient = (!cx.query("to").is_empty()).then(|| cx.query("to").to_owned());
    let search = MailSearch { recipient, after: None };
    let mut letters = Vec::new();
    for line in courier::list_mail(&courier, &search).await? {
        let Some(mail) = courier::find_mail(&courier, line.id).await? else { continue };
        let own = parts(&mail.text, &courier.public_url).into_iter().filter(|p| p.link).map(|p| p.text);
        letters.push(json!({
            "id": line.id.to_string(), "at": line.at.0, "to": line.recipient, "language": line.lang,
            "template": line.template, "subject": line.subject, "text": mail.text,
            "links": own.collect::<Vec<_>>(),
        }));
    }
    Ok(Json(json!({"letters": letters})).into_response())
}

/// What the JSON above looks like, for tools that read it.
pub async fn openapi() -> Json<serde_json::Value> {
    let text = json!({"type": "string"});
    let letter = json!({"type": "object",
        "required": ["id", "at", "to", "language", "template", "subject", "text", "links"],
        "properties": {"id": text, "at": {"type": "integer"}, "to": text, "language": text, "template": text,
            "subject": text, "text": text, "links": {"type": "array", "items": text}}});
    let letters = json!({"type": "object", "required": ["letters"],
        "properties": {"letters": {"type": "array", "items": letter}}});
    Json(json!({
        "openapi": "3.1.0",
        "info": {"title": "Guildhall demo mailbox", "version": env!("CARGO_PKG_VERSION")},
        "paths": {"/demo/mailbox.json": {"get": {"operationId": "letters",
            "parameters": [{"name": "to", "in": "query", "required": false, "schema": {"type": "string"}}],
            "responses": {
                "200": {"description": "Letters, newest first.", "content": {"application/json": {"schema": letters}}},
                "400": {"description": "The query cannot be read.", "content": {"text/html": {"schema": text}}}}}}}
    }))
}
