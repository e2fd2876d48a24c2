//! Sellers: found, added, changed; who acts for them; those that developers test with.

use super::no;
use crate::rules::Refusal;
use crate::seller::{
    SELLERS_PAGE, Seller, SellerEntry, SellerLine, SellerState, SellerTyped, TEST_SELLERS_MAX,
};
use crate::store::{
    CLOSE_TEST_SELLER, COUNT_TEST_SELLERS, Credentials, DELETE_EMAIL_KEY, DELETE_SELLER_ACCOUNT,
    DELETE_SELLER_ACCOUNTS, FIND_BY_EMAIL, FIND_SELLER, FIND_SELLER_BY_CODE, HOLD_DEVELOPER, INSERT_CODE_KEY,
    INSERT_SELLER, INSERT_SELLER_ACCOUNT, LIST_SELLER_ACCOUNTS, LIST_SELLER_EMAILS, LIST_SELLERS,
    LIST_TEST_SELLERS, NAME_OF_DEVELOPER, PUT_EMAIL_KEY, RESOLVE_SELLER, SET_SELLER, SET_SELLER_STATE,
};
use crate::{Answer, OnStaff, People, Seat, StaffRole};
use kernel::{
    AccountId, By, Country, DeveloperId, Email, Errors, Failure, Fault, Problem, SellerId, fold, readable,
};
use serde_json::json;
use store::{House, Look, Tx, audit, params};

/// Who may look sellers up and change them.
pub const SELLERS_ROLE: StaffRole = StaffRole::Support;

/// The sellers behind what somebody typed, each by short code or login address, in one spelling.
pub fn resolve_sellers(look: &mut Look<'_>, typed: &[String]) -> Result<Vec<Option<SellerLine>>, Fault> {
    let mut out = Vec::with_capacity(typed.len());
    for text in typed {
        let key = fold(text);
        out.push(if key.is_empty() { None } else { look.one(&RESOLVE_SELLER, params![&key])? });
    }
    Ok(out)
}

/// By id, for those who know it already: inside a transaction.
pub fn seller_line(look: &mut Look<'_>, id: SellerId) -> Result<Option<SellerLine>, Fault> {
    look.one(&FIND_SELLER, params![id])
}

/// A page of sellers in the order of their codes, of those whose code begins with `prefix`. The second is
/// where the next page begins.
pub async fn list_sellers(
    people: &People,
    _staff: &OnStaff,
    prefix: &str,
    after: Option<String>,
) -> Answer<(Vec<SellerLine>, Option<String>)> {
    let (low, after) = (fold(prefix), after.unwrap_or_default());
    let high = format!("{low}\u{10ffff}");
    let found = people.house.db.read(move |l| l.all(&LIST_SELLERS, params![&after, &low, &high]));
    let mut lines: Vec<SellerLine> = found.await.map_err(Failure::Fault)?;
    let more = lines.len() > SELLERS_PAGE;
    lines.truncate(SELLERS_PAGE);
    let next = more.then(|| lines.last().map(|l| fold(&l.short_code))).flatten();
    Ok((lines, next))
}

pub(crate) fn whole(look: &mut Look<'_>, line: SellerLine) -> Result<Seller, Fault> {
    let emails = look.all::<(String,)>(&LIST_SELLER_EMAILS, params![line.id])?;
    let developer = match line.test_of {
        Some(id) => look.one::<(String,)>(&NAME_OF_DEVELOPER, params![id])?.map(|(name,)| name),
        None => None,
    };
    Ok(Seller {
        accounts: look.all(&LIST_SELLER_ACCOUNTS, params![line.id])?,
        emails: emails.into_iter().map(|(e,)| e).collect(),
        developer,
        line,
    })
}

pub async fn find_seller(people: &People, _staff: &OnStaff, id: SellerId) -> Answer<Seller> {
    let found = people.house.db.read(move |l| match l.one(&FIND_SELLER, params![id])? {
        Some(line) => whole(l, line).map(Some),
        None => Ok(None),
    });
    found.await.map_err(Failure::Fault)?.map_or_else(|| no(Refusal::NotFound), Ok)
}

