//! Messages: Fluent syntax behind a small door of our own, so that the engine can be changed.
//!
//! Messages without arguments are formatted once, at start; asking for one is a look-up.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::tz::TimeZone;
use kernel::{Lang, Time};
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

macro_rules! files {
    ($lang:literal: $($name:literal)*) => {
        &[$(include_str!(concat!("../messages/", $lang, "/", $name, ".ftl"))),*]
    };
}

/// The files of each language. The same names in each.
const SOURCES: &[(Lang, &[&str])] = &[
    (
        Lang::En,
        files!("en": "common" "problems" "account" "console" "desk" "site" "demo" "requests" "categories" "apps" "sellers" "tickets" "files"),
    ),
    (
        Lang::ZhCn,
        files!("zh-CN": "common" "problems" "account" "console" "desk" "site" "demo" "requests" "categories" "apps" "sellers" "tickets" "files"),
    ),
    (
        Lang::Es,
        files!("es": "common" "problems" "account" "console" "desk" "site" "demo" "requests" "categories" "apps" "sellers" "tickets" "files"),
    ),
];

struct Language {
    bundle: FluentBundle<FluentResource>,
    plain: HashMap<String, String>,
}

pub struct Messages(HashMap<Lang, Language>);

pub static MESSAGES: LazyLock<Messages> = LazyLock::new(Messages::load);

impl Messages {
    fn load() -> Messages {
        let mut all = HashMap::new();
        for (lang, files) in SOURCES {
            all.insert(*lang, Language::read(*lang, files, str::to_owned));
        }
        all.insert(Lang::Pseudo, Language::read(Lang::En, SOURCES[0].1, pseudo));
        Messages(all)
    }

    fn language(&self, lang: Lang) -> &Language {
        // Every language is loaded above; the index cannot miss.
        &self.0[&lang]
    }
}

impl Language {
    fn read(lang: Lang, files: &[&str], last_touch: fn(&str) -> String) -> Language {
        let id = lang.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Isolation marks are invisible and would be copied along with keys.
        bundle.set_use_isolating(false);
        let mut plain = HashMap::new();
        for text in files {
            // A message file that does not parse is caught by the tests; here what parsed is used.
            let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(partial, _)| partial);
            let keys: Vec<String> = keys_of(text).map(|(key, _)| key.to_owned()).collect();
            bundle.add_resource_overriding(resource);
            for key in keys {
                let Some(pattern) = bundle.get_message(&key).and_then(|m| m.value()) else { continue };
                let mut errors = Vec::new();
                let text = bundle.format_pattern(pattern, None, &mut errors);
                if errors.is_empty() {
                    plain.insert(key, last_touch(&text));
                }
            }
        }
        Language { bundle, plain }
    }
}

/// Longer by a third and accented, but readable: what a layout must bear.
fn pseudo(text: &str) -> String {
    let swap = |c: char| match c {
        'a' => 'ȧ',
        'e' => 'ḗ',
        'i' => 'ī',
        'o' => 'ǿ',
        'u' => 'ŭ',
        'c' => 'ƈ',
        'n' => 'ƞ',
        's' => 'ş',
        't' => 'ŧ',
        'A' => 'Ȧ',
        'E' => 'Ḗ',
        'I' => 'Ī',
        'O' => 'Ǿ',
        'U' => 'Ŭ',
        'S' => 'Ş',
        'T' => 'Ŧ',
        c => c,
    };
    let longer = text.chars().count() * 35 / 100;
    let tail: String = "ẋẏ ".chars().cycle().take(longer).collect();
    format!("{}{tail}", text.chars().map(swap).collect::<String>())
}

/// Keys of a message file, each with its text.
fn keys_of(file: &str) -> impl Iterator<Item = (&str, &str)> {
    file.lines().filter_map(|line| {
        let (key, text) = line.split_once('=')?;
        let fine = line.starts_with(|c: char| c.is_ascii_alphabetic());
        fine.then(|| (key.trim(), text.trim()))
    })
}

/// For the test that compares the languages: each key with the names of its arguments.
pub fn every_key(lang: Lang) -> Vec<(String, Vec<String>)> {
    let files = SOURCES.iter().find(|(l, _)| *l == lang).map_or(&[][..], |(_, f)| f);
    let mut out = Vec::new();
    for file in files {
        let mut current: Option<(String, Vec<String>)> = None;
        for line in file.lines() {
            if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
                out.extend(current.take());
                if let Some((key, _)) = line.split_once('=') {
                    current = Some((key.trim().to_owned(), Vec::new()));
                }
            }
            if let Some((_, args)) = &mut current {
                for part in line.split('$').skip(1) {
                    let name: String =
                        part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                    if !args.contains(&name) {
                        args.push(name);
                    }
                }
            }
        }
        out.extend(current);
    }
    for (_, args) in &mut out {
        args.sort();
    }
    out.sort();
    out
}

/// A moment, as a page shows it: words for people, the exact time for machines and on hover.
pub struct When {
    pub iso: String,
    pub words: String,
    pub utc: String,
}

/// The reader's language and zone.
#[derive(Clone)]
pub struct Words {
    pub lang: Lang,
    zone: TimeZone,
}

impl Words {
    pub fn new(lang: Lang) -> Words {
        Words { lang, zone: TimeZone::UTC }
    }

