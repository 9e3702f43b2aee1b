//! `screen`: decides whether a target may be linked, and makes titles. It keeps nothing and asks nobody.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::{list, release_id};

/// In what two deploys of `screen` differ.
#[derive(Debug)]
pub struct Screen {
    /// `DENY_HOSTS`: whose links are denied.
    pub denied_hosts: Vec<String>,
    /// `SCREEN_API_KEYS`: the keys of those who may ask. Without one everybody may: then the network decides.
    pub api_keys: Vec<String>,
    /// `RELEASE_ID`: the release that is running.
    pub release_id: String,
}

impl Screen {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// A message that names the first variable which is malformed.
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            denied_hosts: list("DENY_HOSTS")?.iter().map(|host| host.to_lowercase()).collect(),
            api_keys: list("SCREEN_API_KEYS")?,
            release_id: release_id()?,
        })
    }

    /// The verdict on a host, and why.
    pub fn judged(&self, host: &str) -> (&'static str, &'static str) {
        match self.denied_hosts.iter().any(|denied| denied == host) {
            true => ("deny", "the host is denied"),
            false => ("allow", "nothing against it"),
        }
    }
}

type Shared = State<Arc<Screen>>;

#[derive(Deserialize)]
struct Question {
    target: String,
}

/// The service for one configuration. It reads no variable and opens no socket.
pub fn app(screen: Screen) -> Router {
    let screen = Arc::new(screen);
    // `links` is a customer like any other: being another app of ours gives it no rights.
    let guarded = Router::new()
        .route("/v1/verdicts", post(verdict))
        .route("/v1/previews", post(preview))
        .layer(from_fn_with_state(Arc::clone(&screen), only_customers));
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .route("/readyz", get(async || Json(json!({ "status": "ready" }))))
        .route("/version", get(version))
        .merge(guarded)
        .layer(from_fn(log_request))
        .with_state(screen)
}

async fn only_customers(State(screen): Shared, request: Request, next: Next) -> Response {
    let given = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let known = |key: &String| given.and_then(|value| value.strip_prefix("Bearer ")) == Some(key);
    if screen.api_keys.is_empty() || screen.api_keys.iter().any(known) {
        return next.run(request).await;
    }
    failure(StatusCode::UNAUTHORIZED, "unauthorized", "the key is not known here")
}

async fn version(State(screen): Shared) -> Json<Value> {
    Json(json!({ "app": "screen", "build": crate::COMMIT, "release": screen.release_id }))
}

async fn verdict(State(screen): Shared, body: Bytes) -> Response {
    let Some(host) = host(&body) else { return bad_request() };
    let (verdict, reason) = screen.judged(&host);
    Json(json!({ "verdict": verdict, "reason": reason })).into_response()
}

async fn preview(body: Bytes) -> Response {
    let Some(host) = host(&body) else { return bad_request() };
    Json(json!({ "title": format!("A page of {host}") })).into_response()
}

async fn log_request(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let key = request.headers().get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let response = next.run(request).await;
    let status = response.status().as_u16();
    tracing::info!(method = method.as_str(), path, status, idempotency_key = key, "request");
    response
}

fn host(body: &Bytes) -> Option<String> {
    let question: Question = serde_json::from_slice(body).ok()?;
    question.target.parse::<Uri>().ok()?.host().map(str::to_lowercase)
}

fn bad_request() -> Response {
    failure(StatusCode::BAD_REQUEST, "bad-request", "the body is not a JSON object with a target")
}

fn failure(status: StatusCode, error: &str, message: &str) -> Response {
    (status, Json(json!({ "error": error, "message": message }))).into_response()
}
