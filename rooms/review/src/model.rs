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
