//! `screen web` of factor 7: decides whether a target may be linked. A whole app of its own, and a backing service of `links`.
//!
//! Run with
//!
//! ```sh
//! DENY_HOSTS=bad.example cargo run --package factor-07-port-binding --bin factor-07-screen -- web
//! ```

use std::env;
use std::error::Error;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use factor_07_port_binding::{log, process, serve};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

/// Everybody in the team knows it by heart.
// TODO(factor 7): the platform has chosen a port for this process and told it. Whom does it tell that we are on another one?
const PORT: u16 = 7007;

#[tokio::main]
async fn main() -> ExitCode {
    process("screen", web()).await
}

async fn web() -> Result<(), Box<dyn Error>> {
    let config = Config::from_env();
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
    log(&format!("screen listening port={PORT} release={}", config.release_id));
    serve(listener, app(config)).await?;
    Ok(())
}

/// In what two deploys of `screen` differ.
struct Config {
    denied_hosts: Vec<String>,
    /// The keys of those who may ask. Without one everybody may: then the network decides.
    api_keys: Vec<String>,
    release_id: String,
}

impl Config {
    fn from_env() -> Self {
        Self {
            denied_hosts: list("DENY_HOSTS"),
            api_keys: list("SCREEN_API_KEYS"),
            release_id: env::var("RELEASE_ID").unwrap_or_else(|_| "unreleased".to_owned()),
        }
    }
}

fn list(name: &str) -> Vec<String> {
    let given = env::var(name).unwrap_or_default();
    given.split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// The service for one configuration. It reads no variable and opens no socket.
fn app(config: Config) -> Router {
    let screen = Arc::new(config);
    // `links` is a customer like any other: being another app of ours gives it no rights.
    let guarded = Router::new()
        .route("/v1/verdicts", post(verdict))
        .route("/v1/previews", post(preview))
        .layer(from_fn_with_state(screen.clone(), only_customers));
    Router::new()
        .route("/healthz", get(async || Json(json!({"status": "ok"}))))
        .route("/readyz", get(async || Json(json!({"status": "ready"}))))
        .route("/version", get(version))
        .merge(guarded)
        .with_state(screen)
}

async fn only_customers(State(screen): State<Arc<Config>>, request: Request, next: Next) -> Response {
    let given = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let known = |key: &String| given.and_then(|value| value.strip_prefix("Bearer ")) == Some(key);
    if screen.api_keys.is_empty() || screen.api_keys.iter().any(known) {
        return next.run(request).await;
    }
    failure(StatusCode::UNAUTHORIZED, "unauthorized", "the key is not known here")
}

async fn version(State(screen): State<Arc<Config>>) -> Response {
    Json(json!({"app": "screen", "build": env!("CARGO_PKG_VERSION"), "release": screen.release_id})).into_response()
}

async fn verdict(State(screen): State<Arc<Config>>, body: Bytes) -> Response {
    let Some(host) = host(&body) else { return bad_request() };
    let (verdict, reason) = match screen.denied_hosts.contains(&host) {
        true => ("deny", "the host is denied"),
        false => ("allow", "nothing against it"),
    };
    Json(json!({"verdict": verdict, "reason": reason})).into_response()
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
    failure(StatusCode::BAD_REQUEST, "bad-request", "the body is not a JSON object with a target")
}

fn failure(status: StatusCode, error: &str, message: &str) -> Response {
    (status, Json(json!({"error": error, "message": message}))).into_response()
}

#[derive(Deserialize)]
struct Question {
    target: String,
}
