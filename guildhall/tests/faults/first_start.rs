//! The first start, the link that it leaves, the second process, and which listener answers what.

use super::book::Book;
use super::browser::{Browser, fetch};
use super::person::{PASSWORD, Person, setup_link};
use super::place::{Place, URL};
use std::os::unix::fs::PermissionsExt;

store::statements! {
    COUNT_ACCOUNTS = "SELECT count(*) FROM account";
    COUNT_STAFF = "SELECT count(*) FROM staff";
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_setup_link_is_private_works_once_and_goes() {
    let place = Place::new();
    let server = place.serve(&[]).await;
    let file = place.data.join("setup-link.txt");
    for (path, mode) in [(&file, 0o600), (&place.data.join("master.key"), 0o600), (&place.data, 0o700)] {
        let found = std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(found, mode, "{}", path.display());
    }
    let text = std::fs::read_to_string(&file).expect("reads");
    assert!(text.starts_with(&format!("{URL}/setup?t=gl_")), "{text}");
    let book = Book::of(&place);
    assert_eq!(book.count(&COUNT_ACCOUNTS).await, 0, "nobody is there, so that no password is");
    assert_eq!(book.count(&COUNT_STAFF).await, 0);

    // A restart makes another link, and the first is dead: there is never more than one.
    let first = setup_link(&place);
    server.end().await;
    let server = place.serve(&[]).await;
    let second = setup_link(&place);
    assert_ne!(first, second);
    assert_eq!(fetch(server.pages, &format!("/setup?t={first}")).await.expect("answers").status, 410);
    // Looking consumes nothing.
    for _ in 0..2 {
        assert_eq!(fetch(server.pages, &format!("/setup?t={second}")).await.expect("answers").status, 200);
    }
    let mut ana = Person::set_up(&place, &server, "ana@house.example").await;
    assert_eq!(ana.browser.get("/desk").await.status, 200);

    let mut late = Browser::new(server.pages, "10.200.0.2");
    assert_eq!(late.get(&format!("/setup?t={second}")).await.status, 410);
    let fields =
        [("t", second.as_str()), ("name", "Eve"), ("email", "eve@house.example"), ("password", PASSWORD)];
    assert_eq!(late.fill("/signup", &fields[1..3]).await.status, 303, "an account, and no role");
    late.get("/signup").await;
    assert_eq!(late.send("/setup", &fields).await.status, 410);
    assert_eq!(book.count(&COUNT_STAFF).await, 1);
    server.end().await;
    place.serve(&[]).await.end().await;
    assert!(!file.exists(), "what is left of the link is not kept");
    let staff = place.run(&["staff", "list"]).await.well().out;
    assert_eq!(staff.lines().count(), 1, "{staff}");
}

/// Many who hold the one link press its button at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_setup_link_makes_one_administrator_however_many_use_it_at_once() {
    let place = Place::new();
    let server = place.serve(&[]).await;
    let token = setup_link(&place);
    let tasks: Vec<_> = (0..6)
        .map(|n| {
            let (mut browser, token) = (Browser::new(server.pages, &format!("10.201.0.{n}")), token.clone());
            tokio::spawn(async move {
                browser.get(&format!("/setup?t={token}")).await;
                let email = format!("e{n}@house.example");
                let fields =
                    [("t", token.as_str()), ("name", "Eve"), ("email", &email), ("password", PASSWORD)];
                browser.send("/setup", &fields).await.status
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.expect("no panic"));
    }
    all.sort_unstable();
    assert_eq!((all[0], &all[1..]), (303, &[410; 5][..]));
    let book = Book::of(&place);
    assert_eq!((book.count(&COUNT_ACCOUNTS).await, book.count(&COUNT_STAFF).await), (1, 1));
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_on_the_same_folder_is_refused() {
    let place = Place::new();
    let server = place.serve(&[]).await;
    let file = place.data.join("guildhall.db").display().to_string();
    let told = place.try_serve(&[]).await;
    told.refused(&[&file, "SQLite serves one process: stop the other, or use PostgreSQL"]);
    assert_eq!(fetch(server.operations, "/readyz").await.expect("answers").status, 200, "the first goes on");
    // Killed, it leaves a lock file and no lock.
    server.kill();
    place.serve(&[]).await.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_and_pages_answer_each_on_its_own_listener() {
    let place = Place::new();
    let server = place.serve(&[]).await;
    let status = async |at, path: &str| fetch(at, path).await.expect("answers").status;
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(status(server.operations, path).await, 200, "{path}");
        assert_eq!(status(server.pages, path).await, 404, "{path} is not for visitors");
    }
    for path in ["/", "/login", "/signup", "/setup", "/desk", "/console"] {
        let there = status(server.pages, path).await;
        assert!([200, 303, 410].contains(&there), "{path}: {there}");
        assert_eq!(status(server.operations, path).await, 404, "{path} is not for the private listener");
    }
    let figures = fetch(server.operations, "/metrics").await.expect("answers").body;
    assert!(figures.contains("guildhall_pages_total") && figures.contains("guildhall_outbox_waiting"));
    server.end().await;
}
