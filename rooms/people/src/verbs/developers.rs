//! From an account to a developer: the agreement, then the developer information.

use super::no;
use crate::rules::Refusal;
use crate::store::{
    FIND_ACCEPTED, FIND_AGREEMENT, FIND_AGREEMENT_VERSION, FIND_DEVELOPER, INSERT_ACCEPTANCE,
    INSERT_AGREEMENT, INSERT_AGREEMENT_TEXT, INSERT_DEVELOPER, INSERT_OWNER, LIST_DEVELOPERS_OF,
    ROTATE_SESSION, SET_DEVELOPER, SWITCH_SESSION,
};
use crate::{
    Agreement, Answer, Developer, DeveloperInformation, DeveloperKind, Membership, People, Role, Seat,
    Session,
};
use kernel::text::{COMPANY_MAX, LICENCE_MAX, NAME_MAX};
use kernel::{
    AcceptanceId, AgreementId, By, DeveloperId, Errors, Failure, Fault, Lang, Problem, Time, Token, TokenKind,
};
use serde_json::json;
use store::{FromRow, House, Row, audit, outbox, params};

pub const API_USE: &str = "api_use";

/// Publishes a version of an agreement, in all languages; does nothing if that version is there.
pub async fn publish_agreement(
    house: &House,
    by: &By,
    kind: &'static str,
    version: i64,
    texts: Vec<(Lang, String, String)>,
) -> Result<(), Fault> {
    let (h, by) = (house.clone(), by.clone());
    house
        .db
        .write(move |tx| {
            let now = h.now();
            let id = AgreementId::new(now, &*h.random);
            if !tx.moved(&INSERT_AGREEMENT, params![id, kind, version, now])? {
                return Ok(());
            }
            for (lang, title, body) in &texts {
                tx.change(&INSERT_AGREEMENT_TEXT, params![id, *lang, title, body])?;
            }
            audit::record(tx, &h, &by, "agreement.published", id, &json!({"kind": kind, "version": version}))
        })
        .await
}

/// The version in force, in the reader's language if there is one.
pub async fn agreement(people: &People, lang: Lang) -> Answer<Agreement> {
    let found = people
        .house
        .db
        .read(move |l| l.one(&FIND_AGREEMENT, params![API_USE, lang]))
        .await
        .map_err(Failure::Fault)?;
    found.map_or_else(|| no(Refusal::NotFound), Ok)
}

pub async fn agreement_version(people: &People, version: i64, lang: Lang) -> Answer<Agreement> {
    let wanted =
        people.house.db.read(move |l| l.one(&FIND_AGREEMENT_VERSION, params![API_USE, lang, version]));
    wanted.await.map_err(Failure::Fault)?.map_or_else(|| no(Refusal::NotFound), Ok)
}

/// When this account accepted the version in force.
pub async fn accepted_at(people: &People, session: &Session) -> Answer<Option<Time>> {
    let id = session.account.id;
    let found = people.house.db.read(move |l| l.one::<(Time,)>(&FIND_ACCEPTED, params![id, API_USE]));
    Ok(found.await.map_err(Failure::<Refusal>::Fault)?.map(|(at,)| at))
}

/// Accepts the version that was shown, if it is still the one in force. Accepting twice is accepting once.
pub async fn accept_agreement(people: &People, by: &By, session: &Session, shown: AgreementId) -> Answer<()> {
    let (h, by, account) = (people.house.clone(), by.with(session.account.id), session.account.id);
    people
        .house
        .db
        .write(move |tx| {
            let id = AcceptanceId::new(h.now(), &*h.random);
            let taken = tx.moved(&INSERT_ACCEPTANCE, params![id, shown, account, h.now(), &by.address])?;
            if !taken {
                let already = tx.one::<(Time,)>(&FIND_ACCEPTED, params![account, API_USE])?.is_some();
                return if already { Ok(()) } else { no(Refusal::Changed) };
            }
            audit::record(tx, &h, &by, "agreement.accepted", shown, &json!({"acceptance": id.to_string()}))?;
            Ok(())
        })
        .await
}

/// The developer information as it is typed.
#[derive(Clone, Default, Debug)]
pub struct Typed {
    pub kind: String,
    pub name: String,
    pub country: String,
    pub contact_name: String,
    pub mobile: String,
    pub email: String,
    pub company: String,
    pub licence_number: String,
}