pub async fn find_seller_by_code(people: &People, _staff: &OnStaff, code: &str) -> Answer<Seller> {
    let key = fold(code);
    let found = people.house.db.read(move |l| match l.one(&FIND_SELLER_BY_CODE, params![&key])? {
        Some(line) => whole(l, line).map(Some),
        None => Ok(None),
    });
    found.await.map_err(Failure::Fault)?.map_or_else(|| no(Refusal::NotFound), Ok)
}

/// Gives a seller exactly these login addresses. One that is another's is refused.
pub(crate) fn put_emails(tx: &mut Tx<'_>, id: SellerId, wanted: &[Email]) -> Answer<()> {
    for (old,) in tx.all::<(String,)>(&LIST_SELLER_EMAILS, params![id])? {
        let key = fold(&old);
        if wanted.iter().all(|e| e.key() != key) {
            tx.change(&DELETE_EMAIL_KEY, params![id, &key])?;
        }
    }
    for email in wanted {
        if !tx.moved(&PUT_EMAIL_KEY, params![email.key(), email.as_typed(), id])? {
            return no(Refusal::Invalid(Errors::one("emails", Problem::Taken)));
        }
    }
    Ok(())
}

pub async fn add_seller(people: &People, by: &By, staff: &OnStaff, typed: &SellerTyped) -> Answer<SellerId> {
    let entry = SellerEntry::check(typed).map_err(|e| Failure::Refused(Refusal::Invalid(e)))?;
    let (h, by) = (people.house.clone(), by.with(staff.account));
    people
        .house
        .db
        .write(move |tx| {
            let (now, key) = (h.now(), entry.key());
            let id = SellerId::new(now, &*h.random);
            let state = entry.state.unwrap_or(SellerState::Active);
            let row = params![
                id,
                &entry.short_code,
                &key,
                &entry.name,
                entry.country.code(),
                state,
                None::<DeveloperId>,
                now
            ];
            if !tx.moved(&INSERT_SELLER, row)? || !tx.moved(&INSERT_CODE_KEY, params![&key, id])? {
                return no(Refusal::Invalid(Errors::one("short_code", Problem::Taken)));
            }
            put_emails(tx, id, entry.emails.as_deref().unwrap_or_default())?;
            let detail = json!({"short_code": entry.short_code, "state": state.word()});
            audit::record(tx, &h, &by, "seller.added", id, &detail)?;
            Ok(id)
        })
        .await
}

/// Name, country and login addresses. The short code stays: it is what others know the seller by.
pub async fn edit_seller(
    people: &People,
    by: &By,
    staff: &OnStaff,
    id: SellerId,
    typed: &SellerTyped,
) -> Answer<()> {
    let entry = SellerEntry::check(typed).map_err(|e| Failure::Refused(Refusal::Invalid(e)))?;
    let (h, by) = (people.house.clone(), by.with(staff.account));
    people
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&SET_SELLER, params![id, &entry.name, entry.country.code(), h.now()])? {
                return no(Refusal::NotFound);
            }
            put_emails(tx, id, entry.emails.as_deref().unwrap_or_default())?;
            let detail = json!({"name": entry.name, "country": entry.country.code()});
            audit::record(tx, &h, &by, "seller.edited", id, &detail)?;
            Ok(())
        })
        .await
}

/// From the state that was shown to another one.
pub async fn set_seller_state(
    people: &People,
    by: &By,
    staff: &OnStaff,
    id: SellerId,
    from: SellerState,
    to: SellerState,
) -> Answer<()> {
    let (h, by) = (people.house.clone(), by.with(staff.account));
    people
        .house
        .db
        .write(move |tx| {
            if from == to || !tx.moved(&SET_SELLER_STATE, params![id, from, to, h.now()])? {
                let there = tx.one::<SellerLine>(&FIND_SELLER, params![id])?.is_some();
                return if there { no(Refusal::Changed) } else { no(Refusal::NotFound) };
            }
            let detail = json!({"from": from.word(), "to": to.word()});
            audit::record(tx, &h, &by, "seller.state_set", id, &detail)?;
            Ok(())
        })
        .await
}