    pub fn tag(&self) -> &'static str {
        self.lang.tag()
    }

    /// A message without arguments.
    pub fn t(&self, key: &str) -> &'static str {
        let messages: &'static Messages = &MESSAGES;
        match messages.language(self.lang).plain.get(key) {
            Some(text) => text,
            None => {
                debug_assert!(false, "no message {key} without arguments");
                "…"
            }
        }
    }

    fn format(&self, key: &str, args: &FluentArgs<'_>) -> String {
        let language = MESSAGES.language(self.lang);
        let Some(pattern) = language.bundle.get_message(key).and_then(|m| m.value()) else {
            debug_assert!(false, "no message {key}");
            return "…".to_owned();
        };
        let mut errors = Vec::new();
        let text = language.bundle.format_pattern(pattern, Some(args), &mut errors);
        debug_assert!(errors.is_empty(), "{key}: {errors:?}");
        if self.lang == Lang::Pseudo { pseudo(&text) } else { text.into_owned() }
    }

    /// A message with one text in it.
    pub fn t1(&self, key: &str, name: &str, value: impl Display) -> String {
        let mut args = FluentArgs::new();
        args.set(name, FluentValue::from(value.to_string()));
        self.format(key, &args)
    }

    pub fn t2(&self, key: &str, a: &str, va: impl Display, b: &str, vb: impl Display) -> String {
        let mut args = FluentArgs::new();
        args.set(a, FluentValue::from(va.to_string()));
        args.set(b, FluentValue::from(vb.to_string()));
        self.format(key, &args)
    }

    /// A message with a number in it, which may choose between forms.
    pub fn tn(&self, key: &str, name: &str, n: i64) -> String {
        let mut args = FluentArgs::new();
        args.set(name, FluentValue::from(n));
        self.format(key, &args)
    }

    /// A message with texts in it that come by name from elsewhere: what is missing is left out, what is too
    /// much is not minded. `None` if there is no such message.
    pub fn with<'a>(&self, key: &str, texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<String> {
        let language = MESSAGES.language(self.lang);
        let pattern = language.bundle.get_message(key).and_then(|m| m.value())?;
        let mut args = FluentArgs::new();
        for (name, text) in texts {
            args.set(name.to_owned(), FluentValue::from(text.to_owned()));
        }
        let text = language.bundle.format_pattern(pattern, Some(&args), &mut Vec::new());
        Some(if self.lang == Lang::Pseudo { pseudo(&text) } else { text.into_owned() })
    }

    /// Whether there is such a message: for keys that come from a closed list elsewhere.
    pub fn has(&self, key: &str) -> bool {
        MESSAGES.language(self.lang).plain.contains_key(key)
    }

    pub fn when(&self, t: Time) -> When {
        let stamp = jiff::Timestamp::from_millisecond(t.0).unwrap_or_default();
        let here = stamp.to_zoned(self.zone.clone());
        let month = self.t(match here.month() {
            1 => "month-1",
            2 => "month-2",
            3 => "month-3",
            4 => "month-4",
            5 => "month-5",
            6 => "month-6",
            7 => "month-7",
            8 => "month-8",
            9 => "month-9",
            10 => "month-10",
            11 => "month-11",
            _ => "month-12",
        });
        let (y, d, h, m) = (here.year(), here.day(), here.hour(), here.minute());
        let words = match self.lang {
            Lang::ZhCn => format!("{y}年{month}{d}日 {h:02}:{m:02}"),
            _ => format!("{d} {month} {y}, {h:02}:{m:02}"),
        };
        When { iso: stamp.to_string(), words, utc: stamp.strftime("%Y-%m-%d %H:%M:%S UTC").to_string() }
    }

    /// Only the day.
    pub fn day(&self, t: Time) -> When {
        let mut when = self.when(t);
        if let Some(cut) = when.words.len().checked_sub(5) {
            when.words.truncate(cut);
            when.words = when.words.trim_end_matches([' ', ',']).to_owned();
        }
        when
    }
}

/// An audited action in the reader's words; one that has none yet is shown by its code.
pub fn action_words(w: &Words, action: &str) -> String {
    let key = format!("act-{}", action.replace(['.', '_'], "-"));
    if w.has(&key) { w.t(&key).to_owned() } else { action.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_message_with_the_same_arguments() {
        let english = every_key(Lang::En);
        assert!(english.len() > 100);
        for pair in english.windows(2) {
            assert_ne!(pair[0].0, pair[1].0, "twice");
        }
        for lang in [Lang::ZhCn, Lang::Es] {
            let theirs = every_key(lang);
            for (key, args) in &english {
                let found = theirs.iter().find(|(k, _)| k == key);
                assert_eq!(found.map(|(_, a)| a), Some(args), "{key} in {}", lang.tag());
            }
            for (key, _) in &theirs {
                assert!(english.iter().any(|(k, _)| k == key), "{key} of {} is not in English", lang.tag());
            }
        }
    }

    #[test]
    fn every_message_parses() {
        for (lang, files) in SOURCES {
            for file in *files {
                if let Err((_, errors)) = FluentResource::try_new((*file).to_owned()) {
                    panic!("{}: {errors:?}", lang.tag());
                }
            }
        }
    }

    #[test]
    fn times_are_told_in_the_readers_way() {
        let t = Time(1_795_000_000_000);
        assert_eq!(Words::new(Lang::En).when(t).words, "18 Nov 2026, 11:06");
        assert_eq!(Words::new(Lang::ZhCn).day(t).words, "2026年11月18日");
        assert_eq!(Words::new(Lang::Es).day(t).words, "18 nov 2026");
        assert!(Words::new(Lang::Pseudo).t("sign-in").contains('ī'));
    }
}
