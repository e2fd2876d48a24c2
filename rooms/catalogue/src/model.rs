//! The nouns of this room.

use kernel::{GroupId, Time};
use serde::{Deserialize, Serialize};
use store::Texts;

/// A group of methods that an app has or asks for.
#[derive(Clone, Debug)]
pub struct Group {
    pub id: GroupId,
    /// As configuration files and categories name it.
    pub key: String,
    pub place: i64,
    /// Offered no more; apps that have it keep it.
    pub retired: bool,
    /// Whether an application for it must bring a document.
    pub wants_document: bool,
    /// The promise, in working days.
    pub review_days: i64,
    pub version: i64,
    pub changed_at: Time,
    pub name: Texts,
    pub description: Texts,
    /// How many methods it has.
    pub methods: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Method {
    pub name: String,
    pub group: GroupId,
    pub summary: String,
    pub needs_seller: bool,
}

/// A group as staff write it, and as files hold it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupDef {
    pub key: String,
    #[serde(default)]
    pub place: i64,
    #[serde(default)]
    pub retired: bool,
    #[serde(default)]
    pub wants_document: bool,
    #[serde(default = "two")]
    pub review_days: i64,
    pub name: Texts,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub description: Texts,
    /// All of its methods; without the list they stay as they are.
    #[serde(rename = "method", default, skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<MethodDef>>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodDef {
    pub name: String,
    #[serde(default)]
    pub summary: String,
    #[serde(default)]
    pub needs_seller: bool,
}

fn two() -> i64 {
    2
}
