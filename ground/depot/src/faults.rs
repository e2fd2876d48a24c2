//! A depot that fails on order, for tests.

use crate::{Depot, Reading};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::{Fault, FileId};
use std::sync::{Arc, Mutex};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum At {
    /// The next put fails and nothing is there.
    BeforePut,
    /// The next put succeeds, but its caller hears of a fault.
    AfterPut,
    /// The next put never answers.
    NeverPut,
    BeforeRemove,
    AfterRemove,
}

/// Whatever it stands in front of.
pub struct Unreliable {
    pub behind: Arc<dyn Depot>,
    order: Mutex<Option<At>>,
}

impl Unreliable {
    pub fn new(behind: Arc<dyn Depot>) -> Unreliable {
        Unreliable { behind, order: Mutex::new(None) }
    }
    pub fn order(&self, at: At) {
        *self.order.lock().expect("no panic while held") = Some(at);
    }
    fn is_now(&self, at: At) -> bool {
        let mut order = self.order.lock().expect("no panic while held");
        let now = *order == Some(at);
        if now {
            *order = None;
        }
        now
    }
}

fn fault<T>() -> Result<T, Fault> {
    Err(Fault::unavailable("a fault on order"))
}

impl Depot for Unreliable {
    fn place(&self) -> String {
        self.behind.place()
    }
    fn put(&self, id: FileId, bytes: Bytes) -> BoxFuture<'_, Result<(), Fault>> {
        async move {
            if self.is_now(At::BeforePut) {
                return fault();
            }
            if self.is_now(At::NeverPut) {
                std::future::pending::<()>().await;
            }
            self.behind.put(id, bytes).await?;
            if self.is_now(At::AfterPut) { fault() } else { Ok(()) }
        }
        .boxed()
    }
    fn get(&self, id: FileId) -> BoxFuture<'_, Result<Option<Reading>, Fault>> {
        self.behind.get(id)
    }
    fn size(&self, id: FileId) -> BoxFuture<'_, Result<Option<u64>, Fault>> {
        self.behind.size(id)
    }
    fn remove(&self, id: FileId) -> BoxFuture<'_, Result<(), Fault>> {
        async move {
            if self.is_now(At::BeforeRemove) {
                return fault();
            }
            self.behind.remove(id).await?;
            if self.is_now(At::AfterRemove) { fault() } else { Ok(()) }
        }
        .boxed()
    }
}
