//! Bringing letters out, each once.
//!
//! Into the mailbox a letter goes in the transaction that closes its parcel: exactly once. To a mail
//! server it goes between the claim and that transaction, so one case stays open: the server took it and
//! we died before noting that. Then it is sent again, under the same Message-ID.

use crate::letters::LetterKind;
use crate::model::{Draft, Rendered};
use crate::rules::{domain, next_try, quoted};
use crate::smtp::{LETTER_LIMIT, Outgoing, Smtp, Trouble};
use crate::store::INSERT_MAIL;
use crate::templates::{built_in, render};
use crate::{Courier, Transport};
use kernel::{Fault, FaultKind, Lang, MailId, Time};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use store::outbox::{self, LETTER, Letter, Parcel};
use store::params;
use tokio::sync::{Notify, watch};

const BATCH: i64 = 10;
/// Longer than one letter can take, so that nobody takes up what is being carried.
const LEASE: i64 = 5 * Time::MINUTE;
const _: () = assert!(LEASE > 2 * LETTER_LIMIT);

const POLL: Duration = Duration::from_secs(1);

/// Takes a bounded number of parcels that are due and tries each once; says how many it took.
pub async fn deliver_due(courier: &Courier) -> Result<usize, Fault> {
    deliver(courier, &|| false).await
}

/// Delivers until it is told to stop: when `wake` rings, and every second in case another process posted
/// something. Told to stop, it finishes the letter it is at.
pub async fn run(courier: Courier, mut shutdown: watch::Receiver<bool>, wake: Arc<Notify>) {
    let told = shutdown.clone();
    let mut ill = false;
    while !*told.borrow() {
        match deliver(&courier, &|| *told.borrow()).await {
            Ok(0) => ill = false,
            Ok(_) => {
                ill = false;
                continue;
            }
            // Said once, not every second for as long as the database is away.
            Err(fault) if !ill => {
                ill = true;
                tracing::warn!(%fault, "letters wait: the outbox cannot be read");
            }
            Err(_) => {}
        }
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            // Also when whoever would tell us is gone.
            _ = shutdown.wait_for(|stop| *stop) => break,
        }
    }
    if let Transport::Smtp(smtp) = &courier.transport {
        smtp.close().await;
    }
}

async fn deliver(courier: &Courier, stop: &(dyn Fn() -> bool + Sync)) -> Result<usize, Fault> {
    let house = &courier.house;
    let since = house.now();
    let mut parcels = outbox::claim(house, BATCH, LEASE).await?;
    // A database returns changed rows in any order.
    parcels.sort_unstable_by_key(|p| p.id);
    let taken = parcels.len();
    for parcel in parcels {
        let parcel = Arc::new(parcel);
        let late = house.now().since(since) > LEASE - LETTER_LIMIT;
        if late || stop() {
            put_back(courier, &parcel, Some(house.now()), "put back: no time was left for it").await?;
        } else {
            carry(courier, &parcel).await?;
        }
    }
    Ok(taken)
}

async fn carry(courier: &Courier, parcel: &Arc<Parcel>) -> Result<(), Fault> {
    if parcel.kind != LETTER {
        // Perhaps a newer version of this program posted it and will carry it: never given up here.
        tracing::warn!(id = %parcel.id, kind = parcel.kind, "nobody here carries this kind of parcel");
        let due = next_try(courier.house.now(), parcel.tries, courier.house.now(), chance(courier));
        return put_back(courier, parcel, due, "nobody here carries this kind of parcel").await;
    }
    let letter: Letter = match serde_json::from_slice(parcel.payload.reveal()) {
        Ok(letter) => letter,
        // The error may quote the payload: it stays here.
        Err(_) => return trouble(courier, parcel, "", "", Trouble::Later("not a letter".to_owned())).await,
    };
    let tried = match rendered(courier, &letter).await? {
        Err(trouble) => Err(trouble),
        Ok(made) => match &courier.transport {
            Transport::Mailbox => into_mailbox(courier, parcel, &letter, made).await?,
            Transport::Smtp(smtp) => by_smtp(courier, smtp, parcel, &letter, &made).await?,
        },
    };
    match tried {
        Ok(()) => {
            let (template, to) = (letter.template.as_str(), domain(&letter.to));
            tracing::debug!(id = %parcel.id, template, to, "letter delivered");
            Ok(())
        }
        Err(why) => trouble(courier, parcel, &letter.template, &letter.to, why).await,
    }
}

