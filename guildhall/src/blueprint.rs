//! Configuration as code: categories, groups, agreements, reasons and letters in files, which are planned,
//! shown, and then applied in one transaction. What a file does not name is left alone.
//!
//! [`read`] makes sense of files, [`plan`] says what they would change, [`act`] changes it if it is still so,
//! [`export`] writes what there is, so that applying it changes nothing.

mod act;
mod export;
mod plan;
mod read;

pub use act::{Stopped, act};
pub use export::{Kinds, export};
pub use plan::{Line, Plan, Step, plan};
pub use read::{Blueprint, LARGEST, Placed, read};

use kernel::{By, Fault};
use store::House;

/// What a new house starts with.
pub const SEEDS: &[(&str, &str)] = &[
    ("groups.toml", include_str!("../seeds/groups.toml")),
    ("categories.toml", include_str!("../seeds/categories.toml")),
];

/// Brings the seeds into a house that has neither groups nor categories. What is the operator's by now is
/// never touched; of two processes that open a new house at once, one brings them.
pub async fn first_start(house: &House) -> anyhow::Result<()> {
    let is_new = async || {
        let look = house
            .db
            .read(|l| Ok::<_, Fault>(catalogue::list(l)?.is_empty() && apps::list_categories(l)?.is_empty()));
        look.await
    };
    if !is_new().await? {
        return Ok(());
    }
    let files: Vec<_> = SEEDS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let b = read(&files).map_err(|wrong| anyhow::anyhow!("the seeds are wrong: {}", wrong.join("; ")))?;
    // No letters are among the seeds: nothing is sent by this one.
    let courier = courier::Courier {
        house: house.clone(),
        site_name: String::new(),
        public_url: String::new(),
        transport: courier::Transport::Mailbox,
    };
    let (planned, c) = (b.clone(), courier.clone());
    let shown = house.db.read(move |look| plan(look, &planned, &c)).await?;
    match act(&courier, &By::house("start"), &b, &shown).await {
        Ok(()) => Ok(()),
        Err(Stopped::Fault(fault)) => Err(fault.into()),
        Err(_) if !is_new().await? => Ok(()),
        Err(stopped) => Err(stopped.into()),
    }
}
