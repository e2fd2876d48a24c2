//! Opening the house: folder, database, schema, master key.

use crate::config::{Config, FileStorage, MailTls, MasterKey, Migrate, Transport};
use anyhow::{Context, bail};
use courier::{Courier, SmtpSettings, SmtpTls};
use files::Files;
use kernel::{By, Clock, Lang, Random, SystemClock, SystemRandom};
use lobby::Hall;
use people::{Hasher, People};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::{Db, House, MasterKeys, Opening, Vault, migrate};
use tokio::sync::Notify;

/// A folder for us alone.
pub fn make_folder(folder: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| {
        format!("cannot make the folder {}: name another in data.folder, or make it yours", folder.display())
    })
}

/// Writes a file that only its owner may read, whole or not at all.
pub fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}: make its folder writable, or name another", path.display());
    let beside = PathBuf::from(format!("{}.new", path.display()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).with_context(cannot)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(cannot)?;
    fs::rename(&beside, path).with_context(cannot)
}

/// The master key, from wherever the configuration says; made for a house that never sealed anything.
pub fn master_keys(config: &Config, fresh_house: bool) -> anyhow::Result<MasterKeys> {
    let text = match config.master_key() {
        MasterKey::Given(secret) => secret.reveal().to_owned(),
        MasterKey::Command(command) => {
            let ran = std::process::Command::new("sh").arg("-c").arg(&command).output();
            let ran = ran.context("vault.master_key_command cannot be run")?;
            if !ran.status.success() {
                bail!("vault.master_key_command failed with {}", ran.status);
            }
            String::from_utf8(ran.stdout).context("vault.master_key_command printed no text")?
        }
        MasterKey::File(path) if path.exists() => {
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?
        }
        MasterKey::File(path) if fresh_house => {
            make_folder(&config.data.folder)?;
            let text = MasterKeys::fresh(&SystemRandom);
            write_private(&path, &text)?;
            tracing::info!(file = %path.display(), "made a master key: keep a copy of it apart from the backups");
            text
        }
        MasterKey::File(path) => bail!(
            "the master key {} is missing, and the database is sealed under it: put it back, or name it in vault.master_key",
            path.display()
        ),
    };
    MasterKeys::parse(&text)
        .with_context(|| format!("the master key in {} cannot be used", key_place(config)))
}

/// Where the master key comes from, for sentences about it.
fn key_place(config: &Config) -> String {
    match config.master_key() {
        MasterKey::Given(_) => "vault.master_key".to_owned(),
        MasterKey::Command(_) => "the output of vault.master_key_command".to_owned(),
        MasterKey::File(path) => path.display().to_string(),
    }
}

