//! The first half of the demo's story: sellers are there, Ana has an app Online and another waiting, one of her
//! Requests waits at the desk and one is a draft, ready to be sent. All by the verbs that the pages use.

use super::Person;
use anyhow::{Context, anyhow, bail};
use apps::{Settings, TypedSettings};
use kernel::{AppId, By, Email, Lang, RequestId};
use lobby::Hall;
use people::{ImportLine, Mode, OnStaff, Seat, Session, StaffRole, Visitor};
use review::{Answers, Deciding, Decision, Kind};
use serde_json::{Value, json};

fn no<E: std::fmt::Debug>(e: E) -> anyhow::Error {
    anyhow!("seeding: {e:?}")
}

async fn signed_in(hall: &Hall, email: &str) -> anyhow::Result<Session> {
    let (people, by) = (&hall.people, By::house("demo"));
    let email = Email::parse(email).map_err(no)?;
    let id = people::find_account(people, &email).await.map_err(no)?.context("nobody of that address")?;
    let signed = people::sign_in_after_link(people, &by, id, "demo").await.map_err(no)?;
    match people::visitor(people, Some(signed.session)).await? {
        Visitor::SignedIn(session) => Ok(*session),
        _ => bail!("cannot sign in"),
    }
}

/// Who does what in the story.
struct Stage<'h> {
    hall: &'h Hall,
    by: By,
    seat: Seat,
    bo: Session,
    reviewer: OnStaff,
}

impl Stage<'_> {
    async fn category(&self, key: &str) -> anyhow::Result<apps::Category> {
        let all = apps::categories(&self.hall.apps).await.map_err(no)?;
        all.into_iter().find(|c| c.key == key).with_context(|| format!("no category {key}"))
    }

    async fn draft(&self, kind: Kind, about: &str, answers: &[(&str, &str)]) -> anyhow::Result<RequestId> {
        let review = &self.hall.review;
        let id = review::begin(review, &self.by, &self.seat, kind, about, Lang::En).await.map_err(no)?;
        let answers: Answers = answers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        review::save(review, &self.by, &self.seat, id, answers).await.map_err(no)?;
        Ok(id)
    }

    async fn sent(&self, kind: Kind, about: &str, answers: &[(&str, &str)]) -> anyhow::Result<RequestId> {
        let id = self.draft(kind, about, answers).await?;
        review::submit(&self.hall.review, &self.by, &self.seat, id, 0).await.map_err(no)?;
        Ok(id)
    }

    async fn decided(&self, id: RequestId, decision: Decision, text: &str) -> anyhow::Result<()> {
        let sudo = self.bo.sudo(self.hall.people.house.now()).map_err(no)?;
        let d = Deciding { decision, round: 1, reasons: Vec::new(), text: text.to_owned() };
        review::claim(&self.hall.review, &self.by, &self.reviewer, id).await.map_err(no)?;
        review::decide(&self.hall.review, &self.by, &self.reviewer, id, &d, sudo).await.map_err(no)?;
        Ok(())
    }

    /// Applies for a category, has it approved, and makes an app of it.
    async fn app(&self, category: &str, name: &str, answers: &[(&str, &str)]) -> anyhow::Result<AppId> {
        let c = self.category(category).await?;
        let request = self.sent(Kind::Category, &c.id.to_string(), answers).await?;
        self.decided(request, Decision::Approve, "").await?;
        let callback = "http://127.0.0.1:9/callback";
        let typed = TypedSettings {
            name: name.to_owned(),
            description: "Brings orders from the marketplace into the shop's own books.".to_owned(),
            callbacks: callback.to_owned(),
            native: true,
            ..TypedSettings::default()
        };
        let settings = Settings::check(&typed).map_err(no)?;
        let made =
            apps::create_app(&self.hall.apps, &self.by, &self.seat, request, settings).await.map_err(no)?;
        Ok(made.id)
    }
}

/// Forty shops, Chen's first.
fn sellers() -> anyhow::Result<Vec<ImportLine>> {
    const SHOPS: &[&str] = &["Casa", "Tienda", "Mercado", "Bodega", "Taller", "Jardín", "Faro", "Puerto"];
    const NAMES: &[&str] = &["Verde", "Azul", "Norte", "Clara", "Nueva"];
    const COUNTRIES: &[&str] = &["ES", "CN", "FR", "PL", "BR"];
    let mut table = "short_code,name,country\n".to_owned();
    for (i, (shop, name)) in SHOPS.iter().flat_map(|s| NAMES.iter().map(move |n| (s, n))).enumerate() {
        table.push_str(&format!("SHOP{:03},{shop} {name},{}\n", i + 1, COUNTRIES[i % COUNTRIES.len()]));
    }
    people::import_lines(&table).map_err(no)
}

