//! Around the routes: every answer is JSON, none is kept, and none gives a cookie.

use crate::OPENAPI;
use crate::problem::Problem;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::TraceId;
use web::Trouble;

/// The passage of this door: what went wrong leaves as JSON, where pages would be given elsewhere.
pub async fn gate(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<TraceId>().map(ToString::to_string).unwrap_or_default();
    let refused = request.extensions().get::<Trouble>().copied();
    let mut response = match refused {
        // The router knows which methods an address takes, and says so.
        Some(trouble) if trouble.status != StatusCode::METHOD_NOT_ALLOWED => {
            Problem::of_status(trouble.status).into_json(&id)
        }
        _ => web::caught(next.run(request)).await,
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = problem.into_json(&id);
    } else if !response.status().is_success() && !is_json(&response) {
        let allow = response.headers().get(header::ALLOW).cloned();
        response = Problem::of_status(response.status()).into_json(&id);
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    kind.starts_with("application/json")
}

pub async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

pub async fn missing() -> Problem {
    Problem::of_status(StatusCode::NOT_FOUND)
}
