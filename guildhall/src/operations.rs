//! The private listener: is it alive, is it ready, its figures.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use std::sync::OnceLock;
use std::time::Duration;
use store::{House, migrate, outbox};

static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to count. Once a process; later calls change nothing.
pub fn count() {
    FIGURES.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets(&[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0])
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // Another recorder was installed before: then its figures are read elsewhere.
        let _ = metrics::set_global_recorder(recorder);
        handle
    });
}

pub fn routes(house: House) -> Router {
    Router::new()
        .route("/healthz", get(async || Json(json!({"status": "alive"}))))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .route("/openapi.json", get(async || Json(openapi())))
        .with_state(house)
}

async fn ready(State(house): State<House>) -> Response {
    let checked = async {
        house.db.ping().await?;
        migrate::missing(&house.db).await
    };
    let answer = match tokio::time::timeout(Duration::from_secs(3), checked).await {
        Ok(Ok(0)) => return Json(json!({"status": "ready"})).into_response(),
        Ok(Ok(_)) => "the schema is not up to date",
        Ok(Err(_)) | Err(_) => "the database does not answer",
    };
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "not ready", "why": answer}))).into_response()
}

async fn figures(State(house): State<House>) -> Response {
    if let Ok((waiting, dead)) = outbox::counts(&house).await {
        metrics::gauge!("guildhall_outbox_waiting").set(waiting as f64);
        metrics::gauge!("guildhall_outbox_dead").set(dead as f64);
    }
    let text = FIGURES.get().map(|handle| {
        handle.run_upkeep();
        handle.render()
    });
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text.unwrap_or_default()).into_response()
}

/// What this listener answers, for tools that read it.
fn openapi() -> serde_json::Value {
    let status = json!({"type": "object", "required": ["status"], "properties":
        {"status": {"type": "string"}, "why": {"type": "string"}}});
    let answer =
        |text: &str| json!({"description": text, "content": {"application/json": {"schema": status}}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Guildhall operations", "version": env!("CARGO_PKG_VERSION")},
        "paths": {
            "/healthz": {"get": {"operationId": "alive", "responses": {"200": answer("The process runs.")}}},
            "/readyz": {"get": {"operationId": "ready", "responses": {
                "200": answer("It can serve."), "503": answer("It cannot, and why.")}}},
            "/metrics": {"get": {"operationId": "figures", "responses": {"200": {
                "description": "Figures for Prometheus.", "content": {"text/plain": {"schema": {"type": "string"}}}}}}}
        }
    })
}
