//! What is told when something is not done: a stable code, a sentence, the request id.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Failure, Fault, FaultKind, RefusalKind, Refuse};
use serde_json::{Value, json};

/// Made whole by the gate, which knows the request id.
#[derive(Clone, Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    pub more: Option<(&'static str, Value)>,
    pub headers: Vec<(header::HeaderName, &'static str)>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Problem {
        Problem { status, code, message: message.into(), more: None, headers: Vec::new() }
    }
    pub fn bad(code: &'static str, message: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, code, message)
    }
    pub fn header(mut self, name: header::HeaderName, value: &'static str) -> Problem {
        self.headers.push((name, value));
        self
    }
    pub fn with(mut self, name: &'static str, value: Value) -> Problem {
        self.more = Some((name, value));
        self
    }

    pub fn into_json(self, request: &str) -> Response {
        let mut body = json!({"code": self.code, "message": self.message, "request_id": request});
        if let Some((name, value)) = self.more {
            body[name] = value;
        }
        let mut response = (self.status, axum::Json(body)).into_response();
        let headers = self.headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value)));
        response.headers_mut().extend(headers);
        response
    }

    /// For answers of the router's own.
    pub fn of_status(status: StatusCode) -> Problem {
        let (code, message) = match status {
            StatusCode::NOT_FOUND => ("not-found", "There is nothing at this address."),
            StatusCode::METHOD_NOT_ALLOWED => ("method", "This address does not take this method."),
            StatusCode::MISDIRECTED_REQUEST => ("malformed", "This host is not known here."),
            StatusCode::SERVICE_UNAVAILABLE => ("unavailable", "Not just now: try again in a moment."),
            s if s.is_client_error() => ("malformed", "This request cannot be read."),
            _ => ("internal", "That was our mistake; it is noted under the request id."),
        };
        Problem::new(status, code, message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        match fault.kind {
            FaultKind::Unavailable => {
                tracing::warn!(error = %fault, "unavailable");
                Problem::of_status(StatusCode::SERVICE_UNAVAILABLE).header(header::RETRY_AFTER, "5")
            }
            FaultKind::Constraint | FaultKind::Internal => {
                tracing::error!(error = %fault, "fault");
                Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

impl<R: Refuse> From<Failure<R>> for Problem {
    fn from(failure: Failure<R>) -> Problem {
        let refusal = match failure {
            Failure::Fault(fault) => return fault.into(),
            Failure::Refused(refusal) => refusal,
        };
        let (status, message) = match refusal.kind() {
            RefusalKind::NotFound => return Problem::of_status(StatusCode::NOT_FOUND),
            RefusalKind::NotAllowed => {
                (StatusCode::FORBIDDEN, "The key's account may not do this, or not any more.")
            }
            RefusalKind::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "Something in it is wrong."),
            RefusalKind::Throttled(_) => (StatusCode::TOO_MANY_REQUESTS, "Too many tries: wait a little."),
            _ => (StatusCode::CONFLICT, "It changed in the meantime: send it again."),
        };
        Problem::new(status, refusal.code(), message)
    }
}
