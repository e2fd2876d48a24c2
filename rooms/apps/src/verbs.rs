//! What one can do here. Each verb is one function and one transaction with one audit entry.

mod apply_terms;
mod categories;
mod idle;
mod look;
mod make;
mod penalties;
mod secrets;
mod settings;
mod stages;
mod whitelist;

pub use apply_terms::*;
pub use categories::*;
pub use idle::*;
pub(crate) use look::measure;
pub use look::*;
pub use make::*;
pub use penalties::*;
pub use secrets::*;
pub use settings::*;
pub use stages::*;
pub use whitelist::*;

use crate::{Answer, Refusal};
use kernel::Failure;
use people::Seat;

pub(crate) fn no<T>(refusal: Refusal) -> Answer<T> {
    Err(Failure::Refused(refusal))
}

pub(crate) fn must_build(seat: &Seat) -> Answer<()> {
    if seat.role().builds() { Ok(()) } else { no(Refusal::NotAllowed) }
}

pub(crate) fn must_manage(seat: &Seat) -> Answer<()> {
    if seat.role().manages_team() { Ok(()) } else { no(Refusal::NotAllowed) }
}
