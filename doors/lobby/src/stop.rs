//! How a handler ends early, and what its visitor sees then.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Errors, Failure, Fault, FaultKind, RefusalKind, Refuse};
use web::{Trouble, Words, see_other};

pub type Answer = Result<Response, Stop>;

pub enum Stop {
    Trouble(Trouble),
    /// Too many tries; seconds to wait.
    Throttled(i64),
    /// Somewhere else first.
    To(String),
}

pub(crate) fn trouble_of(fault: &Fault) -> Trouble {
    match fault.kind {
        FaultKind::Unavailable => {
            tracing::warn!(error = %fault, "unavailable");
            Trouble::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
        FaultKind::Constraint | FaultKind::Internal => {
            tracing::error!(error = %fault, "fault");
            Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
        }
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Stop {
        Stop::Trouble(trouble)
    }
}

impl From<web::BadForm> for Stop {
    fn from(bad: web::BadForm) -> Stop {
        Stop::Trouble(bad.trouble())
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Trouble(trouble_of(&fault))
    }
}

impl<R: Refuse> From<Failure<R>> for Stop {
    fn from(failure: Failure<R>) -> Stop {
        let refusal = match failure {
            Failure::Fault(fault) => return fault.into(),
            Failure::Refused(refusal) => refusal,
        };
        let (status, why) = match refusal.kind() {
            RefusalKind::Throttled(seconds) => return Stop::Throttled(seconds),
            RefusalKind::NeedsSudo => return Stop::To("/account/confirm".to_owned()),
            RefusalKind::BeginAgain => return Stop::To("/login".to_owned()),
            RefusalKind::NotFound => (StatusCode::NOT_FOUND, "not-found"),
            RefusalKind::NotAllowed => (StatusCode::FORBIDDEN, "not-allowed"),
            RefusalKind::Gone => (StatusCode::GONE, "bad-link"),
            RefusalKind::Invalid(_) => (StatusCode::BAD_REQUEST, "malformed"),
            RefusalKind::Mistaken | RefusalKind::Conflict => (StatusCode::CONFLICT, "changed"),
        };
        Stop::Trouble(Trouble::new(status, why))
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        match self {
            Stop::To(path) => see_other(&path),
            Stop::Trouble(trouble) => {
                let mut response = trouble.into_response();
                if trouble.status == StatusCode::SERVICE_UNAVAILABLE {
                    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
                }
                response
            }
            Stop::Throttled(seconds) => {
                let mut response = Trouble::new(StatusCode::TOO_MANY_REQUESTS, "throttled").into_response();
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.unsigned_abs()));
                response
            }
        }
    }
}

/// A form that is shown again: what is wrong with its fields, or one sentence about it all.
#[derive(Default)]
pub struct Retry {
    pub errors: Errors,
    pub said: String,
    pub status: StatusCode,
}

impl Retry {
    pub fn fields(errors: Errors) -> Retry {
        Retry { errors, said: String::new(), status: StatusCode::UNPROCESSABLE_ENTITY }
    }
}

/// What the form is told. Refusals that no change of the form would cure end the handler instead.
pub fn retry<R: Refuse>(w: &Words, failure: Failure<R>) -> Result<Retry, Stop> {
    let refusal = match failure {
        Failure::Refused(refusal) => refusal,
        fault => return Err(fault.into()),
    };
    let told = |status| (w.t(&format!("refusal-{}", refusal.code())).to_owned(), status);
    let (said, status) = match refusal.kind() {
        RefusalKind::Invalid(errors) => return Ok(Retry::fields(errors.clone())),
        RefusalKind::Throttled(seconds) => {
            (w.tn("refusal-throttled", "minutes", seconds / 60 + 1), StatusCode::TOO_MANY_REQUESTS)
        }
        RefusalKind::Mistaken => told(StatusCode::UNPROCESSABLE_ENTITY),
        RefusalKind::Conflict => told(StatusCode::CONFLICT),
        _ => return Err(Failure::Refused(refusal).into()),
    };
    Ok(Retry { errors: Errors::default(), said, status })
}
