//! F1 and F2: `kill -9` at random moments under load, and the same people trying once more.

use super::book::{Book, audit_is_whole};
use super::load::{Load, Pass};
use super::place::{BINARY, Held, Place, SETTINGS, Server};
use kernel::{Random, SystemRandom};
use std::time::Duration;
use tokio::time::sleep;

fn cycles() -> usize {
    #[allow(clippy::disallowed_methods, reason = "asked for by hand: the long run is for the night")]
    match std::env::var_os("GUILDHALL_LONG") {
        Some(_) => 200,
        None => 25,
    }
}

/// From the first requests on a fresh process to a log that is being brought into the file.
fn a_moment() -> Duration {
    let [a, b] = (&SystemRandom as &dyn Random).array();
    Duration::from_millis(u64::from(u16::from_be_bytes([a, b])) % 300)
}

fn chance() -> bool {
    let [a] = (&SystemRandom as &dyn Random).array();
    a % 2 == 0
}

/// Kills one of the servers each time; with two, sometimes both.
async fn killed_again_and_again(place: &Place, servers: usize, cycles: usize) {
    let (mut answered, mut again, mut acknowledged) = (Vec::new(), Vec::new(), 0);
    let mut pass = None;
    let mut running = Vec::new();
    for _ in 0..cycles {
        while running.len() < servers {
            running.push(place.serve(&[]).await);
        }
        let at: Vec<_> = running.iter().map(|s| s.pages).collect();
        if pass.is_none() {
            pass = Some(Pass::get(at[0]).await.expect("the page opens"));
        }
        let load = Load::start(pass.as_ref().expect("got above"), &at, 8, std::mem::take(&mut again));
        sleep(a_moment()).await;
        running.remove(0).kill();
        if chance() {
            running.drain(..).for_each(Server::kill);
        }
        let (told, untold): (Vec<_>, Vec<_>) = load.end().await.into_iter().partition(|a| a.status.is_some());
        for a in &told {
            assert!(a.is_acknowledged(), "a server that runs takes sign-ups: {a:?}");
        }
        acknowledged += told.len();
        answered.extend(told);
        again = untold;
    }
    // The last ones try once more too (F2), and then the house closes in peace.
    drop(running);
    let server = place.serve(&[]).await;
    let pass = pass.expect("there was a cycle");
    for asked in &mut again {
        pass.sign_up(server.pages, asked).await.expect("answers");
        assert!(asked.is_acknowledged(), "trying again is safe: {asked:?}");
    }
    server.end().await;
    answered.extend(again);
    assert!(acknowledged > 2 * cycles, "{acknowledged} in {cycles} cycles are no load");
    let there = Book::of(place).is_whole(&answered).await;
    assert!(there >= acknowledged);
    audit_is_whole(place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f1_f2_killed_under_load_on_sqlite_nothing_acknowledged_is_lost() {
    killed_again_and_again(&Place::new(), 1, cycles()).await;
}

/// Whoever dies in its first second has made nothing that stops the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f1_f15_killed_in_its_first_start_it_starts_again() {
    let mut place = Place::new();
    for n in 0..12 {
        place.data = place.beside(&format!("data-{n}"));
        let mut command = place.command(BINARY.as_ref(), &["migrate"]);
        if n % 2 == 0 {
            command = place.command(BINARY.as_ref(), &["serve"]);
            command.args(SETTINGS.iter().flat_map(|s| ["--set", s]));
        }
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let held = Held::start(command);
        sleep(a_moment() / 4).await;
        drop(held);
        let server = place.serve(&[]).await;
        server.end().await;
        audit_is_whole(&place).await;
    }
}

#[cfg(feature = "postgres-tests")]
mod on_postgres {
    use super::*;
    use store::Settings;
    use store::testing::TestDb;

    async fn an_empty_database() -> Place {
        match TestDb::empty_postgres().await.settings {
            Settings::Postgres(settings) => Place::on(settings.url),
            Settings::Sqlite(_) => unreachable!("asked for PostgreSQL"),
        }
    }

    /// With the folder that the first start should make: whether it does is another test's question.
    async fn a_database() -> Place {
        let place = an_empty_database().await;
        std::fs::create_dir(&place.data).expect("a folder");
        place
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_first_start_on_postgres_makes_its_folder_and_key() {
        let place = an_empty_database().await;
        place.serve(&[]).await.end().await;
        assert!(place.data.join("master.key").exists());
        place.serve(&[]).await.end().await;
        audit_is_whole(&place).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn f1_f2_killed_under_load_on_postgres_nothing_acknowledged_is_lost() {
        killed_again_and_again(&a_database().await, 1, cycles()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn f1_f2_killed_beside_another_server_nothing_acknowledged_is_lost() {
        // Each of its starts is two.
        killed_again_and_again(&a_database().await, 2, cycles() / 2).await;
    }
}
