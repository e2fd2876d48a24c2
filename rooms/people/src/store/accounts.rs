//! Accounts, links, second factors and throttles.

use crate::rules::Bucket;
use kernel::{AccountId, Fault, Lang, Time, TokenHash};
use store::{FromRow, Look, Row, Tx, params};

pub(crate) struct Credentials {
    pub id: AccountId,
    pub email: String,
    pub name: String,
    pub lang: Lang,
    pub state: String,
    pub password: Option<String>,
    pub totp: Option<Vec<u8>>,
    pub totp_since: Option<Time>,
}

impl FromRow for Credentials {
    fn from_row(row: &mut Row<'_>) -> Result<Credentials, Fault> {
        Ok(Credentials {
            id: row.take()?,
            email: row.take()?,
            name: row.take()?,
            lang: row.take()?,
            state: row.take()?,
            password: row.take()?,
            totp: row.take()?,
            totp_since: row.take()?,
        })
    }
}

/// A link that is still good.
pub(crate) struct GoodLink {
    pub account: Option<AccountId>,
    pub email: Option<String>,
}

impl FromRow for GoodLink {
    fn from_row(row: &mut Row<'_>) -> Result<GoodLink, Fault> {
        Ok(GoodLink { account: row.take()?, email: row.take()? })
    }
}

/// Takes one from a bucket, or says how many seconds to wait.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    bucket: Bucket,
    whose: &str,
    now: Time,
) -> Result<Result<(), i64>, Fault> {
    let key = format!("{} {whose}", bucket.name);
    let room = (bucket.burst - 1) * bucket.every;
    if tx.changed::<(i64,)>(&TAKE, params![&key, now, bucket.every, room])?.is_some() {
        return Ok(Ok(()));
    }
    let (tat,) = tx.one::<(i64,)>(&FIND_TAT, params![&key])?.unwrap_or_default();
    Ok(Err((tat - room - now.0).max(0) / Time::SECOND + 1))
}

/// The link if it is good; opening a page consumes nothing.
pub(crate) fn find_link(
    look: &mut Look<'_>,
    kind: &'static str,
    hash: TokenHash,
    now: Time,
) -> Result<Option<GoodLink>, Fault> {
    look.one(&FIND_LINK, params![hash, kind, now])
}

macro_rules! credentials {
    () => {
        "SELECT id, email, name, lang, state, password, totp, totp_since FROM account"
    };
}

