//! The decisions of this room, without a database, a clock or chance.

use crate::model::State;
use kernel::{Errors, Random, RefusalKind, Refuse, Time};

/// Every "no" of this room; the messages are `refusal-…`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    Invalid(Errors),
    NotFound,
    NotAllowed,
    /// It changed meanwhile, or is decided.
    Changed,
    /// There is one already, open or approved.
    AlreadyAsked,
    /// Nobody decides what they asked for.
    OwnRequest,
    /// A second person has to agree.
    SecondPerson,
    /// A rejection says why.
    NeedsReason,
    /// The category asks for a verified company first.
    NeedsCompany,
    /// It is not offered (any more).
    NotOffered,
    /// What it is about does not allow it now.
    NotNow,
    Throttled(i64),
}

impl Refusal {
    pub const CODES: &[&str] = &[
        "invalid",
        "not-found",
        "not-allowed",
        "changed",
        "already-asked",
        "own-request",
        "second-person",
        "needs-reason",
        "needs-company",
        "not-offered",
        "not-now",
        "throttled",
    ];
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::Invalid(_) => "invalid",
            Refusal::NotFound => "not-found",
            Refusal::NotAllowed => "not-allowed",
            Refusal::Changed => "changed",
            Refusal::AlreadyAsked => "already-asked",
            Refusal::OwnRequest => "own-request",
            Refusal::SecondPerson => "second-person",
            Refusal::NeedsReason => "needs-reason",
            Refusal::NeedsCompany => "needs-company",
            Refusal::NotOffered => "not-offered",
            Refusal::NotNow => "not-now",
            Refusal::Throttled(_) => "throttled",
        }
    }
    fn kind(&self) -> RefusalKind<'_> {
        match self {
            Refusal::Invalid(errors) => RefusalKind::Invalid(errors),
            Refusal::NotFound => RefusalKind::NotFound,
            Refusal::NotAllowed => RefusalKind::NotAllowed,
            Refusal::NeedsReason => RefusalKind::Mistaken,
            Refusal::Throttled(seconds) => RefusalKind::Throttled(*seconds),
            _ => RefusalKind::Conflict,
        }
    }
}

impl From<Errors> for Refusal {
    fn from(errors: Errors) -> Refusal {
        Refusal::Invalid(errors)
    }
}

/// Days since the epoch; 0 was a Thursday.
fn day_of(t: Time) -> i64 {
    t.0.div_euclid(Time::DAY)
}
fn is_working(day: i64) -> bool {
    (day + 3).rem_euclid(7) < 5
}

/// The promise: so many working days from now, at the same hour. What comes in on a weekend counts from
/// Monday's beginning.
pub fn due(now: Time, days: i64) -> Time {
    let (mut day, mut hour) = (day_of(now), now.0.rem_euclid(Time::DAY));
    while !is_working(day) {
        day += 1;
        hour = 0;
    }
    let mut left = days.max(0);
    while left > 0 {
        day += 1;
        left -= i64::from(is_working(day));
    }
    Time(day * Time::DAY + hour)
}

/// Whole working days from one time to a later one.
pub fn working_days_between(from: Time, to: Time) -> i64 {
    (day_of(from) + 1..=day_of(to)).filter(|d| is_working(*d)).count() as i64
}

/// What applicants write down and read out: no letters that look like others.
pub fn new_reference(prefix: &str, random: &dyn Random) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bytes = random.array::<8>();
    let letter = |b: &u8| char::from(LETTERS[usize::from(b & 31)]);
    let (a, b): (String, String) =
        (bytes[..4].iter().map(letter).collect(), bytes[4..].iter().map(letter).collect());
    format!("{prefix}-{a}-{b}")
}

/// Which states one may come from and go to.
pub fn may_move(from: State, to: State) -> bool {
    use State::{Approved, Draft, NeedsChanges, Pending, Rejected, Withdrawn};
    matches!(
        (from, to),
        (Draft | NeedsChanges, Pending | Withdrawn)
            | (Pending, NeedsChanges | Approved | Rejected | Withdrawn)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64, hour: i64) -> Time {
        Time(day * Time::DAY + hour * Time::HOUR)
    }

    #[test]
    fn a_promise_counts_working_days() {
        // Day 4 was Monday, 5 January 1970.
        assert_eq!(due(at(4, 10), 1), at(5, 10));
        assert_eq!(due(at(8, 10), 1), at(11, 10), "Friday to Monday");
        assert_eq!(due(at(9, 10), 1), at(12, 0), "Saturday counts from Monday's beginning");
        assert_eq!(due(at(4, 10), 5), at(11, 10));
        assert_eq!(working_days_between(at(4, 10), at(11, 9)), 5);
    }

    #[test]
    fn a7_what_is_over_stays_over() {
        for over in [State::Approved, State::Rejected, State::Withdrawn] {
            for to in State::ALL {
                assert!(!may_move(over, *to), "{over:?} to {to:?}");
            }
        }
    }

    #[test]
    fn references_can_be_read_out() {
        let r = new_reference("R", &kernel::SeededRandom::new("x"));
        assert_eq!(r.len(), 11);
        assert!(!r[2..].contains(['I', 'L', 'O', 'U']));
    }
}
