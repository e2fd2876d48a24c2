//! Sellers: listed, found, and brought up to date many at a time.

use crate::caller::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use kernel::{Lang, fold};
use people::{IMPORT_BYTES, IMPORT_LINES, ImportLine, ImportReport, Mode, Outcome, SellerLine, SellerTyped};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::error::Error;
use std::time::Duration;
use web::Words;

const LIST: &str = "api sellers";
/// A body of this size comes in a few seconds, or it does not come.
const PATIENCE: Duration = Duration::from_secs(60);

fn shown(l: &SellerLine) -> Value {
    json!({
        "id": l.id.to_string(), "short_code": l.short_code, "name": l.name, "country": l.country,
        "state": l.state.word(), "test": l.test_of.is_some(), "changed_at": l.changed_at.0,
    })
}

pub async fn list(caller: Caller) -> Result<Response, Problem> {
    caller.takes(&["after", "prefix"])?;
    let prefix = caller.query("prefix");
    if prefix.chars().count() > 80 {
        return Err(Problem::bad("bad-parameter", "prefix has at most 80 characters."));
    }
    let house = &caller.people.house;
    // A cursor is good for the search it was made in.
    let list = format!("{LIST} {}", fold(prefix));
    let after = match caller.query("after") {
        "" => None,
        sent => Some(
            house
                .read_cursor(&list, sent)
                .ok_or_else(|| Problem::bad("bad-cursor", "after is not a cursor of this list."))?,
        ),
    };
    let (lines, next) = people::list_sellers(&caller.people, &caller.staff, prefix, after).await?;
    let next = next.map(|place| house.cursor(&list, &place));
    let sellers: Vec<Value> = lines.iter().map(shown).collect();
    Ok(Json(json!({"sellers": sellers, "next": next})).into_response())
}

pub async fn find(caller: Caller, Path(short_code): Path<String>) -> Result<Response, Problem> {
    caller.takes(&[])?;
    let s = people::find_seller_by_code(&caller.people, &caller.staff, &short_code).await?;
    let mut body = shown(&s.line);
    body["emails"] = json!(s.emails);
    Ok(Json(body).into_response())
}

/// One seller as it is sent. What is not known here is refused, and so is what comes twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    short_code: String,
    name: String,
    country: String,
    #[serde(default, deserialize_with = "given")]
    state: Option<String>,
    #[serde(default, deserialize_with = "given")]
    emails: Option<Vec<String>>,
}

/// An object, and not a list in the order of the fields, as which it could be read too.
struct Object(Sent);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Object, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a seller")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object, A::Error> {
                Sent::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        from.deserialize_map(Fields)
    }
}

/// There with a value, or not there at all.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let (kind, rest) = kind.split_once(';').unwrap_or((kind, ""));
    let rest = rest.trim().to_ascii_lowercase();
    kind.trim().eq_ignore_ascii_case("application/json")
        && (rest.is_empty() || rest == "charset=utf-8")
        && !headers.contains_key(header::CONTENT_ENCODING)
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<Object>, Problem> {
    if !is_json(headers) {
        let say = "The body is application/json, and not encoded otherwise.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", say));
    }
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body has at most 2 MB.");
    let claimed = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if claimed.is_some_and(|n| n > IMPORT_BYTES) {
        return Err(too_large().header(header::CONNECTION, "close"));
    }
    let slow = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "The body did not come in time.");
    let bytes = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, IMPORT_BYTES)).await;
    let bytes = bytes.map_err(slow)?.map_err(|e| match e.source() {
        Some(why) if why.is::<LengthLimitError>() => too_large().header(header::CONNECTION, "close"),
        _ => Problem::bad("malformed", "The body broke off."),
    })?;
    // What the reader says of the place helps; it quotes field names of ours, or of the caller's.
    serde_json::from_slice(&bytes).map_err(|e| {
        let say = format!("The body is no array of sellers: line {}, column {}.", e.line(), e.column());
        Problem::bad("malformed", say)
    })
}

fn line((at, Object(sent)): (usize, Object)) -> ImportLine {
    let typed = SellerTyped {
        short_code: sent.short_code,
        name: sent.name,
        country: sent.country,
        state: sent.state,
        emails: sent.emails,
    };
    ImportLine { line: u32::try_from(at).unwrap_or(u32::MAX), typed: Ok(typed) }
}

fn problems(report: &ImportReport) -> Vec<Value> {
    let w = Words::new(Lang::En);
    let mut out = Vec::new();
    for told in &report.lines {
        let Outcome::Wrong(errors) = &told.outcome else { continue };
        for (field, p) in &errors.0 {
            let message = match p.number() {
                Some(n) => w.tn(p.key(), "n", i64::from(n)),
                None => w.t(p.key()).to_owned(),
            };
            let code = p.key().strip_prefix("problem-").unwrap_or(p.key());
            out.push(json!({
                "index": told.line, "short_code": told.short_code, "field": field, "code": code,
                "message": message,
            }));
        }
    }
    out
}

pub async fn put(caller: Caller, request: Request) -> Result<Response, Problem> {
    caller.takes(&["all_or_nothing", "dry_run"])?;
    let mode = match (caller.flag("dry_run")?, caller.flag("all_or_nothing")?) {
        (true, _) => Mode::Try,
        (false, true) => Mode::AllOrNothing,
        (false, false) => Mode::Keep,
    };
    let (parts, body) = request.into_parts();
    let sent = read(&parts.headers, body).await?;
    if sent.len() > IMPORT_LINES {
        return Err(Problem::bad("too-many", "At most 10,000 sellers at a time."));
    }
    let lines = sent.into_iter().enumerate().map(line).collect();
    let report = people::import_sellers(&caller.people, &caller.by, &caller.staff, lines, mode).await?;
    let problems = problems(&report);
    if mode == Mode::AllOrNothing && !problems.is_empty() {
        let say = "Some of it is wrong, so nothing was taken.";
        let refused = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", say);
        return Err(refused.with("problems", problems.into()));
    }
    Ok(Json(json!({
        "written": report.written, "added": report.added(), "changed": report.changed(),
        "same": report.same(), "left_out": report.wrong(), "problems": problems,
    }))
    .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a4_only_what_is_known_is_read_and_only_once() {
        let read = |text: &str| serde_json::from_str::<Vec<Object>>(text).is_ok();
        assert!(read(
            r#"[{"short_code":"A","name":"Casa","country":"ES","state":"active","emails":["a@b.co"]}]"#
        ));
        assert!(read(r#"[{"short_code":"A","name":"Casa","country":"ES"}]"#) && read("[]"));
        for bad in [
            r#"[{"short_code":"A","name":"Casa","country":"ES","owner_id":"x"}]"#,
            r#"[{"short_code":"A","short_code":"B","name":"Casa","country":"ES"}]"#,
            r#"[{"short_code":"A","name":"Casa","country":"ES","state":null}]"#,
            r#"[{"short_code":1,"name":"Casa","country":"ES"}]"#,
            r#"[{"short_code":"A","name":"Casa"}]"#,
            r#"{"short_code":"A","name":"Casa","country":"ES"}"#,
            r#"[["A","Casa","ES"]]"#,
            r#"[] []"#,
            "null",
            "",
            &"[".repeat(100_000),
        ] {
            assert!(!read(bad), "{}", &bad[..bad.len().min(80)]);
        }
    }
}
