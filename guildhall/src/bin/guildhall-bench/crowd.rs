//! The lists and the item page of the second part, with a hundred thousand developers, as many apps and three
//! hundred thousand Requests behind them, on SQLite and on PostgreSQL.

use crate::load::{self, Ask};
use crate::server::Server;
use crate::table::{Table, median, quantile, spread};
use crate::town::{HOST, Town, folder};
use crate::{Plan, machine, store as crowd};
use anyhow::{Context, ensure};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::params;

const DEVELOPERS: i64 = 100_000;
/// What the first developer has beyond the others', so that its lists are long.
const MORE: i64 = 3_000;
const RATE: u32 = 100;
const CONNECTIONS: usize = 8;

pub fn measure(plan: Plan, binary: &Path, table: &mut Table) -> anyhow::Result<()> {
    on("SQLite", None, plan, binary, table)?;
    match postgres() {
        Some(url) => on("PostgreSQL", Some(url), plan, binary, table),
        None => {
            table.told(
                "the same on PostgreSQL",
                "not measured: `cargo xtask postgres -- cargo xtask bench`".to_owned(),
            );
            Ok(())
        }
    }
}

/// A server that may be used, if there is one.
#[allow(clippy::disallowed_methods, reason = "the tool that starts the server tells its address so")]
fn postgres() -> Option<String> {
    std::env::var("GUILDHALL_TEST_POSTGRES").ok()
}

fn on(name: &str, url: Option<String>, plan: Plan, binary: &Path, table: &mut Table) -> anyhow::Result<()> {
    let cores = machine::cores()?;
    let folder = folder()?;
    let own = url.map(OwnDatabase::make).transpose()?;
    let extra: Vec<_> = own.iter().map(|d| ("database.url".to_owned(), d.url.clone())).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (town, developer) = runtime.block_on(build(folder.path(), &extra))?;
    let deepest = runtime
        .block_on(town.people.house.db.read(|l| l.one::<(String,)>(&crowd::CROWD_DEEPEST, &[])))?
        .context("nothing is pending")?
        .0;
    town.people.house.db.close();
    let server = Server::start(binary, folder.path(), &extra, cores.server)?;
    let ask = |path: &str, session: &str, mark| Ask {
        address: server.pages,
        request: format!(
            "GET {path} HTTP/1.1\r\nhost: {HOST}\r\ncookie: __Host-session={session}\r\naccept-language: en\r\n\
             accept: text/html\r\nuser-agent: guildhall-bench\r\n\r\n"
        ),
        mark,
        rows: 0,
    };
    let staff = town.session.reveal();
    for (what, path, session, mark) in [
        ("app list", "/console/apps".to_owned(), developer.as_str(), "href=\"/console/apps/app_"),
        ("desk queue", "/desk/queue".to_owned(), staff, "href=\"/desk/requests/rq_"),
        ("item page", format!("/desk/requests/{deepest}"), staff, "<dt"),
    ] {
        let is_list = what != "item page";
        let mut first = ask(&path, session, mark);
        let body = load::once(cores.load, &first)?;
        first.rows = body.matches(mark).count();
        ensure!(first.rows >= if is_list { 25 } else { 1 }, "{what}: {} rows on {path}", first.rows);
        let last =
            if is_list { Some(walk_to_the_end(cores.load, &ask, &path, session, mark, body)?) } else { None };
        let (first, last) = (Arc::new(first), last.map(Arc::new));
        load::paced(cores.load, &first, CONNECTIONS, RATE, Duration::from_millis(500))
            .context("warming up")?;
        let (mut p95, mut ends, mut ratio) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            let mut seen = load::paced(cores.load, &first, CONNECTIONS, RATE, plan.round)?;
            let middle = quantile(&mut seen.waits, 0.5);
            p95.push(quantile(&mut seen.waits, 0.95));
            if let Some(last) = &last {
                let mut seen = load::paced(cores.load, last, CONNECTIONS, RATE, plan.round)?;
                ratio.push(quantile(&mut seen.waits, 0.5) / middle);
                ends.push(quantile(&mut seen.waits, 0.95));
            }
        }
        let line = format!("{what} at {RATE}/s on {name}, p95");
        table.goal(&line, format!("{} ms", spread(&p95, 2)), "< 20 ms", median(&p95) < 20.0);
        if !ends.is_empty() {
            table.told("  its last page, p95", format!("{} ms", spread(&ends, 2)));
            let even = median(&ratio);
            table.goal(
                "  last page against first, p50",
                format!("{} times", spread(&ratio, 2)),
                "<= 1.2",
                even <= 1.2,
            );
        }
    }
    Ok(())
}