/// Opens the database and brings its schema up; a PostgreSQL that is not there yet is waited for.
pub async fn database(config: &Config, opening: Opening) -> anyhow::Result<Db> {
    if config.database.url.reveal().is_empty() {
        make_folder(&config.data.folder)?;
    }
    let db = Db::open(&config.database_settings(), opening)?;
    let mut tries = 0;
    while let Err(fault) = db.ping().await {
        tries += 1;
        if tries > 15 {
            bail!("the database does not answer: {fault}");
        }
        tracing::warn!(error = %fault, "waiting for the database");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(db)
}

pub async fn schema(config: &Config, db: &Db) -> anyhow::Result<()> {
    match config.database.migrate {
        Migrate::Auto => {
            let ran = migrate::run(db, SystemClock.now()).await?;
            if ran > 0 {
                tracing::info!(migrations = ran, "the schema was brought up to date");
            }
        }
        Migrate::Manual => {
            let missing = migrate::missing(db).await?;
            if missing > 0 {
                bail!(
                    "the schema lacks {missing} migrations, and database.migrate is \"manual\": run `guildhall migrate`"
                );
            }
        }
    }
    Ok(())
}

/// The whole house.
pub async fn house(config: &Config, opening: Opening) -> anyhow::Result<House> {
    let db = database(config, opening).await?;
    schema(config, &db).await?;
    let sealed_before = db.read(store::Vault::is_in_use).await?;
    let vault = Vault::new(&master_keys(config, !sealed_before)?);
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    House::open(db, Arc::new(SystemClock), random, vault)
        .await
        .with_context(|| format!("the master key in {} does not open this house", key_place(config)))
}

pub fn people(config: &Config, house: House) -> People {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let threads = match config.people.password_threads {
        0 => cores,
        n => n,
    };
    People { house, hasher: Hasher::new(threads) }
}

/// Files and where their bytes lie.
pub fn files(config: &Config, house: House) -> anyhow::Result<Files> {
    let (f, folder) = (&config.files, config.files_folder());
    let spool = folder.join("coming");
    for folder in [&folder, &spool] {
        make_folder(folder).context("files.folder")?;
    }
    let depot: Arc<dyn depot::Depot> = match f.storage {
        FileStorage::Folder => Arc::new(depot::Folder::open(folder.join("kept"))?),
        FileStorage::S3 => Arc::new(depot::Bucket::new(&depot::BucketSettings {
            endpoint: f.s3_endpoint.clone(),
            region: f.s3_region.clone(),
            name: f.s3_bucket.clone(),
            access_key: f.s3_access_key.clone(),
            secret_key: f.s3_secret_key.clone(),
            in_path: f.s3_in_path,
        })?),
    };
    let quota = files::Quota { files: f.max_files, bytes: f.max_megabytes * files::MB as i64 };
    Ok(Files::new(house, depot, quota, spool))
}

/// What the doors are built on. Here rooms are told of each other: whoever knows what a kind of Request is
/// about is registered with the desk.
pub fn hall(
    people: People,
    files: Files,
    site: Arc<web::Site>,
    personas: Vec<web::Persona>,
    wake: Arc<Notify>,
) -> Hall {
    let house = people.house.clone();
    let subjects: Vec<Arc<dyn review::Subject>> = vec![
        Arc::new(apps::CategorySubject),
        Arc::new(apps::GroupSubject),
        Arc::new(apps::Online { clock: house.clock.clone() }),
        Arc::new(apps::HigherLimit { clock: house.clock.clone() }),
        Arc::new(review::CompanySubject),
        Arc::new(review::TestSeller),
    ];
    Hall {
        files,
        review: review::Review { house: house.clone(), subjects: Arc::new(subjects) },
        catalogue: catalogue::Catalogue { house: house.clone() },
        apps: apps::Apps { house: house.clone() },
        tickets: tickets::Tickets { house },
        people,
        site,
        personas: Arc::new(personas),
        wake,
    }
}

/// Where letters go.
pub fn transport(config: &Config) -> anyhow::Result<courier::Transport> {
    let m = &config.mail;
    if m.transport == Transport::Mailbox {
        return Ok(courier::Transport::Mailbox);
    }
    let settings = SmtpSettings {
        host: m.host.clone(),
        port: Some(m.port),
        tls: match m.tls {
            MailTls::Starttls => SmtpTls::StartTls,
            MailTls::Implicit => SmtpTls::Implicit,
            MailTls::None => SmtpTls::None,
        },
        ca_file: m.ca_file.clone(),
        credentials: (!m.username.is_empty()).then(|| (m.username.clone(), m.password.clone())),
        from_address: m.from.clone(),
        from_name: m.from_name.clone(),
        timeout: SmtpSettings::TIMEOUT,
    };
    Ok(courier::Transport::Smtp(Arc::new(courier::Smtp::new(&settings)?)))
}

pub fn courier(config: &Config, house: House) -> anyhow::Result<Courier> {
    Ok(Courier {
        house,
        site_name: config.site.name.clone(),
        public_url: config.site.public_url.clone(),
        transport: transport(config)?,
    })
}

/// The texts that a new house starts with; the operator publishes others later.
pub async fn first_texts(house: &House) -> anyhow::Result<()> {
    let texts = [
        (Lang::En, include_str!("../agreements/api_use.en.txt")),
        (Lang::ZhCn, include_str!("../agreements/api_use.zh-CN.txt")),
        (Lang::Es, include_str!("../agreements/api_use.es.txt")),
    ];
    let parts = texts.map(|(lang, text)| {
        let (title, body) = text.split_once('\n').unwrap_or((text, ""));
        (lang, title.to_owned(), body.trim().to_owned())
    });
    people::publish_agreement(house, &By::house("start"), people::API_USE, 1, parts.to_vec()).await?;
    let kept = review::first_reasons(house, crate::reasons::first()).await;
    kept.map_err(|e| anyhow::anyhow!("the desk's first reasons: {e:?}"))?;
    crate::blueprint::first_start(house).await
}
