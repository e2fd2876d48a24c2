//! Messages in the portal, newest first. Their words are made when they are read, in the reader's language.

use crate::frame;
use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::NoticeId;
use lobby::{Answer, Cx, Stop};
use people::Notice;
use web::{Form, Frame, Page, Trouble, Words, see_other};

const PAGE: usize = 25;
const LIST: &str = "inbox";

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox {
    f: Frame,
    notices: Vec<Notice>,
    newest: Option<NoticeId>,
    unread: bool,
    next: Option<String>,
}

/// What a message says: the sentence of its letter, with whatever the letter fills in.
fn words(w: &Words, n: &Notice) -> String {
    let said = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let texts: Vec<_> = n.args.iter().map(|(name, value)| (name.as_str(), said(value))).collect();
    let told = w.with(&format!("notice-{}", n.what), texts.iter().map(|(name, text)| (*name, text.as_str())));
    // Of a letter that this version has no sentence for, there is still the way to what it is about.
    told.unwrap_or_else(|| w.t("inbox-something").to_owned())
}

impl Inbox {
    fn words(&self, n: &Notice) -> String {
        words(&self.f.w, n)
    }
}

pub async fn show(cx: Cx) -> Answer {
    let session = cx.session()?;
    let house = &cx.people().house;
    let before = house.read_cursor(LIST, cx.query("after")).and_then(|p| p.parse().ok());
    let first = before.is_none();
    let mut notices = people::list_notices(cx.people(), session, before).await?;
    let more = notices.len() > PAGE;
    notices.truncate(PAGE);
    let next = more.then(|| notices.last().map(|n| house.cursor(LIST, &n.id.to_string()))).flatten();
    let page = Inbox {
        f: frame(&cx, "nav-inbox", "/account/inbox"),
        newest: notices.first().filter(|_| first).map(|n| n.id),
        unread: session.unread > 0,
        notices,
        next,
    };
    Ok(Page(page).into_response())
}

fn which(form: &Form) -> Result<NoticeId, Stop> {
    let id = form.get("notice").parse();
    id.map_err(|_| Trouble::new(StatusCode::NOT_FOUND, "not-found").into())
}

/// Marks one as read, and leads to what it is about.
pub async fn open(cx: Cx, form: Form) -> Answer {
    let session = cx.session()?;
    let path = people::open_notice(cx.people(), session, which(&form)?).await?;
    Ok(see_other(&path))
}

/// Marks as read what the page showed, and nothing that came after.
pub async fn read(cx: Cx, form: Form) -> Answer {
    let session = cx.session()?;
    people::read_notices(cx.people(), session, which(&form)?).await?;
    Ok(see_other("/account/inbox?said=inbox-read"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Lang, SeededRandom, Time};

    fn notice(what: &str, args: &[(&str, &str)]) -> Notice {
        Notice {
            id: NoticeId::new(Time(0), &SeededRandom::new("n")),
            at: Time(0),
            what: what.to_owned(),
            args: args.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect(),
            path: "/console".to_owned(),
            read: false,
        }
    }

    #[test]
    fn a_message_is_made_of_what_its_letter_fills_in() {
        let w = Words::new(Lang::En);
        let said = words(
            &w,
            &notice("ticket-opened", &[("reference", "T-1"), ("title", "<b>{ $x }"), ("more", "x")]),
        );
        assert!(said.contains("T-1") && said.contains("<b>{ $x }"), "{said}");
        assert!(!words(&w, &notice("ticket-opened", &[])).is_empty(), "what is missing does no harm");
        assert_eq!(words(&w, &notice("no-such-letter", &[])), w.t("inbox-something"));
        assert_eq!(words(&w, &notice("x } { $y", &[])), w.t("inbox-something"));
    }
}
