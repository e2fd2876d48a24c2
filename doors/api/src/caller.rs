//! Who calls: the holder of a key, as far as its account reaches at this moment.

use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use kernel::{By, TraceId};
use lobby::Hall;
use people::{OnStaff, People, SELLERS_ROLE};
use std::collections::BTreeMap;

pub struct Caller {
    pub people: People,
    pub staff: OnStaff,
    pub by: By,
    query: BTreeMap<String, String>,
}

impl Caller {
    /// A parameter of the address.
    pub fn query(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
    /// Refuses parameters that this address does not know.
    pub fn takes(&self, known: &[&str]) -> Result<(), Problem> {
        match self.query.keys().find(|name| !known.contains(&name.as_str())) {
            Some(_) => {
                Err(Problem::bad("unknown-parameter", "A parameter of the address is not known here."))
            }
            None => Ok(()),
        }
    }
    /// `true` or `false`; not given is `false`.
    pub fn flag(&self, name: &'static str) -> Result<bool, Problem> {
        match self.query(name) {
            "true" => Ok(true),
            "" | "false" => Ok(false),
            _ => Err(Problem::bad("bad-parameter", format!("{name} is true or false."))),
        }
    }
}

fn unknown(challenge: &'static str) -> Problem {
    let say = "Send a key that is good: Authorization: Bearer gk_…";
    Problem::new(StatusCode::UNAUTHORIZED, "no-key", say).header(header::WWW_AUTHENTICATE, challenge)
}

/// The key in the one place where it may stand.
fn key(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (sent.next(), sent.next()) else { return Err(unknown("Bearer")) };
    let found = one.to_str().ok().and_then(|text| text.split_once(' '));
    let (scheme, key) = found.ok_or_else(|| unknown("Bearer"))?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(key.trim()) } else { Err(unknown("Bearer")) }
}

impl FromRequestParts<Hall> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, hall: &Hall) -> Result<Caller, Problem> {
        let query = web::query(parts.uri.query().unwrap_or("").as_bytes())
            .ok_or_else(|| Problem::bad("malformed", "The parameters of the address cannot be read."))?;
        // Addresses are logged by whatever stands in between: a key there is a key lost.
        let names = ["access_token", "api_key", "apikey", "key", "token", "authorization"];
        let has_key = |(name, value): (&String, &String)| {
            names.contains(&name.to_ascii_lowercase().as_str()) || value.starts_with("gk_")
        };
        if query.iter().any(has_key) {
            return Err(Problem::bad("key-in-address", "A key is sent in the header only. Revoke this one."));
        }
        let holder = people::key_holder(&hall.people, key(&parts.headers)?).await?;
        let holder = holder.ok_or_else(|| unknown("Bearer error=\"invalid_token\""))?;
        let staff = holder.on_staff(SELLERS_ROLE)?;
        let by = By {
            account: Some(holder.account()),
            address: web::address_of(parts, &hall.site).to_string(),
            request: parts.extensions.get::<TraceId>().copied(),
        };
        Ok(Caller { people: hall.people.clone(), staff, by, query })
    }
}
