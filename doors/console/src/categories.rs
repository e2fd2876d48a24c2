//! The categories that one may apply for, and how each application stands.

use crate::shown::{self, Badge};
use crate::{frame, seat};
use apps::{Audience, Category, CategoryState, Policy, StageTerms};
use askama::Template;
use axum::response::IntoResponse;
use kernel::{AppId, GroupId, RequestId};
use lobby::{Answer, Cx};
use review::{Kind, RequestLine, State, What};
use web::{Frame, Page, Words};

/// A category, with what is to be said about it to this developer.
pub struct Card {
    pub c: Category,
    pub name: String,
    pub paragraphs: Vec<String>,
    pub given: Vec<String>,
    pub open: Vec<String>,
    /// The newest application for it.
    pub asked: Option<RequestLine>,
    pub badge: Option<Badge>,
    pub place: i64,
    /// What the desk wrote with its last word.
    pub reason: String,
    pub app: Option<AppId>,
}

impl Card {
    fn state(&self) -> &'static str {
        self.asked.as_ref().map_or("", |r| r.state.word())
    }
    fn request(&self) -> String {
        self.asked.as_ref().map(|r| r.id.to_string()).unwrap_or_default()
    }
    fn is_open(&self) -> bool {
        self.c.state == CategoryState::Open
    }
    fn needs_company(&self, verified: &bool) -> bool {
        self.c.needs_company && !verified
    }
}

#[derive(Template)]
#[template(path = "categories.html")]
struct Categories {
    f: Frame,
    cards: Vec<Card>,
    builds: bool,
    verified: bool,
}

impl Categories {
    fn w(&self) -> &Words {
        &self.f.w
    }
    fn audience(&self, c: &Category) -> &'static str {
        self.w().t(match c.audience {
            Audience::SelfDeveloper => "rq-for-self",
            Audience::Commercial => "rq-for-commercial",
            Audience::Individual => "rq-for-individual",
        })
    }
    fn policy(&self, c: &Category) -> &'static str {
        self.w().t(match c.terms.policy {
            Policy::Whitelist => "rq-policy-whitelist",
            Policy::Any => "rq-policy-any",
            Policy::Own => "rq-policy-own",
        })
    }
    fn promise(&self, c: &Category) -> String {
        self.w().tn("rq-within-days", "n", c.review_days)
    }
    fn tokens(&self, t: &StageTerms) -> String {
        let access = shown::span(self.w(), t.access_seconds);
        match t.refresh_seconds {
            0 => self.w().t1("rq-tokens-once", "access", access),
            s => self.w().t2("rq-tokens", "access", access, "refresh", shown::span(self.w(), s)),
        }
    }
    fn number(&self, n: &i64) -> String {
        shown::grouped(self.w(), *n)
    }
}

fn named(groups: &[catalogue::Group], ids: impl Iterator<Item = GroupId>, w: &Words) -> Vec<String> {
    let name =
        |id: GroupId| groups.iter().find(|g| g.id == id && !g.retired).map(|g| g.name.get(w.lang).to_owned());
    ids.filter_map(name).collect()
}

pub async fn show(cx: Cx) -> Answer {
    let (seat, w) = (seat(&cx)?, cx.w());
    let all = apps::categories(cx.apps()).await?;
    let groups = catalogue::list_groups(cx.catalogue()).await?;
    let asked = review::list_of_kind(cx.review(), &seat, Kind::Category).await?;
    let made: Vec<(RequestId, AppId)> = apps::made_from(cx.apps(), &seat).await?;
    let mut cards = Vec::new();
    for c in all {
        let about = c.id.to_string();
        let newest = asked.iter().find(|r| r.about == about).cloned();
        // What is offered no more is shown to those who have it.
        let offered = match c.state {
            CategoryState::Open => true,
            CategoryState::Closed => newest.as_ref().is_some_and(|r| r.state != State::Rejected),
            CategoryState::Hidden => false,
        };
        if !offered {
            continue;
        }
        let (mut place, mut reason) = (0, String::new());
        if let Some(r) = newest.as_ref().filter(|r| matches!(r.state, State::Pending | State::Rejected)) {
            let seen = review::find(cx.review(), &seat, r.id).await?;
            place = seen.place;
            let said = seen.entries.iter().rev().find(|e| e.what == What::Rejected);
            reason = said.map(|e| e.text.clone()).unwrap_or_default();
        }
        cards.push(Card {
            name: c.name.get(w.lang).to_owned(),
            paragraphs: c.description.get(w.lang).split("\n\n").map(str::to_owned).collect(),
            given: named(&groups, c.given(), w),
            open: named(&groups, c.open(), w),
            badge: newest.as_ref().map(|r| match r.state {
                // What was approved is what one has.
                State::Approved => Badge { word: w.t("rq-state-active"), ..shown::badge(w, r.state) },
                _ => shown::badge(w, r.state),
            }),
            app: newest.as_ref().and_then(|r| made.iter().find(|(id, _)| *id == r.id)).map(|(_, app)| *app),
            asked: newest,
            place,
            reason,
            c,
        });
    }
    let page = Categories {
        f: frame(&cx, "rq-categories", "/console/categories").await?,
        cards,
        builds: seat.role().builds(),
        verified: people::company(cx.people(), &seat).await?.is_some(),
    };
    Ok(Page(page).into_response())
}