pub async fn tell(hall: &Hall, cast: &[Person]) -> anyhow::Result<()> {
    let (dee, bo) = (signed_in(hall, &cast[3].email).await?, signed_in(hall, &cast[1].email).await?);
    let ana = signed_in(hall, &cast[0].email).await?;
    let by = By::house("demo");
    let support = dee.on_staff(StaffRole::Support).map_err(no)?;
    let report = people::import_sellers(&hall.people, &by, &support, sellers()?, Mode::AllOrNothing).await;
    if report.map_err(no)?.wrong() > 0 {
        bail!("the demo's sellers are not in order");
    }
    let chen = people::find_seller_by_code(&hall.people, &support, "SHOP001").await.map_err(no)?;
    let email = Email::parse(&cast[2].email).map_err(no)?;
    people::add_seller_account(&hall.people, &by, &support, chen.line.id, email).await.map_err(no)?;

    let reviewer = bo.on_staff(StaffRole::Reviewer).map_err(no)?;
    let stage =
        Stage { hall, by: by.with(ana.account.id), seat: ana.seat().map_err(no)?, bo: bo.clone(), reviewer };
    let why =
        "Lumen Tools connects shops with their bookkeeping. We read orders and write back parcel numbers.";
    let app = stage
        .app("individual-developer", "Order.Sync", &[("reason", why), ("website", "https://lumen.example")])
        .await?;
    // A group that is not given from the start waits at the desk.
    let groups = apps::list_app_groups(&hall.apps, &stage.seat, app, Lang::En).await.map_err(no)?;
    if let Some(group) = groups.iter().find(|g| g.is_open && g.since.is_none()) {
        let about = format!("{app}/{}", group.id);
        let reason = "Parcel numbers go back to the marketplace, so that buyers can follow their parcels.";
        stage.sent(Kind::Group, &about, &[("reason", reason)]).await?;
    }
    // The draft that the story sends.
    let commercial = stage.category("commercial-developer").await?;
    let next =
        "Order Sync for every seller: we want to offer what we built for one shop to all who ask for it.";
    stage.draft(Kind::Category, &commercial.id.to_string(), &[("reason", next)]).await?;
    let typed = tickets::Typed {
        subject: "Which time zone do order dates have?".into(),
        text: "The dates of /orders/get carry no zone. Are they in the platform's time?".into(),
        page: format!("/console/apps/{app}"),
        app: app.to_string(),
        ..tickets::Typed::default()
    };
    tickets::open(&hall.tickets, &stage.by, &stage.seat, &typed, None).await.map_err(no)?;
    for session in [&dee, &bo, &ana] {
        people::end_session(&hall.people, &by, session, session.id()).await.map_err(no)?;
    }
    Ok(())
}

/// Ana's apps, as the manifest tells of them: the one place where secrets are told unasked.
pub async fn her_apps(hall: &Hall, cast: &[Person]) -> anyhow::Result<Vec<Value>> {
    let ana = signed_in(hall, &cast[0].email).await?;
    let seat = ana.seat().map_err(no)?;
    let mut out = Vec::new();
    for line in apps::list_apps(&hall.apps, &seat, None, Lang::En).await.map_err(no)? {
        let app = apps::app(&hall.apps, &seat, line.id).await.map_err(no)?;
        let (h, key) = (hall.apps.house.clone(), app.key.clone());
        let secrets = hall.apps.house.db.read(move |look| apps::live_secrets(look, &h, &key)).await?;
        out.push(json!({
            "id": app.id.to_string(), "name": app.settings.name, "app_key": app.key,
            "app_secret": secrets.first().map(|(_, secret)| secret.reveal()), "stage": app.stage.word(),
            "category": line.category, "policy": app.terms.policy.word(),
            "callback": app.settings.callbacks.first(),
        }));
    }
    people::end_session(&hall.people, &By::house("demo"), &ana, ana.id()).await.map_err(no)?;
    Ok(out)
}

/// Every method of the catalogue.
pub async fn methods(hall: &Hall) -> anyhow::Result<Vec<Value>> {
    let mut out = Vec::new();
    for group in catalogue::list_groups(&hall.catalogue).await.map_err(no)? {
        for m in catalogue::list_methods(&hall.catalogue, group.id).await.map_err(no)? {
            out.push(json!({"name": m.name, "needs_seller": m.needs_seller}));
        }
    }
    Ok(out)
}
