//! F7: PostgreSQL goes away in the middle of a transaction. Whatever the moment, nobody is told that
//! something was kept which was not, and what is kept is whole.

#![cfg(feature = "postgres-tests")]

use kernel::{Fault, FaultKind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::testing::TestDb;
use store::{Db, Opening, PostgresSettings, Settings, Tx, params};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

store::statements! {
    INSERT = "INSERT INTO throttle (key, tat) VALUES ($1, $2)";
    FIND = "SELECT count(*) FROM throttle WHERE tat = $1";
}

/// When the wire is cut, once.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Cut {
    /// Behind the answer to BEGIN.
    BehindBegin,
    /// Behind the answer to the last statement, which still arrives.
    BehindTheLast,
    /// COMMIT does not arrive.
    BeforeCommit,
    /// COMMIT is on its way; nobody waits for the answer.
    AtCommit,
    /// COMMIT is done; its answer is lost.
    BeforeItsAnswer,
    /// After so many messages of the client, wherever that is.
    After(u32),
}

/// A wire to the server that can be cut.
struct Wire {
    port: u16,
    order: Arc<Mutex<Option<Cut>>>,
    carrying: JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

/// What both directions of one connection know: how far its transaction is.
#[derive(Default)]
struct Progress {
    /// Messages of the client.
    said: u32,
    /// Answers of the server since BEGIN after which the transaction is still open.
    open: u32,
    began: bool,
    committing: bool,
}

impl Wire {
    async fn to(server: String) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let port = listener.local_addr().expect("bound").port();
        let order: Arc<Mutex<Option<Cut>>> = Arc::default();
        let told = order.clone();
        let carrying = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.expect("the server is there");
                client.set_nodelay(true).and(server.set_nodelay(true)).expect("a socket");
                let (order, progress) = (told.clone(), Arc::<Mutex<Progress>>::default());
                tokio::spawn(async move {
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    // Whichever ends first takes the other and both sockets with it.
                    tokio::select! {
                        _ = there(from_client, to_server, order.clone(), progress.clone()) => {}
                        _ = back(from_server, to_client, order, progress) => {}
                    }
                });
            }
        });
        Wire { port, order, carrying }
    }

    fn cut(&self, when: Cut) {
        *self.order.lock().expect("no panic while held") = Some(when);
    }

    fn is_cut(&self) -> bool {
        self.order.lock().expect("no panic while held").is_none()
    }
}

/// Takes the order if it is one of these.
fn is_told(order: &Mutex<Option<Cut>>, these: impl Fn(Cut) -> bool) -> bool {
    let mut order = order.lock().expect("no panic while held");
    let now = order.is_some_and(these);
    if now {
        *order = None;
    }
    now
}

/// One message: a letter, a length that counts itself, the rest.
async fn message(from: &mut OwnedReadHalf, with_letter: bool) -> Option<Vec<u8>> {
    let mut whole = vec![0; if with_letter { 5 } else { 4 }];
    from.read_exact(&mut whole).await.ok()?;
    let length: [u8; 4] = whole[whole.len() - 4..].try_into().ok()?;
    let head = whole.len();
    whole.resize(head + u32::from_be_bytes(length) as usize - 4, 0);
    from.read_exact(&mut whole[head..]).await.ok()?;
    Some(whole)
}

async fn there(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    order: Arc<Mutex<Option<Cut>>>,
    progress: Arc<Mutex<Progress>>,
) -> Option<()> {
    let start = message(&mut from, false).await?;
    to.write_all(&start).await.ok()?;
    loop {
        let next = message(&mut from, true).await?;
        let is = |sql: &str| next[0] == b'Q' && next[5..].starts_with(sql.as_bytes());
        let said = {
            let mut p = progress.lock().expect("no panic while held");
            p.said += 1;
            if is("BEGIN") {
                (p.began, p.open, p.committing) = (true, 0, false);
            }
            p.committing |= is("COMMIT");
            p.said
        };
        if is("COMMIT") && is_told(&order, |c| c == Cut::BeforeCommit) {
            return None;
        }
        if is_told(&order, |c| matches!(c, Cut::After(n) if said > n)) {
            return None;
        }
        to.write_all(&next).await.ok()?;
        if is("COMMIT") && is_told(&order, |c| c == Cut::AtCommit) {
            return None;
        }
    }
}

async fn back(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    order: Arc<Mutex<Option<Cut>>>,
    progress: Arc<Mutex<Progress>>,
) -> Option<()> {
    loop {
        let next = message(&mut from, true).await?;
        // "Ready", and how the transaction is: T is open, I is none.
        let ready = (next[0] == b'Z').then(|| next[5]);
        let (open, done) = {
            let mut p = progress.lock().expect("no panic while held");
            p.open += u32::from(p.began && ready == Some(b'T'));
            (p.open, p.committing && ready == Some(b'I'))
        };
        if answers_commit(&next, &progress) && is_told(&order, |c| c == Cut::BeforeItsAnswer) {
            // The server has said that it is done: it is.
            return None;
        }
        to.write_all(&next).await.ok()?;
        if done {
            *progress.lock().expect("no panic while held") = Progress::default();
        }
        let behind = |c| match c {
            Cut::BehindBegin => open == 1,
            Cut::BehindTheLast => open == 3,
            _ => false,
        };
        if ready == Some(b'T') && is_told(&order, behind) {
            return None;
        }
    }
}

/// `C` is "complete", followed by what was.
fn answers_commit(message: &[u8], progress: &Mutex<Progress>) -> bool {
    let committing = progress.lock().expect("no panic while held").committing;
    committing && message[0] == b'C' && message[5..].starts_with(b"COMMIT")
}

