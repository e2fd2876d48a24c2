//! Commands that look at or change a house from the operator's shell.

use crate::blueprint::{self, Blueprint, Kinds, Plan};
use crate::config::Config;
use crate::open;
use anyhow::{Context, anyhow, bail};
use courier::Courier;
use kernel::{By, Clock, Email, Errors, Failure, Lang, SystemClock};
use people::{People, Refusal, StaffRole};
use std::io::Read;
use std::path::{Path, PathBuf};
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

/// Files and what they would change: shown before anything is.
pub struct Planned {
    courier: Courier,
    blueprint: Blueprint,
    pub plan: Plan,
}

/// A file that could be anything, read as far as a file of ours goes.
fn read_file(path: &Path) -> anyhow::Result<(String, String)> {
    let name = path.display().to_string();
    let cannot = || format!("cannot read {name}");
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).with_context(cannot)?;
    file.take(blueprint::LARGEST as u64 + 1).read_to_end(&mut bytes).with_context(cannot)?;
    let text = String::from_utf8(bytes).map_err(|_| anyhow!("{name} is no text in UTF-8"))?;
    Ok((name, text))
}

/// Reads the files and compares them with what there is. Works beside a running server.
pub async fn plan_files(config: &Config, files: &[PathBuf]) -> anyhow::Result<Planned> {
    let texts: Vec<_> = files.iter().map(|f| read_file(f)).collect::<anyhow::Result<_>>()?;
    let wrong = |list: Vec<String>| anyhow!("nothing was changed:\n  {}", list.join("\n  "));
    let blueprint = blueprint::read(&texts).map_err(wrong)?;
    let house = open::house(config, Opening::Tool).await?;
    let courier = open::courier(config, house)?;
    let (b, c) = (blueprint.clone(), courier.clone());
    let plan = courier.house.db.read(move |look| blueprint::plan(look, &b, &c)).await?;
    if !plan.wrong.is_empty() {
        return Err(wrong(plan.wrong));
    }
    Ok(Planned { courier, blueprint, plan })
}

impl Planned {
    /// Does what was shown.
    pub async fn act(self) -> anyhow::Result<()> {
        let by = By::house("guildhall apply");
        match blueprint::act(&self.courier, &by, &self.blueprint, &self.plan).await {
            Err(blueprint::Stopped::Fault(fault)) if fault.kind == kernel::FaultKind::Unavailable => bail!(
                "nothing was changed: the database is busy or away ({fault}). SQLite lets one process write at \
                 a time: try again, or stop the server for a moment"
            ),
            other => other.map_err(|e| anyhow!("nothing was changed: {e}"))?,
        }
        self.courier.house.db.close();
        Ok(())
    }
}

/// What there is, as a file for [`plan_files`].
pub async fn export(config: &Config, kinds: Kinds) -> anyhow::Result<String> {
    let house = open::house(config, Opening::Tool).await?;
    // One state of the house, whoever writes meanwhile.
    let text = house.db.snapshot(move |look| blueprint::export(look, kinds)).await?;
    house.db.close();
    Ok(text)
}
