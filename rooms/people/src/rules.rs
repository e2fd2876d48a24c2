//! The decisions of this room, without a database, a clock or chance.

use kernel::{Errors, Problem, RefusalKind, Refuse, Time};

pub const PASSWORD_MIN: u32 = 10;
/// In bytes. Longer ones are refused before anything is computed from them.
pub const PASSWORD_MAX: u32 = 1_024;
pub const LINK_MINUTES: i64 = 30;
pub const VERIFY_HOURS: i64 = 24;
pub const INVITE_DAYS: i64 = 7;
pub const SESSION_DAYS: i64 = 30;
pub const SESSION_IDLE_DAYS: i64 = 7;
pub const HALF_MINUTES: i64 = 10;
pub const SUDO_MINUTES: i64 = 10;
pub const CODE_LENGTH: u32 = 6;
pub const CODE_MISSES: i64 = 5;
pub const RECOVERY_CODES: usize = 10;

/// Every "no" of this room. `Refusal::ALL` and the messages `refusal-…` are kept alike by a test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Fields of the form are wrong.
    Invalid(Errors),
    /// Too many tries; how many seconds to wait.
    Throttled(i64),
    /// E-mail or password is wrong: never says which.
    BadCredentials,
    /// Unknown, used or expired: never says which.
    BadLink,
    /// The half session ended: begin again.
    BeginAgain,
    /// Not there, or not yours.
    NotFound,
    /// Your role does not reach so far.
    NotAllowed,
    /// Show again that it is you.
    NeedsSudo,
    /// It changed meanwhile.
    Changed,
    /// You own a developer already.
    OwnsAlready,
    /// That person is a member already, or invited.
    MemberAlready,
    /// The invitation is for another address.
    OtherAddress,
    /// The owner hands over first.
    OwnerStays,
    /// The last administrator stays.
    LastAdministrator,
    /// A second factor is on already, or not on at all.
    WrongState,
}

impl Refusal {
    pub const CODES: &[&str] = &[
        "invalid",
        "throttled",
        "bad-credentials",
        "bad-link",
        "begin-again",
        "not-found",
        "not-allowed",
        "needs-sudo",
        "changed",
        "owns-already",
        "member-already",
        "other-address",
        "owner-stays",
        "last-administrator",
        "wrong-state",
    ];
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::Invalid(_) => "invalid",
            Refusal::Throttled(_) => "throttled",
            Refusal::BadCredentials => "bad-credentials",
            Refusal::BadLink => "bad-link",
            Refusal::BeginAgain => "begin-again",
            Refusal::NotFound => "not-found",
            Refusal::NotAllowed => "not-allowed",
            Refusal::NeedsSudo => "needs-sudo",
            Refusal::Changed => "changed",
            Refusal::OwnsAlready => "owns-already",
            Refusal::MemberAlready => "member-already",
            Refusal::OtherAddress => "other-address",
            Refusal::OwnerStays => "owner-stays",
            Refusal::LastAdministrator => "last-administrator",
            Refusal::WrongState => "wrong-state",
        }
    }
    fn kind(&self) -> RefusalKind<'_> {
        match self {
            Refusal::Invalid(errors) => RefusalKind::Invalid(errors),
            Refusal::Throttled(seconds) => RefusalKind::Throttled(*seconds),
            Refusal::BadCredentials => RefusalKind::Mistaken,
            Refusal::BadLink => RefusalKind::Gone,
            Refusal::BeginAgain => RefusalKind::BeginAgain,
            Refusal::NotFound => RefusalKind::NotFound,
            Refusal::NotAllowed => RefusalKind::NotAllowed,
            Refusal::NeedsSudo => RefusalKind::NeedsSudo,
            Refusal::Changed
            | Refusal::OwnsAlready
            | Refusal::MemberAlready
            | Refusal::OtherAddress
            | Refusal::OwnerStays
            | Refusal::LastAdministrator
            | Refusal::WrongState => RefusalKind::Conflict,
        }
    }
}

impl From<Errors> for Refusal {
    fn from(errors: Errors) -> Refusal {
        Refusal::Invalid(errors)
    }
}

/// The hundred or so that are tried first everywhere.
const COMMON: &str = include_str!("common_passwords.txt");

