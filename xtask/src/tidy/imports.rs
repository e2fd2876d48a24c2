//! Who may import whom. Cargo refuses circles; this refuses what points upwards or sideways.

use super::{Finding, Text};
use crate::workspace::Member;

/// The rooms from the oldest to the youngest: one imports only those before it.
const ROOMS: &[&str] =
    &["people", "files", "review", "catalogue", "apps", "tickets", "grants", "calls", "courier"];

const DRIVERS: &[&str] = &["rusqlite", "libsqlite3-sys", "tokio-postgres", "tokio-postgres-rustls"];
const HTTP: &[&str] = &["axum", "http", "http-body", "http-body-util", "hyper", "hyper-util"];
const PAGES: &[&str] = &["askama"];

pub fn go_downwards(members: &[Member], texts: &[Text]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in members {
        let path = format!("{}/Cargo.toml", member.folder);
        let manifest = texts.iter().find(|t| t.path == path);
        let mut add = |import: &str, say: String| {
            let line = manifest.and_then(|t| line_of(&t.body, import)).unwrap_or(1);
            findings.push(Finding { path: path.clone(), line, rule: "imports", say });
        };
        if let Some(room) = member.folder.strip_prefix("rooms/").filter(|room| !ROOMS.contains(room)) {
            add("", format!("give the room `{room}` its place in ROOMS in xtask/src/tidy/imports.rs"));
        }
        for import in &member.imports {
            let inside = members.iter().find(|m| m.name == *import);
            let refused = match inside {
                Some(other) => inner(&member.folder, &other.folder),
                None => outer(&member.folder, import),
            };
            if let Some(why) = refused {
                add(import, format!("`{}` must not import `{import}`: {why}", member.name));
            }
        }
    }
    findings
}

/// Why one part of the house may not import another.
fn inner(from: &str, to: &str) -> Option<&'static str> {
    let (storey, name) = from.split_once('/').unwrap_or((from, ""));
    let (below, other) = to.split_once('/').unwrap_or((to, ""));
    match (storey, below) {
        ("xtask", _) => None,
        (_, "xtask") => Some("tools are no part of the product"),
        ("guildhall", _) => None,
        (_, "guildhall") => Some("the binary wires the house, the house does not know it"),
        ("ground", _) if name == "kernel" => Some("the kernel imports nobody"),
        ("ground", "ground") if other == "kernel" => None,
        ("ground", _) => Some("the ground imports only the kernel"),
        ("rooms", "ground") if other == "web" => Some("rooms know no HTTP and no HTML"),
        ("rooms" | "doors", "ground") => None,
        ("rooms", "rooms") => {
            let place = |room: &str| ROOMS.iter().position(|r| *r == room);
            (place(other) >= place(name))
                .then_some("a room imports only rooms above it in the list; register a trait instead")
        }
        ("rooms", _) => Some("rooms do not know the doors"),
        ("doors", "rooms") => None,
        // The lobby is no door: it is what doors with pages share. The gateway has none.
        ("doors", "doors") if other == "lobby" && name != "gateway" => None,
        ("doors", _) => Some("a door never imports another; move what both need into a room or into web"),
        _ => Some("it has no place in the house: xtask/src/tidy/imports.rs"),
    }
}

/// Why a part of the house may not import a package from outside.
fn outer(from: &str, package: &str) -> Option<&'static str> {
    let door = from.starts_with("doors/");
    if from == "xtask" {
        None
    } else if DRIVERS.contains(&package) {
        (from != "ground/store").then_some("database drivers stay behind the store")
    } else if HTTP.contains(&package) {
        // The depot speaks to a bucket: it is a client, and shows nothing of it.
        let allowed = door || ["ground/web", "ground/depot", "guildhall"].contains(&from);
        (!allowed).then_some("HTTP types stay in doors and web")
    } else if PAGES.contains(&package) {
        let allowed = (door && from != "doors/gateway") || from == "ground/web";
        (!allowed).then_some("pages are rendered by doors, and the gateway has none")
    } else {
        None
    }
}

fn line_of(manifest: &str, import: &str) -> Option<usize> {
    let names = |line: &str| line.split(['.', ' ', '=']).next() == Some(import);
    manifest.lines().position(|line| !import.is_empty() && names(line)).map(|n| n + 1)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::text;
    use super::*;

    fn member(folder: &str, imports: &[&str]) -> Member {
        let name = folder.rsplit('/').next().unwrap_or_default().to_owned();
        let imports = imports.iter().map(|i| (*i).to_owned()).collect();
        Member { name, folder: folder.to_owned(), imports, features: Vec::new() }
    }

    /// Whether a house in which `folder` imports this stands.
    fn stands(folder: &str, import: &str) -> bool {
        let all =
            ["ground/kernel", "ground/store", "ground/web", "rooms/people", "rooms/apps", "rooms/courier"];
        let more = ["doors/lobby", "doors/console", "doors/desk", "doors/gateway", "guildhall", "xtask"];
        let mut members: Vec<Member> = all.iter().chain(&more).map(|f| member(f, &[])).collect();
        members.retain(|m| m.folder != folder);
        members.push(member(folder, &[import]));
        go_downwards(&members, &[]).is_empty()
    }

    #[test]
    fn what_points_down_stands() {
        for (folder, import) in [
            ("ground/store", "kernel"),
            ("ground/store", "rusqlite"),
            ("ground/web", "axum"),
            ("ground/depot", "http"),
            ("rooms/people", "store"),
            ("rooms/apps", "people"),
            ("rooms/courier", "apps"),
            ("doors/console", "apps"),
            ("doors/console", "courier"),
            ("doors/console", "lobby"),
            ("doors/desk", "askama"),
            ("doors/gateway", "hyper"),
            ("guildhall", "console"),
            ("guildhall", "axum"),
            ("xtask", "console"),
        ] {
            assert!(stands(folder, import), "{folder} imports {import}");
        }
    }

    #[test]
    fn what_points_up_or_sideways_falls() {
        for (folder, import) in [
            ("ground/kernel", "store"),
            ("ground/store", "web"),
            ("ground/web", "store"),
            ("ground/web", "people"),
            ("rooms/people", "apps"),
            ("rooms/people", "web"),
            ("rooms/apps", "courier"),
            ("rooms/apps", "console"),
            ("doors/console", "desk"),
            ("doors/lobby", "desk"),
            ("doors/gateway", "lobby"),
            ("doors/console", "guildhall"),
            ("guildhall", "xtask"),
            ("rooms/people", "rusqlite"),
            ("doors/desk", "tokio-postgres"),
            ("rooms/courier", "axum"),
            ("ground/store", "http"),
            ("rooms/courier", "askama"),
            ("doors/gateway", "askama"),
        ] {
            assert!(!stands(folder, import), "{folder} imports {import}");
        }
    }

    #[test]
    fn the_line_is_told_and_a_new_room_needs_a_place() {
        let manifest = text(
            "rooms/attic/Cargo.toml",
            "[package]\nname = \"attic\"\n[dependencies]\naxum.workspace = true\n",
        );
        let findings = go_downwards(&[member("rooms/attic", &["axum"])], &[manifest]);
        let lines: Vec<usize> = findings.iter().map(|f| f.line).collect();
        assert_eq!(lines, [1, 4], "{findings:?}");
    }
}
