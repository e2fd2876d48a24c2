//! `guildhall demo`: a house on this machine alone, with people in it, ready in a moment.

mod story;

use crate::config::Config;
use crate::serve::{Extras, Running, start};
use crate::{open, operations};
use anyhow::{Context, anyhow, bail};
use demo::Person;
use kernel::{By, Email, Lang};
use people::{DeveloperInformation, People, Role, StaffRole, Typed, Visitor};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Opening;
use tokio::net::TcpListener;
use web::Persona;

#[derive(Clone, Default)]
pub struct Wishes {
    /// 0 takes a free one.
    pub port: u16,
    pub folder: Option<PathBuf>,
    pub reset: bool,
    pub manifest: Option<PathBuf>,
}

/// A running demo.
pub struct Demo {
    pub running: Running,
    pub url: String,
    pub people: Vec<Person>,
    /// Gone when the demo ends, unless a folder was named.
    _folder: Option<tempfile::TempDir>,
}

/// The people, each with a first name that is also the key of the account.
pub fn cast() -> Vec<Person> {
    let person = |key, name, initials, role, can, password: &str, home| Person {
        key,
        name,
        initials,
        role,
        can,
        email: format!("{key}@harbour.example"),
        password: password.to_owned(),
        home,
    };
    vec![
        person(
            "ana",
            "Ana",
            "An",
            "demo-developer",
            "demo-developer-can",
            "ana-builds-order-sync",
            "/console",
        ),
        person("bo", "Bo", "Bo", "demo-reviewer", "demo-reviewer-can", "bo-reads-every-request", "/desk"),
        person("chen", "Chen", "Ch", "demo-seller", "demo-seller-can", "chen-runs-casa-verde", "/account"),
        person("dee", "Dee", "De", "demo-operator", "demo-operator-can", "dee-keeps-the-harbour", "/desk"),
    ]
}

