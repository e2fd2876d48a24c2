//! O9 for the database: a PostgreSQL of the test's own with `ssl=on`, and every way in which it might be
//! spoken to by mistake.

#![cfg(feature = "postgres-tests")]

use kernel::Fault;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use store::testing::{Authority, Identity, TestDb};
use store::{Db, Opening, PostgresSettings, Settings};

store::statements! {
    HOW = "SELECT CASE WHEN ssl THEN version ELSE 'in the clear' END FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
}

/// A server that is gone when the test is, however it ends: then the pipe to its keeper closes.
struct Server {
    keeper: Child,
    port: u16,
    folder: PathBuf,
}

const KEEP: &str = r#"trap 'rm -rf "$2"' EXIT
"$1/initdb" -U guildhall --auth=trust --no-sync -D "$2/data" >"$2/log" 2>&1 || exit
echo "ssl = on
ssl_cert_file = '$2/cert.pem'
ssl_key_file = '$2/key.pem'" >>"$2/data/postgresql.conf"
"$1/postgres" -D "$2/data" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 -c fsync=off >>"$2/log" 2>&1 &
cat >/dev/null
# The one for a server that is not ready to be told anything yet, the other for one that has visitors.
kill -TERM $!
kill -QUIT $!
wait
"#;

impl Server {
    async fn start(identity: &Identity) -> Server {
        let bin = programs().expect("the programs of a PostgreSQL server: cargo xtask test tools");
        let port = TcpListener::bind("127.0.0.1:0").expect("binds").local_addr().expect("bound").port();
        let folder = PathBuf::from(format!("/tmp/guildhall-tls-{}-{port}", std::process::id()));
        std::fs::create_dir(&folder).expect("a folder");
        let own = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("its mode");
            if let Some((user, group)) = servant() {
                chown(path, Some(user), Some(group)).expect("its owner");
            }
        };
        own(&folder, 0o700);
        for (name, text) in [("cert.pem", &identity.certificate), ("key.pem", &identity.key)] {
            std::fs::write(folder.join(name), text).expect("writes");
            own(&folder.join(name), 0o600);
        }
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEP, "keeper"]).arg(&bin).arg(&folder).arg(port.to_string());
        keeper.stdin(Stdio::piped()).stderr(Stdio::null()).current_dir("/").process_group(0);
        if let Some((user, group)) = servant() {
            keeper.uid(user).gid(group).env("HOME", &folder);
        }
        let server = Server { keeper: keeper.spawn().expect("sh"), port, folder };
        server.until("the server listens", "db.example", "?sslmode=disable&hostaddr=127.0.0.1").await;
        server
    }

    /// `host` is what the server is called; it is always reached at the loopback address.
    fn at(&self, host: &str, how: &str, ca_file: Option<&Path>) -> Db {
        let url = format!("postgres://guildhall@{host}:{}/postgres{how}", self.port);
        let settings = PostgresSettings {
            url,
            ca_file: ca_file.map(Path::to_owned),
            connections: 1,
            statement_timeout: Duration::from_secs(5),
        };
        Db::open(&Settings::Postgres(settings), Opening::Tool).expect("the settings are fine")
    }

    /// How the two speak, as the server itself sees it.
    async fn ask(&self, host: &str, how: &str, ca_file: Option<&Path>) -> Result<String, Fault> {
        let db = self.at(host, how, ca_file);
        let said = db.read(|l| l.one::<(String,)>(&HOW, &[])).await;
        db.close();
        said.map(|row| row.expect("a row").0)
    }

    async fn until(&self, what: &str, host: &str, how: &str) {
        for _ in 0..600 {
            if self.ask(host, how, None).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what}: {}", std::fs::read_to_string(self.folder.join("log")).unwrap_or_default());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Where Debian keeps them, else where the shell finds them.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|v| Some((v.file_name().to_str()?.parse::<u32>().ok()?, v.path().join("bin"))))
        .filter(|(_, bin)| bin.join("postgres").is_file())
        .max_by_key(|(version, _)| *version);
    let found = || Some(PathBuf::from(said("sh", &["-c", "command -v initdb"])?).parent()?.to_owned());
    newest.map(|(_, bin)| bin).or_else(found)
}

/// Root cannot run PostgreSQL; then the user `postgres` does.
fn servant() -> Option<(u32, u32)> {
    let id = |args: &[&str]| said("id", args)?.parse().ok();
    (id(&["-u"]) == Some(0)).then(|| {
        let (user, group) = (id(&["-u", "postgres"]), id(&["-g", "postgres"]));
        (user.expect("a user `postgres`"), group.expect("its group"))
    })
}

