//! F16 to F18: a backup of a busy house comes back, into an empty one alone, whole or not at all.

use super::book::{Book, audit_is_whole};
use super::load::{Load, Pass};
use super::person::Person;
use super::place::{Place, Server};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

store::statements! {
    COUNT_ACCOUNTS = "SELECT count(*) FROM account";
}

async fn back_up(place: &Place, name: &str) -> PathBuf {
    let file = place.beside(name);
    place.run(&["backup", &file.display().to_string()]).await.well();
    file
}

async fn restore(place: &Place, file: &Path) -> super::place::Ended {
    place.run(&["restore", &file.display().to_string()]).await
}

/// An empty house with the key of another, which every restore needs.
fn an_empty_house(like: &Place) -> Place {
    let place = Place::new();
    fs::create_dir(&place.data).expect("a folder");
    fs::copy(like.data.join("master.key"), place.data.join("master.key")).expect("copies");
    place
}

/// A house with an administrator in it.
async fn a_house() -> (Place, Server, Person) {
    let place = Place::new();
    let server = place.serve(&[]).await;
    let ana = Person::set_up(&place, &server, "ana@house.example").await;
    (place, server, ana)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_a_backup_under_load_comes_back_whole() {
    let (place, server, mut ana) = a_house().await;
    let pass = Pass::get(server.pages).await.expect("the page opens");
    let load = Load::start(&pass, &[server.pages], 8, Vec::new());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let file = back_up(&place, "backup").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let all = load.end().await;
    server.end().await;
    let staff = place.run(&["staff", "list"]).await.well().out;
    assert!(staff.contains("administrator") && staff.contains("ana@house.example"), "{staff}");

    let again = an_empty_house(&place);
    let told = restore(&again, &file).await.well();
    assert!(told.out.contains("the audit is whole"), "{told:?}");
    audit_is_whole(&again).await;
    assert_eq!(again.run(&["staff", "list"]).await.well().out, staff);
    // Whoever signed up after the moment of the backup is not there; all who are, are there whole.
    let before: Vec<_> = all.iter().map(|a| super::load::Asked { status: None, ..a.clone() }).collect();
    let there = Book::of(&again).is_whole(&before).await;
    assert!(0 < there && there < all.len(), "{there} of {}", all.len());

    // Sessions stay behind, so that nobody who was shown out meanwhile comes back in; it is said.
    assert!(told.out.contains("sessions were left behind"), "{told:?}");
    let server = again.serve(&[]).await;
    ana.browser.server = server.pages;
    assert!(!ana.is_signed_in().await);
    server.end().await;
}

/// "Restore never revives a revoked token silently."
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_what_was_revoked_after_the_backup_stays_revoked() {
    let (place, server, mut ana) = a_house().await;
    let file = back_up(&place, "backup").await;
    let stolen = ana.browser.cookies.clone();
    ana.sign_out().await;
    ana.browser.cookies = stolen.clone();
    assert!(!ana.is_signed_in().await, "signing out ends the session");
    server.end().await;
    let again = an_empty_house(&place);
    let told = restore(&again, &file).await.well();
    let server = again.serve(&[]).await;
    ana.browser.server = server.pages;
    ana.browser.cookies = stolen;
    let warned = told.said().contains("session");
    assert!(!ana.is_signed_in().await || warned, "a session that was ended opens the house again: {told:?}");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_a_backup_overwrites_nothing() {
    let (place, server, _) = a_house().await;
    let file = back_up(&place, "backup").await;
    let before = fs::read(&file).expect("reads");
    let told = place.run(&["backup", &file.display().to_string()]).await;
    told.refused(&["exists already", &file.display().to_string()]);
    assert!(fs::read(&file).expect("reads") == before, "and the file is as it was");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f17_a_house_with_something_in_it_is_not_restored_over() {
    let (place, server, mut ana) = a_house().await;
    let file = back_up(&place, "backup").await;
    // While it serves, and afterwards.
    restore(&place, &file).await.refused(&["in use by another Guildhall"]);
    assert!(ana.is_signed_in().await);
    server.end().await;
    let accounts = Book::of(&place).count(&COUNT_ACCOUNTS).await;
    restore(&place, &file).await.refused(&["the database is not empty", "restore into an empty one"]);
    assert_eq!(Book::of(&place).count(&COUNT_ACCOUNTS).await, accounts);
    audit_is_whole(&place).await;
    // Nobody ever did anything here, and still it is a house of its own.
    let other = Place::new();
    other.serve(&[]).await.end().await;
    restore(&other, &file).await.refused(&["the database is not empty"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_a_changed_or_cut_backup_is_refused_and_leaves_the_house_empty() {
    let (place, server, _) = a_house().await;
    let file = back_up(&place, "backup").await;
    server.end().await;
    let whole = fs::read(&file).expect("reads");
    let again = an_empty_house(&place);
    let bent_file = again.beside("bent");
    for n in 1..6 {
        for cut in [false, true] {
            let (mut bent, at) = (whole.clone(), whole.len() * n / 6);
            if cut {
                bent.truncate(at)
            } else {
                bent[at] ^= 4
            }
            fs::write(&bent_file, &bent).expect("writes");
            let told = restore(&again, &bent_file).await;
            told.refused(&["is not a backup of Guildhall, or was cut off or changed", "take an older one"]);
        }
    }
    assert_eq!(Book::of(&again).count(&COUNT_ACCOUNTS).await, 0);
    restore(&again, &file).await.well();
    assert_eq!(Book::of(&again).count(&COUNT_ACCOUNTS).await, 1);
}

/// The key of another house opens nothing of this one, and that is told before anybody relies on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_f19_a_backup_without_its_key_is_refused() {
    let (place, server, _) = a_house().await;
    let file = back_up(&place, "backup").await;
    server.end().await;
    let again = an_empty_house(&place);
    fs::write(again.data.join("master.key"), "43".repeat(32)).expect("writes");
    restore(&again, &file).await.refused(&["the database is sealed under master key"]);
    // Refused is refused: the same command with the right key finds the house as empty as before.
    fs::copy(place.data.join("master.key"), again.data.join("master.key")).expect("copies");
    restore(&again, &file).await.well();
    audit_is_whole(&again).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_a_damaged_database_is_refused_and_the_way_back_is_told() {
    let (place, server, _) = a_house().await;
    let backup = back_up(&place, "backup").await;
    server.end().await;
    let file = place.data.join("guildhall.db");
    let whole = fs::read(&file).expect("reads");
    for damage in ["cut to half", "cut to a page", "another head", "a bit of the head"] {
        let mut bent = whole.clone();
        match damage {
            "cut to half" => bent.truncate(whole.len() / 2),
            "cut to a page" => bent.truncate(1_000),
            "another head" => bent[..16].copy_from_slice(b"something else\0\0"),
            _ => bent[3] ^= 1,
        }
        fs::write(&file, &bent).expect("writes");
        for told in [place.try_serve(&[]).await, place.run(&["doctor"]).await] {
            told.refused(&[
                &file.display().to_string(),
                "damaged",
                "restore the last backup into an empty folder",
            ]);
        }
        assert!(fs::read(&file).expect("reads") == bent, "{damage}: what is left is kept");
    }
    let again = an_empty_house(&place);
    restore(&again, &backup).await.well();
    again.serve(&[]).await.end().await;
}
