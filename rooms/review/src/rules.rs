//! The decisions of this room, without a database, a clock or chance.

use crate::form::{Answers, FieldKind, FormDef};
use crate::model::{DecidedRow, Figure, Figures, Kind, OpenRow, State};
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
pub(crate) fn day_of(t: Time) -> i64 {
    t.0.div_euclid(Time::DAY)
}
pub(crate) fn is_working(day: i64) -> bool {
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

/// The most that a note, a message or a decision says in free words.
pub const NOTE_MAX: u32 = 4_000;
/// The most that is said about one field.
pub const REMARK_MAX: u32 = 1_000;

/// A word by which the desk finds a Request, and what is typed to find it, in one form.
pub(crate) fn word(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect()
}

/// What an applicant reads: the ready-made reasons, the reviewer's own words, then what is said about single fields.
pub(crate) fn wording(reasons: &[String], own: &str, remarks: &[(String, String)]) -> String {
    let mut parts: Vec<String> = reasons.iter().map(|r| r.trim().to_owned()).collect();
    parts.push(own.trim().to_owned());
    let lines: Vec<String> =
        remarks.iter().map(|(label, text)| format!("{label}: {}", text.replace('\n', " "))).collect();
    parts.push(lines.join("\n"));
    parts.retain(|p| !p.is_empty());
    parts.join("\n\n")
}

/// The addresses that a check of the network looks at: the one that whoever made the check named, and those that were
/// answered. Few, so that nobody makes us knock all over the world.
pub(crate) fn addresses(form: &FormDef, answers: &Answers, named: &str) -> Vec<String> {
    let mut out = Vec::new();
    if named.starts_with("https://") || named.starts_with("http://") {
        out.push(named.to_owned());
    }
    let urls = form.fields.iter().filter(|f| f.kind == FieldKind::Url);
    out.extend(urls.filter_map(|f| answers.get(&f.key)).filter(|a| !a.is_empty()).cloned());
    out.dedup();
    out.truncate(3);
    out
}

/// No more rows go into figures: the statements have the same limit.
pub(crate) const FIGURES_MAX: usize = 20_000;

/// The middle of them; of two in the middle, the smaller.
fn median(mut of: Vec<i64>) -> Option<i64> {
    of.sort_unstable();
    of.get(of.len().checked_sub(1)? / 2).copied()
}

fn figure<'a>(
    decided: impl Iterator<Item = &'a DecidedRow>,
    open: impl Iterator<Item = &'a OpenRow>,
    now: Time,
) -> Figure {
    let decided: Vec<&DecidedRow> = decided.collect();
    let open: Vec<&OpenRow> = open.collect();
    Figure {
        decided: decided.len() as i64,
        median: median(decided.iter().map(|d| d.decided_at.since(d.submitted_at)).collect()),
        in_time: decided.iter().filter(|d| d.decided_at <= d.due_at).count() as i64,
        open: open.len() as i64,
        open_median: median(open.iter().map(|o| now.since(o.submitted_at)).collect()),
        open_late: open.iter().filter(|o| o.due_at < now).count() as i64,
    }
}

/// All figures, by kind and by reviewer: those with something to tell.
pub(crate) fn figures_of(decided: &[DecidedRow], open: &[OpenRow], now: Time) -> Figures {
    let of_kind = |kind: &Kind| {
        let kind = *kind;
        let of = figure(
            decided.iter().filter(move |d| d.kind == kind),
            open.iter().filter(move |o| o.kind == kind),
            now,
        );
        (of.decided + of.open > 0).then_some((kind, of))
    };
    let mut names: Vec<&str> = decided.iter().map(|d| d.by.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let of_name =
        |name: &&str| (name.to_string(), figure(decided.iter().filter(|d| d.by == **name), [].iter(), now));
    let mut by_reviewer: Vec<(String, Figure)> = names.iter().map(of_name).collect();
    by_reviewer.sort_by_key(|(_, f)| -f.decided);
    by_reviewer.truncate(50);
    Figures {
        all: figure(decided.iter(), open.iter(), now),
        by_kind: Kind::ALL.iter().filter_map(of_kind).collect(),
        by_reviewer,
        cut: false,
    }
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
    fn an_applicant_reads_reasons_then_words_then_fields() {
        let remarks = [("Licence".to_owned(), "cut off\nat the right".to_owned())];
        let text = wording(&["Not legible.".to_owned()], " Scan it again. ", &remarks);
        assert_eq!(text, "Not legible.\n\nScan it again.\n\nLicence: cut off at the right");
        assert_eq!(wording(&[], "  ", &[]), "");
    }

    #[test]
    fn figures_tell_the_middle_and_the_share_in_time() {
        let row = |took: i64, by: &str| DecidedRow {
            kind: Kind::Company,
            by: by.to_owned(),
            submitted_at: at(4, 0),
            due_at: at(5, 0),
            decided_at: at(4, took),
        };
        let open = [OpenRow { kind: Kind::Group, submitted_at: at(4, 0), due_at: at(4, 5) }];
        let rows = [row(1, "Bo"), row(30, "Bo"), row(3, "Di")];
        let f = figures_of(&rows, &open, at(4, 8));
        assert_eq!((f.all.decided, f.all.in_time, f.all.median), (3, 2, Some(3 * Time::HOUR)));
        assert_eq!((f.all.open, f.all.open_late, f.all.open_median), (1, 1, Some(8 * Time::HOUR)));
        assert_eq!(f.by_kind.len(), 2);
        assert_eq!(f.by_reviewer[0].0, "Bo");
        assert_eq!(figures_of(&[], &[], at(4, 8)).all, Figure::default());
    }

    #[test]
    fn references_can_be_read_out() {
        let r = new_reference("R", &kernel::SeededRandom::new("x"));
        assert_eq!(r.len(), 11);
        assert!(!r[2..].contains(['I', 'L', 'O', 'U']));
    }
}
