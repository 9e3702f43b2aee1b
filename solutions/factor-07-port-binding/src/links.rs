//! `links web` of factor 7: makes short links, and asks `screen` about each target at the address that it is given.
//!
//! Run with
//!
//! ```sh
//! PORT=8080 SCREEN_URL=http://localhost:9000 SCREEN_API_KEY=local PUBLIC_BASE_URL=http://localhost:8080 \
//!     cargo run --package solution-07-port-binding --bin solution-07-links -- web
//! ```

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{SecondsFormat, Utc};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::json;
use solution_07_port_binding::{listen, log, port, process, serve};

#[tokio::main]
async fn main() -> ExitCode {
    process("links", web()).await
}

async fn web() -> Result<(), Box<dyn Error>> {
    let port = port()?;
    let config = Config::from_env()?;
    let listener = listen(port).await?;
    log(&format!("links listening port={port} release={}", config.release_id));
    serve(listener, app(config)?).await?;
    Ok(())
}

/// In what two deploys of `links` differ, but for the port.
struct Config {
    /// Where `screen` is. All that this app knows of the other one: it may run on this machine, behind a Service, or at
    /// another company (`app-as-backing-service`).
    screen_url: Url,
    screen_api_key: String,
    public_base_url: String,
    release_id: String,
    upstream_timeout: Duration,
}

impl Config {
    fn from_env() -> Result<Self, Box<dyn Error>> {
        let timeout = env::var("UPSTREAM_TIMEOUT_MS").unwrap_or_else(|_| "3000".to_owned());
        Ok(Self {
            // The whole handle in one variable. `SCREEN_HOST` and `SCREEN_PORT` would be two halves, and the second one
            // is another variable that Kubernetes sets itself.
            screen_url: Url::parse(&required("SCREEN_URL")?).map_err(|_| "SCREEN_URL is no URL")?,
            screen_api_key: required("SCREEN_API_KEY")?,
            public_base_url: required("PUBLIC_BASE_URL")?.trim_end_matches('/').to_owned(),
            release_id: env::var("RELEASE_ID").unwrap_or_else(|_| "unreleased".to_owned()),
            upstream_timeout: Duration::from_millis(timeout.parse().map_err(|_| "UPSTREAM_TIMEOUT_MS is no number")?),
        })
    }
}

fn required(name: &str) -> Result<String, String> {
    env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| format!("{name} is missing"))
}

/// The service for one configuration. It opens no socket of its own.
fn app(config: Config) -> reqwest::Result<Router> {
    let client = Client::builder().no_proxy().redirect(Policy::none()).timeout(config.upstream_timeout).build()?;
    let links = Arc::new(Links { config, client });
    Ok(Router::new()
        // It depends on nothing: a partner that is away must not have this process restarted (`app-as-backing-service`).
        .route("/healthz", get(async || Json(json!({"status": "ok"}))))
        .route("/readyz", get(async || Json(json!({"status": "ready"}))))
        .route("/version", get(version))
        .route("/v1/links", post(create_link))
        .with_state(links))
}

struct Links {
    config: Config,
    client: Client,
}

async fn version(State(links): State<Arc<Links>>) -> Response {
    let release = &links.config.release_id;
    Json(json!({"app": "links", "build": env!("CARGO_PKG_VERSION"), "release": release})).into_response()
}

async fn create_link(State(links): State<Arc<Links>>, body: Bytes) -> Response {
    let new: NewLink = match serde_json::from_slice(&body) {
        Ok(new) if is_acceptable(&new) => new,
        _ => return failure(StatusCode::BAD_REQUEST, "bad-request", "the body is not a JSON object with a target"),
    };
    // ANCHOR: ask
    // Asked over the network every time, also where `screen` happens to run on this machine. An app that starts its partner
    // inside itself when the address looks local is another program on a laptop than in production.
    match links.verdict(&new.target).await.as_deref() {
        Ok("allow") => (StatusCode::CREATED, Json(links.view(&new))).into_response(),
        Ok("deny") => failure(StatusCode::UNPROCESSABLE_ENTITY, "denied", "this target must not be linked"),
        Ok(_) | Err(_) => {
            log("warn screen gives no verdict");
            failure(StatusCode::SERVICE_UNAVAILABLE, "screen-unavailable", "targets cannot be checked at the moment")
        }
    }
    // ANCHOR_END: ask
}

impl Links {
    async fn verdict(&self, target: &str) -> reqwest::Result<String> {
        let Config { screen_url, screen_api_key, .. } = &self.config;
        // Appended, not joined: the handle may carry a path of its own.
        let url = format!("{}/v1/verdicts", screen_url.as_str().trim_end_matches('/'));
        let request = self.client.post(url).bearer_auth(screen_api_key).json(&json!({"target": target}));
        let answer: Answer = request.send().await?.error_for_status()?.json().await?;
        Ok(answer.verdict)
    }

    fn view(&self, new: &NewLink) -> serde_json::Value {
        let random: String = (0..6).map(|_| fastrand::digit(36)).collect();
        let slug = format!("{}-{random}", new.prefix.as_deref().unwrap_or("l"));
        json!({
            "short_url": format!("{}/r/{slug}", self.config.public_base_url),
            "slug": slug,
            "target": new.target,
            "owner": null,
            "private": false,
            "submissions": 1,
            "clicks": 0,
            "preview": {"state": "pending", "title": null},
            "created_at": Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        })
    }
}

fn is_acceptable(new: &NewLink) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let prefix = new.prefix.as_deref().is_none_or(|p| (1..=32).contains(&p.len()) && p.chars().all(allowed));
    prefix && Url::parse(&new.target).is_ok_and(|url| url.has_host() && ["http", "https"].contains(&url.scheme()))
}

fn failure(status: StatusCode, error: &str, message: &str) -> Response {
    (status, Json(json!({"error": error, "message": message}))).into_response()
}

#[derive(Deserialize)]
struct NewLink {
    target: String,
    prefix: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    verdict: String,
}
