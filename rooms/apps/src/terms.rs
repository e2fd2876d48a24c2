//! The terms of a category, as its apps inherit them. An app has a copy of its own, so that a category may
//! change without pulling the ground from under what was built.

use serde::{Deserialize, Serialize};
use store::words;

words! {
    /// Who may authorize an app.
    Policy {
        /// Only sellers on the app's whitelist ("Allow binding user to authorize").
        Whitelist = "whitelist",
        /// Any seller who signs in ("Allow login users to authorize").
        Any = "any",
        /// The stores of the developer's own verified company.
        Own = "own",
    }
}
words! {
    /// Who a category is for.
    Audience { SelfDeveloper = "self_developer", Commercial = "commercial", Individual = "individual" }
}
words! {
    /// The digests by which calls may be signed.
    SignMethod { Sha256 = "sha256", HmacSha256 = "hmac-sha256", Hmac = "hmac", Md5 = "md5" }
}

macro_rules! as_word {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.serialize_str(self.word())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                let word = String::deserialize(from)?;
                let known = || $name::ALL.iter().map(|v| v.word()).collect::<Vec<_>>().join(", ");
                $name::from_word(&word)
                    .ok_or_else(|| serde::de::Error::custom(format!("\"{word}\" is none of {}", known())))
            }
        }
    )*};
}
pub(crate) use as_word;
as_word!(Policy Audience SignMethod);

/// What differs between an app in Test and one that is Online.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageTerms {
    /// How long tokens last, in seconds.
    pub access_seconds: i64,
    pub refresh_seconds: i64,
    /// How many sellers may authorize the app.
    pub user_limit: i64,
    /// Calls a day.
    pub calls_a_day: i64,
}

/// What an app must show before it goes online.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// Calls within the last fourteen days.
    #[serde(default)]
    pub min_calls: i64,
    /// Of these, how many in a hundred went well.
    #[serde(default)]
    pub min_success: i64,
    #[serde(default)]
    pub verified_company: bool,
    /// A report must be attached.
    #[serde(default)]
    pub report: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    pub policy: Policy,
    /// Whether the seller sees a page before consenting.
    pub auth_page: bool,
    pub test: StageTerms,
    pub online: StageTerms,
    /// Calls of one method a second.
    pub method_qps: i64,
    pub sign_methods: Vec<SignMethod>,
    pub pkce: bool,
    #[serde(default)]
    pub go_online: Criteria,
}

/// What was raised for one app beyond its category's terms; 0 where nothing was.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raised {
    #[serde(default)]
    pub user_limit: i64,
    #[serde(default)]
    pub calls_a_day: i64,
    #[serde(default)]
    pub method_qps: i64,
}

impl Terms {
    /// The terms of a stage, with what was raised for the app.
    pub fn at(&self, online: bool, raised: &Raised) -> StageTerms {
        let mut t = if online { self.online.clone() } else { self.test.clone() };
        if online {
            t.user_limit = t.user_limit.max(raised.user_limit);
            t.calls_a_day = t.calls_a_day.max(raised.calls_a_day);
        }
        t
    }

    /// Why these terms cannot stand, if they cannot.
    pub fn is_sound(&self) -> Result<(), String> {
        const YEAR: i64 = 366 * 24 * 3_600;
        for (name, t) in [("test", &self.test), ("online", &self.online)] {
            if !(60..=YEAR).contains(&t.access_seconds) {
                return Err(format!("{name}: access tokens last between a minute and a year"));
            }
            // 0 means that tokens are not refreshed.
            if t.refresh_seconds != 0 && !(t.access_seconds..=2 * YEAR).contains(&t.refresh_seconds) {
                return Err(format!("{name}: refresh tokens last as long as access tokens or longer, or 0"));
            }
            if !(1..=10_000_000).contains(&t.user_limit) || !(1..=1_000_000_000_000).contains(&t.calls_a_day)
            {
                return Err(format!("{name}: limits are at least 1"));
            }
        }
        if !(1..=1_000_000).contains(&self.method_qps) {
            return Err("method_qps is at least 1".to_owned());
        }
        if self.sign_methods.is_empty() {
            return Err("at least one sign method".to_owned());
        }
        if !(0..=100).contains(&self.go_online.min_success) || self.go_online.min_calls < 0 {
            return Err("go_online: min_success is 0 to 100, min_calls at least 0".to_owned());
        }
        Ok(())
    }
}
