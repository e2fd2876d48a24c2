//! The settings as the house uses them: typed, and with what follows from them.

use kernel::{Lang, SecretText};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// All settings. It has no `Debug`, because it holds secrets. What each is for says `default.toml`.
#[derive(Clone)]
pub struct Config {
    pub site: Site,
    pub listen: Listen,
    pub data: Data,
    pub database: Database,
    pub vault: Vault,
    pub mail: Mail,
    pub people: People,
    pub files: FileSettings,
    pub log: Log,
}

#[derive(Clone, Debug)]
pub struct Site {
    pub name: String,
    /// Scheme, host, and port if unusual, as browsers spell an origin: no slash at the end.
    pub public_url: String,
    /// Beside the public one; see [`Site::known_hosts`].
    pub hosts: Vec<String>,
    pub language: Lang,
    pub trusted_proxies: Vec<IpAddr>,
}

#[derive(Clone, Debug)]
pub struct Listen {
    pub pages: SocketAddr,
    pub operations: SocketAddr,
    pub max_connections: usize,
    pub max_connections_per_address: usize,
    pub header_timeout: Duration,
    pub write_stall: Duration,
    pub shutdown: Duration,
}

#[derive(Clone, Debug)]
pub struct Data {
    pub folder: PathBuf,
}

#[derive(Clone)]
pub struct Database {
    /// Empty for SQLite; see [`Config::database_settings`].
    pub url: SecretText,
    pub ca_file: Option<PathBuf>,
    pub connections: usize,
    pub statement_timeout: Duration,
    pub migrate: Migrate,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Migrate {
    #[default]
    Auto,
    Manual,
}

#[derive(Clone)]
pub struct Vault {
    pub master_key: SecretText,
    pub master_key_command: String,
}

/// Where the master key is to be had; see [`Config::master_key`].
#[derive(Clone)]
pub enum MasterKey {
    Given(SecretText),
    /// For `sh -c`; it prints the key.
    Command(String),
    /// Made at the first start.
    File(PathBuf),
}

#[derive(Clone)]
pub struct Mail {
    pub transport: Transport,
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    pub ca_file: Option<PathBuf>,
    /// Empty: do not sign in.
    pub username: String,
    pub password: SecretText,
    pub from: String,
    /// The site's name if none was given.
    pub from_name: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Transport {
    #[default]
    Mailbox,
    Smtp,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MailTls {
    #[default]
    Starttls,
    Implicit,
    None,
}

#[derive(Clone, Debug)]
pub struct People {
    /// 0: one a core.
    pub password_threads: usize,
}

#[derive(Clone)]
pub struct FileSettings {
    pub storage: FileStorage,
    /// `None`: in the data folder; see [`Config::files_folder`].
    pub folder: Option<PathBuf>,
    pub s3_endpoint: String,
    pub s3_region: String,
    pub s3_bucket: String,
    pub s3_access_key: String,
    pub s3_secret_key: SecretText,
    pub s3_in_path: bool,
    pub max_files: i64,
    pub max_megabytes: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FileStorage {
    #[default]
    Folder,
    S3,
}

#[derive(Clone, Debug)]
pub struct Log {
    pub level: LogLevel,
    pub format: LogFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LogFormat {
    #[default]
    Json,
    Text,
}

impl Site {
    /// Every name under which pages are served, as it stands in a Host header: the public one first.
    pub fn known_hosts(&self) -> Vec<String> {
        let public = self.public_url.split_once("://").map_or("", |(_, host)| host).to_owned();
        std::iter::once(public).chain(self.hosts.iter().cloned()).collect()
    }
}

impl Config {
    pub fn sqlite_path(&self) -> PathBuf {
        self.data.folder.join("guildhall.db")
    }
    pub fn master_key_path(&self) -> PathBuf {
        self.data.folder.join("master.key")
    }
    pub fn setup_link_path(&self) -> PathBuf {
        self.data.folder.join("setup-link.txt")
    }

    /// Where files lie, or only while they are being sent.
    pub fn files_folder(&self) -> PathBuf {
        self.files.folder.clone().unwrap_or_else(|| self.data.folder.join("files"))
    }

    /// Where the bytes of files lie, in words for the operator.
    pub fn files_place(&self) -> String {
        match self.files.storage {
            FileStorage::Folder => format!("the folder {}", self.files_folder().display()),
            FileStorage::S3 => format!("the bucket {}", self.files.s3_bucket),
        }
    }

    pub fn database_settings(&self) -> store::Settings {
        let url = self.database.url.reveal();
        if url.is_empty() {
            return store::Settings::Sqlite(store::SqliteSettings { path: self.sqlite_path() });
        }
        store::Settings::Postgres(store::PostgresSettings {
            url: url.to_owned(),
            ca_file: self.database.ca_file.clone(),
            connections: self.database.connections,
            statement_timeout: self.database.statement_timeout,
        })
    }

    pub fn master_key(&self) -> MasterKey {
        let Vault { master_key, master_key_command } = &self.vault;
        if !master_key.reveal().is_empty() {
            MasterKey::Given(master_key.clone())
        } else if !master_key_command.is_empty() {
            MasterKey::Command(master_key_command.clone())
        } else {
            MasterKey::File(self.master_key_path())
        }
    }
}

impl LogLevel {
    pub const ALL: [LogLevel; 5] =
        [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];

    /// As `tracing` spells it.
    pub const fn word(self) -> &'static str {
        match self {
            LogLevel::Error => "error",
            LogLevel::Warn => "warn",
            LogLevel::Info => "info",
            LogLevel::Debug => "debug",
            LogLevel::Trace => "trace",
        }
    }
}
