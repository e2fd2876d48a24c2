//! Companies of developers: what was verified, and which sellers belong to it. "Own stores only" reads it.

use crate::licence::licence_key;
use crate::seller::SellerLine;
use crate::store::{
    ADD_COMPANY_SELLER, DROP_COMPANY_SELLERS, FIND_COMPANY, FIND_COMPANY_OF_SELLER, FIND_DEVELOPER,
    LIST_COMPANY_SELLERS, PUT_COMPANY, SAME_LICENCE, SAME_VERIFIED,
};
use crate::{Answer, Company, Developer, People, Seat};
use kernel::{By, Country, DeveloperId, Failure, Fault, SellerId};
use serde_json::json;
use std::collections::BTreeSet;
use store::{House, Look, Tx, audit, params};

/// The company that was verified, and its sellers.
pub async fn company(people: &People, seat: &Seat) -> Answer<Option<(Company, Vec<SellerLine>)>> {
    let id = seat.developer;
    let found = people.house.db.read(move |l| {
        let Some(company) = find_company(l, id)? else { return Ok(None) };
        Ok(Some((company, company_sellers(l, id)?)))
    });
    found.await.map_err(Failure::Fault)
}

pub fn find_company(look: &mut Look<'_>, developer: DeveloperId) -> Result<Option<Company>, Fault> {
    look.one(&FIND_COMPANY, params![developer])
}

pub fn company_sellers(look: &mut Look<'_>, developer: DeveloperId) -> Result<Vec<SellerLine>, Fault> {
    look.all(&LIST_COMPANY_SELLERS, params![developer])
}

/// The developer information, for other rooms: inside a transaction.
pub fn developer_line(look: &mut Look<'_>, id: DeveloperId) -> Result<Option<Developer>, Fault> {
    look.one(&FIND_DEVELOPER, params![id])
}

/// Names of other developers with this licence, whether theirs was verified or only typed.
pub fn same_licence(look: &mut Look<'_>, own: DeveloperId, number: &str) -> Result<Vec<String>, Fault> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (name,) in look.all::<(String,)>(&SAME_LICENCE, params![number, own])? {
        names.insert(name);
    }
    for (name,) in look.all::<(String,)>(&SAME_VERIFIED, params![licence_key(number), own])? {
        names.insert(name);
    }
    Ok(names.into_iter().collect())
}

/// The name of another developer whose company has this seller already.
pub fn company_of_seller(
    look: &mut Look<'_>,
    seller: SellerId,
    own: DeveloperId,
) -> Result<Option<String>, Fault> {
    Ok(look.one::<(String,)>(&FIND_COMPANY_OF_SELLER, params![seller, own])?.map(|(name,)| name))
}

/// Sets down what was verified, in place of what was before. Inside the transaction of the decision.
#[allow(clippy::too_many_arguments, reason = "each is a thing of its own")]
pub fn verify_company(
    tx: &mut Tx<'_>,
    h: &House,
    by: &By,
    developer: DeveloperId,
    name: &str,
    country: Country,
    licence_number: &str,
    sellers: &[SellerId],
) -> Result<(), Fault> {
    let (now, key) = (h.now(), licence_key(licence_number));
    tx.change(&PUT_COMPANY, params![developer, name, country.code(), licence_number, key, now])?;
    tx.change(&DROP_COMPANY_SELLERS, params![developer])?;
    for seller in sellers {
        tx.change(&ADD_COMPANY_SELLER, params![developer, *seller])?;
    }
    let named: Vec<String> = sellers.iter().map(ToString::to_string).collect();
    let detail = json!({"country": country.code(), "sellers": named});
    audit::record(tx, h, by, "company.verified", developer, &detail)?;
    Ok(())
}
