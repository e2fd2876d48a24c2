//! Faults on order, for tests: fail the Nth statement, or "die" just before or after a commit. And a count
//! of both, for what must cost the same.

use kernel::Fault;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum At {
    /// The Nth statement from now answers an I/O error.
    Statement(u32),
    /// The Nth commit from now fails and nothing of it is kept.
    BeforeCommit(u32),
    /// The Nth commit from now is kept, but its caller hears of a fault: a lost reply.
    AfterCommit(u32),
}

#[derive(Default)]
pub struct Faults {
    order: Mutex<Option<At>>,
    statements: AtomicU64,
    commits: AtomicU64,
}

impl Faults {
    pub fn order(&self, at: At) {
        *self.order.lock().expect("no panic while held") = Some(at);
    }
    /// Whether the order was carried out.
    pub fn is_done(&self) -> bool {
        self.order.lock().expect("no panic while held").is_none()
    }

    /// How many statements, and how many commits of changes, there were so far.
    pub fn counted(&self) -> (u64, u64) {
        (self.statements.load(Ordering::SeqCst), self.commits.load(Ordering::SeqCst))
    }

    fn count(&self, pick: impl Fn(At) -> Option<(u32, fn(u32) -> At)>) -> Option<Fault> {
        let mut order = self.order.lock().expect("no panic while held");
        let (n, make) = pick((*order)?)?;
        if n > 1 {
            *order = Some(make(n - 1));
            return None;
        }
        *order = None;
        Some(Fault::unavailable("a fault on order"))
    }
    pub(crate) fn before_statement(&self) -> Option<Fault> {
        self.statements.fetch_add(1, Ordering::SeqCst);
        self.count(|at| match at {
            At::Statement(n) => Some((n, At::Statement as fn(u32) -> At)),
            _ => None,
        })
    }
    pub(crate) fn before_commit(&self) -> Option<Fault> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        self.count(|at| match at {
            At::BeforeCommit(n) => Some((n, At::BeforeCommit as fn(u32) -> At)),
            _ => None,
        })
    }
    pub(crate) fn after_commit(&self) -> Option<Fault> {
        self.count(|at| match at {
            At::AfterCommit(n) => Some((n, At::AfterCommit as fn(u32) -> At)),
            _ => None,
        })
    }
}
