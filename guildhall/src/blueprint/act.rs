//! Doing what was planned and shown: all of it, or nothing.

use super::plan::{Plan, plan};
use super::read::Blueprint;
use courier::Courier;
use kernel::{By, Failure, Fault, Refuse};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    #[error("{0}")]
    Fault(Fault),
    #[error("somebody changed something meanwhile: look at the plan again")]
    Changed,
    #[error("{what} is refused: {why}")]
    Refused { what: String, why: String },
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Stopped {
        Stopped::Fault(fault)
    }
}

fn stopped<R: Refuse>(what: &str, failure: Failure<R>) -> Stopped {
    match failure {
        Failure::Fault(fault) => Stopped::Fault(fault),
        Failure::Refused(r) => Stopped::Refused { what: what.to_owned(), why: format!("{r:?}") },
    }
}

/// Applies the files in one transaction, if what they would change is what was shown.
pub async fn act(courier: &Courier, by: &By, b: &Blueprint, shown: &Plan) -> Result<(), Stopped> {
    let (c, by, b, shown) = (courier.clone(), by.clone(), b.clone(), shown.clone());
    courier
        .house
        .db
        .write(move |tx| {
            let h = &c.house;
            if plan(tx, &b, &c)? != shown || !shown.wrong.is_empty() {
                return Err(Stopped::Changed);
            }
            for p in &b.groups {
                catalogue::put(tx, h, &by, &p.it).map_err(|e| stopped(&p.it.key, e))?;
            }
            for p in &b.categories {
                apps::put_category(tx, h, &by, &p.it).map_err(|e| stopped(&p.it.key, e))?;
            }
            for p in &b.reasons {
                review::put_reason(tx, h, &by, &p.it).map_err(|e| stopped(&p.it.key, e))?;
            }
            for p in &b.agreements {
                people::put_agreement(tx, h, &by, &p.it).map_err(|e| stopped(&p.it.kind, e))?;
            }
            for p in &b.templates {
                courier::put_template(tx, &c, &by, &p.it).map_err(|e| stopped(&p.it.name, e))?;
            }
            Ok(())
        })
        .await
}
