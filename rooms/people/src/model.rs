//! The nouns of this room, and the proofs of who acts.

use crate::rules::{Refusal, SUDO_MINUTES};
use ::store::words;
use kernel::{AccountId, DeveloperId, Failure, InviteId, Lang, SessionId, Time, Token};

words! {
    /// What a member of a developer may do; each may all that those behind it may.
    Role { Owner = "owner", Admin = "admin", Engineer = "engineer", Viewer = "viewer" }
}
words! {
    /// What a member of staff may do. An administrator may everything.
    StaffRole {
        Reviewer = "reviewer",
        CatalogueManager = "catalogue_manager",
        Support = "support",
        Administrator = "administrator",
    }
}
words! { DeveloperKind { Organisation = "organisation", Individual = "individual" } }

impl Role {
    pub fn manages_team(self) -> bool {
        matches!(self, Role::Owner | Role::Admin)
    }
    /// Applies, makes apps, sees and changes their secrets and settings.
    pub fn builds(self) -> bool {
        self != Role::Viewer
    }
    /// An owner is made by handing over, never by inviting.
    pub const INVITABLE: [Role; 3] = [Role::Admin, Role::Engineer, Role::Viewer];
}

#[derive(Clone, Debug)]
pub struct Account {
    pub id: AccountId,
    pub email: String,
    pub name: String,
    pub lang: Lang,
    pub has_totp: bool,
}

/// The developer that this session works for.
#[derive(Clone, Debug)]
pub struct Membership {
    pub developer: DeveloperId,
    pub name: String,
    pub role: Role,
}

/// Somebody who is signed in: made from a session cookie, nowhere else.
#[derive(Clone)]
pub struct Session {
    pub(crate) id: SessionId,
    pub(crate) token: Token,
    pub account: Account,
    pub membership: Option<Membership>,
    pub(crate) staff: Vec<StaffRole>,
    pub(crate) sudo_until: Time,
    /// Messages in the portal that were not read; ten means more than nine.
    pub unread: i64,
}

/// Proof that somebody is a member of a developer, and in which role.
#[derive(Clone, Debug)]
pub struct Seat {
    pub(crate) account: AccountId,
    pub(crate) developer: DeveloperId,
    pub(crate) role: Role,
}

impl Seat {
    pub fn account(&self) -> AccountId {
        self.account
    }
    pub fn developer(&self) -> DeveloperId {
        self.developer
    }
    pub fn role(&self) -> Role {
        self.role
    }
}

/// Proof that somebody is staff with a role that reaches far enough.
#[derive(Clone, Debug)]
pub struct OnStaff {
    pub(crate) account: AccountId,
}

impl OnStaff {
    pub fn account(&self) -> AccountId {
        self.account
    }
}

/// Proof that this person showed the password within the last minutes.
#[derive(Clone, Copy, Debug)]
pub struct Sudo(pub(crate) ());

impl Session {
    pub fn id(&self) -> SessionId {
        self.id
    }
    /// For the forms on this person's pages.
    pub fn token(&self) -> &Token {
        &self.token
    }
    pub fn seat(&self) -> Result<Seat, Failure<Refusal>> {
        let m = self.membership.as_ref().ok_or(Failure::Refused(Refusal::NotFound))?;
        Ok(Seat { account: self.account.id, developer: m.developer, role: m.role })
    }
    /// A seat that may manage the team.
    pub fn managing_seat(&self) -> Result<Seat, Failure<Refusal>> {
        let seat = self.seat()?;
        if seat.role.manages_team() { Ok(seat) } else { Err(Failure::Refused(Refusal::NotAllowed)) }
    }
    pub fn is_staff(&self) -> bool {
        !self.staff.is_empty()
    }
    pub fn staff_roles(&self) -> &[StaffRole] {
        &self.staff
    }
    pub fn may(&self, role: StaffRole) -> bool {
        self.staff.contains(&role) || self.staff.contains(&StaffRole::Administrator)
    }
    /// Proof of a role on the staff. To others the page is not there.
    pub fn on_staff(&self, role: StaffRole) -> Result<OnStaff, Failure<Refusal>> {
        if self.may(role) {
            Ok(OnStaff { account: self.account.id })
        } else if self.is_staff() {
            Err(Failure::Refused(Refusal::NotAllowed))
        } else {
            Err(Failure::Refused(Refusal::NotFound))
        }
    }
    pub fn sudo(&self, now: Time) -> Result<Sudo, Failure<Refusal>> {
        // A stored time may not promise more than the rule gives, whatever the clock did since.
        if now < self.sudo_until && self.sudo_until <= now.plus_minutes(SUDO_MINUTES) {
            Ok(Sudo(()))
        } else {
            Err(Failure::Refused(Refusal::NeedsSudo))
        }
    }
}

/// One browser in the list of sessions.
#[derive(Clone, Debug)]
pub struct SessionLine {
    pub id: SessionId,
    pub made_at: Time,
    pub seen_at: Time,
    pub address: String,
    pub agent: String,
}

#[derive(Clone, Debug)]
pub struct Member {
    pub account: AccountId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub since: Time,
}

#[derive(Clone, Debug)]
pub struct Invite {
    pub id: InviteId,
    pub email: String,
    pub role: Role,
    pub made_at: Time,
    pub expires_at: Time,
}

/// What the person who opens an invitation sees.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub developer: String,
    pub email: String,
    pub role: Role,
    pub by: String,
}

#[derive(Clone, Debug)]
pub struct Agreement {
    pub id: kernel::AgreementId,
    pub version: i64,
    pub published_at: Time,
    pub lang: Lang,
    pub title: String,
    pub body: String,
}

/// The developer information form, checked.
#[derive(Clone, Debug)]
pub struct DeveloperInformation {
    pub kind: DeveloperKind,
    pub name: String,
    pub country: kernel::Country,
    pub contact_name: String,
    pub mobile: kernel::Phone,
    pub email: kernel::Email,
    pub company: Option<String>,
    pub licence_number: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Developer {
    pub id: DeveloperId,
    pub kind: DeveloperKind,
    pub name: String,
    pub country: String,
    pub contact_name: String,
    pub mobile: String,
    pub email: String,
    pub company: Option<String>,
    pub licence_number: Option<String>,
    pub made_at: Time,
}

#[derive(Clone, Debug)]
pub struct StaffLine {
    pub account: AccountId,
    pub name: String,
    pub email: String,
    pub role: StaffRole,
    pub since: Time,
}

/// One line of the staff's list of accounts.
#[derive(Clone, Debug)]
pub struct AccountLine {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    pub state: String,
    pub made_at: Time,
}
