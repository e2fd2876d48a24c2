//! Time is a number of milliseconds, and the clock that tells it is handed in.

use std::sync::atomic::{AtomicI64, Ordering};

/// Milliseconds since 1970, as the databases store it.
///
/// ```
/// use kernel::Time;
/// assert!(Time(1_000).plus_minutes(1) > Time(60_000));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(pub i64);

impl Time {
    pub const SECOND: i64 = 1_000;
    pub const MINUTE: i64 = 60 * Self::SECOND;
    pub const HOUR: i64 = 60 * Self::MINUTE;
    pub const DAY: i64 = 24 * Self::HOUR;

    pub const fn plus(self, millis: i64) -> Time {
        Time(self.0.saturating_add(millis))
    }
    pub const fn plus_minutes(self, n: i64) -> Time {
        self.plus(n * Self::MINUTE)
    }
    pub const fn plus_days(self, n: i64) -> Time {
        self.plus(n * Self::DAY)
    }
    /// How long ago `earlier` was; never negative, because clocks step back.
    pub const fn since(self, earlier: Time) -> i64 {
        let d = self.0.saturating_sub(earlier.0);
        if d < 0 { 0 } else { d }
    }
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(Self::SECOND)
    }
}

pub trait Clock: Send + Sync {
    fn now(&self) -> Time;
}

/// The machine's own clock: the one place that reads it.
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the clock that everybody else is handed")]
    fn now(&self) -> Time {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is told to move.
pub struct SetClock(AtomicI64);

impl SetClock {
    pub fn at(t: Time) -> SetClock {
        SetClock(AtomicI64::new(t.0))
    }
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }
}
