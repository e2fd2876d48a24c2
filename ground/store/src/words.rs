//! Closed lists of words, and texts in several languages, as columns.

use crate::{Cell, Column, Value};
use kernel::{Fault, Lang};
use std::collections::BTreeMap;

/// An enum whose values are words in the database, in addresses and in files.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),*];
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }
        impl From<$name> for $crate::Value<'_> {
            fn from(v: $name) -> Self {
                v.word().into()
            }
        }
        impl $crate::Column for $name {
            fn from_cell(cell: $crate::Cell<'_>) -> Result<$name, kernel::Fault> {
                let unknown = || kernel::Fault::internal(concat!("the database holds no ", stringify!($name)));
                match cell {
                    $crate::Cell::Text(word) => $name::from_word(word).ok_or_else(unknown),
                    _ => Err(unknown()),
                }
            }
        }
    };
}

/// One text in the languages that there are of it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Texts(pub BTreeMap<Lang, String>);

impl Texts {
    /// In all three languages of the house.
    pub fn all(en: &str, zh: &str, es: &str) -> Texts {
        let pairs = [(Lang::En, en), (Lang::ZhCn, zh), (Lang::Es, es)];
        Texts(pairs.into_iter().map(|(lang, text)| (lang, text.to_owned())).collect())
    }
    /// The same in every language: a name.
    pub fn one(text: &str) -> Texts {
        Texts(BTreeMap::from([(Lang::En, text.to_owned())]))
    }
    /// In the reader's language, else in English, else in whichever there is.
    pub fn get(&self, lang: Lang) -> &str {
        let filled = |lang| self.0.get(&lang).filter(|t| !t.is_empty());
        let found =
            filled(lang).or_else(|| filled(Lang::En)).or_else(|| self.0.values().find(|t| !t.is_empty()));
        found.map_or("", String::as_str)
    }
    pub fn is_empty(&self) -> bool {
        self.0.values().all(String::is_empty)
    }
    /// Texts that people may read: only in languages that people choose, each of them fine by itself, and
    /// one in English, since it stands in for those that are missing. Languages without text fall away.
    pub fn checked(
        &self,
        check: impl Fn(&str) -> Result<String, kernel::Problem>,
        required: bool,
    ) -> Result<Texts, (Lang, kernel::Problem)> {
        let mut out = BTreeMap::new();
        for (lang, text) in &self.0 {
            if !Lang::ALL.contains(lang) {
                return Err((*lang, kernel::Problem::NotOneOfThese));
            }
            let text = check(text).map_err(|p| (*lang, p))?;
            if !text.is_empty() {
                out.insert(*lang, text);
            }
        }
        if !out.contains_key(&Lang::En) && (required || !out.is_empty()) {
            return Err((Lang::En, kernel::Problem::Missing));
        }
        Ok(Texts(out))
    }
    pub fn to_json(&self) -> serde_json::Value {
        self.0
            .iter()
            .map(|(lang, text)| (lang.tag().to_owned(), text.clone().into()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
    pub fn from_json(json: &serde_json::Value) -> Option<Texts> {
        let one = |(tag, text): (&String, &serde_json::Value)| {
            Some((Lang::from_tag(tag)?, text.as_str()?.to_owned()))
        };
        json.as_object()?.iter().map(one).collect::<Option<_>>().map(Texts)
    }
}

impl serde::Serialize for Texts {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.0.iter().map(|(lang, text)| (lang.tag(), text)))
    }
}

impl<'de> serde::Deserialize<'de> for Texts {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Texts, D::Error> {
        let map = BTreeMap::<String, String>::deserialize(from)?;
        let unknown = |tag: &str| {
            serde::de::Error::custom(format!("{tag} is no language of this house: en, zh-CN, es"))
        };
        let one =
            |(tag, text): (String, String)| Ok((Lang::from_tag(&tag).ok_or_else(|| unknown(&tag))?, text));
        map.into_iter().map(one).collect::<Result<_, _>>().map(Texts)
    }
}

impl From<&Texts> for Value<'_> {
    fn from(texts: &Texts) -> Self {
        texts.to_json().to_string().into()
    }
}
impl Column for Texts {
    fn from_cell(cell: Cell<'_>) -> Result<Texts, Fault> {
        let text = String::from_cell(cell)?;
        let json = serde_json::from_str(&text).map_err(|e| Fault::internal(e.to_string()))?;
        Texts::from_json(&json).ok_or_else(|| Fault::internal("these are no texts"))
    }
}
