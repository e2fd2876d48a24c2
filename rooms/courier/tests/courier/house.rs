//! A house with a courier, and letters to bring out.

use crate::sink::Sink;
use courier::{Courier, Smtp, SmtpSettings, SmtpTls, Transport};
use kernel::{Fault, Lang, OutboxId, SystemRandom, Time};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use store::testing::TestHouse;
use store::{House, outbox, params};

store::statements! {
    STATE = "SELECT state, tries, due, error FROM outbox WHERE id = $1";
    AUDITED = "SELECT action, subject FROM audit ORDER BY id";
}

pub type State = (String, i64, Time, Option<String>);

pub fn settings(port: u16, patience: u64) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        tls: SmtpTls::None,
        ca_file: None,
        credentials: None,
        from_address: "open@nordmarkt.example".to_owned(),
        from_name: "Nordmarkt\r\nBcc: evil@x.example".to_owned(),
        timeout: Duration::from_millis(patience),
    }
}

pub fn courier(house: &House, transport: Transport) -> Courier {
    let (site_name, public_url) = ("Nordmarkt".to_owned(), "https://open.nordmarkt.example".to_owned());
    Courier { house: house.clone(), site_name, public_url, transport }
}

pub fn by_smtp(house: &House, port: u16) -> Courier {
    let smtp = Smtp::new(&settings(port, 5_000)).expect("the settings are fine");
    courier(house, Transport::Smtp(Arc::new(smtp)))
}

pub fn to_sink(house: &House, sink: &Sink) -> Courier {
    by_smtp(house, sink.port)
}

/// Another process on the same database and clock.
pub async fn beside(t: &TestHouse) -> House {
    let (clock, vault) = (t.house.clock.clone(), t.house.vault.clone());
    House::open(t.on.beside(), clock, Arc::new(SystemRandom), vault).await.expect("opens")
}

/// Posts a letter with a link, as `people` does.
pub async fn post(house: &House, to: &str, name: &str) -> OutboxId {
    let (h, to, name) = (house.clone(), to.to_owned(), name.to_owned());
    let posted: Result<OutboxId, Fault> = house
        .db
        .write(move |tx| {
            let args = json!({"name": name, "path": "/verify?t=gl_secret"});
            outbox::post_letter(tx, &h, &to, Lang::En, "verify", &args)
        })
        .await;
    posted.expect("posts")
}

pub async fn state(house: &House, id: OutboxId) -> State {
    house.db.read(move |l| l.one(&STATE, params![id])).await.expect("reads").expect("it is there")
}

pub async fn audited(house: &House) -> Vec<(String, String)> {
    house.db.read(|l| l.all(&AUDITED, &[])).await.expect("reads")
}
