//! Commands that look at or change a house from the operator's shell.

use crate::config::Config;
use crate::open;
use anyhow::{anyhow, bail};
use kernel::{By, Clock, Email, Errors, Failure, Lang, SystemClock};
use people::{People, Refusal, StaffRole};
use std::path::Path;
use store::{Opening, Vault, audit, backup, migrate};

/// A refusal in the words of a shell.
fn words(failure: Failure<Refusal>) -> anyhow::Error {
    match failure {
        Failure::Fault(fault) => anyhow!(fault),
        Failure::Refused(Refusal::LastAdministrator) => {
            anyhow!("this is the last administrator: give the role to another account first")
        }
        Failure::Refused(Refusal::NotFound) => anyhow!("there is no such role to take away"),
        Failure::Refused(Refusal::MemberAlready) => anyhow!("this account has that already"),
        Failure::Refused(Refusal::Invalid(Errors(fields))) => {
            let told: Vec<_> = fields.iter().map(|(field, p)| format!("{field}: {p:?}")).collect();
            anyhow!("{}", told.join(", "))
        }
        Failure::Refused(other) => anyhow!("refused: {other:?}"),
    }
}

async fn people(config: &Config) -> anyhow::Result<People> {
    Ok(open::people(config, open::house(config, Opening::Tool).await?))
}

pub async fn run_migrations(config: &Config) -> anyhow::Result<usize> {
    let db = open::database(config, Opening::Tool).await?;
    let ran = migrate::run(&db, SystemClock.now()).await?;
    db.close();
    Ok(ran)
}

pub async fn save(config: &Config, file: &Path) -> anyhow::Result<backup::Report> {
    let db = open::database(config, Opening::Tool).await?;
    if migrate::missing(&db).await? > 0 {
        bail!(
            "there is nothing to back up here, or its schema is older than this Guildhall: run `guildhall migrate`"
        );
    }
    let report = backup::save(&db, file, SystemClock.now()).await?;
    db.close();
    Ok(report)
}

/// Brings a backup into an empty house, if its audit is whole and its master key is here.
pub async fn bring_back(config: &Config, file: &Path) -> anyhow::Result<backup::Report> {
    let vault = Vault::new(&open::master_keys(config, false)?);
    let db = open::database(config, Opening::Server).await?;
    migrate::run(&db, SystemClock.now()).await?;
    let report = backup::bring_back(&db, &vault, file).await?;
    db.close();
    Ok(report)
}

pub async fn verify_audit(config: &Config) -> anyhow::Result<audit::Verdict> {
    let house = open::house(config, Opening::Tool).await?;
    audit::seal(&house).await?;
    let h = house.clone();
    let verdict = house.db.snapshot(move |l| audit::verify(l, &h)).await?;
    house.db.close();
    Ok(verdict)
}

/// Seals anew, under the first master key, whatever an older one sealed; nothing to do with one key alone.
pub async fn rotate_keys(config: &Config) -> anyhow::Result<Option<u64>> {
    let people = people(config).await?;
    let older = people.house.vault.has_older_keys();
    let sealed = if older { Some(crate::serve::seal_anew(&people).await?) } else { None };
    people.house.db.close();
    Ok(sealed)
}

/// Gives a role. An account that is not there yet is made, with a password that is told once.
pub async fn add_staff(
    config: &Config,
    email: &str,
    role: StaffRole,
    name: Option<&str>,
) -> anyhow::Result<Option<String>> {
    let email = Email::parse(email).map_err(|p| anyhow!("{email}: {p:?}"))?;
    let people = people(config).await?;
    let by = By::house("guildhall staff add");
    let mut told = None;
    if people::find_account(&people, &email).await.map_err(words)?.is_none() {
        let Some(name) = name else {
            bail!("there is no account {}: sign up first, or add --name to make one", email.as_typed());
        };
        let bytes: [u8; 12] = people.house.random.array();
        let password: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        people::make_account(&people, &by, email.clone(), name.to_owned(), &password, Lang::default())
            .await
            .map_err(words)?;
        told = Some(password);
    }
    people::add_staff_by_hand(&people, &by, email, role).await.map_err(words)?;
    people.house.db.close();
    Ok(told)
}

pub async fn remove_staff(config: &Config, email: &str, role: StaffRole) -> anyhow::Result<()> {
    let email = Email::parse(email).map_err(|p| anyhow!("{email}: {p:?}"))?;
    let people = people(config).await?;
    let found = people::find_account(&people, &email).await.map_err(words)?;
    let who = found.ok_or_else(|| anyhow!("there is no account {}", email.as_typed()))?;
    people::remove_staff_by_hand(&people, &By::house("guildhall staff remove"), who, role)
        .await
        .map_err(words)?;
    people.house.db.close();
    Ok(())
}

pub async fn list_staff(config: &Config) -> anyhow::Result<Vec<people::StaffLine>> {
    let people = people(config).await?;
    let list = people::list_staff(&people).await.map_err(words)?;
    people.house.db.close();
    Ok(list)
}
