//! The HTTP contract of `links`. A handler holds nothing between two requests, and starts nothing that outlives its answer.
//!
//! There is deliberately no handler that migrates, purges or shows the configuration: a maintenance task behind a path is one
//! that everybody who can reach the service may start (factor 12).

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::mail::Mail;
use crate::partner::Partner;
use crate::sessions::Sessions;
use crate::store::Store;
use crate::telemetry::{metrics, observe};

mod body;
mod failure;
mod links;
mod users;

use failure::Failure;

/// No body of the contract comes near this.
const LARGEST_BODY: usize = 16 * 1024;
/// How long a request may take from its head to its answer, however slowly its sender types.
const PATIENCE: Duration = Duration::from_secs(30);

/// What every request of this process shares: attached resources and two settings. Were a map of sessions or a cache of targets
/// among it, the answer would depend on which process the request met.
#[derive(Debug)]
pub struct Links {
    /// The database.
    pub store: Store,
    /// Who is logged in.
    pub sessions: Sessions,
    /// The screening service.
    pub partner: Partner,
    /// The mail server.
    pub mail: Mail,
    /// How much work one password is.
    pub hash_cost: u32,
    /// What short links begin with.
    pub public_base_url: String,
    /// What `/version` shows.
    pub release_id: String,
}

type Shared = State<Arc<Links>>;

// ANCHOR: app
/// The service. It reads no variable and opens no socket.
pub fn app(links: Links) -> Router {
    Router::new()
        // Whoever restarts this process when the database is down has two problems: this question depends on nothing.
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .route("/readyz", get(ready))
        .route("/version", get(version))
        .route("/metrics", get(metrics))
        .route("/v1/links", post(links::create).get(links::list))
        .route("/v1/links/{slug}", get(links::show).patch(links::change).delete(links::delete))
        .route("/v1/links/{slug}/shares", post(links::share))
        .route("/r/{slug}", get(links::follow))
        .route("/v1/sessions", post(users::log_in))
        .route("/v1/sessions/current", delete(users::log_out))
        .route("/v1/me", get(users::me))
        .route("/v1/admin/users", get(users::list))
        .fallback(async || Failure::NotFound)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(bounded))
        .layer(from_fn(log_request))
        .layer(from_fn(observe))
        .with_state(Arc::new(links))
}
// ANCHOR_END: app

/// PostgreSQL alone decides: without it nothing can be served. Without Redis, `screen` or mail single requests fail, and taking
/// the whole process out of service for them would be worse.
async fn ready(State(links): Shared) -> Response {
    match links.store.check().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(_) => {
            let answer = json!({ "status": "not-ready", "failing": ["postgres"] });
            (StatusCode::SERVICE_UNAVAILABLE, Json(answer)).into_response()
        }
    }
}

async fn version(State(links): Shared) -> Json<Value> {
    Json(json!({ "app": "links", "build": crate::COMMIT, "release": links.release_id }))
}

/// Gives every request an end: whoever sends a byte an hour would keep a connection for ever.
async fn bounded(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::TooSlow.into_response(),
    }
}

/// Runs around every route, also around what is not found: an event that a handler has to remember is an event that the next
/// handler forgets. Headers are named one by one: `Authorization` and `Cookie` open accounts, so they are not among them.
async fn log_request(request: Request, next: Next) -> Response {
    let began = Instant::now();
    // The path stays encoded as it came. Decoded it could hold a line break.
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let headers = request.headers().clone();
    let response = next.run(request).await;
    tracing::info!(
        method = method.as_str(),
        path,
        status = response.status().as_u16(),
        milliseconds = began.elapsed().as_millis(),
        request_id = text(&headers, "x-request-id"),
        user_agent = text(&headers, "user-agent"),
        "request"
    );
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
}
