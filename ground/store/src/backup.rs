//! Backup and restore: one plain file for both databases, so that it also moves a house from one to
//! the other.
//!
//! A file is lines of JSON: a header, a line a row, and a last line with the count and the SHA-256 of
//! all before it. It is taken from one snapshot while the house is open, and holds what the database
//! holds: sealed secrets stay sealed, and the master key is not in it.

use crate::{Cell, Db, Statement, Value, Vault, VaultError, audit, house, migrate, shape};
use aws_lc_rs::digest::{Context, SHA256};
use kernel::{Fault, Time};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{0}")]
    File(String),
    #[error("{0} is not a backup of Guildhall, or was cut off or changed: take an older one")]
    Damaged(String),
    #[error(
        "the backup has schema {theirs}, this Guildhall has {ours}: restore with the version that made it"
    )]
    Schema { theirs: i64, ours: i64 },
    #[error("the database is not empty ({0} holds rows): restore into an empty one")]
    NotEmpty(String),
    #[error("the audit in this backup is broken at entry {seq}: {why}")]
    Audit { seq: i64, why: &'static str },
    #[error(transparent)]
    Key(#[from] VaultError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a backup or a restore did.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    pub rows: u64,
    pub tables: usize,
}

/// Parents before children.
const ORDER: &[&str] = &[
    "audit",
    "audit_head",
    "outbox",
    "mail",
    "mail_template",
    "master_key",
    "house_key",
    "account",
    "recovery_code",
    "link",
    "session",
    "device",
    "throttle",
    "agreement",
    "agreement_text",
    "acceptance",
    "developer",
    "member",
    "invite",
    "staff",
    "headcount",
    "seller",
    "seller_key",
    "seller_account",
    "company",
    "company_seller",
    "turn",
    "notice",
    "api_key",
    "file",
    "file_use",
    "file_gone",
    "form",
    "request",
    "request_word",
    "request_round",
    "request_remark",
    "request_entry",
    "request_file",
    "request_check",
    "reason",
    "reason_text",
    "saved_view",
    "digest",
    "api_group",
    "api_group_text",
    "method",
    "category",
    "category_text",
    "category_group",
    "app",
    "app_release",
    "app_secret",
    "app_group",
    "app_seller",
    "app_penalty",
    "app_day",
    "ticket",
    "ticket_entry",
    "ticket_file",
];

/// What would open the house again to whoever was shown out after the backup: it stays behind, and people
/// sign in anew.
const LEFT_BEHIND: &[&str] = &["session", "device"];

/// Made by a migration, not by use.
const SEEDED: &[&str] = &["headcount", "digest", "turn"];

async fn tables(db: &Db) -> Result<Vec<(&'static str, Vec<String>)>, Fault> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for c in shape(db).await? {
        found.entry(c.table).or_default().push(c.name);
    }
    found.remove("migration");
    let ordered = ORDER.iter().filter_map(|t| found.remove(*t).map(|columns| (*t, columns))).collect();
    match found.keys().next() {
        Some(forgotten) => Err(Fault::internal(format!("backups know nothing of table {forgotten}"))),
        None => Ok(ordered),
    }
}

fn failed(path: &Path, e: &std::io::Error) -> BackupError {
    BackupError::File(format!("{}: {e}", path.display()))
}

struct Hashing<W> {
    out: W,
    hash: Context,
}

impl<W: Write> Hashing<W> {
    fn line(&mut self, json: &Json) -> std::io::Result<()> {
        let text = format!("{json}\n");
        self.hash.update(text.as_bytes());
        self.out.write_all(text.as_bytes())
    }
}

/// Writes a backup beside the target, and moves it there when it is whole and on the disk.
pub async fn save(db: &Db, path: &Path, now: Time) -> Result<Report, BackupError> {
    let tables = tables(db).await?;
    let path = path.to_owned();
    db.snapshot(move |look| {
        if path.exists() {
            return Err(BackupError::File(format!("{} exists already", path.display())));
        }
        let beside = PathBuf::from(format!("{}.part", path.display()));
        let file = private_file(&beside).map_err(|e| failed(&beside, &e))?;
        let mut out = Hashing { out: BufWriter::new(file), hash: Context::new(&SHA256) };
        let header = json!({"guildhall": "backup", "format": 1, "schema": migrate::newest(), "at": now.0});
        let io = |e: std::io::Error| failed(&beside, &e);
        out.line(&header).map_err(io)?;
        let mut rows = 0u64;
        for (table, columns) in &tables {
            let sql = format!("SELECT {} FROM {table}", quoted(columns));
            let mut broken = None;
            look.stream(&sql, |row| {
                let cells = (0..columns.len()).map(|i| row.cell(i).map(to_json));
                let cells = cells.collect::<Result<Vec<_>, _>>()?;
                rows += 1;
                if let Err(e) = out.line(&json!({"t": table, "v": cells})) {
                    broken = Some(e);
                    return Err(Fault::unavailable("the file cannot be written"));
                }
                Ok(())
            })
            .map_err(|fault| broken.map_or(BackupError::Fault(fault), |e| failed(&beside, &e)))?;
        }
        let hash = crate::vault::hex(out.hash.finish().as_ref());
        writeln!(out.out, "{}", json!({"rows": rows, "sha256": hash})).map_err(io)?;
        out.out.into_inner().map_err(|e| failed(&beside, e.error()))?.sync_all().map_err(io)?;
        std::fs::rename(&beside, &path).map_err(|e| failed(&path, &e))?;
        Ok(Report { rows, tables: tables.len() })
    })
    .await
}

fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn quoted(columns: &[String]) -> String {
    columns.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(", ")
}

fn to_json(cell: Cell<'_>) -> Json {
    match cell {
        Cell::Null => Json::Null,
        Cell::Int(v) => v.into(),
        Cell::Text(v) => v.into(),
        Cell::Blob(v) => json!({"x": crate::vault::hex(v)}),
    }
}

fn to_value(json: &Json) -> Option<Value<'_>> {
    Some(match json {
        Json::Null => Value::Null,
        Json::Number(n) => Value::Int(n.as_i64()?),
        Json::String(s) => Value::from(s),
        Json::Object(o) => {
            let digits = o.get("x")?.as_str()?.as_bytes();
            let pairs = digits.chunks(2).map(|p| u8::from_str_radix(std::str::from_utf8(p).ok()?, 16).ok());
            Value::Blob(pairs.collect::<Option<Vec<u8>>>()?.into())
        }
        _ => return None,
    })
}

/// Reads the whole file once, so that nothing is restored from one that is not whole.
fn examine(path: &Path) -> Result<(), BackupError> {
    let damaged = || BackupError::Damaged(path.display().to_string());
    let mut file = BufReader::new(File::open(path).map_err(|e| failed(path, &e))?);
    let (mut hash, mut rows, mut line) = (Context::new(&SHA256), 0u64, String::new());
    let mut first = true;
    loop {
        line.clear();
        if file.read_line(&mut line).map_err(|_| damaged())? == 0 {
            return Err(damaged());
        }
        let json: Json = serde_json::from_str(&line).map_err(|_| damaged())?;
        if first {
            if json["guildhall"] != "backup" || json["format"] != 1 {
                return Err(damaged());
            }
            let theirs = json["schema"].as_i64().ok_or_else(damaged)?;
            if theirs != migrate::newest() {
                return Err(BackupError::Schema { theirs, ours: migrate::newest() });
            }
        }
        if let Some(said) = json["sha256"].as_str() {
            let same = crate::vault::hex(hash.finish().as_ref()) == said && json["rows"] == rows;
            return if same && !first { Ok(()) } else { Err(damaged()) };
        }
        rows += u64::from(!first);
        first = false;
        hash.update(line.as_bytes());
    }
}

/// Brings a backup into an empty database, all of it or nothing: only if the master key is the right one
/// and the audit is whole.
pub async fn bring_back(db: &Db, vault: &Vault, path: &Path) -> Result<Report, BackupError> {
    examine(path)?;
    let tables = tables(db).await?;
    let count = tables.len();
    let (path, vault) = (path.to_owned(), vault.clone());
    let rows = db
        .write(move |tx| {
            let damaged = || BackupError::Damaged(path.display().to_string());
            for (table, _) in &tables {
                let find = Statement::made(format!("SELECT count(*) FROM {table}"));
                let (n,) = tx.one::<(i64,)>(find, &[])?.unwrap_or_default();
                if n > 0 && !SEEDED.contains(table) {
                    return Err(BackupError::NotEmpty((*table).to_owned()));
                }
                if n > 0 {
                    tx.change(Statement::made(format!("DELETE FROM {table}")), &[])?;
                }
            }
            let inserts: BTreeMap<&str, &'static Statement> = tables
                .iter()
                .map(|(table, columns)| {
                    let slots: Vec<_> = (1..=columns.len()).map(|n| format!("${n}")).collect();
                    let (columns, slots) = (quoted(columns), slots.join(", "));
                    let sql = format!("INSERT INTO {table} ({columns}) VALUES ({slots})");
                    (*table, Statement::made(sql))
                })
                .collect();
            let mut rows = 0;
            let file = BufReader::new(File::open(&path).map_err(|e| failed(&path, &e))?);
            for line in file.lines().skip(1) {
                let line: Json =
                    serde_json::from_str(&line.map_err(|e| failed(&path, &e))?).map_err(|_| damaged())?;
                let Some(table) = line["t"].as_str() else { break };
                if LEFT_BEHIND.contains(&table) {
                    continue;
                }
                let insert = inserts.get(table).ok_or_else(damaged)?;
                let values = line["v"].as_array().ok_or_else(damaged)?;
                let values = values.iter().map(to_value).collect::<Option<Vec<_>>>().ok_or_else(damaged)?;
                tx.change(insert, &values)?;
                rows += 1;
            }
            vault.check(tx)?;
            if let Some(key) = house::audit_key(tx, &vault)?
                && let audit::Verdict::Broken { seq, why } = audit::verify_with(tx, &key)?
            {
                return Err(BackupError::Audit { seq, why });
            }
            Ok(rows)
        })
        .await?;
    Ok(Report { rows, tables: count })
}
