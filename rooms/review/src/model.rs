//! The nouns of this room.

use crate::form::{Answers, FormDef};
use kernel::{AccountId, AppId, DeveloperId, EntryId, Lang, RequestId, Time};
use store::{Texts, words};

words! {
    /// What a Request asks for.
    Kind {
        Category = "category",
        Company = "company",
        Group = "group",
        Online = "online",
        Limit = "limit",
        TestSeller = "test_seller",
    }
}
words! {
    State {
        Draft = "draft",
        Pending = "pending",
        NeedsChanges = "needs_changes",
        Approved = "approved",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
    }
}
words! {
    /// What the desk decides.
    Decision { Approve = "approve", NeedsChanges = "needs_changes", Reject = "reject" }
}
words! {
    /// A line of a Request's history.
    What {
        Begun = "begun",
        Submitted = "submitted",
        Resubmitted = "resubmitted",
        Claimed = "claimed",
        Assigned = "assigned",
        Released = "released",
        Snoozed = "snoozed",
        /// The desk writes to the applicant.
        Asked = "asked",
        /// The applicant answers.
        Answered = "answered",
        /// Staff among themselves.
        Noted = "noted",
        Agreed = "agreed",
        SentBack = "sent_back",
        Approved = "approved",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
        Escalated = "escalated",
    }
}
words! { Verdict { Waiting = "waiting", Fine = "fine", Warns = "warns", Unknown = "unknown" } }

impl State {
    /// The applicant may still change the answers.
    pub fn is_editable(self) -> bool {
        matches!(self, State::Draft | State::NeedsChanges)
    }
    pub fn is_open(self) -> bool {
        matches!(self, State::Draft | State::Pending | State::NeedsChanges)
    }
}

/// A Request, whole.
#[derive(Clone, Debug)]
pub struct Request {
    pub id: RequestId,
    pub reference: String,
    pub kind: Kind,
    pub about: String,
    pub title: Texts,
    pub developer: DeveloperId,
    pub app: Option<AppId>,
    pub state: State,
    pub round: i64,
    pub answers: Answers,
    pub lang: Lang,
    pub two_person: bool,
    pub made_by: AccountId,
    pub made_at: Time,
    pub changed_at: Time,
    pub submitted_by: Option<AccountId>,
    pub submitted_at: Option<Time>,
    pub due_at: Option<Time>,
    pub assignee: Option<AccountId>,
    pub snoozed_until: Time,
    pub first_yes: Option<AccountId>,
    pub escalated_at: Option<Time>,
    pub flags: i64,
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<Time>,
    pub form: FormDef,
}

/// One line of an applicant's list.
#[derive(Clone, Debug)]
pub struct RequestLine {
    pub id: RequestId,
    pub reference: String,
    pub kind: Kind,
    pub about: String,
    pub title: Texts,
    pub app: Option<AppId>,
    pub state: State,
    pub changed_at: Time,
    pub submitted_at: Option<Time>,
    pub due_at: Option<Time>,
}

/// What was sent in, once.
#[derive(Clone, Debug)]
pub struct Round {
    pub round: i64,
    pub answers: Answers,
    pub by: AccountId,
    pub at: Time,
}

#[derive(Clone, Debug)]
pub struct Remark {
    pub round: i64,
    pub field: String,
    pub text: String,
    pub at: Time,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub id: EntryId,
    pub at: Time,
    pub account: Option<AccountId>,
    /// The name behind the account; to applicants, staff have none.
    pub name: Option<String>,
    pub what: What,
    pub round: i64,
    pub text: String,
    pub for_applicant: bool,
}

/// What the machine found out.
#[derive(Clone, Debug)]
pub struct Check {
    pub name: String,
    pub verdict: Verdict,
    pub detail: String,
    pub at: Time,
}

/// A Request as its applicant sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub request: Request,
    /// How many pending Requests are due no later, this one included; 0 if it is not pending.
    pub place: i64,
    pub rounds: Vec<Round>,
    pub remarks: Vec<Remark>,
    pub entries: Vec<Entry>,
    /// Whether somebody at the desk has taken it up.
    pub is_claimed: bool,
    /// Names and sizes of the files that the answers name.
    pub files: Vec<files::FileLine>,
}

/// One line of the desk's queue, or of what it found.
#[derive(Clone, Debug)]
pub struct QueueLine {
    pub id: RequestId,
    pub reference: String,
    pub kind: Kind,
    pub title: Texts,
    pub state: State,
    pub lang: Lang,
    pub round: i64,
    pub submitted_at: Option<Time>,
    pub due_at: Option<Time>,
    pub assignee: Option<AccountId>,
    pub assignee_name: Option<String>,
    pub snoozed_until: Time,
    /// One agreed; a second has to.
    pub waits_for_second: bool,
    pub escalated_at: Option<Time>,
    pub flags: i64,
    pub developer: DeveloperId,
    pub developer_name: String,
}

/// Whose work is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Whose {
    #[default]
    Anyone,
    Mine,
    Nobody,
}

