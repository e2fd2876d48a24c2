//! Apps: the categories that they are made from, and all that belongs to one: secrets, callbacks, groups,
//! the seller whitelist, limits, penalties.
//!
//! Owns the tables of `0007_apps.sql`.
//!
//! Categories: staff write on a draft (`edit_category`) and publish it (`publish_category`); apps keep a copy
//! of the terms, and a change reaches those that are there only by `bring_apps`. Files: `export_categories`,
//! `put_category`. Requests about them: [`CategorySubject`], [`GroupSubject`].
//!
//! Apps: made once from an approved application (`create_app`), changed by draft and release (`save_draft`,
//! `release`), moved from stage to stage (`move_stage`, `wake`, `delete_app`, `penalise`, `lift_penalty`,
//! `tend_idle`); their secrets (`reset_secret`, `view_secret`, `end_secret`, `live_secrets`), whitelist and
//! addresses (`replace_whitelist`, `set_ip_rules`). Requests about them: [`Online`], [`HigherLimit`].

mod app;
mod app_name;
mod callback;
mod category;
mod category_rules;
mod ip;
mod rules;
mod stage;
mod store;
mod subjects;
mod terms;
mod verbs;

pub use app::*;
pub use app_name::{APP_NAME_MAX, app_name, look_alike_key};
pub use callback::{CALLBACK_MAX, CALLBACKS_MAX, callback, callbacks};
pub use category::*;
pub use category_rules::CategoryRefusal;
pub use ip::{IP_RULES_MAX, IpRule, IpRules};
pub use rules::{BadLine, Refusal};
pub use stage::*;
pub use store::statements;
pub use subjects::{CategorySubject, GroupSubject, HigherLimit, Online};
pub use terms::*;
pub use verbs::*;

use ::store::House;

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct Apps {
    pub house: House,
}

pub(crate) type Answer<T> = Result<T, kernel::Failure<Refusal>>;
