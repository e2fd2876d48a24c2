//! The words that every room uses: ids, times, secrets, languages, who acts, what went wrong.
//!
//! Nothing here touches a disk, a socket, a clock or a source of chance: both of the latter come
//! in as [`Clock`] and [`Random`], so that whatever is built on them can be replayed.

mod by;
mod clock;
mod country;
mod failure;
mod fold;
mod id;
mod lang;
mod random;
mod secret;
pub mod text;
mod upload;

pub use by::By;
pub use clock::{Clock, SetClock, SystemClock, Time};
pub use country::Country;
pub use failure::{Failure, Fault, FaultKind, RefusalKind, Refuse};
pub use fold::fold;
pub use id::*;
pub use lang::Lang;
pub use random::{Random, SeededRandom, SystemRandom, readable};
pub use secret::{Digest, SecretBytes, SecretText, Token, TokenHash, TokenKind, same_bytes, sha256};
pub use text::{Email, Errors, Phone, Problem};
pub use upload::Upload;
