//! The HTTP contract of `screen`: three questions of the platform, verdicts and titles.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::config::Config;

/// The commit that this program was built from. The build knows it; a server has no repository to ask.
const COMMIT: &str = env!("COMMIT");

/// The service for one configuration. It reads no variable and opens no socket.
pub fn app(config: Config) -> Router {
    Router::new()
        .route("/healthz", get(async || Json(json!({"status": "ok"}))))
        .route("/readyz", get(async || Json(json!({"status": "ready"}))))
        .route("/version", get(version))
        .route("/v1/verdicts", post(verdict))
        .route("/v1/previews", post(preview))
        .with_state(Arc::new(config))
}

async fn version(State(config): State<Arc<Config>>) -> Response {
    Json(json!({"app": "screen", "build": COMMIT, "release": config.release_id})).into_response()
}

async fn verdict(State(config): State<Arc<Config>>, body: Bytes) -> Response {
    let Some(host) = host(&body) else { return bad_request() };
    let (verdict, reason) = judged(&host, &config.denied_hosts);
    Json(json!({"verdict": verdict, "reason": reason})).into_response()
}

/// The verdict on a host, and why.
pub fn judged(host: &str, denied: &[String]) -> (&'static str, &'static str) {
    if denied.iter().any(|known| known == host) {
        ("deny", "the host is denied")
    } else {
        ("allow", "nothing against it")
    }
}

async fn preview(body: Bytes) -> Response {
    let Some(host) = host(&body) else { return bad_request() };
    Json(json!({"title": format!("A page of {host}")})).into_response()
}

fn host(body: &Bytes) -> Option<String> {
    let question: Question = serde_json::from_slice(body).ok()?;
    question.target.parse::<Uri>().ok()?.host().map(str::to_lowercase)
}

fn bad_request() -> Response {
    let error = json!({"error": "bad-request", "message": "the body needs a target"});
    (StatusCode::BAD_REQUEST, Json(error)).into_response()
}

#[derive(Deserialize)]
struct Question {
    target: String,
}
