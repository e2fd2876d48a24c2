//! F6 and F19: what cannot be served is refused by a sentence that an operator can act on, and left as
//! it was.

use super::book::{Book, audit_is_whole};
use super::full_disk::Tmpfs;
use super::load::{Asked, Pass};
use super::place::{BINARY, Ended, Place, SETTINGS, finish};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

/// Nobody's number on every Linux.
const NOBODY: u32 = 65_534;

/// How a part of a sentence begins that tells what to do next; every good refusal has one.
const STEPS: &[&str] = &[
    "put", "find", "restore", "run", "stop", "give", "make", "move", "name", "free", "set", "check",
    "choose", "let", "use", "mount", "change", "keep", "take",
];

fn tells_a_step(said: &str) -> bool {
    let begins = |part: &str| part.split_whitespace().next().is_some_and(|w| STEPS.contains(&w));
    said.split(": ").flat_map(|p| p.split([';', ',', '.'])).any(begins)
}

/// What is in a folder: every file with its rights and its content. SQLite's own notes of who has the
/// file open (`-shm`, and a log without an entry) are no content.
fn content(folder: &Path) -> BTreeMap<PathBuf, (u32, [u8; 32])> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        if path.is_dir() {
            found.insert(path.clone(), (mode, [0; 32]));
            found.extend(content(&path));
            continue;
        }
        let bytes = fs::read(&path).expect("a file");
        let name = path.to_string_lossy().into_owned();
        let note = name.ends_with("-shm") || (name.ends_with("-wal") && bytes.is_empty());
        if !note && !name.ends_with(".lock") {
            found.insert(path, (mode, kernel::sha256(&bytes)));
        }
    }
    found
}

/// A house that was open once, with somebody in it.
async fn a_house() -> Place {
    let place = Place::new();
    let server = place.serve(&[]).await;
    let pass = Pass::get(server.pages).await.expect("the page opens");
    pass.sign_up(server.pages, &mut Asked::fresh()).await.expect("answers").leads_to("/signup/sent");
    server.end().await;
    place
}

/// Says what is wrong, of which file, and what to do.
#[track_caller]
fn is_clear(told: &Ended, file: &Path) {
    let said = told.said();
    assert!(told.code.is_some_and(|c| c != 0), "it does not refuse: {told:?}");
    assert!(said.contains(&file.display().to_string()), "does not name {}: {said}", file.display());
    assert!(tells_a_step(&said), "does not say what to do: {said}");
    assert!(!said.contains("panicked") && !said.contains("Error {"), "no sentence: {said}");
}

/// `serve` and `doctor` both refuse, name the file, and change nothing.
async fn both_refuse(place: &Place, file: &Path) {
    let before = content(&place.data);
    let told = [place.try_serve(&[]).await, place.run(&["doctor"]).await];
    assert_eq!(content(&place.data), before, "nothing is changed: {told:?}");
    told.iter().for_each(|t| is_clear(t, file));
}

#[tokio::test]
async fn f6_a_database_path_that_is_a_folder() {
    let place = Place::new();
    let file = place.data.join("guildhall.db");
    fs::create_dir_all(&file).expect("a folder");
    both_refuse(&place, &file).await;
}

#[tokio::test]
async fn f6_a_data_folder_that_cannot_be_made() {
    let mut place = Place::new();
    fs::write(place.beside("file"), "").expect("writes");
    place.data = place.beside("file").join("data");
    for told in [place.try_serve(&[]).await, place.run(&["doctor"]).await] {
        is_clear(&told, &place.data);
    }
}

/// A copy of the binary that anybody may run, and the command as somebody without rights. Who is not
/// root needs neither.
fn as_nobody(place: &Place, args: &[&str]) -> std::process::Command {
    if !rustix::process::getuid().is_root() {
        return place.command(BINARY.as_ref(), args);
    }
    let copy = place.beside("guildhall");
    if !copy.exists() {
        fs::set_permissions(place.root.path(), Permissions::from_mode(0o755)).expect("our own");
        fs::copy(BINARY, &copy).expect("copies");
        fs::set_permissions(&copy, Permissions::from_mode(0o755)).expect("our own");
    }
    let mut command = place.command(&copy, args);
    command.uid(NOBODY).gid(NOBODY);
    command
}

fn all_in(folder: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path());
    all.filter(|path| path.is_file()).collect()
}

