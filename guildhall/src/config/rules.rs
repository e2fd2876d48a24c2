//! Which values are allowed: of each setting by itself, and of settings that belong together.

use super::model::*;
use super::reader::{Reader, host_of, is_loopback, is_private, read_base_url};
use kernel::Lang;
use std::path::PathBuf;

impl Config {
    /// Each setting by itself.
    pub(super) fn read(r: &mut Reader<'_>) -> Config {
        let site = Site {
            name: r.line("site.name"),
            public_url: r.base_url("site.public_url"),
            hosts: r.hosts("site.hosts"),
            language: r.choice("site.language", &Lang::ALL.map(|l| (l.tag(), l))),
            trusted_proxies: r.ip_addresses("site.trusted_proxies"),
        };
        let listen = Listen {
            pages: r.address("listen.pages"),
            operations: r.address("listen.operations"),
            max_connections: r.number("listen.max_connections", 1..=1_000_000),
            max_connections_per_address: r.number("listen.max_connections_per_address", 1..=1_000_000),
            header_timeout: r.seconds("listen.header_timeout_seconds", 1..=300),
            write_stall: r.seconds("listen.write_stall_seconds", 1..=300),
            shutdown: r.seconds("listen.shutdown_seconds", 0..=600),
        };
        let database = Database {
            url: r.secret("database.url"),
            ca_file: r.file("database.ca_file"),
            connections: r.number("database.connections", 1..=200),
            statement_timeout: r.seconds("database.statement_timeout_seconds", 1..=600),
            migrate: r.choice("database.migrate", &[("auto", Migrate::Auto), ("manual", Migrate::Manual)]),
        };
        let vault = Vault {
            master_key: r.secret("vault.master_key"),
            master_key_command: r.text("vault.master_key_command"),
        };
        let transports = [("mailbox", Transport::Mailbox), ("smtp", Transport::Smtp)];
        let tls = [("starttls", MailTls::Starttls), ("implicit", MailTls::Implicit), ("none", MailTls::None)];
        let from_name = r.line("mail.from_name");
        let mail = Mail {
            transport: r.choice("mail.transport", &transports),
            host: r.line("mail.host"),
            port: r.number("mail.port", 1..=65_535),
            tls: r.choice("mail.tls", &tls),
            ca_file: r.file("mail.ca_file"),
            username: r.line("mail.username"),
            password: r.secret("mail.password"),
            from: r.mail_address("mail.from"),
            from_name: if from_name.is_empty() { site.name.clone() } else { from_name },
        };
        let log = Log {
            level: r.choice("log.level", &LogLevel::ALL.map(|l| (l.word(), l))),
            format: r.choice("log.format", &[("json", LogFormat::Json), ("text", LogFormat::Text)]),
        };
        let data = Data { folder: PathBuf::from(r.text("data.folder")) };
        let people = People { password_threads: r.number("people.password_threads", 0..=256) };
        let styles = [("path", true), ("host", false)];
        let files = FileSettings {
            storage: r.choice("files.storage", &[("folder", FileStorage::Folder), ("s3", FileStorage::S3)]),
            folder: Some(r.text("files.folder")).filter(|f| !f.is_empty()).map(PathBuf::from),
            s3_endpoint: r.line("files.s3_endpoint"),
            s3_region: r.line("files.s3_region"),
            s3_bucket: r.line("files.s3_bucket"),
            s3_access_key: r.line("files.s3_access_key"),
            s3_secret_key: r.secret("files.s3_secret_key"),
            s3_in_path: r.choice("files.s3_style", &styles),
            max_files: r.number("files.max_files_per_developer", 1..=1_000_000),
            max_megabytes: r.number("files.max_megabytes_per_developer", 10..=10_000_000),
        };
        Config { site, listen, data, database, vault, mail, people, files, log }
    }

    /// What settings say of each other. The checks that only warn are about what works, and is rarely meant.
    pub(super) fn validate(&self, r: &mut Reader<'_>) {
        self.validate_site(r);
        self.validate_secrets(r);
        if self.mail.transport == Transport::Smtp {
            self.validate_smtp(r);
        }
        if self.files.storage == FileStorage::S3 {
            self.validate_s3(r);
        }
    }