/// The operator's text if it renders, else the built-in one.
async fn rendered(courier: &Courier, letter: &Letter) -> Result<Result<Rendered, Trouble>, Fault> {
    let later = |text: &str| Ok(Err(Trouble::Later(text.to_owned())));
    let Some(kind) = LetterKind::find(&letter.template) else { return later("no such template") };
    // There is no mail in the language that only tests layouts.
    let lang = Lang::from_tag(&letter.lang).filter(|l| Lang::ALL.contains(l)).unwrap_or_default();
    let none = Map::new();
    let args = match &letter.args {
        Value::Object(args) => args,
        _ => &none,
    };
    if let Some(edited) = courier.edited(kind.name, lang).await? {
        let draft = Draft { subject: edited.subject, body: edited.body };
        match render(&draft, lang, args, courier.site()) {
            Ok(made) => return Ok(Ok(made)),
            // Where, not what: the reason may quote what was filled in.
            Err(e) => {
                let (template, part, line) = (kind.name, e.part, e.line);
                tracing::warn!(
                    template,
                    lang = lang.tag(),
                    ?part,
                    line,
                    "the edited template fails; the built-in one is used"
                );
            }
        }
    }
    match render(&built_in(kind, lang), lang, args, courier.site()) {
        Ok(made) => Ok(Ok(made)),
        Err(e) => later(&format!("the built-in template fails in its {:?}, line {}", e.part, e.line)),
    }
}

async fn into_mailbox(
    courier: &Courier,
    parcel: &Arc<Parcel>,
    letter: &Letter,
    made: Rendered,
) -> Result<Result<(), Trouble>, Fault> {
    let (h, p) = (courier.house.clone(), parcel.clone());
    let (to, lang, template) = (letter.to.clone(), letter.lang.clone(), letter.template.clone());
    let written: Result<(), Fault> = courier
        .house
        .db
        .write(move |tx| {
            if outbox::arrived(tx, &p)? {
                let (id, now) = (MailId::new(h.now(), &*h.random), h.now());
                tx.change(
                    &INSERT_MAIL,
                    params![id, p.id, now, &to, &lang, &template, &made.subject, &made.text, &made.html],
                )?;
            }
            Ok(())
        })
        .await;
    match written {
        Ok(()) => Ok(Ok(())),
        Err(fault) if fault.kind == FaultKind::Unavailable => Err(fault),
        // This letter's own fault: it must not hold up the others.
        Err(fault) => Ok(Err(Trouble::Later(quoted(&fault.text)))),
    }
}

async fn by_smtp(
    courier: &Courier,
    smtp: &Smtp,
    parcel: &Arc<Parcel>,
    letter: &Letter,
    made: &Rendered,
) -> Result<Result<(), Trouble>, Fault> {
    let out = Outgoing { id: parcel.id, at: parcel.at, to: &letter.to, letter: made };
    if let Err(trouble) = smtp.send(&out).await {
        return Ok(Err(trouble));
    }
    // It is out: the note of that is worth some patience, and nobody else carries it meanwhile.
    let mut tries = 0;
    loop {
        tries += 1;
        let p = parcel.clone();
        match courier.house.db.write(move |tx| outbox::arrived(tx, &p)).await {
            Ok(noted) => {
                if !noted && tries == 1 {
                    tracing::warn!(id = %parcel.id, "a letter was sent after its lease had ended");
                }
                return Ok(Ok(()));
            }
            Err(fault) if tries == 5 => {
                tracing::error!(id = %parcel.id, %fault, "a letter was sent and could not be marked: it may be sent again");
                return Err(fault);
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(200 << tries)).await,
        }
    }
}

async fn trouble(
    courier: &Courier,
    parcel: &Arc<Parcel>,
    template: &str,
    to: &str,
    why: Trouble,
) -> Result<(), Fault> {
    let now = courier.house.now();
    let (due, text) = match why {
        Trouble::Later(text) => (next_try(parcel.at, parcel.tries, now, chance(courier)), text),
        Trouble::Never(text) => (None, text),
    };
    let (id, tries, to) = (parcel.id, parcel.tries, domain(to));
    // The server's words stay in the database: they may name the recipient.
    if due.is_some() {
        tracing::warn!(%id, template, to, tries, "a letter was not delivered; it will be tried again");
    } else {
        tracing::error!(%id, template, to, tries, "a letter was given up");
    }
    put_back(courier, parcel, due, &text).await
}

/// Back into the outbox, or given up.
async fn put_back(
    courier: &Courier,
    parcel: &Arc<Parcel>,
    due: Option<Time>,
    why: &str,
) -> Result<(), Fault> {
    let (p, why) = (parcel.clone(), why.to_owned());
    courier.house.db.write(move |tx| outbox::failed(tx, &p, due, &why)).await.map(|_| ())
}

fn chance(courier: &Courier) -> u32 {
    u32::from_be_bytes(courier.house.random.array())
}