/// Both commands as somebody who lacks the rights; `file` is what they lack them for.
async fn both_refuse_nobody(place: &Place, folder: u32, files: u32) {
    for file in all_in(&place.data) {
        fs::set_permissions(file, Permissions::from_mode(files)).expect("our own");
    }
    let before = content(&place.data);
    fs::set_permissions(&place.data, Permissions::from_mode(folder)).expect("our own");
    let mut serve = as_nobody(place, &["serve"]);
    serve.args(SETTINGS.iter().flat_map(|s| ["--set", s]));
    let told = [
        finish(serve, place.root.path()).await,
        finish(as_nobody(place, &["doctor"]), place.root.path()).await,
    ];
    fs::set_permissions(&place.data, Permissions::from_mode(0o700)).expect("our own");
    assert_eq!(content(&place.data), before, "nothing is changed: {told:?}");
    told.iter().for_each(|t| is_clear(t, &place.data));
}

#[tokio::test]
async fn f6_a_data_folder_of_another_owner() {
    let place = a_house().await;
    // As root we own it and nobody comes; else it is closed to ourselves, which is the same to us.
    both_refuse_nobody(&place, if rustix::process::getuid().is_root() { 0o700 } else { 0o000 }, 0o600).await;
    audit_is_whole(&place).await;
}

#[tokio::test]
async fn f6_a_data_folder_that_may_only_be_read() {
    let place = a_house().await;
    if rustix::process::getuid().is_root() {
        for path in all_in(&place.data).into_iter().chain([place.data.clone()]) {
            chown(path, Some(NOBODY), Some(NOBODY)).expect("root may");
        }
    }
    both_refuse_nobody(&place, 0o500, 0o400).await;
}

/// A file system that was mounted again without the right to write, as after an error of the disk.
#[tokio::test]
async fn f6_a_read_only_file_system() {
    let mut place = a_house().await;
    let disk = place.beside("disk");
    let Some(tmpfs) = Tmpfs::mount(&disk, "size=8m,mode=700") else {
        // Who may not mount meets the same refusal by the rights of files.
        return both_refuse_nobody(&place, 0o500, 0o400).await;
    };
    for file in all_in(&place.data) {
        fs::copy(&file, disk.join(file.file_name().expect("a file"))).expect("copies");
    }
    place.data = disk;
    assert!(tmpfs.read_only(), "who may mount may mount again");
    both_refuse(&place, &place.data).await;
}

/// What is acknowledged after somebody removed the file would be gone at the next start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f6_a_database_file_removed_under_us_acknowledges_nothing_that_is_lost() {
    let place = Place::new();
    let server = place.serve(&[]).await;
    let pass = Pass::get(server.pages).await.expect("the page opens");
    for name in ["guildhall.db", "guildhall.db-wal", "guildhall.db-shm"] {
        fs::remove_file(place.data.join(name)).expect("it is there");
    }
    // A few moments are enough to notice; what was told before that is another matter.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let mut asked = Asked::fresh();
    let reply = pass.sign_up(server.pages, &mut asked).await;
    drop(server);
    if asked.is_acknowledged() {
        let server = place.serve(&[]).await;
        server.end().await;
        Book::of(&place).is_whole(&[asked]).await;
    } else if let Ok(reply) = reply {
        assert_eq!(reply.status, 503, "{reply:?}");
    }
}

#[tokio::test]
async fn f19_a_missing_master_key() {
    let place = a_house().await;
    let key = place.data.join("master.key");
    fs::rename(&key, place.beside("key")).expect("moves");
    both_refuse(&place, &key).await;
    fs::rename(place.beside("key"), &key).expect("moves");
    audit_is_whole(&place).await;
}

#[tokio::test]
async fn f19_a_wrong_master_key() {
    let place = a_house().await;
    let key = place.data.join("master.key");
    let right = fs::read(&key).expect("reads");
    fs::write(&key, "43".repeat(32)).expect("writes");
    both_refuse(&place, &key).await;
    // A new key in front of the old one is another matter: that is how keys are changed.
    fs::write(&key, format!("{}\n{}", "43".repeat(32), String::from_utf8_lossy(&right))).expect("writes");
    place.serve(&[]).await.end().await;
    audit_is_whole(&place).await;
}

/// As a copy that was cut off leaves it, or a crash in the first start.
#[tokio::test]
async fn f19_a_master_key_that_is_none() {
    let place = a_house().await;
    let key = place.data.join("master.key");
    for text in ["", "not a key\n", "4242"] {
        fs::write(&key, text).expect("writes");
        both_refuse(&place, &key).await;
    }
}
