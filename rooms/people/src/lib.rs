//! People: accounts and how they sign in, developers and their members, agreements, staff.
//!
//! Owns the tables of `0002_people.sql`. Who is signed in is a value of [`Session`]; what that person may
//! do is a value too ([`Seat`], [`OnStaff`], [`Sudo`]), made only here and demanded by the verbs.
//!
//! Verbs: `sign_up`, `verify`, `sign_in`, `second_factor`, `sign_out`, `ask_reset`, `reset`, `confirm_sudo`,
//! `change_password`, `ask_email`, `change_email`, `start_totp`, `confirm_totp`, `stop_totp`,
//! `renew_recovery_codes`, `end_session`, `accept_agreement`, `activate`, `invite`, `join`, `change_role`,
//! `remove_member`, `leave`, `transfer`, `switch`, `add_staff`, `remove_staff`, `set_up`.

pub mod csv;
mod licence;
mod model;
mod password;
mod rules;
mod seller;
mod store;
mod verbs;

pub use licence::{LicenceForm, licence_form, licence_key};
pub use model::*;
pub use password::Hasher;
pub use rules::{
    CODE_LENGTH, INVITE_DAYS, LINK_MINUTES, PASSWORD_MAX, PASSWORD_MIN, Refusal, SESSION_DAYS, SUDO_MINUTES,
    new_password,
};
pub use seller::*;
pub use store::statements;
pub use verbs::*;

use ::store::House;

/// What the verbs of this room are handed.
#[derive(Clone)]
pub struct People {
    pub house: House,
    pub hasher: Hasher,
}

pub(crate) type Answer<T> = Result<T, kernel::Failure<Refusal>>;
