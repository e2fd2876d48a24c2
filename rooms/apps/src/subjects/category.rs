//! A Request for a category: who is approved may make one app of it.

use super::category_checks::checks;
use crate::category::CategoryState;
use crate::store::{FIND_COMPANY, FIND_KNOWN, Known};
use crate::verbs::find_category;
use kernel::{By, CategoryId, Failure, Lang};
use people::Seat;
use review::{Answer, Answers, Check, Kind, Opening, Refusal, Request, Subject};
use store::{House, Look, Tx, params};

pub struct CategorySubject;

/// What the developer information says already, under the keys that forms may use for it.
fn known(k: &Known) -> Answers {
    let pairs = [
        ("contact_name", Some(&k.contact_name)),
        ("contact_mobile", Some(&k.mobile)),
        ("mobile", Some(&k.mobile)),
        ("email", Some(&k.email)),
        ("contact_email", Some(&k.email)),
        ("country", Some(&k.country)),
        ("company", k.company.as_ref()),
        ("company_name", k.company.as_ref()),
        ("licence_number", k.licence_number.as_ref()),
    ];
    pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.clone()))).collect()
}

impl Subject for CategorySubject {
    fn kind(&self) -> Kind {
        Kind::Category
    }

    fn opening(&self, look: &mut Look<'_>, seat: &Seat, about: &str, _lang: Lang) -> Answer<Opening> {
        let refused = |r| Err(Failure::Refused(r));
        let Ok(id) = about.parse::<CategoryId>() else { return refused(Refusal::NotFound) };
        let Some(c) = find_category(look, id)? else { return refused(Refusal::NotFound) };
        match c.state {
            CategoryState::Hidden => return refused(Refusal::NotFound),
            CategoryState::Closed => return refused(Refusal::NotOffered),
            CategoryState::Open => {}
        }
        if c.needs_company && look.one::<(i64,)>(&FIND_COMPANY, params![seat.developer()])?.is_none() {
            return refused(Refusal::NeedsCompany);
        }
        let developer: Option<Known> = look.one(&FIND_KNOWN, params![seat.developer()])?;
        Ok(Opening {
            title: c.name,
            app: None,
            form: c.form,
            known: developer.as_ref().map(known).unwrap_or_default(),
            days: c.review_days,
            two_person: c.two_person,
            once: true,
        })
    }

    /// The approval itself is what the app is made from later.
    fn approved(&self, _: &mut Tx<'_>, _: &House, _: &By, _: &Request) -> Answer<()> {
        Ok(())
    }

    fn checks(&self, look: &mut Look<'_>, request: &Request) -> Answer<Vec<Check>> {
        checks(look, request)
    }
}