/// Whether a new password will do: long enough, not among those tried first, not the address itself.
/// Nothing is asked of its characters.
pub fn new_password(password: &str, email: &str) -> Result<(), Problem> {
    let length = u32::try_from(password.chars().count()).unwrap_or(u32::MAX);
    if password.is_empty() {
        return Err(Problem::Missing);
    }
    if length < PASSWORD_MIN {
        return Err(Problem::TooShort(PASSWORD_MIN));
    }
    if password.len() > PASSWORD_MAX as usize {
        return Err(Problem::TooLong(PASSWORD_MAX));
    }
    let low = password.to_lowercase();
    let first = low.chars().next();
    if COMMON.lines().any(|c| low == c) || low.chars().all(|c| Some(c) == first) {
        return Err(Problem::TooCommon);
    }
    let email = email.to_lowercase();
    let local = email.split('@').next().unwrap_or("");
    if low == email || (local.len() >= 4 && low.contains(local) && low.len() < local.len() + 4) {
        return Err(Problem::HoldsYourEmail);
    }
    Ok(())
}

/// A bucket: `burst` at once, then one every `every` milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    pub name: &'static str,
    pub burst: i64,
    pub every: i64,
}

/// Wrong or right, from one address (an IPv6 network counts as one).
pub const SIGN_IN_ADDRESS: Bucket = Bucket { name: "sign-in-address", burst: 60, every: 3 * Time::SECOND };
/// For one account, from browsers it never signed in with.
pub const SIGN_IN_ACCOUNT: Bucket = Bucket { name: "sign-in-account", burst: 10, every: 5 * Time::MINUTE };
/// For one account from a browser it knows: strangers cannot use this one up.
pub const SIGN_IN_DEVICE: Bucket = Bucket { name: "sign-in-device", burst: 10, every: Time::MINUTE };
/// Second factors of one account; a counter of its own.
pub const CODES: Bucket = Bucket { name: "codes", burst: 5, every: 3 * Time::MINUTE };
/// Mails to one address, each kind by itself: who asks for one kind in another's name does not keep the
/// owner from another kind.
pub const SIGN_UP_LETTERS: Bucket = Bucket { name: "letters-sign-up", burst: 4, every: 10 * Time::MINUTE };
pub const RESET_LETTERS: Bucket = Bucket { name: "letters-reset", burst: 4, every: 10 * Time::MINUTE };
pub const EMAIL_LETTERS: Bucket = Bucket { name: "letters-email", burst: 4, every: 10 * Time::MINUTE };
pub const INVITE_LETTERS: Bucket = Bucket { name: "letters-invite", burst: 6, every: 10 * Time::MINUTE };
/// Sign-ups, resets and invitations from one address.
pub const LETTERS_ADDRESS: Bucket = Bucket { name: "letters-address", burst: 30, every: 20 * Time::SECOND };
/// Passwords asked for again.
pub const SUDO: Bucket = Bucket { name: "sudo", burst: 8, every: Time::MINUTE };

/// The network that an address counts for: an IPv6 household has a whole /64.
pub fn network(address: &str) -> String {
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => {
                let s = v6.segments();
                format!("{:x}:{:x}:{:x}:{:x}::/64", s[0], s[1], s[2], s[3])
            }
        },
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w15_passwords_are_bounded_and_otherwise_free() {
        assert_eq!(new_password("", "a@b.co"), Err(Problem::Missing));
        assert_eq!(new_password("short", "a@b.co"), Err(Problem::TooShort(10)));
        assert_eq!(new_password(&"x1".repeat(513), "a@b.co"), Err(Problem::TooLong(1_024)));
        assert_eq!(new_password(&"ab".repeat(512), "a@b.co"), Ok(()));
        assert_eq!(new_password("with\0a NUL in it", "a@b.co"), Ok(()));
        assert_eq!(new_password("一二三四五六七八九十", "a@b.co"), Ok(()));
        assert_eq!(new_password("Password123", "a@b.co"), Err(Problem::TooCommon));
        assert_eq!(new_password("aaaaaaaaaaaa", "a@b.co"), Err(Problem::TooCommon));
        assert_eq!(new_password("ana.ferrer1", "Ana.Ferrer@b.co"), Err(Problem::HoldsYourEmail));
    }

    #[test]
    fn a_household_is_a_network() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("::ffff:10.0.0.1"), "10.0.0.1");
        assert_eq!(network("10.0.0.1"), "10.0.0.1");
    }

    #[test]
    fn every_refusal_is_in_the_list() {
        for r in [
            Refusal::Throttled(1),
            Refusal::BadLink,
            Refusal::WrongState,
            Refusal::Invalid(Errors::default()),
        ] {
            assert!(Refusal::CODES.contains(&r.code()));
        }
    }
}