/// Lets an account act for a seller.
pub async fn add_seller_account(
    people: &People,
    by: &By,
    staff: &OnStaff,
    id: SellerId,
    email: Email,
) -> Answer<()> {
    let (h, by) = (people.house.clone(), by.with(staff.account));
    people
        .house
        .db
        .write(move |tx| {
            if tx.one::<SellerLine>(&FIND_SELLER, params![id])?.is_none() {
                return no(Refusal::NotFound);
            }
            let found: Option<Credentials> = tx.one(&FIND_BY_EMAIL, params![email.key()])?;
            let Some(c) = found.filter(|c| c.state == "active") else {
                return no(Refusal::Invalid(Errors::one("email", Problem::NotOneOfThese)));
            };
            if !tx.moved(&INSERT_SELLER_ACCOUNT, params![id, c.id, h.now()])? {
                return no(Refusal::MemberAlready);
            }
            let detail = json!({"account": c.id.to_string()});
            audit::record(tx, &h, &by, "seller.account_added", id, &detail)?;
            Ok(())
        })
        .await
}

pub async fn remove_seller_account(
    people: &People,
    by: &By,
    staff: &OnStaff,
    id: SellerId,
    who: AccountId,
) -> Answer<()> {
    let (h, by) = (people.house.clone(), by.with(staff.account));
    people
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&DELETE_SELLER_ACCOUNT, params![id, who])? {
                return no(Refusal::NotFound);
            }
            let detail = json!({"account": who.to_string()});
            audit::record(tx, &h, &by, "seller.account_removed", id, &detail)?;
            Ok(())
        })
        .await
}

/// The test sellers of one's developer.
pub async fn list_test_sellers(people: &People, seat: &Seat) -> Answer<Vec<SellerLine>> {
    let id = seat.developer;
    people.house.db.read(move |l| l.all(&LIST_TEST_SELLERS, params![id])).await.map_err(Failure::Fault)
}

/// How many a developer has now.
pub fn count_test_sellers(look: &mut Look<'_>, developer: DeveloperId) -> Result<i64, Fault> {
    Ok(look.one::<(i64,)>(&COUNT_TEST_SELLERS, params![developer])?.map_or(0, |(n,)| n))
}

/// Makes a test seller, in the transaction of the decision; `None` if the developer has as many as it may.
pub fn make_test_seller(
    tx: &mut Tx<'_>,
    h: &House,
    by: &By,
    developer: DeveloperId,
    asker: AccountId,
    name: &str,
    country: Country,
) -> Result<Option<SellerId>, Fault> {
    if !tx.moved(&HOLD_DEVELOPER, params![developer])?
        || count_test_sellers(tx, developer)? >= TEST_SELLERS_MAX
    {
        return Ok(None);
    }
    let now = h.now();
    let id = SellerId::new(now, &*h.random);
    let mut tries = 0;
    let code = loop {
        let code = format!("T-{}", readable(&*h.random, 6));
        let row = params![id, &code, fold(&code), name, country.code(), SellerState::Active, developer, now];
        if tx.moved(&INSERT_SELLER, row)? {
            break code;
        }
        tries += 1;
        if tries == 8 {
            return Err(Fault::internal("no free code for a test seller"));
        }
    };
    tx.change(&INSERT_CODE_KEY, params![fold(&code), id])?;
    tx.change(&INSERT_SELLER_ACCOUNT, params![id, asker, now])?;
    let detail = json!({"short_code": code, "test_of": developer.to_string()});
    audit::record(tx, h, by, "seller.added", id, &detail)?;
    Ok(Some(id))
}

/// Gives a test seller back: it is closed, and nobody acts for it any more.
pub async fn release_test_seller(people: &People, by: &By, seat: &Seat, id: SellerId) -> Answer<()> {
    if !seat.role.builds() {
        return no(Refusal::NotAllowed);
    }
    let (h, by, developer) = (people.house.clone(), by.with(seat.account), seat.developer);
    people
        .house
        .db
        .write(move |tx| {
            if !tx.moved(&CLOSE_TEST_SELLER, params![id, developer, h.now()])? {
                return no(Refusal::NotFound);
            }
            tx.change(&DELETE_SELLER_ACCOUNTS, params![id])?;
            audit::record(tx, &h, &by, "seller.released", id, &json!({"test_of": developer.to_string()}))?;
            Ok(())
        })
        .await
}