impl DeveloperInformation {
    pub fn check(t: &Typed) -> Result<DeveloperInformation, Errors> {
        let mut e = Errors::default();
        let kind = match t.kind.as_str() {
            "" => Err(Problem::Missing),
            word => DeveloperKind::from_word(word).ok_or(Problem::NotOneOfThese),
        };
        let kind = e.take("kind", kind);
        let organisation = kind == Some(DeveloperKind::Organisation);
        let name = e.take("name", kernel::text::line(&t.name, 2, NAME_MAX));
        let country = e.take("country", kernel::Country::parse(&t.country));
        let contact_name = e.take("contact_name", kernel::text::name(&t.contact_name));
        let mobile = e.take("mobile", kernel::Phone::parse(&t.mobile));
        let email = e.take("email", kernel::Email::parse(&t.email));
        let least = u32::from(organisation);
        let company = e.take("company", kernel::text::line(&t.company, least, COMPANY_MAX));
        let licence = e.take("licence_number", kernel::text::line(&t.licence_number, least, LICENCE_MAX));
        match (kind, name, country, contact_name, mobile, email, company, licence) {
            (
                Some(kind),
                Some(name),
                Some(country),
                Some(contact_name),
                Some(mobile),
                Some(email),
                Some(c),
                Some(l),
            ) if e.is_empty() => {
                let kept = |s: String| (!s.is_empty()).then_some(s);
                Ok(DeveloperInformation {
                    kind,
                    name,
                    country,
                    contact_name,
                    mobile,
                    email,
                    company: kept(c),
                    licence_number: kept(l),
                })
            }
            _ => Err(e),
        }
    }
}

/// Makes the account the owner of a new developer, once. The session gets a new token, because it may
/// now do more.
pub async fn activate(
    people: &People,
    by: &By,
    session: &Session,
    information: DeveloperInformation,
) -> Answer<(DeveloperId, Token)> {
    let (h, by, account, own) =
        (people.house.clone(), by.with(session.account.id), session.account.clone(), session.id);
    let sudo_until = session.sudo_until;
    people
        .house
        .db
        .write(move |tx| {
            let now = h.now();
            let id = DeveloperId::new(now, &*h.random);
            let i = &information;
            let made = tx.moved(
                &INSERT_DEVELOPER,
                params![
                    id,
                    i.kind,
                    &i.name,
                    i.country.code(),
                    &i.contact_name,
                    i.mobile.as_str(),
                    i.email.as_typed(),
                    i.company.as_deref(),
                    i.licence_number.as_deref(),
                    now,
                    account.id
                ],
            )?;
            if !made {
                // Not accepted, or a newer version is in force.
                return no(Refusal::Changed);
            }
            if !tx.moved(&INSERT_OWNER, params![id, account.id, now])? {
                return no(Refusal::OwnsAlready);
            }
            let token = Token::new(TokenKind::Session, &*h.random);
            tx.change(&SWITCH_SESSION, params![own, id, account.id])?;
            if !tx.moved(&ROTATE_SESSION, params![own, token.hash(), sudo_until])? {
                return no(Refusal::BeginAgain);
            }
            let args = json!({"name": account.name, "developer": i.name, "path": "/console"});
            outbox::post_letter(tx, &h, &account.email, account.lang, "developer-activated", &args)?;
            let detail = json!({"kind": i.kind.word(), "country": i.country.code()});
            audit::record(tx, &h, &by, "developer.activated", id, &detail)?;
            Ok((id, token))
        })
        .await
}

pub async fn developer(people: &People, seat: &Seat) -> Answer<Developer> {
    let id = seat.developer;
    let found =
        people.house.db.read(move |l| l.one(&FIND_DEVELOPER, params![id])).await.map_err(Failure::Fault)?;
    found.map_or_else(|| no(Refusal::NotFound), Ok)
}

/// Changes the developer information; the kind stays what it was.
pub async fn change_developer(
    people: &People,
    by: &By,
    seat: &Seat,
    information: DeveloperInformation,
) -> Answer<()> {
    if !seat.role.manages_team() {
        return no(Refusal::NotAllowed);
    }
    let (h, by, id) = (people.house.clone(), by.with(seat.account), seat.developer);
    people
        .house
        .db
        .write(move |tx| {
            let i = &information;
            let changed = tx.moved(
                &SET_DEVELOPER,
                params![
                    id,
                    &i.name,
                    i.country.code(),
                    &i.contact_name,
                    i.mobile.as_str(),
                    i.email.as_typed(),
                    i.company.as_deref(),
                    i.licence_number.as_deref(),
                    i.kind
                ],
            )?;
            if !changed {
                return no(Refusal::Changed);
            }
            audit::record(tx, &h, &by, "developer.changed", id, &json!({"country": i.country.code()}))?;
            Ok(())
        })
        .await
}

impl FromRow for Membership {
    fn from_row(row: &mut Row<'_>) -> Result<Membership, Fault> {
        Ok(Membership { developer: row.take()?, name: row.take()?, role: row.take::<Role>()? })
    }
}

/// Where this account is a member.
pub async fn memberships(people: &People, session: &Session) -> Answer<Vec<Membership>> {
    let id = session.account.id;
    people.house.db.read(move |l| l.all(&LIST_DEVELOPERS_OF, params![id])).await.map_err(Failure::Fault)
}

/// Works for another of one's developers from now on, in this browser.
pub async fn switch(people: &People, session: &Session, to: DeveloperId) -> Answer<()> {
    let (id, account) = (session.id, session.account.id);
    let moved = people.house.db.write(move |tx| tx.moved(&SWITCH_SESSION, params![id, to, account]));
    if moved.await.map_err(Failure::<Refusal>::Fault)? { Ok(()) } else { no(Refusal::NotFound) }
}
