//! Ids: a prefix that says what it is, and 128 bits that sort by the time they were made.

use crate::{Random, Time};
use std::{fmt, str::FromStr};

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What is wrong with a text that should be an id: nothing more is told to a caller than that.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct BadId;

fn draw(now: Time, random: &dyn Random) -> u128 {
    let millis = u64::try_from(now.0).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random.array()).into_uuid().as_u128()
}

fn write(prefix: &str, bits: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [0u8; 26];
    for (i, c) in text.iter_mut().enumerate() {
        let shift = 5 * (25 - i);
        *c = DIGITS[((bits >> shift) & 31) as usize];
    }
    f.write_str(prefix)?;
    f.write_str("_")?;
    f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
}

fn read(prefix: &str, text: &str) -> Result<u128, BadId> {
    let digits = text.strip_prefix(prefix).and_then(|t| t.strip_prefix('_')).ok_or(BadId)?;
    // 26 digits hold 130 bits: the first may not be above 7.
    if digits.len() != 26 || digits.as_bytes()[0] > b'7' {
        return Err(BadId);
    }
    digits.bytes().try_fold(0u128, |bits, c| {
        let d = DIGITS.iter().position(|&x| x == c).ok_or(BadId)?;
        Ok(bits << 5 | d as u128)
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            pub const PREFIX: &'static str = $prefix;
            pub fn new(now: Time, random: &dyn Random) -> $name {
                $name(draw(now, random))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write($prefix, self.0, f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write($prefix, self.0, f)
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<$name, BadId> {
                read($prefix, text).map($name)
            }
        }
    )*};
}

ids! {
    /// A person who can sign in.
    AccountId = "acc";
    /// An organisation or individual that builds apps.
    DeveloperId = "dev";
    /// One version of a text that somebody accepts.
    AgreementId = "agr";
    /// That somebody accepted it.
    AcceptanceId = "acp";
    /// An invitation to a team.
    InviteId = "inv";
    /// One browser that is signed in.
    SessionId = "ses";
    /// An entry of the audit.
    AuditId = "aud";
    /// Something that must leave the house.
    OutboxId = "out";
    /// A message in the built-in mailbox.
    MailId = "mail";
    /// One knock at a door, as answers, logs and mails name it.
    TraceId = "req";
    /// Something handed in: a picture, a document.
    FileId = "file";
    /// Something asked for that a person decides.
    RequestId = "rq";
    /// A ready-made reason of the desk.
    ReasonId = "rsn";
    /// A view of the desk's queue that somebody saved.
    ViewId = "view";
    /// A template of apps.
    CategoryId = "cat";
    /// A group of methods.
    GroupId = "grp";
    /// A registered app.
    AppId = "app";
    /// One of an app's secrets.
    SecretId = "sec";
    /// A shop.
    SellerId = "sel";
    /// A step of the penalty ladder that was taken.
    PenaltyId = "pen";
    /// A conversation with the operator's staff.
    TicketId = "tkt";
    /// A line of a conversation, or of a Request's history.
    EntryId = "ent";
    /// A message in the portal.
    NoticeId = "ntc";
    /// A token for the management API.
    KeyId = "key";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn an_id_reads_back_and_sorts_by_time() {
        let r = SeededRandom::new("ids");
        let ids: Vec<_> = (1..200).map(|n| AccountId::new(Time(n * 1_000), &r)).collect();
        for pair in ids.windows(2) {
            assert!(pair[0].to_string() < pair[1].to_string());
        }
        for id in ids {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let id = AccountId::new(Time(5), &SeededRandom::new("x")).to_string();
        for bad in [
            "",
            "acc_",
            "acc",
            &id[1..],
            &id.to_uppercase(),
            &format!("{id}0"),
            &id.replace("acc_", "dev_"),
            &id.replace("acc_0", "acc_z"),
            "acc_\u{0661}",
        ] {
            assert_eq!(bad.parse::<AccountId>(), Err(BadId), "{bad}");
        }
    }
}
