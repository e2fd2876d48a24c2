//! The nouns around an app.

use crate::ip::IpRules;
use crate::{Raised, StageTerms, Terms};
use kernel::{
    AccountId, AppId, CategoryId, DeveloperId, FileId, GroupId, PenaltyId, RequestId, SecretId, Time,
};
use serde::{Deserialize, Serialize};
use store::words;

words! {
    Stage {
        Test = "test",
        Online = "online",
        Offline = "offline",
        Suspended = "suspended",
        Hibernating = "hibernating",
        Deleted = "deleted",
    }
}
words! {
    /// The penalty ladder, from the mildest step to the hardest.
    Step {
        Warning = "warning",
        /// No seller can authorize anew; what was granted runs on.
        NoNewGrants = "no_new_grants",
        /// A few calls a day.
        Limited = "limited",
        /// No calls at all.
        Stopped = "stopped",
        /// Out of service; when it is lifted the app is Offline, and its team brings it back.
        Offline = "offline",
    }
}
words! {
    /// One of the limits that may be raised on request.
    Limit { Sellers = "user_limit", CallsADay = "calls_a_day", MethodQps = "method_qps" }
}

impl Step {
    /// Whether the app is Suspended by it.
    pub fn suspends(self) -> bool {
        matches!(self, Step::Stopped | Step::Offline)
    }
}

/// What the team itself decides about its app, and releases.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub homepage: String,
    #[serde(default)]
    pub callbacks: Vec<String>,
    /// It runs on people's own machines: loopback callbacks are fine, and it can keep no secret.
    #[serde(default)]
    pub native: bool,
    #[serde(default)]
    pub logo: Option<String>,
}

impl Settings {
    pub fn logo_id(&self) -> Option<FileId> {
        self.logo.as_ref()?.parse().ok()
    }

    /// What differs: the field's name, before, now.
    pub fn difference(&self, now: &Settings) -> Vec<(&'static str, String, String)> {
        let word = |b: bool| if b { "native" } else { "" }.to_owned();
        let text = |o: &Option<String>| o.clone().unwrap_or_default();
        let fields = [
            ("name", self.name.clone(), now.name.clone()),
            ("description", self.description.clone(), now.description.clone()),
            ("homepage", self.homepage.clone(), now.homepage.clone()),
            ("callbacks", self.callbacks.join("\n"), now.callbacks.join("\n")),
            ("native", word(self.native), word(now.native)),
            ("logo", text(&self.logo), text(&now.logo)),
        ];
        fields.into_iter().filter(|(_, before, now)| before != now).collect()
    }
}

/// An app, whole.
#[derive(Clone, Debug)]
pub struct App {
    pub id: AppId,
    pub key: String,
    pub developer: DeveloperId,
    pub category: CategoryId,
    pub request: RequestId,
    pub name: String,
    pub stage: Stage,
    pub stage_before: Option<Stage>,
    pub settings: Settings,
    pub draft: Option<Settings>,
    pub release: i64,
    pub terms: Terms,
    pub raised: Raised,
    pub ip_rules: IpRules,
    pub whitelist_version: i64,
    pub seats: i64,
    pub made_by: AccountId,
    pub made_at: Time,
    pub changed_at: Time,
    pub active_at: Time,
    pub idle_warnings: i64,
}

impl App {
    /// The stage whose terms hold: that of before, while the app is suspended or sleeps.
    pub fn home_stage(&self) -> Stage {
        self.stage_before.unwrap_or(self.stage)
    }
    /// Once it was Online it has the terms of that, until it is deleted.
    pub fn is_past_test(&self) -> bool {
        !matches!(self.home_stage(), Stage::Test)
    }
    pub fn stage_terms(&self) -> StageTerms {
        self.terms.at(self.is_past_test(), &self.raised)
    }
    pub fn method_qps(&self) -> i64 {
        self.terms.method_qps.max(self.raised.method_qps)
    }
    /// What one limit is at present.
    pub fn limit(&self, limit: Limit) -> i64 {
        match limit {
            Limit::Sellers => self.stage_terms().user_limit,
            Limit::CallsADay => self.stage_terms().calls_a_day,
            Limit::MethodQps => self.method_qps(),
        }
    }
}

/// One line of a list of apps.
#[derive(Clone, Debug)]
pub struct AppLine {
    pub id: AppId,
    pub key: String,
    pub name: String,
    pub stage: Stage,
    pub logo: Option<FileId>,
    pub seats: i64,
    /// Today, in the platform's zone.
    pub calls: i64,
    pub category: String,
    /// Whose it is; shown to staff.
    pub developer: String,
}

/// A secret without what is secret.
#[derive(Clone, Debug)]
pub struct SecretLine {
    pub id: SecretId,
    pub place: i64,
    pub hint: String,
    pub by: String,
    pub made_at: Time,
    pub expires_at: Option<Time>,
    pub used_at: Option<Time>,
    pub used_from: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Release {
    pub release: i64,
    pub settings: Settings,
    pub by: String,
    pub at: Time,
}

#[derive(Clone, Debug)]
pub struct Penalty {
    pub id: PenaltyId,
    pub step: Step,
    pub reason: String,
    pub until: Option<Time>,
    pub at: Time,
    pub by: String,
    pub lifted_at: Option<Time>,
    pub lifted_by: Option<String>,
}

/// A group of methods as an app sees it.
#[derive(Clone, Debug)]
pub struct GroupLine {
    pub id: GroupId,
    pub key: String,
    pub name: String,
    pub description: String,
    /// Since when the app has it; not at all where it is inactive.
    pub since: Option<Time>,
    /// Whether it came with the category.
    pub is_given: bool,
    /// Whether it may be asked for.
    pub is_open: bool,
    pub methods: Vec<Method>,
}

#[derive(Clone, Debug)]
pub struct Method {
    pub name: String,
    pub summary: String,
    pub needs_seller: bool,
}

/// A seller on a whitelist.
#[derive(Clone, Debug)]
pub struct ListedSeller {
    pub id: kernel::SellerId,
    pub typed: String,
    pub short_code: String,
    pub name: String,
    pub country: String,
    pub state: String,
}