/// A database behind a wire, and the same database reached safely.
async fn wired(lanes: usize) -> (TestDb, Db, Wire) {
    let on = TestDb::postgres().await;
    let Settings::Postgres(direct) = &on.settings else { panic!("PostgreSQL") };
    let (_, rest) = direct.url.split_once('@').expect("user@host");
    let (server, _) = rest.split_once('/').expect("host/database");
    let wire = Wire::to(server.to_owned()).await;
    let url = direct.url.replace(&format!("@{server}/"), &format!("@127.0.0.1:{}/", wire.port));
    let settings = PostgresSettings {
        url,
        ca_file: None,
        connections: lanes,
        statement_timeout: Duration::from_secs(5),
    };
    let db = Db::open(&Settings::Postgres(settings), Opening::Tool).expect("opens");
    (on, db, wire)
}

/// Two rows under one number.
fn two(n: i64) -> impl FnMut(&mut Tx<'_>) -> Result<(), Fault> + Send + 'static {
    move |tx| {
        tx.change(&INSERT, params![&format!("{n}a"), n])?;
        tx.change(&INSERT, params![&format!("{n}b"), n])?;
        Ok(())
    }
}

async fn kept(on: &TestDb, n: i64) -> i64 {
    let found = on.db.read(move |l| l.one::<(i64,)>(&FIND, params![n])).await;
    found.expect("reads").expect("a row").0
}

#[tokio::test(flavor = "multi_thread")]
async fn f7_a_commit_on_a_lost_connection_is_never_a_success() {
    let (on, db, wire) = wired(1).await;
    let mut n = 0;
    for round in 0..20 {
        for when in
            [Cut::BehindBegin, Cut::BehindTheLast, Cut::BeforeCommit, Cut::AtCommit, Cut::BeforeItsAnswer]
        {
            // With its statements prepared, so that the answers can be counted.
            n += 1;
            db.write(two(n)).await.unwrap_or_else(|f| panic!("round {round}, before {when:?}: {f}"));
            assert_eq!(kept(&on, n).await, 2);
            n += 1;
            wire.cut(when);
            let told = db.write(two(n)).await;
            assert!(wire.is_cut(), "round {round}: {when:?} did not come");
            let fault = told.expect_err("the connection was lost before anybody knew");
            assert_eq!(fault.kind, FaultKind::Unavailable, "{when:?}: {fault}");
            let mut rows = kept(&on, n).await;
            match when {
                Cut::BeforeItsAnswer => assert_eq!(rows, 2, "it was done, and only the word of it lost"),
                // It may still be at it.
                Cut::AtCommit => {
                    for _ in 0..50 {
                        if rows == 2 {
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(2)).await;
                        rows = kept(&on, n).await;
                    }
                    assert!(rows == 0 || rows == 2, "half of it: {rows}");
                }
                _ => assert_eq!(rows, 0, "{when:?}"),
            }
            // The next one works, at once, and so does reading.
            n += 1;
            db.write(two(n)).await.unwrap_or_else(|f| panic!("round {round}, after {when:?}: {f}"));
            let read = db.read(move |l| l.one::<(i64,)>(&FIND, params![n])).await;
            assert_eq!(read.expect("reads"), Some((2,)));
        }
    }
    db.close();
}

/// A snapshot that lost its connection is no snapshot.
#[tokio::test(flavor = "multi_thread")]
async fn f7_reading_on_a_lost_connection_is_whole_or_told() {
    let (on, db, wire) = wired(1).await;
    on.db.write(two(1)).await.expect("writes");
    for _ in 0..20 {
        db.read(|l| l.one::<(i64,)>(&FIND, params![1])).await.expect("reads");
        wire.cut(Cut::BehindBegin);
        let seen = db.snapshot(|l| l.one::<(i64,)>(&FIND, params![1])).await;
        assert!(wire.is_cut());
        assert_eq!(seen.expect_err("lost in the middle").kind, FaultKind::Unavailable);
        wire.cut(Cut::After(0));
        // An idle connection that died: reading again does no harm, so nobody hears of it.
        assert_eq!(db.read(|l| l.one::<(i64,)>(&FIND, params![1])).await.expect("reads"), Some((2,)));
    }
    db.close();
}

/// Cut anywhere, again and again, under many writers: what was acknowledged is there, and all is whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f7_no_acknowledged_write_is_lost_on_a_bad_wire() {
    let (on, db, wire) = wired(4).await;
    let done = Arc::new(AtomicU32::new(0));
    let writers: Vec<_> = (0..8)
        .map(|w| {
            let (db, done) = (db.clone(), done.clone());
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for n in 0..60 {
                    let n = i64::from(w) * 1_000 + n;
                    if db.write(two(n)).await.is_ok() {
                        acknowledged.push(n);
                    }
                }
                done.fetch_add(1, Ordering::SeqCst);
                acknowledged
            })
        })
        .collect();
    let mut cuts = 0;
    while done.load(Ordering::SeqCst) < 8 {
        if wire.is_cut() {
            cuts += 1;
            // Every message of a transaction gets its turn.
            wire.cut(Cut::After(cuts % 23));
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    let mut acknowledged = Vec::new();
    for w in writers {
        acknowledged.extend(w.await.expect("no panic"));
    }
    assert!(cuts > 10, "{cuts} cuts");
    assert!(acknowledged.len() > 100 && acknowledged.len() < 480, "{} acknowledged", acknowledged.len());
    for n in &acknowledged {
        assert_eq!(kept(&on, *n).await, 2, "{n} was acknowledged");
    }
    for n in (0..8).flat_map(|w| (0..60).map(move |n| w * 1_000 + n)) {
        let rows = kept(&on, n).await;
        assert!(rows == 0 || rows == 2, "{n}: {rows} rows");
    }
    db.close();
}
