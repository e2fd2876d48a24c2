//! The nouns of this room.

use files::FileLine;
use kernel::{AccountId, AppId, DeveloperId, EntryId, TicketId, Time};
use store::words;

words! {
    /// `Open` waits for the staff, `Waiting` for the developer. A solved one opens again when somebody writes; a
    /// closed one stays closed.
    State { Open = "open", Waiting = "waiting", Solved = "solved", Closed = "closed" }
}

impl State {
    pub fn takes_replies(self) -> bool {
        self != State::Closed
    }
}

/// What a developer writes to begin with, and from where.
#[derive(Clone, Default, Debug)]
pub struct Typed {
    pub subject: String,
    pub text: String,
    pub page: String,
    pub app: String,
    pub trace: String,
}

#[derive(Clone, Debug)]
pub struct TicketLine {
    pub id: TicketId,
    pub reference: String,
    pub subject: String,
    pub state: State,
    pub developer: String,
    /// The name of whoever of the staff has it.
    pub assignee: Option<String>,
    pub made_at: Time,
    /// Since when it is as it is.
    pub changed_at: Time,
}

#[derive(Clone, Debug)]
pub struct Ticket {
    pub id: TicketId,
    pub reference: String,
    pub developer: DeveloperId,
    pub developer_name: String,
    pub app: Option<AppId>,
    pub page: String,
    pub trace: String,
    pub subject: String,
    pub state: State,
    pub assignee: Option<AccountId>,
    pub assignee_name: Option<String>,
    pub turn: i64,
    pub made_by: AccountId,
    pub made_at: Time,
    pub changed_at: Time,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub id: EntryId,
    pub at: Time,
    pub account: AccountId,
    pub name: String,
    pub is_staff: bool,
    pub internal: bool,
    pub text: String,
    pub files: Vec<FileLine>,
}

/// A ticket with all that was said; to developers, without what staff say among themselves.
#[derive(Clone, Debug)]
pub struct Seen {
    pub ticket: Ticket,
    pub entries: Vec<Entry>,
}

/// What staff do with an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Then {
    /// The developer is to act.
    Wait,
    Solve,
}

/// Which tickets the staff look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Queue {
    /// Those that wait for the staff, the oldest first.
    Open,
    /// Those that somebody has who looks.
    Mine,
    In(State),
}