store::statements! {
    FIND_BY_EMAIL = concat!(credentials!(), " WHERE email_key = $1");
    FIND_BY_ID = concat!(credentials!(), " WHERE id = $1");
    INSERT_ACCOUNT = "INSERT INTO account (id, email, email_key, name, lang, state, made_at)
        VALUES ($1, $2, $3, $4, $5, 'unverified', $6) ON CONFLICT (email_key) DO NOTHING";
    INSERT_FIRST = "INSERT INTO account (id, email, email_key, name, lang, state, password, made_at, verified_at)
        VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, $7) ON CONFLICT (email_key) DO NOTHING";
    MOVE_TO_ACTIVE = "UPDATE account SET state = 'active', password = $2, verified_at = $3
        WHERE id = $1 AND state = 'unverified'";
    SET_PASSWORD = "UPDATE account SET password = $2 WHERE id = $1 AND state = 'active' AND password = $3";
    // Holds the account's row until the end: what was read before the password was computed is still so.
    HOLD_ACCOUNT = "UPDATE account SET password = password WHERE id = $1 AND state = 'active' AND password = $2
        RETURNING totp_since";
    RESET_PASSWORD = "UPDATE account SET password = $2 WHERE id = $1 AND state = 'active'";
    SET_EMAIL = "UPDATE account SET email = $2, email_key = $3 WHERE id = $1 AND state = 'active'
        AND NOT EXISTS (SELECT 1 FROM account WHERE email_key = $3)";
    SET_PROFILE = "UPDATE account SET name = $2, lang = $3 WHERE id = $1";
    SET_LANG = "UPDATE account SET lang = $2 WHERE id = $1";

    INSERT_LINK = "INSERT INTO link (hash, kind, account_id, email, made_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    // For an account in this state; else the same work is done, and nothing kept.
    INSERT_LINK_IF = "INSERT INTO link (hash, kind, account_id, email, made_at, expires_at)
        SELECT $1, $2, id, NULL, $4, $5 FROM account WHERE id = $3 AND state = $6";
    // To an address that nobody has; else as above.
    INSERT_EMAIL_LINK_IF = "INSERT INTO link (hash, kind, account_id, email, made_at, expires_at)
        SELECT $1, 'email', $2, $3, $4, $5 WHERE NOT EXISTS (SELECT 1 FROM account WHERE email_key = $6)";
    FIND_LINK = "SELECT account_id, email FROM link
        WHERE hash = $1 AND kind = $2 AND expires_at > $3 AND used_at IS NULL";
    USE_LINK = "UPDATE link SET used_at = $3
        WHERE hash = $1 AND kind = $2 AND expires_at > $3 AND used_at IS NULL RETURNING account_id, email";
    END_LINKS = "UPDATE link SET used_at = $2 WHERE account_id = $1 AND used_at IS NULL";
    END_SETUP_LINKS = "UPDATE link SET used_at = $1 WHERE kind = 'setup' AND used_at IS NULL";
    PURGE_LINKS = "DELETE FROM link WHERE hash IN (SELECT hash FROM link WHERE expires_at < $1 LIMIT 1000)";

    LIST_SEALED = "SELECT id, totp FROM account WHERE totp IS NOT NULL AND id > $1 ORDER BY id LIMIT 500";
    RENEW_TOTP = "UPDATE account SET totp = $3 WHERE id = $1 AND totp = $2";
    START_TOTP = "UPDATE account SET totp = $2 WHERE id = $1 AND totp_since IS NULL";
    CONFIRM_TOTP = "UPDATE account SET totp_since = $2, totp_step = $3
        WHERE id = $1 AND totp_since IS NULL AND totp = $4";
    // Two who renew at once come one after the other.
    HOLD_TOTP = "UPDATE account SET totp_step = totp_step WHERE id = $1 AND totp_since IS NOT NULL";
    // Of the secret that the code was computed from, and no other.
    USE_STEP = "UPDATE account SET totp_step = $2
        WHERE id = $1 AND totp_step < $2 AND totp_since IS NOT NULL AND totp = $3";
    STOP_TOTP = "UPDATE account SET totp = NULL, totp_since = NULL, totp_step = 0
        WHERE id = $1 AND totp_since IS NOT NULL";
    DELETE_RECOVERY = "DELETE FROM recovery_code WHERE account_id = $1";
    INSERT_RECOVERY = "INSERT INTO recovery_code (account_id, hash) VALUES ($1, $2)";
    USE_RECOVERY = "UPDATE recovery_code SET used_at = $3
        WHERE account_id = $1 AND hash = $2 AND used_at IS NULL";
    COUNT_RECOVERY = "SELECT count(*) FROM recovery_code WHERE account_id = $1 AND used_at IS NULL";

    // A time further ahead than a full bucket is of a clock that has stepped back since: it counts for nothing.
    TAKE = "INSERT INTO throttle (key, tat) VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT))
        ON CONFLICT (key) DO UPDATE SET tat = $3 + CASE WHEN throttle.tat > $2
            AND throttle.tat <= CAST($2 AS BIGINT) + CAST($4 AS BIGINT) + CAST($3 AS BIGINT)
            THEN throttle.tat ELSE $2 END
        WHERE throttle.tat <= CAST($2 AS BIGINT) + CAST($4 AS BIGINT)
            OR throttle.tat > CAST($2 AS BIGINT) + CAST($4 AS BIGINT) + CAST($3 AS BIGINT) RETURNING tat";
    FIND_TAT = "SELECT tat FROM throttle WHERE key = $1";
    PURGE_THROTTLE = "DELETE FROM throttle WHERE key IN (SELECT key FROM throttle WHERE tat < $1 LIMIT 1000)";
}