fn said(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn pem(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("writes");
    file
}

const HERE: &str = "?hostaddr=127.0.0.1";

#[track_caller]
fn refused(said: Result<String, Fault>, why: &str, what: &str) {
    match said {
        Ok(how) => panic!("{what}: it spoke {how}"),
        Err(fault) => assert!(fault.text.contains(why), "{what}: {fault}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn o9_postgresql_is_spoken_to_only_as_the_right_server() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let server = Server::start(&ours.identity("db.example")).await;
    let (right, wrong) = (pem(&ours.certificate()), pem(&theirs.certificate()));
    let (right, wrong) = (Some(right.path()), Some(wrong.path()));

    // Whatever the address says of TLS, but "disable": it is used, and verified.
    for mode in ["", "&sslmode=prefer", "&sslmode=require"] {
        let how = format!("{HERE}{mode}");
        let spoke = server.ask("db.example", &how, right).await.unwrap_or_else(|f| panic!("{mode}: {f}"));
        assert!(spoke.starts_with("TLSv1."), "{mode}: {spoke}");
        refused(server.ask("db.example", &how, wrong).await, "UnknownIssuer", mode);
        refused(server.ask("db.example", &how, None).await, "UnknownIssuer", mode);
        let other = server.ask("other.example", &how, right).await;
        refused(other, "not valid for name", mode);
        // On this machine too: who offers TLS is asked who it is, and there is no going back.
        refused(server.ask("localhost", mode.replacen('&', "?", 1).as_str(), right).await, "not valid", mode);
    }
    // Without a name there is nothing to verify.
    let nameless = format!("postgres://guildhall@/postgres{HERE}&port={}", server.port);
    let settings = PostgresSettings {
        url: format!("{nameless}&sslmode=require"),
        ca_file: right.map(Path::to_owned),
        connections: 1,
        statement_timeout: Duration::from_secs(5),
    };
    let db = Db::open(&Settings::Postgres(settings), Opening::Tool).expect("opens");
    assert!(db.ping().await.is_err());
    db.close();
    // Only a stated wish goes in the clear.
    let stated = server.ask("db.example", &format!("{HERE}&sslmode=disable"), right).await;
    assert_eq!(stated.expect("as asked"), "in the clear");

    // The same server with an old certificate, then without any TLS.
    let by_hand = TestDb {
        db: server.at("db.example", &format!("{HERE}&sslmode=disable"), None),
        settings: Settings::Sqlite(store::SqliteSettings { path: PathBuf::new() }),
        folder: tempfile::tempdir().expect("a folder"),
    };
    let old = ours.expired("db.example");
    std::fs::write(server.folder.join("cert.pem"), &old.certificate).expect("writes");
    std::fs::write(server.folder.join("key.pem"), &old.key).expect("writes");
    by_hand.by_hand("SELECT pg_reload_conf()").await.expect("reloads");
    let mut said = server.ask("db.example", HERE, right).await;
    for _ in 0..100 {
        if said.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        said = server.ask("db.example", HERE, right).await;
    }
    refused(said, "expired", "a certificate that ran out");

    by_hand.by_hand("ALTER SYSTEM SET ssl = off").await.expect("says so");
    by_hand.by_hand("SELECT pg_reload_conf()").await.expect("reloads");
    by_hand.db.close();
    server.until("the server speaks without TLS", "localhost", "").await;
    for mode in ["", "&sslmode=prefer", "&sslmode=require"] {
        let plain = server.ask("db.example", &format!("{HERE}{mode}"), right).await;
        refused(plain, "does not support TLS", mode);
    }
    refused(server.ask("localhost", "?sslmode=require", right).await, "does not support TLS", "localhost");
    assert_eq!(server.ask("localhost", "", right).await.expect("this machine"), "in the clear");
}

/// Somebody on the way says that there is no TLS: he hears nothing more.
#[tokio::test]
async fn o9_a_server_beyond_this_machine_is_never_spoken_to_in_the_clear() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let port = listener.local_addr().expect("bound").port();
    // Answers "no TLS here" to whoever asks, and tells what it hears next.
    let heard = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.expect("accepts");
        let mut request = [0; 8];
        stream.read_exact(&mut request).await.expect("asks for TLS");
        stream.write_all(b"N").await.expect("answers");
        let mut more = Vec::new();
        let _ = stream.read_to_end(&mut more).await;
        more
    });
    let settings = PostgresSettings {
        url: format!("postgres://guildhall:secret@db.example:{port}/postgres?hostaddr=127.0.0.1"),
        ca_file: None,
        connections: 1,
        statement_timeout: Duration::from_secs(5),
    };
    let db = Db::open(&Settings::Postgres(settings), Opening::Tool).expect("opens");
    assert!(db.ping().await.is_err());
    db.close();
    assert_eq!(heard.await.expect("no panic"), b"", "not even the name of the user");
}

#[test]
fn a_file_without_a_certificate_is_told_at_once() {
    for text in ["", "nothing of that kind", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    {
        let file = pem(text);
        let settings = PostgresSettings {
            url: "postgres://guildhall@db.example/postgres".to_owned(),
            ca_file: Some(file.path().to_owned()),
            connections: 1,
            statement_timeout: Duration::from_secs(5),
        };
        let told = Db::open(&Settings::Postgres(settings), Opening::Tool).err().expect("refused").to_string();
        assert!(told.contains(&file.path().display().to_string()), "{told}");
    }
}
