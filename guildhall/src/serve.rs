//! A running house: its routes, its jobs, its listeners, its end.

use crate::config::Config;
use crate::probe::Knock;
use crate::{open, operations};
use anyhow::Context;
use axum::Router;
use courier::Courier;
use files::Files;
use lobby::Hall;
use people::People;
use std::sync::Arc;
use std::time::Duration;
use store::{House, audit, outbox};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use web::{Limits, Listening, Persona, Site};

/// Everything that runs, and how to end it.
pub struct Running {
    pub pages: Listening,
    pub operations: Listening,
    house: House,
    close: watch::Sender<bool>,
    jobs: Vec<JoinHandle<()>>,
}

/// What differs between `serve` and `demo`.
#[derive(Default)]
pub struct Extras {
    pub personas: Vec<Persona>,
    pub people: Vec<demo::Person>,
    /// Whether kept mail may be read without signing in.
    pub mailbox_page: bool,
}

/// The routes of all doors.
pub fn doors(courier: &Courier, extras: &Extras) -> Router<Hall> {
    let doors = Router::new()
        .merge(site::routes())
        .merge(account::routes())
        .merge(console::routes())
        .merge(desk::routes(courier.clone()));
    if !extras.people.is_empty() {
        return doors.merge(demo::routes(extras.people.clone(), courier.clone()));
    }
    // Letters hold links: their page is for a house that only its own machine can reach, and no other.
    if extras.mailbox_page && matches!(courier.transport, courier::Transport::Mailbox) {
        return doors.merge(demo::mailbox_routes(courier.clone()));
    }
    doors
}

/// What stands around the doors: the passage that knows the visitor, the guard in front.
pub fn around(doors: Router<Hall>, hall: Hall) -> Router {
    let site = hall.site.clone();
    // The management API has a passage of its own: it knows no cookies and makes no pages.
    // What nobody knows is the pages' affair: of two routers that are merged, the second one's answer counts.
    api::routes()
        .route_layer(axum::middleware::from_fn(api::gate))
        .merge(doors.layer(axum::middleware::from_fn_with_state(hall.clone(), lobby::passage)))
        .layer(axum::middleware::from_fn_with_state(site, web::guard))
        .with_state(hall)
}

pub fn site(config: &Config, demo: bool) -> Arc<Site> {
    Arc::new(Site {
        name: config.site.name.clone(),
        public_url: config.site.public_url.clone(),
        hosts: config.site.known_hosts(),
        lang: config.site.language,
        trusted_proxies: config.site.trusted_proxies.clone(),
        demo,
    })
}

/// Starts everything on sockets that are bound already.
pub async fn start(
    config: &Config,
    people: People,
    pages: TcpListener,
    private: TcpListener,
    extras: Extras,
) -> anyhow::Result<Running> {
    let house = people.house.clone();
    open::first_texts(&house).await?;
    let courier = open::courier(config, house.clone())?;
    let (close, closing) = watch::channel(false);
    let wake = Arc::new(Notify::new());
    let site = site(config, !extras.people.is_empty());
    let files = open::files(config, house.clone())?;
    let hall = open::hall(people.clone(), files.clone(), site, extras.personas.clone(), wake.clone());
    let limits = Limits {
        connections: config.listen.max_connections,
        per_address: config.listen.max_connections_per_address,
        head: config.listen.header_timeout,
        write_stall: config.listen.write_stall,
        shutdown: config.listen.shutdown,
    };
    let jobs = vec![
        tokio::spawn(courier::run(courier.clone(), closing.clone(), wake)),
        tokio::spawn(seal(house.clone(), closing.clone())),
        tokio::spawn(renew_seals(people.clone())),
        tokio::spawn(tend_apps(apps::Apps { house: house.clone() }, closing.clone())),
        tokio::spawn(collect(files, closing.clone())),
        tokio::spawn(sweep(people, hall.tickets.clone(), courier.clone(), closing.clone())),
        tokio::spawn(desk_clock(hall.review.clone(), Knock::new()?, closing.clone())),
    ];
    let routes = around(doors(&courier, &extras), hall);
    Ok(Running {
        pages: web::listen(pages, routes, limits, closing.clone())?,
        operations: web::listen(private, operations::routes(house.clone()), limits, closing)?,
        house,
        close,
        jobs,
    })
}

impl Running {
    /// Takes no more, finishes what is under way, writes what is queued.
    pub async fn end(self) {
        // Nobody listening any more is what we want.
        let _ = self.close.send(true);
        self.pages.finished().await;
        self.operations.finished().await;
        for job in self.jobs {
            let _ = job.await;
        }
        if let Err(fault) = audit::seal(&self.house).await {
            tracing::warn!(error = %fault, "the last audit entries are sealed at the next start");
        }
        self.house.db.close();
    }
}

