//! From which stage an app may go where, and by whose hand; what is missing before it goes Online; when it
//! is idle. Pure.

use crate::{App, Criteria, Stage, Step};
use kernel::Time;

/// Whose hand moves an app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mover {
    Team,
    /// A Request that was approved.
    Approval,
    Staff,
    /// The clock.
    House,
}

pub fn may_move(from: Stage, to: Stage, by: Mover) -> bool {
    use Stage::{Deleted, Hibernating, Offline, Online, Suspended, Test};
    match by {
        Mover::Approval => (from, to) == (Test, Online),
        Mover::Team => matches!(
            (from, to),
            (Online, Offline) | (Offline, Online) | (Test, Deleted) | (Hibernating, Test | Online | Offline)
        ),
        Mover::Staff => matches!(
            (from, to),
            (Test | Online | Offline | Hibernating, Suspended) | (Suspended, Test | Online | Offline)
        ),
        Mover::House => matches!((from, to), (Test | Online | Offline, Hibernating)),
    }
}

/// Where a step of the ladder that suspends leads back to when it is lifted.
pub fn comes_back_to(step: Step, from: Stage) -> Stage {
    match (step, from) {
        (Step::Offline, Stage::Online) => Stage::Offline,
        (_, from) => from,
    }
}

pub const WARN_DAYS: [i64; 2] = [60, 80];
pub const SLEEP_DAYS: i64 = 90;
/// Between two warnings, and between the last one and sleep, at the least: a house that was closed for months
/// puts nobody's app to sleep in the hour it opens.
pub const NOTICE_DAYS: i64 = 10;

/// What an app did in the last two weeks, and what its developer is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Measured {
    pub calls: i64,
    pub fine: i64,
    pub verified_company: bool,
}

pub const MEASURED_DAYS: i64 = 14;

/// One condition for going Online.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Criterion {
    Calls {
        wanted: i64,
        have: i64,
    },
    Success {
        wanted: i64,
        have: Option<i64>,
    },
    Company {
        have: bool,
    },
    Callback {
        have: bool,
    },
    /// Attached to the Request itself.
    Report,
}

impl Criterion {
    pub fn is_met(&self) -> bool {
        match self {
            Criterion::Calls { wanted, have } => have >= wanted,
            Criterion::Success { wanted, have } => have.is_some_and(|h| h >= *wanted),
            Criterion::Company { have } | Criterion::Callback { have } => *have,
            Criterion::Report => true,
        }
    }
}

/// How many in a hundred went well, rounded down: 94.9 is not 95.
pub fn success(m: &Measured) -> Option<i64> {
    (m.calls > 0).then(|| m.fine.clamp(0, m.calls) * 100 / m.calls)
}

/// What its category asks of an app, and what it has.
pub fn criteria(app: &App, c: &Criteria, m: &Measured) -> Vec<Criterion> {
    let mut out = vec![Criterion::Callback { have: !app.settings.callbacks.is_empty() }];
    if c.min_calls > 0 {
        out.push(Criterion::Calls { wanted: c.min_calls, have: m.calls });
    }
    if c.min_success > 0 {
        out.push(Criterion::Success { wanted: c.min_success, have: success(m) });
    }
    if c.verified_company {
        out.push(Criterion::Company { have: m.verified_company });
    }
    if c.report {
        out.push(Criterion::Report);
    }
    out
}

/// The day by which calls are counted: it begins at midnight of the platform's zone, eight hours before UTC's.
pub fn quota_day(t: Time) -> i64 {
    t.plus(8 * Time::HOUR).0.div_euclid(Time::DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a7_stages_change_only_as_the_table_says() {
        use Stage::{Deleted, Hibernating, Offline, Online, Suspended, Test};
        let allowed = [
            (Mover::Approval, Test, Online),
            (Mover::Team, Online, Offline),
            (Mover::Team, Offline, Online),
            (Mover::Team, Test, Deleted),
            (Mover::Team, Hibernating, Test),
            (Mover::Team, Hibernating, Online),
            (Mover::Team, Hibernating, Offline),
            (Mover::Staff, Test, Suspended),
            (Mover::Staff, Online, Suspended),
            (Mover::Staff, Offline, Suspended),
            (Mover::Staff, Hibernating, Suspended),
            (Mover::Staff, Suspended, Test),
            (Mover::Staff, Suspended, Online),
            (Mover::Staff, Suspended, Offline),
            (Mover::House, Test, Hibernating),
            (Mover::House, Online, Hibernating),
            (Mover::House, Offline, Hibernating),
        ];
        for by in [Mover::Team, Mover::Approval, Mover::Staff, Mover::House] {
            for from in Stage::ALL {
                for to in Stage::ALL {
                    let wanted = allowed.contains(&(by, *from, *to));
                    assert_eq!(may_move(*from, *to, by), wanted, "{by:?}: {from:?} to {to:?}");
                }
            }
        }
    }

    #[test]
    fn success_is_rounded_down_and_nothing_is_no_success() {
        let m = |calls, fine| Measured { calls, fine, verified_company: false };
        assert_eq!(success(&m(0, 0)), None);
        assert_eq!(success(&m(1_000, 949)), Some(94));
        assert_eq!(success(&m(1_000, 950)), Some(95));
        assert_eq!(success(&m(10, 11)), Some(100));
        assert!(!Criterion::Success { wanted: 1, have: None }.is_met());
    }

    #[test]
    fn days_begin_at_sixteen_hundred_utc() {
        let day = quota_day(Time(0));
        assert_eq!(quota_day(Time(16 * Time::HOUR - 1)), day);
        assert_eq!(quota_day(Time(16 * Time::HOUR)), day + 1);
    }
}