    fn validate_site(&self, r: &mut Reader<'_>) {
        let Config { site, listen, .. } = self;
        if site.name.trim().is_empty() {
            r.wrong("site.name", "must not be empty");
        }
        if self.data.folder.as_os_str().is_empty() {
            r.wrong("data.folder", "must not be empty");
        }
        let (pages, operations) = (listen.pages, listen.operations);
        let overlap =
            pages.ip() == operations.ip() || pages.ip().is_unspecified() || operations.ip().is_unspecified();
        if pages.port() == operations.port() && pages.port() != 0 && overlap {
            r.wrong("listen.operations", "is the address of listen.pages, too: choose another port");
        }
        if !is_private(operations.ip()) {
            r.warn("listen.operations", "can be reached from outside: use an address of a private network");
        }
        if !is_loopback(host_of(&site.public_url)) {
            if site.public_url.starts_with("http:") {
                r.warn("site.public_url", "is not https: passwords and sessions can be read on their way");
            }
            if self.mail.transport == Transport::Mailbox {
                r.warn("mail.transport", "is the built-in mailbox: nobody is sent any mail");
            }
        } else if !pages.ip().to_canonical().is_loopback() {
            r.warn(
                "site.public_url",
                "leads back to the reader's own machine: set it to what browsers reach",
            );
        }
    }

    fn validate_s3(&self, r: &mut Reader<'_>) {
        let f = &self.files;
        let given = [
            ("files.s3_endpoint", f.s3_endpoint.as_str()),
            ("files.s3_region", &f.s3_region),
            ("files.s3_bucket", &f.s3_bucket),
            ("files.s3_access_key", &f.s3_access_key),
            ("files.s3_secret_key", f.s3_secret_key.reveal()),
        ];
        for (name, _) in given.into_iter().filter(|(_, text)| text.is_empty()) {
            r.wrong(name, "must be set, because files.storage is \"s3\"");
        }
        let endpoint = &f.s3_endpoint;
        if !endpoint.is_empty() && read_base_url(endpoint).is_none() {
            r.wrong("files.s3_endpoint", "must be http:// or https:// and a host name, without path");
        } else if endpoint.starts_with("http:") && !is_loopback(host_of(endpoint)) {
            r.warn("files.s3_endpoint", "is not https: files can be read on their way");
        }
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
        if !f.s3_bucket.is_empty() && (!f.s3_bucket.chars().all(letters) || f.s3_bucket.len() > 63) {
            r.wrong("files.s3_bucket", "must be small letters, digits, dots and hyphens, 63 at most");
        }
    }

    fn validate_secrets(&self, r: &mut Reader<'_>) {
        let url = self.database.url.reveal();
        if !url.is_empty() && !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            r.wrong("database.url", "must begin with postgres://, or be empty for SQLite");
        }
        if self.database.ca_file.is_some() && url.is_empty() {
            r.warn("database.ca_file", "is not used: database.url is empty, so the database is SQLite");
        }
        let key = self.vault.master_key.reveal();
        if !key.is_empty() {
            if store::MasterKeys::parse(key).is_err() {
                r.wrong("vault.master_key", "must be 64 hexadecimal digits a line");
            }
            if !self.vault.master_key_command.is_empty() {
                r.wrong("vault.master_key_command", "is set, and vault.master_key is too: keep one");
            }
        }
    }

    fn validate_smtp(&self, r: &mut Reader<'_>) {
        let mail = &self.mail;
        if mail.host.is_empty() {
            r.wrong("mail.host", "must name the mail server, as mail.transport is smtp");
        }
        let signs_in = !mail.username.is_empty();
        if signs_in == mail.password.reveal().is_empty() {
            let (lacks, has) = if signs_in { ("password", "username") } else { ("username", "password") };
            r.wrong(&format!("mail.{lacks}"), format!("is empty, and mail.{has} is not: set both or none"));
        }
        if mail.tls == MailTls::None && signs_in && !is_loopback(&mail.host) {
            r.warn("mail.tls", "is none: the password goes over the network in the clear");
        }
        if mail.tls == MailTls::None && mail.ca_file.is_some() {
            r.warn("mail.ca_file", "is not used: mail.tls is none");
        }
        if mail.from.ends_with("@localhost") {
            r.warn("mail.from", "is no address on the internet: most mail servers refuse it");
        }
    }
}
