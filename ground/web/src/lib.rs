//! What every page stands on: the design system, messages in three languages, forms, cookies, the
//! guards in front of the routes, and the accept loop.
//!
//! Will never be here: a rule of the business, a query.

extern crate self as web;

mod assets;
pub mod cookies;
mod cx;
mod field;
mod file_form;
mod form;
mod frame;
mod guard;
mod listen;
mod multipart;
mod qr;
mod reply;
mod words;

pub use assets::{asset_path, assets};
pub use cx::{ClientAddress, Site, Theme, address_of, lang_of};
pub use field::{Choice, Field, Kept, Kind, ListedError, Summary};
pub use file_form::{FileForm, MayUpload};
pub use form::{BadForm, Form, query};
pub use frame::{Crumb, Frame, Icon, Me, NavGroup, NavLink, Persona, Switchable, Tab, initials};
pub use guard::{caught, guard, origin_allowed};
pub use listen::{Limits, Listening, listen};
pub use qr::qr;
pub use reply::{Page, Trouble, see_other, trouble_page};
pub use words::{When, Words, action_words, every_key};