/// What the queue is narrowed to.
#[derive(Clone, Default, Debug)]
pub struct Filter {
    pub kind: Option<Kind>,
    pub whose: Whose,
    pub late: bool,
    pub flagged: bool,
    pub lang: Option<Lang>,
    /// Those that sleep, too.
    pub snoozed: bool,
}

/// How much waits; nobody counts further than a thousand.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    pub pending: i64,
    pub late: i64,
    pub free: i64,
    pub mine: i64,
    pub flagged: i64,
}

/// Who asks, as the desk sees them.
#[derive(Clone, Debug)]
pub struct Applicant {
    pub id: DeveloperId,
    pub kind: people::DeveloperKind,
    pub name: String,
    pub country: String,
    pub contact_name: String,
    pub email: String,
    pub company: Option<String>,
    pub licence_number: Option<String>,
    pub made_at: Time,
    pub members: i64,
    /// Since when its company is verified.
    pub verified_at: Option<Time>,
}

/// Somebody at the desk.
#[derive(Clone, Debug)]
pub struct Colleague {
    pub account: AccountId,
    pub name: String,
}

/// A Request as the desk sees it: all of it.
#[derive(Clone, Debug)]
pub struct DeskItem {
    pub request: Request,
    pub rounds: Vec<Round>,
    pub remarks: Vec<Remark>,
    pub entries: Vec<Entry>,
    pub checks: Vec<Check>,
    pub files: Vec<files::FileLine>,
    pub applicant: Applicant,
    pub others: Vec<RequestLine>,
    pub colleagues: Vec<Colleague>,
    /// Who sent it in last.
    pub asker: String,
    pub assignee_name: Option<String>,
    /// Whether the reader is among those who ask, and so may not decide.
    pub is_own: bool,
    /// Whether the reader agreed already, and a second person has to.
    pub agreed: bool,
}

impl DeskItem {
    /// What the present round was before it: nothing at the first.
    pub fn before(&self) -> Option<&Answers> {
        self.rounds.iter().find(|r| r.round == self.request.round - 1).map(|r| &r.answers)
    }
    pub fn remark(&self, field: &str) -> Option<&Remark> {
        self.remarks.iter().find(|m| m.field == field && m.round == self.request.round)
    }
}

/// A decision on its way.
#[derive(Clone, Debug)]
pub struct Deciding {
    pub decision: Decision,
    /// The round that the reviewer had before their eyes.
    pub round: i64,
    pub reasons: Vec<kernel::ReasonId>,
    pub text: String,
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decided {
    As(State),
    /// The first of two agreed.
    Agreed,
}

/// The letter that a decision will send, before it is sent.
#[derive(Clone, Debug)]
pub struct Preview {
    /// None goes out when the first of two agrees.
    pub letter: Option<&'static str>,
    pub name: String,
    pub lang: Lang,
    pub args: serde_json::Value,
}

/// A ready-made reason, with a title for the desk and words for the applicant in each language.
#[derive(Clone, Debug)]
pub struct Reason {
    pub id: kernel::ReasonId,
    pub key: String,
    pub decision: Decision,
    pub kind: Option<Kind>,
    pub place: i64,
    pub retired: bool,
    pub title: Texts,
    pub body: Texts,
}

/// A reason as it is written.
#[derive(Clone, Debug)]
pub struct ReasonDraft {
    pub key: String,
    pub decision: Decision,
    pub kind: Option<Kind>,
    pub place: i64,
    pub title: Texts,
    pub body: Texts,
}

#[derive(Clone, Debug)]
pub struct SavedView {
    pub id: kernel::ViewId,
    pub name: String,
    pub query: String,
}

/// What figures are made of: one that is decided.
#[derive(Clone, Debug)]
pub struct DecidedRow {
    pub kind: Kind,
    pub by: String,
    pub submitted_at: Time,
    pub due_at: Time,
    pub decided_at: Time,
}

/// One that waits.
#[derive(Clone, Debug)]
pub struct OpenRow {
    pub kind: Kind,
    pub submitted_at: Time,
    pub due_at: Time,
}

/// The figures of some of them.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Figure {
    pub decided: i64,
    /// How long the middle one of those decided took, in milliseconds.
    pub median: Option<i64>,
    /// How many were decided by the promised time.
    pub in_time: i64,
    pub open: i64,
    /// How long the middle one of those open waits.
    pub open_median: Option<i64>,
    pub open_late: i64,
}

#[derive(Clone, Default, Debug)]
pub struct Figures {
    pub all: Figure,
    pub by_kind: Vec<(Kind, Figure)>,
    pub by_reviewer: Vec<(String, Figure)>,
    /// There are more than were counted.
    pub cut: bool,
}

/// A check that waits for the network.
#[derive(Clone, Debug)]
pub struct WaitingCheck {
    pub request: RequestId,
    pub round: i64,
    pub name: String,
    pub detail: String,
    pub answers: Answers,
    pub form: FormDef,
}