/// Opens the demo. It listens on the loopback address and nowhere else.
pub async fn open_demo(wishes: &Wishes) -> anyhow::Result<Demo> {
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let pages = TcpListener::bind(loopback(wishes.port)).await.with_context(|| {
        format!("port {} is taken: name another with --port, or --port 0 for a free one", wishes.port)
    })?;
    let private = TcpListener::bind(loopback(0)).await?;
    let url = format!("http://{}", pages.local_addr()?);
    let (kept, folder) = match &wishes.folder {
        Some(folder) => (None, folder.clone()),
        None => {
            let made = tempfile::Builder::new().prefix("guildhall-demo-").tempdir()?;
            let path = made.path().to_owned();
            (Some(made), path)
        }
    };
    if wishes.reset {
        forget(&folder)?;
    }
    let port = pages.local_addr()?.port();
    let flags = [
        ("site.name", "Harbour Market".to_owned()),
        ("site.public_url", url.clone()),
        ("site.hosts", format!("localhost:{port}")),
        ("data.folder", folder.display().to_string()),
    ];
    let flags: Vec<_> = flags.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    let loaded = Config::load(None, std::iter::empty(), &flags).map_err(|problems| {
        anyhow!(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    operations::count();
    let house = open::house(&loaded.config, Opening::Server).await?;
    let people = open::people(&loaded.config, house);
    let cast = cast();
    open::first_texts(&people.house).await?;
    let files = open::files(&loaded.config, people.house.clone())?;
    let site = crate::serve::site(&loaded.config, true);
    let hall = open::hall(people.clone(), files, site, Vec::new(), Arc::new(tokio::sync::Notify::new()));
    if seed(&people, &cast).await? {
        story::tell(&hall, &cast).await?;
    }
    let (apps, methods) = (story::her_apps(&hall, &cast).await?, story::methods(&hall).await?);
    let personas = cast
        .iter()
        .map(|p| Persona { key: p.key, name: p.name, initials: p.initials, role: p.role, current: false })
        .collect();
    let extras = Extras { personas, people: cast.clone(), mailbox_page: true };
    let running = start(&loaded.config, people, pages, private, extras).await?;
    let demo = Demo { running, url, people: cast, _folder: kept };
    if let Some(path) = &wishes.manifest {
        write_manifest(path, &demo, &apps, &methods)?;
    }
    Ok(demo)
}

/// Removes what an earlier demo left, and nothing that is not one.
fn forget(folder: &Path) -> anyhow::Result<()> {
    if !folder.exists() || std::fs::read_dir(folder)?.next().is_none() {
        return Ok(());
    }
    if !folder.join("guildhall.db").exists() {
        bail!("{} holds no Guildhall: it is left alone", folder.display());
    }
    for name in ["guildhall.db", "guildhall.db-wal", "guildhall.db-shm", "guildhall.lock", "master.key"] {
        let path = folder.join(name);
        if path.exists() {
            std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    let files = folder.join("files");
    if files.exists() {
        std::fs::remove_dir_all(&files).with_context(|| format!("cannot remove {}", files.display()))?;
    }
    Ok(())
}

/// Fills a fresh house by the same verbs that the pages use; says whether it was fresh.
async fn seed(people: &People, cast: &[Person]) -> anyhow::Result<bool> {
    let by = By::house("demo");
    let no = |e| anyhow!("seeding: {e:?}");
    let email = |text: &str| Email::parse(text).map_err(|p| anyhow!("{text}: {p:?}"));
    if people::find_account(people, &email(&cast[0].email)?).await.map_err(no)?.is_some() {
        return Ok(false);
    }
    for p in cast {
        people::make_account(people, &by, email(&p.email)?, p.name.to_owned(), &p.password, Lang::En)
            .await
            .map_err(no)?;
    }
    people::add_staff_by_hand(people, &by, email(&cast[1].email)?, StaffRole::Reviewer).await.map_err(no)?;
    people::add_staff_by_hand(people, &by, email(&cast[3].email)?, StaffRole::Administrator)
        .await
        .map_err(no)?;

    let ana = people::find_account(people, &email(&cast[0].email)?).await.map_err(no)?;
    let ana = ana.context("Ana is not there")?;
    let signed = people::sign_in_after_link(people, &by, ana, "demo").await.map_err(no)?;
    let Visitor::SignedIn(session) = people::visitor(people, Some(signed.session)).await? else {
        bail!("Ana cannot sign in");
    };
    let agreement = people::agreement(people, Lang::En).await.map_err(no)?;
    people::accept_agreement(people, &by, &session, agreement.id).await.map_err(no)?;
    let typed = Typed {
        kind: "organisation".into(),
        name: "Lumen Tools".into(),
        country: "ES".into(),
        contact_name: "Ana Ferrer".into(),
        mobile: "+34 600 111 222".into(),
        email: cast[0].email.clone(),
        company: "Lumen Tools S.L.".into(),
        licence_number: "B12345674".into(),
    };
    let information = DeveloperInformation::check(&typed).map_err(|e| anyhow!("{e:?}"))?;
    let (_, token) = people::activate(people, &by, &session, information).await.map_err(no)?;
    let Visitor::SignedIn(session) = people::visitor(people, Some(token)).await? else {
        bail!("Ana cannot go on");
    };
    let seat = session.seat().map_err(no)?;
    for (who, role) in [("leo@lumen.example", Role::Engineer), ("mei@lumen.example", Role::Viewer)] {
        people::invite(people, &by, &session, &seat, email(who)?, role, Lang::En).await.map_err(no)?;
    }
    people::end_session(people, &by, &session, session.id()).await.map_err(no)?;
    Ok(true)
}

/// Written whole and at once, when everything listens.
fn write_manifest(path: &Path, demo: &Demo, apps: &[Value], methods: &[Value]) -> anyhow::Result<()> {
    let person = |key: &str| {
        let found = demo.people.iter().find(|p| p.key == key);
        found.map(|p| json!({"email": p.email, "password": p.password, "name": p.name}))
    };
    let manifest = json!({
        "format": 1,
        "pages": demo.url,
        "gateway": null,
        "operations": format!("http://{}", demo.running.operations.address),
        "mailbox": format!("{}/demo/mailbox", demo.url),
        "people": {
            "developer": person("ana"),
            "reviewer": person("bo"),
            "operator": person("dee"),
            "seller": person("chen"),
        },
        "apps": apps,
        "grants": [],
        "methods": methods,
    });
    let beside = PathBuf::from(format!("{}.part", path.display()));
    open::write_private(&beside, &format!("{manifest:#}\n"))?;
    std::fs::rename(&beside, path).with_context(|| format!("cannot write {}", path.display()))
}
