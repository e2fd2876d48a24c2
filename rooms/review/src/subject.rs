//! What a Request is about, as the room that knows it tells it to this one.

use crate::form::FormDef;
use crate::model::{Kind, Request};
use crate::{Answer, Check};
use kernel::{AppId, By, Lang};
use people::Seat;
use store::{House, Look, Texts, Tx};

/// The terms on which one may ask.
pub struct Opening {
    pub title: Texts,
    pub app: Option<AppId>,
    pub form: FormDef,
    /// Answers that are known already: nobody types twice.
    pub known: crate::Answers,
    /// The promise, in working days.
    pub days: i64,
    pub two_person: bool,
    /// Whether an approved one stands in the way of another.
    pub once: bool,
}

pub trait Subject: Send + Sync {
    fn kind(&self) -> Kind;

    /// Whether this developer may ask for `about` now, and how. Asked when a Request is begun, and when it
    /// is sent in.
    fn opening(&self, look: &mut Look<'_>, seat: &Seat, about: &str, lang: Lang) -> Answer<Opening>;

    /// What approval does, in the transaction of the decision. Whatever it refuses, nothing is decided.
    fn approved(&self, tx: &mut Tx<'_>, house: &House, by: &By, request: &Request) -> Answer<()>;

    /// What the machine can say at once about what was sent in; names of checks whose answer takes longer
    /// come as waiting.
    fn checks(&self, look: &mut Look<'_>, request: &Request) -> Answer<Vec<Check>>;
}
