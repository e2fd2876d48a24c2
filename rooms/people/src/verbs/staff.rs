//! The operator's people, and what they look up.

use super::no;
use crate::rules::Refusal;
use crate::store::{
    COUNT_DOWN, COUNT_UP, Credentials, DELETE_SESSIONS, DELETE_STAFF, END_SETUP_LINKS, FIND_ACCOUNTS,
    FIND_BY_EMAIL, INSERT_STAFF, LIST_ACCOUNTS, LIST_STAFF, NAME_OF,
};
use crate::{AccountLine, Answer, OnStaff, People, StaffLine, StaffRole, Sudo};
use kernel::{AccountId, By, Email, Errors, Failure, Problem};
use serde_json::json;
use store::{audit, params};

pub async fn list_staff(people: &People) -> Answer<Vec<StaffLine>> {
    people.house.db.read(|l| l.all(&LIST_STAFF, &[])).await.map_err(Failure::Fault)
}

/// Gives a role to an account that exists and has proved its address.
pub async fn add_staff(
    people: &People,
    by: &By,
    admin: &OnStaff,
    email: Email,
    role: StaffRole,
    _sudo: Sudo,
) -> Answer<()> {
    add_staff_by_hand(people, &by.with(admin.account), email, role).await
}

/// As [`add_staff`], for the operator at the machine itself.
pub async fn add_staff_by_hand(people: &People, by: &By, email: Email, role: StaffRole) -> Answer<()> {
    let (h, by) = (people.house.clone(), by.clone());
    people
        .house
        .db
        .write(move |tx| {
            let found: Option<Credentials> = tx.one(&FIND_BY_EMAIL, params![email.key()])?;
            let Some(c) = found.filter(|c| c.state == "active") else {
                return no(Refusal::Invalid(Errors::one("email", Problem::NotOneOfThese)));
            };
            if !tx.moved(&INSERT_STAFF, params![c.id, role, h.now()])? {
                return no(Refusal::MemberAlready);
            }
            if role == StaffRole::Administrator {
                tx.change(&COUNT_UP, &[])?;
                // Nobody comes in by the first start's link any more.
                tx.change(&END_SETUP_LINKS, params![h.now()])?;
            }
            // Their sessions end, so that none goes on with other rights than it began with.
            tx.change(&DELETE_SESSIONS, params![c.id])?;
            audit::record(tx, &h, &by, "staff.added", c.id, &json!({"role": role.word()}))?;
            Ok(())
        })
        .await
}

pub async fn remove_staff(
    people: &People,
    by: &By,
    admin: &OnStaff,
    who: AccountId,
    role: StaffRole,
    _sudo: Sudo,
) -> Answer<()> {
    remove_staff_by_hand(people, &by.with(admin.account), who, role).await
}

/// Takes a role away. The last administrator stays, however many try at once.
pub async fn remove_staff_by_hand(people: &People, by: &By, who: AccountId, role: StaffRole) -> Answer<()> {
    let (h, by) = (people.house.clone(), by.clone());
    people
        .house
        .db
        .write(move |tx| {
            // The count first: its row is what two who remove at once wait for.
            if role == StaffRole::Administrator && !tx.moved(&COUNT_DOWN, &[])? {
                return no(Refusal::LastAdministrator);
            }
            if !tx.moved(&DELETE_STAFF, params![who, role])? {
                return no(Refusal::NotFound);
            }
            tx.change(&DELETE_SESSIONS, params![who])?;
            audit::record(tx, &h, &by, "staff.removed", who, &json!({"role": role.word()}))?;
            Ok(())
        })
        .await
}

/// A page of accounts, newest first, or those whose address begins with `prefix`; one more than a page
/// says that another follows.
pub async fn list_accounts(
    people: &People,
    prefix: &str,
    after: Option<AccountId>,
) -> Answer<Vec<AccountLine>> {
    let prefix = prefix.trim().to_lowercase();
    let before = after.map_or_else(|| "b".to_owned(), |id| id.to_string());
    let found = people.house.db.read(move |l| {
        if prefix.is_empty() {
            l.all(&LIST_ACCOUNTS, params![&before])
        } else {
            l.all(&FIND_ACCOUNTS, params![&prefix, format!("{prefix}\u{10ffff}")])
        }
    });
    found.await.map_err(Failure::Fault)
}

/// The names behind ids, for lists that show who did something.
pub async fn names(people: &People, ids: Vec<AccountId>) -> Answer<Vec<(AccountId, String)>> {
    let found = people.house.db.read(move |l| {
        let mut out = Vec::new();
        for id in &ids {
            if let Some((name,)) = l.one::<(String,)>(&NAME_OF, params![*id])? {
                out.push((*id, name));
            }
        }
        Ok(out)
    });
    found.await.map_err(Failure::<Refusal>::Fault)
}

/// The active account behind an address: for commands and for the demo.
pub async fn find_account(people: &People, email: &Email) -> Answer<Option<AccountId>> {
    let key = email.key().to_owned();
    let found: Option<Credentials> = people
        .house
        .db
        .read(move |l| l.one(&FIND_BY_EMAIL, params![&key]))
        .await
        .map_err(Failure::<Refusal>::Fault)?;
    Ok(found.filter(|c| c.state == "active").map(|c| c.id))
}
