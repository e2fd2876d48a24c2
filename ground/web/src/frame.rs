//! The frame around a page: head, top bar, navigation, messages.

use crate::{Site, Theme, When, Words, form};
use kernel::{Lang, Time, Token};
use std::fmt::Display;
use std::sync::Arc;

pub struct Crumb {
    pub href: &'static str,
    pub label: String,
}

pub struct NavLink {
    pub href: &'static str,
    pub icon: &'static str,
    pub label: &'static str,
    pub current: bool,
}

pub struct NavGroup {
    pub title: &'static str,
    pub links: Vec<NavLink>,
}

pub struct Tab {
    pub href: &'static str,
    pub label: &'static str,
    pub current: bool,
}

/// The person the page is for.
pub struct Me {
    pub name: String,
    pub email: String,
    pub initials: String,
    /// Messages that were not read: nothing, a number, or `9+`.
    pub unread: String,
}

/// A developer one can switch to.
pub struct Switchable {
    pub id: String,
    pub name: String,
    pub initials: String,
    pub current: bool,
}

/// Somebody of the demo.
#[derive(Clone)]
pub struct Persona {
    pub key: &'static str,
    pub name: &'static str,
    pub initials: &'static str,
    pub role: &'static str,
    pub current: bool,
}

/// Templates name it `f`.
pub struct Frame {
    pub w: Words,
    pub theme: Theme,
    pub site: Arc<Site>,
    pub title: String,
    pub path: String,
    pub csrf: String,
    pub me: Option<Me>,
    pub is_staff: bool,
    pub switchable: Vec<Switchable>,
    pub nav_label: &'static str,
    pub nav: Vec<NavGroup>,
    pub crumbs: Vec<Crumb>,
    pub toast: String,
    pub personas: Vec<Persona>,
    /// Where a ticket about this page is opened, for those who may.
    pub ticket: Option<String>,
}

impl Frame {
    pub fn new(w: Words, theme: Theme, site: Arc<Site>, path: String, own: &Token) -> Frame {
        Frame {
            w,
            theme,
            site,
            title: String::new(),
            path,
            csrf: form::csrf_for(own),
            me: None,
            is_staff: false,
            switchable: Vec::new(),
            nav_label: "",
            nav: Vec::new(),
            crumbs: Vec::new(),
            toast: String::new(),
            personas: Vec::new(),
            ticket: None,
        }
    }

    pub fn titled(mut self, title: impl Into<String>) -> Frame {
        self.title = title.into();
        self
    }
    pub fn crumb(mut self, href: &'static str, label: &str) -> Frame {
        self.crumbs.push(Crumb { href, label: label.to_owned() });
        self
    }

    // What templates ask for.
    pub fn t(&self, key: &str) -> &'static str {
        self.w.t(key)
    }
    pub fn t1(&self, key: &str, name: &str, value: impl Display) -> String {
        self.w.t1(key, name, value)
    }
    pub fn t2(&self, key: &str, a: &str, va: impl Display, b: &str, vb: impl Display) -> String {
        self.w.t2(key, a, va, b, vb)
    }
    pub fn tn(&self, key: &str, name: &str, n: i64) -> String {
        self.w.tn(key, name, n)
    }
    pub fn when(&self, t: &Time) -> When {
        self.w.when(*t)
    }
    pub fn day(&self, t: &Time) -> When {
        self.w.day(*t)
    }
    pub fn langs(&self) -> [Lang; 3] {
        Lang::ALL
    }
    pub fn themes(&self) -> [(&'static str, &'static str, &'static str); 3] {
        [
            ("system", "monitor", self.t("theme-system")),
            ("light", "sun", self.t("theme-light")),
            ("dark", "moon", self.t("theme-dark")),
        ]
    }
    pub fn current_developer(&self) -> Option<&Switchable> {
        self.switchable.iter().find(|s| s.current)
    }
}

/// Two letters for an avatar.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|w| w.chars().next());
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// One of the sprite's icons: decoration beside a word.
#[derive(askama::Template)]
#[template(
    source = r##"<svg class="icon" aria-hidden="true"><use href="{{ web::asset_path("icons.svg") }}#i-{{ name }}"/></svg>"##,
    ext = "html"
)]
pub struct Icon {
    name: &'static str,
}

impl askama::filters::HtmlSafe for Icon {}

impl Frame {
    pub fn icon(&self, name: &'static str) -> Icon {
        Icon { name }
    }
}
