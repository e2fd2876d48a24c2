//! What one can do here. Each verb is one function and one transaction with one audit entry.

mod agreement_files;
mod companies;
mod developers;
mod import;
mod keys;
mod notices;
mod profile;
mod second_factor;
mod sellers;
mod sessions;
mod sign_in;
mod sign_up;
mod staff;
mod team;

pub use agreement_files::*;
pub use companies::*;
pub use developers::*;
pub use import::*;
pub use keys::*;
pub use notices::*;
pub use profile::*;
pub use second_factor::*;
pub use sellers::*;
pub use sessions::*;
pub use sign_in::*;
pub use sign_up::*;
pub use staff::*;
pub use team::*;

use crate::rules::{Bucket, Refusal};
use crate::{Answer, store};
use ::store::Tx;
use kernel::{Failure, Time};

pub(crate) fn no<T>(refusal: Refusal) -> Answer<T> {
    Err(Failure::Refused(refusal))
}

/// Takes one from a bucket or refuses.
pub(crate) fn hold(tx: &mut Tx<'_>, bucket: Bucket, whose: &str, now: Time) -> Answer<()> {
    match store::take(tx, bucket, whose, now)? {
        Ok(()) => Ok(()),
        Err(seconds) => no(Refusal::Throttled(seconds)),
    }
}

/// Takes one from a bucket of another room's, inside its transaction: `burst` at once, then one every `every`
/// milliseconds. Says how many seconds to wait when it is empty.
pub fn limit(
    tx: &mut Tx<'_>,
    (name, burst, every): (&'static str, i64, i64),
    whose: &str,
    now: Time,
) -> Result<Option<i64>, kernel::Fault> {
    Ok(store::take(tx, Bucket { name, burst, every }, whose, now)?.err())
}

/// Takes one from a bucket, for callers that tell nobody when it is empty.
pub(crate) fn has_room(tx: &mut Tx<'_>, bucket: Bucket, whose: &str, now: Time) -> Answer<bool> {
    Ok(store::take(tx, bucket, whose, now)?.is_ok())
}
