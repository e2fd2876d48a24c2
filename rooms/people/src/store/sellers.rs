//! Sellers and by what they are found.

use crate::seller::{SellerAccount, SellerLine};
use kernel::Fault;
use store::{FromRow, Row};

impl FromRow for SellerLine {
    fn from_row(row: &mut Row<'_>) -> Result<SellerLine, Fault> {
        Ok(SellerLine {
            id: row.take()?,
            short_code: row.take()?,
            name: row.take()?,
            country: row.take()?,
            state: row.take()?,
            test_of: row.take()?,
            made_at: row.take()?,
            changed_at: row.take()?,
        })
    }
}

impl FromRow for SellerAccount {
    fn from_row(row: &mut Row<'_>) -> Result<SellerAccount, Fault> {
        Ok(SellerAccount { account: row.take()?, name: row.take()?, email: row.take()?, since: row.take()? })
    }
}

macro_rules! line {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.short_code, s.name, s.country, s.state, s.test_of, s.made_at, s.changed_at FROM seller s ",
            $rest
        )
    };
}

store::statements! {
    FIND_SELLER = line!("WHERE s.id = $1");
    FIND_SELLER_BY_CODE = line!("WHERE s.code_key = $1");
    RESOLVE_SELLER = line!("JOIN seller_key k ON k.seller_id = s.id WHERE k.key = $1");
    // After the cursor, and between the bounds of what the code begins with.
    LIST_SELLERS = line!("WHERE s.code_key > $1 AND s.code_key >= $2 AND s.code_key < $3 ORDER BY s.code_key LIMIT 51");
    EXPORT_SELLERS = line!("WHERE s.code_key > $1 ORDER BY s.code_key LIMIT 1000");
    LIST_TEST_SELLERS = line!("WHERE s.test_of = $1 AND s.state <> 'closed' ORDER BY s.id LIMIT 50");
    COUNT_TEST_SELLERS = "SELECT count(*) FROM seller WHERE test_of = $1 AND state <> 'closed'";
    LIST_SELLER_EMAILS = "SELECT email FROM seller_key WHERE seller_id = $1 AND email IS NOT NULL ORDER BY key LIMIT 50";
    LIST_SELLER_ACCOUNTS = "SELECT a.id, a.name, a.email, x.since FROM seller_account x JOIN account a ON a.id = x.account_id
        WHERE x.seller_id = $1 ORDER BY x.since, a.id LIMIT 100";
    FIND_KEY_OWNER = "SELECT seller_id FROM seller_key WHERE key = $1";
    NAME_OF_DEVELOPER = "SELECT name FROM developer WHERE id = $1";

    INSERT_SELLER = "INSERT INTO seller (id, short_code, code_key, name, country, state, test_of, made_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (code_key) DO NOTHING";
    // Whoever imports the same code at the same time waits here, and then changes what the other made.
    TAKE_TURN = "UPDATE turn SET at = $1 WHERE name = 'sellers'";
    UPSERT_SELLER = "INSERT INTO seller (id, short_code, code_key, name, country, state, made_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, COALESCE(CAST($6 AS TEXT), 'active'), $7, $7)
        ON CONFLICT (code_key) DO UPDATE SET short_code = $2, name = $4, country = $5,
            state = COALESCE(CAST($6 AS TEXT), seller.state), changed_at = $7
        WHERE seller.test_of IS NULL RETURNING id";
    SET_SELLER = "UPDATE seller SET name = $2, country = $3, changed_at = $4 WHERE id = $1";
    SET_SELLER_STATE = "UPDATE seller SET state = $3, changed_at = $4 WHERE id = $1 AND state = $2";
    CLOSE_TEST_SELLER = "UPDATE seller SET state = 'closed', changed_at = $3
        WHERE id = $1 AND test_of = $2 AND state <> 'closed'";

    INSERT_CODE_KEY = "INSERT INTO seller_key (key, seller_id) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
    // Only its own, or one that nobody has.
    PUT_EMAIL_KEY = "INSERT INTO seller_key (key, email, seller_id) VALUES ($1, $2, $3)
        ON CONFLICT (key) DO UPDATE SET email = $2 WHERE seller_key.seller_id = $3";
    DELETE_EMAIL_KEY = "DELETE FROM seller_key WHERE seller_id = $1 AND key = $2 AND email IS NOT NULL";

    INSERT_SELLER_ACCOUNT = "INSERT INTO seller_account (seller_id, account_id, since) VALUES ($1, $2, $3)
        ON CONFLICT (seller_id, account_id) DO NOTHING";
    DELETE_SELLER_ACCOUNT = "DELETE FROM seller_account WHERE seller_id = $1 AND account_id = $2";
    DELETE_SELLER_ACCOUNTS = "DELETE FROM seller_account WHERE seller_id = $1";
    // Two who count at once come one after the other.
    HOLD_DEVELOPER = "UPDATE developer SET state = state WHERE id = $1 AND state = 'active'";
}
