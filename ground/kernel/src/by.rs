//! Who acts, from where, in which request: it goes into every audit entry.

use crate::{AccountId, TraceId};

#[derive(Clone, Debug)]
pub struct By {
    /// Nobody for the system's own work and for visitors who are not signed in.
    pub account: Option<AccountId>,
    /// The client's address, or the name of the command on the operator's machine.
    pub address: String,
    pub request: Option<TraceId>,
}

impl By {
    /// The house itself: jobs and commands.
    pub fn house(what: &str) -> By {
        By { account: None, address: what.to_owned(), request: None }
    }
    pub fn with(&self, account: AccountId) -> By {
        By { account: Some(account), ..self.clone() }
    }
}