/// Follows "next" to the last page of a list, as a patient reader would.
fn walk_to_the_end(
    core: usize,
    ask: &dyn Fn(&str, &str, &'static str) -> Ask,
    path: &str,
    session: &str,
    mark: &'static str,
    first: String,
) -> anyhow::Result<Ask> {
    let link = format!("href=\"{path}?");
    let next = |body: &str| {
        let links = body.split(&link).skip(1).filter_map(|rest| rest.split('"').next());
        links.filter(|l| l.contains("after=")).last().map(|l| l.replace("&#38;", "&").replace("&amp;", "&"))
    };
    let (mut body, mut at, mut pages) = (first, path.to_owned(), 1);
    while let Some(query) = next(&body) {
        at = format!("{path}?{query}");
        body = load::once(core, &ask(&at, session, mark))?;
        pages += 1;
        ensure!(pages < 5_000, "{path} has no end");
    }
    ensure!(pages > 50, "{path} has only {pages} pages");
    let rows = body.matches(mark).count();
    Ok(Ask { rows, ..ask(&at, session, mark) })
}

/// A database of our own on somebody's server, gone afterwards.
struct OwnDatabase {
    server: String,
    name: String,
    url: String,
}

impl OwnDatabase {
    fn make(server: String) -> anyhow::Result<OwnDatabase> {
        let name = format!("bench{}", std::process::id());
        let url = server.replace("/postgres?", &format!("/{name}?"));
        ensure!(url != server, "the server's address must name the database postgres");
        psql(&server, &format!("CREATE DATABASE {name}"))?;
        Ok(OwnDatabase { server, name, url })
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        // Left behind it does no harm.
        let _ = psql(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn psql(server: &str, command: &str) -> anyhow::Result<()> {
    let ran = std::process::Command::new("psql").args([server, "-qc", command]).status().context("psql")?;
    ensure!(ran.success(), "psql: {command}");
    Ok(())
}

/// The crowd, and the session of the developer who has most.
async fn build(folder: &Path, extra: &[(String, String)]) -> anyhow::Result<(Town, String)> {
    let town = Town::with(folder, extra, 0).await?;
    let house = &town.people.house;
    guildhall::open::first_texts(house).await?;
    let (from, requests) = (house.now().plus_days(-30), DEVELOPERS * 3 + MORE);
    let staff = people::find_account(
        &town.people,
        &kernel::Email::parse("dee@town.example").map_err(|p| anyhow::anyhow!("{p:?}"))?,
    )
    .await
    .map_err(|e| anyhow::anyhow!("{e:?}"))?
    .context("the administrator is not there")?;
    house
        .db
        .write(move |tx| {
            let (category,) = tx
                .one::<(String,)>(&crowd::CROWD_CATEGORY, &[])?
                .ok_or_else(|| kernel::Fault::internal("no category"))?;
            tx.change(&crowd::CROWD_ACCOUNTS, params![DEVELOPERS, from, crate::town::PASSWORD])?;
            tx.change(&crowd::CROWD_DEVELOPERS, params![DEVELOPERS, from])?;
            tx.change(&crowd::CROWD_MEMBERS, params![DEVELOPERS, from])?;
            let title =
                r#"{"en":"Commercial Developer","zh-CN":"商业开发者","es":"Desarrollador comercial"}"#;
            let answers = r#"{"contact_name":"Ana Ferrer","software_name":"Order Sync"}"#;
            tx.change(
                &crowd::CROWD_REQUESTS,
                params![1, requests, "category", title, answers, from, staff, DEVELOPERS],
            )?;
            tx.change(&crowd::CROWD_ROUNDS, &[])?;
            tx.change(&crowd::CROWD_ENTRIES, &[])?;
            let (settings, terms, raised, rules) = an_app();
            tx.change(&crowd::CROWD_APPS, params![&category, settings, terms, raised, rules, DEVELOPERS])?;
            Ok::<_, kernel::Fault>(())
        })
        .await?;
    house.db.write(|tx| tx.change(&crowd::CROWD_ANALYZE, &[])).await?;
    let by = kernel::By::house("bench");
    let first = "acc_00000000000000000100000001".parse().map_err(|e| anyhow::anyhow!("{e:?}"))?;
    let signed = people::sign_in_after_link(&town.people, &by, first, "bench").await;
    let session = signed.map_err(|e| anyhow::anyhow!("{e:?}"))?.session.reveal().to_owned();
    Ok((town, session))
}

/// What stands in the JSON columns of an app: settings, terms, what was raised, address rules.
fn an_app() -> (&'static str, &'static str, &'static str, &'static str) {
    (
        r#"{"name":"App","callbacks":["https://app.crowd.example/callback"]}"#,
        r#"{"policy":"any","auth_page":true,"test":{"access_seconds":86400,"refresh_seconds":172800,"user_limit":5,"calls_a_day":5000},"online":{"access_seconds":2592000,"refresh_seconds":5184000,"user_limit":300,"calls_a_day":1000000},"method_qps":50,"sign_methods":["sha256"],"pkce":false,"go_online":{}}"#,
        "{}",
        "[]",
    )
}