/// Closes the audit's chain behind what was written, soon after it was.
async fn seal(house: House, mut closing: watch::Receiver<bool>) {
    loop {
        match audit::seal(&house).await {
            // A full page: more waits.
            Ok(500..) => continue,
            Ok(_) => {}
            Err(fault) => tracing::warn!(error = %fault, "the audit could not be sealed now"),
        }
        tokio::select! {
            _ = closing.wait_for(|c| *c) => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// Seals everything anew under the first master key, row by row, then forgets the others: whoever stops it
/// anywhere begins again where it stopped.
pub async fn seal_anew(people: &People) -> Result<u64, kernel::Fault> {
    let apps = apps::Apps { house: people.house.clone() };
    let n = people::renew_seals(people).await?
        + apps::renew_seals(&apps).await?
        + people.house.renew_seals().await?;
    people.house.vault.forget_older(&people.house.db).await?;
    Ok(n)
}

/// After the master key was changed.
async fn renew_seals(people: People) {
    if !people.house.vault.has_older_keys() {
        return;
    }
    match seal_anew(&people).await {
        Ok(n) => tracing::warn!(
            renewed = n,
            "sealed anew under the first master key: the older ones can be taken away"
        ),
        Err(fault) => tracing::error!(error = %fault, "sealing anew stopped; the next start goes on with it"),
    }
}

/// What time does to apps: secrets end, penalties are over, the unused fall asleep.
async fn tend_apps(apps: apps::Apps, mut closing: watch::Receiver<bool>) {
    loop {
        let done = async {
            let over = apps::sweep_secrets(&apps).await? + apps::lift_over(&apps).await?;
            Ok::<u64, kernel::Fault>(over + apps::tend_idle(&apps).await?)
        };
        match done.await {
            // A full page: more waits.
            Ok(50..) => continue,
            Ok(_) => {}
            Err(fault) => tracing::warn!(error = %fault, "apps could not be tended now; it is tried again"),
        }
        tokio::select! {
            _ = closing.wait_for(|c| *c) => return,
            () = tokio::time::sleep(Duration::from_secs(60)) => {}
        }
    }
}

/// Removes what ran out, a little at a time: letters in the built-in mailbox too, since they hold links.
async fn sweep(
    people: People,
    tickets: tickets::Tickets,
    courier: Courier,
    mut closing: watch::Receiver<bool>,
) {
    loop {
        let before = people.house.now().plus_days(-7);
        let removed = async {
            let swept = people::sweep(&people).await?
                + outbox::purge(&people.house, before).await?
                + tickets::close_old(&tickets).await?;
            Ok::<u64, kernel::Fault>(swept + courier::purge_mail(&courier, before).await?)
        };
        match removed.await {
            Ok(1_000..) => continue,
            Ok(_) => {}
            Err(fault) => tracing::warn!(error = %fault, "sweeping failed; it is tried again"),
        }
        tokio::select! {
            _ = closing.wait_for(|c| *c) => return,
            () = tokio::time::sleep(Duration::from_secs(60)) => {}
        }
    }
}

/// Takes away what people handed in and nothing names any more.
async fn collect(files: Files, mut closing: watch::Receiver<bool>) {
    loop {
        // Told to close in the middle of it: the next start goes on with it.
        let round = tokio::select! {
            _ = closing.wait_for(|c| *c) => return,
            round = files::collect(&files) => round,
        };
        match round {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "collected what nothing names any more"),
            Err(fault) => tracing::warn!(error = %fault, "collecting files failed; it is tried again"),
        }
        tokio::select! {
            _ = closing.wait_for(|c| *c) => return,
            () = tokio::time::sleep(Duration::from_secs(600)) => {}
        }
    }
}

/// What the desk does by itself: tells of broken promises, sends the daily digest, settles checks that need the
/// network.
async fn desk_clock(review: review::Review, knock: Knock, mut closing: watch::Receiver<bool>) {
    loop {
        let round = async {
            let told = review::escalate(&review).await?;
            review::digest(&review).await?;
            Ok::<usize, kernel::Failure<review::Refusal>>(
                told + review::settle_checks(&review, &knock).await?,
            )
        };
        let pause = tokio::select! {
            // Knocking takes its time: nobody waits for it when the house closes.
            _ = closing.wait_for(|c| *c) => return,
            done = round => match done {
                Ok(0) => 15,
                Ok(_) => 1,
                Err(failure) => {
                    tracing::warn!(error = ?failure, "the desk's clock stopped for now; it is tried again");
                    60
                }
            },
        };
        tokio::select! {
            _ = closing.wait_for(|c| *c) => return,
            () = tokio::time::sleep(Duration::from_secs(pause)) => {}
        }
    }
}

/// `guildhall serve`.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let house = open::house(&config, store::Opening::Server).await?;
    let people = open::people(&config, house);
    let bind = async |address| {
        TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
    };
    let (pages, private) = (bind(config.listen.pages).await?, bind(config.listen.operations).await?);
    let path = config.setup_link_path();
    match people::set_up_link(&people).await.map_err(|e| anyhow::anyhow!("{e:?}"))? {
        Some(token) => {
            let link = format!("{}/setup?t={}", config.site.public_url, token.reveal());
            open::make_folder(&config.data.folder)?;
            open::write_private(&path, &format!("{link}\n"))?;
            tracing::warn!(file = %path.display(), "nobody administers this house yet: open the one-time link in this file");
            tracing::warn!(setup_link = %link, "the same link, for those who read only the log");
        }
        // The link was used: what is left of it tells nothing, and is not kept.
        None if path.exists() => drop(std::fs::remove_file(&path)),
        None => {}
    }
    let extras =
        Extras { mailbox_page: config.listen.pages.ip().to_canonical().is_loopback(), ..Extras::default() };
    let running = start(&config, people, pages, private, extras).await?;
    tracing::info!(pages = %running.pages.address, operations = %running.operations.address, url = config.site.public_url, "open");
    told_to_end().await;
    tracing::info!("closing");
    running.end().await;
    tracing::info!("closed");
    Ok(())
}

/// Until the operator, or the system, asks us to end.
pub async fn told_to_end() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(e) => {
            tracing::error!(error = %e, "signals cannot be heard");
            return;
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
