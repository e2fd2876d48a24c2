//! Apps: the categories that they are made from, and all that belongs to one: secrets, callbacks, groups,
//! the seller whitelist, limits, penalties.
//!
//! Owns the tables of `0007_apps.sql`.
//!
//! Categories: staff write on a draft (`edit_category`) and publish it (`publish_category`); apps keep a copy
//! of the terms, and a change reaches those that are there only by `bring_apps`. Files: `export_categories`,
//! `put_category`. Requests about them: [`CategorySubject`], [`GroupSubject`].

mod category;
mod category_rules;
mod store;
mod terms;
mod verbs;

pub use category::*;
pub use category_rules::CategoryRefusal;
pub use store::statements;
pub use terms::*;
pub use verbs::*;

use ::store::House;

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct Apps {
    pub house: House,
}
