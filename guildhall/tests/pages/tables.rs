//! What must be complete: every statement, every refusal's words, every template of a page.

use crate::browser::Open;
use store::testing::TestDb;

store::on_both! {
    async fn every_statement_of_every_room_prepares(on: TestDb) {
        let failed = store::prepare_all(&on.db, guildhall::statements()).await.expect("asks");
        assert_eq!(failed, Vec::<String>::new());
    }

    async fn the_house_opens_on_it(on: TestDb) {
        let open = Open::over(on).await;
        open.browser().get("/").await.is(200).says("Test Market");
    }
}

/// The refusals of every room.
fn refusals() -> impl Iterator<Item = &'static str> {
    [
        people::Refusal::CODES,
        files::Refusal::CODES,
        review::Refusal::CODES,
        catalogue::Refusal::CODES,
        apps::Refusal::CODES,
        apps::CategoryRefusal::CODES,
        tickets::Refusal::CODES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[test]
fn every_refusal_and_problem_has_its_words() {
    let w = web::Words::new(kernel::Lang::En);
    let keys: Vec<_> = web::every_key(kernel::Lang::En).into_iter().map(|(k, _)| k).collect();
    for problem in kernel::Problem::ALL {
        assert!(keys.contains(&problem.key().to_owned()), "{}", problem.key());
    }
    // These end a page instead of a form, or carry words of their own.
    let pages = ["invalid", "bad-link", "begin-again", "not-found", "not-allowed", "needs-sudo"];
    for code in refusals().filter(|c| !pages.contains(c)) {
        assert!(keys.contains(&format!("refusal-{code}")), "refusal-{code}");
    }
    assert!(!w.has("refusal-nonsense"));
}

/// Every message is used, and every message that is used exists.
#[test]
fn messages_and_their_uses_are_the_same_set() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for folder in ["ground/web/src", "ground/web/templates", "doors", "ground/kernel/src", "guildhall/src"] {
        read_all(&root.join(folder), &mut text);
    }
    // Audited actions are named by the rooms, and what is said after a redirect by its end.
    let mut rooms = String::new();
    for room in std::fs::read_dir(root.join("rooms")).expect("rooms").flatten() {
        read_all(&room.path().join("src"), &mut rooms);
    }
    text.push_str(&rooms);
    let used = |key: &str| text.contains(&format!("\"{key}\""));
    let mut unused = Vec::new();
    for (key, _) in web::every_key(kernel::Lang::En) {
        let by_part = match key.split_once('-') {
            Some(("act", rest)) => actions(&rooms).iter().any(|a| a.replace(['.', '_'], "-") == rest),
            Some(("refusal", rest)) => refusals().any(|code| code == rest),
            // Of a message in the portal: the letter that a room tells.
            Some(("notice", rest)) => used(rest),
            Some(("said", rest)) => text.contains(&format!("said={rest}")) || used(rest),
            _ => false,
        };
        if !used(&key) && !by_part {
            unused.push(key);
        }
    }
    assert_eq!(unused, Vec::<String>::new(), "messages that nothing uses");

    let keys: Vec<_> = web::every_key(kernel::Lang::En).into_iter().map(|(k, _)| k).collect();
    let mut missing = Vec::new();
    for call in [".t(\"", ".t1(\"", ".t2(\"", ".tn(\"", "frame(\"", "Words::t(\""] {
        for part in text.split(call).skip(1) {
            let key = part.split('"').next().unwrap_or_default().to_owned();
            if !keys.contains(&key) && !missing.contains(&key) {
                missing.push(key);
            }
        }
    }
    assert_eq!(missing, ["no key like this"; 0], "messages that are used and not there");
    for action in actions(&rooms) {
        let key = format!("act-{}", action.replace(['.', '_'], "-"));
        assert!(keys.contains(&key), "{key} for the audited {action}");
    }
}

/// Names of audited actions: `"noun.verb"` as a whole literal.
fn actions(text: &str) -> Vec<String> {
    let literals = text.split('"').filter(|l| {
        l.split_once('.').is_some_and(|(a, b)| {
            let word = |w: &str| !w.is_empty() && w.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
            word(a)
                && word(b)
                && !["html", "txt", "css", "js", "svg", "ftl", "example", "com", "toml", "localhost"]
                    .contains(&b)
                // Where anybody may have an address.
                && !["cn", "de", "es", "me", "net", "ru"].contains(&b)
        })
    });
    let mut out: Vec<String> = literals.map(str::to_owned).collect();
    out.sort();
    out.dedup();
    out.retain(|a| !["test.done", "favicon.svg", "a.b"].contains(&a.as_str()));
    out
}

fn read_all(folder: &std::path::Path, out: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_all(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "html") {
            let text = std::fs::read_to_string(&path).expect("reads");
            // What only tests say is said to nobody.
            out.push_str(text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default());
        }
    }
}
