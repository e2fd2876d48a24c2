//! F4: no space left. Writes wait for better days, reads go on, and nothing that was told is lost.

use super::book::{Book, audit_is_whole};
use super::browser::fetch;
use super::load::{Asked, Pass};
use super::person::{PASSWORD, Person};
use super::place::{BINARY, Held, Place, SETTINGS, Server, free_port, until};
use rustix::process::{Resource, Rlimit, prlimit};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

store::statements! {
    // As if every visitor had been here ten minutes ago.
    AGE_SESSIONS = "UPDATE session SET seen_at = seen_at - 600000";
    COUNT_UNSEALED = "SELECT count(*) FROM audit WHERE seq IS NULL";
    COUNT_MAIL = "SELECT count(*) FROM mail";
}

/// A file system of a few megabytes, for those who may mount one.
pub struct Tmpfs(PathBuf);

impl Tmpfs {
    pub fn mount(at: &Path, options: &str) -> Option<Tmpfs> {
        std::fs::create_dir_all(at).expect("a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "guildhall-test"]).arg(at);
        let mounted = mount.output().is_ok_and(|o| o.status.success());
        mounted.then(|| Tmpfs(at.to_owned()))
    }

    pub fn read_only(&self) -> bool {
        let ran = Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).output();
        ran.is_ok_and(|o| o.status.success())
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // Lazily: it goes when the last that has a file open there is gone.
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

/// What keeps files from growing.
enum Disk {
    /// A real one that is full, for as long as it is held.
    Small(#[expect(dead_code, reason = "dropping it is its use")] Tmpfs),
    /// The process may make no file larger than it is, which works without any right.
    Limited,
}

impl Disk {
    fn fill(&self, server: &Server, place: &Place) {
        match self {
            Disk::Small(_) => {
                let mut filler = File::create(place.data.join("filler")).expect("a file");
                while filler.write_all(&[1; 4_096]).is_ok() {}
            }
            Disk::Limited => {
                let log = std::fs::metadata(place.data.join("guildhall.db-wal")).expect("there is a log");
                limit(server, Some(log.len()));
            }
        }
    }

    fn free(&self, server: &Server, place: &Place) {
        match self {
            Disk::Small(_) => std::fs::remove_file(place.data.join("filler")).expect("it is there"),
            Disk::Limited => limit(server, None),
        }
    }
}

fn limit(server: &Server, bytes: Option<u64>) {
    let new = Rlimit { current: bytes, maximum: None };
    prlimit(Some(server.held.pid()), Resource::Fsize, new).expect("a child of ours");
}

/// A house on a disk that can be filled. What is named first goes last.
async fn on(small: bool) -> (Place, Disk, Server) {
    let place = Place::new();
    let mounted = if small { Tmpfs::mount(&place.data, "size=12m,mode=700") } else { None };
    match mounted {
        Some(tmpfs) => {
            let server = place.serve(&[]).await;
            (place, Disk::Small(tmpfs), server)
        }
        // Where nothing may be mounted the limit stands in. It must not end the process by its signal,
        // as a full disk does not either.
        None => {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", BINARY, "serve"]);
            command.env_clear().current_dir(place.root.path());
            command.arg("--set").arg(format!("data.folder={}", place.data.display()));
            let server = place.serve_as(command, &[]).await;
            (place, Disk::Limited, server)
        }
    }
}

/// Signs up until it is told that there is no space, and asserts that nothing else is told.
async fn until_full(pass: &Pass, server: &Server, all: &mut Vec<Asked>) {
    let (mut tries, mut refused) = (0, 0);
    while refused < 20 {
        tries += 1;
        assert!(tries < 3_000, "it never fills");
        let mut asked = Asked::fresh();
        let reply = pass.sign_up(server.pages, &mut asked).await;
        let reply = reply.unwrap_or_else(|e| panic!("{e} instead of an answer: {}", server.said()));
        if !asked.is_acknowledged() {
            refused += 1;
            assert_eq!(reply.status, 503, "{reply:?}");
            assert!(reply.header("retry-after").parse::<u32>().is_ok(), "says when: {:?}", reply.headers);
        }
        all.push(asked);
    }
}

async fn fills_and_recovers(small: bool) {
    let (place, disk, server) = on(small).await;
    let pass = Pass::get(server.pages).await.expect("the page opens");
    let mut all = Vec::new();
    for _ in 0..20 {
        let mut asked = Asked::fresh();
        pass.sign_up(server.pages, &mut asked).await.expect("answers");
        assert!(asked.is_acknowledged(), "{asked:?}");
        all.push(asked);
    }
    disk.fill(&server, &place);
    until_full(&pass, &server, &mut all).await;

    for path in ["/", "/login", "/signup"] {
        let page = fetch(server.pages, path).await.expect("reads go on");
        assert_eq!(page.status, 200, "{path}: {page:?}");
    }
    for path in ["/healthz", "/metrics"] {
        assert_eq!(fetch(server.operations, path).await.expect("answers").status, 200, "{path}");
    }

    disk.free(&server, &place);
    let mut asked = Asked::fresh();
    until("writing again", async || {
        pass.sign_up(server.pages, &mut asked).await.expect("answers");
        asked.is_acknowledged().then_some(())
    })
    .await;
    all.push(asked);
    // Whoever was refused tries again.
    for asked in all.iter_mut().filter(|a| !a.is_acknowledged()) {
        pass.sign_up(server.pages, asked).await.expect("answers");
        assert!(asked.is_acknowledged(), "{asked:?}: {}", server.said());
    }
    let backup = place.beside("backup");
    place.run(&["backup", &backup.display().to_string()]).await.well();
    server.end().await;
    assert_eq!(Book::of(&place).is_whole(&all).await, all.len());
    audit_is_whole(&place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f4_on_a_full_disk_reads_go_on_and_writes_come_back() {
    fills_and_recovers(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f4_where_no_file_may_grow_reads_go_on_and_writes_come_back() {
    fills_and_recovers(false).await;
}

/// Somebody reads the database from one moment in time, as a backup does: the log cannot begin anew
/// meanwhile, so that every write needs space of its own.
struct Reader {
    let_go: std::sync::mpsc::Sender<()>,
    reading: tokio::task::JoinHandle<()>,
}

impl Reader {
    async fn of(place: &Place) -> Reader {
        let (let_go, told) = std::sync::mpsc::channel::<()>();
        let (begun, begins) = tokio::sync::oneshot::channel();
        let (book, mut told, mut begun) = (Book::of(place), Some(told), Some(begun));
        let runtime = tokio::runtime::Handle::current();
        let reading = tokio::task::spawn_blocking(move || {
            let read: Result<(), kernel::Fault> = runtime.block_on(book.db.snapshot(move |look| {
                look.one::<(i64,)>(&COUNT_MAIL, &[])?;
                if let (Some(begun), Some(told)) = (begun.take(), told.take()) {
                    // Whoever waits for these has failed already if they are gone.
                    let _ = begun.send(());
                    let _ = told.recv();
                }
                Ok(())
            }));
            read.expect("reads");
        });
        begins.await.expect("it reads");
        Reader { let_go, reading }
    }

    async fn end(self) {
        drop(self.let_go);
        self.reading.await.expect("no panic");
    }
}

/// That somebody was seen again is a note, and no reason to refuse them the page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f4_on_a_full_disk_those_signed_in_read_on() {
    let (place, disk, server) = on(true).await;
    let mut ana = Person::set_up(&place, &server, "ana@house.example").await;
    // Several, because a note is small and the last gap of the log may hold one or two.
    let mut sessions = vec![ana.browser.cookies.clone()];
    for _ in 0..8 {
        ana.browser.cookies.remove("__Host-session");
        ana.sign_in(PASSWORD).await.leads_to("/console");
        sessions.push(ana.browser.cookies.clone());
    }
    assert_eq!(Book::of(&place).change(&AGE_SESSIONS).await, 9);
    // Whoever asks for the fifth letter gets none: that is the smallest write there is here.
    let pass = Pass::get(server.pages).await.expect("the page opens");
    let mut small = Asked::fresh();
    for _ in 0..5 {
        pass.sign_up(server.pages, &mut small).await.expect("answers").leads_to("/signup/sent");
    }
    let reader = Reader::of(&place).await;
    disk.fill(&server, &place);
    until_full(&pass, &server, &mut Vec::new()).await;
    until("not even a small one", async || {
        pass.sign_up(server.pages, &mut small).await.expect("answers");
        (!small.is_acknowledged()).then_some(())
    })
    .await;
    for cookies in sessions {
        ana.browser.cookies = cookies;
        let page = ana.browser.get("/account").await;
        assert_eq!(page.status, 200, "a page that is only read: {:?}", page.headers);
    }
    reader.end().await;
}

/// The log often lies on the same disk; `/dev/full` is one that is full for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f4_a_log_that_cannot_be_written_stops_nothing() {
    let place = Place::new();
    let (pages, operations) = (free_port(), free_port());
    let mut command = place.command(BINARY.as_ref(), &["serve"]);
    command.args(SETTINGS[2..].iter().flat_map(|s| ["--set", s]));
    command.args(["--set", &format!("listen.pages=127.0.0.1:{pages}")]);
    command.args(["--set", &format!("listen.operations=127.0.0.1:{operations}")]);
    let full = File::options().write(true).open("/dev/full").expect("every Linux has it");
    command.stderr(full);
    let mut held = Held::start(command);
    let (pages, operations) = (([127, 0, 0, 1], pages).into(), ([127, 0, 0, 1], operations).into());
    until("serving without a log", async || {
        if let Some(status) = held.ended(std::time::Duration::from_millis(1)).await {
            panic!("it ended with {status}, only because it could not log");
        }
        fetch(operations, "/readyz").await.ok()
    })
    .await;
    let pass = Pass::get(pages).await.expect("a page opens, though its line is not logged");
    let mut all = Vec::new();
    for _ in 0..10 {
        let mut asked = Asked::fresh();
        pass.sign_up(pages, &mut asked).await.expect("answers");
        assert!(asked.is_acknowledged(), "{asked:?}");
        all.push(asked);
    }
    // What runs beside the pages lives too.
    let book = Book::of(&place);
    until("letters", async || (book.count(&COUNT_MAIL).await == 10).then_some(())).await;
    until("the seal", async || (book.count(&COUNT_UNSEALED).await == 0).then_some(())).await;
    book.is_whole(&all).await;
}
