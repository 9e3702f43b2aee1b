//! The HTTP contract: three questions of the platform, and `POST /v1/links`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{SecondsFormat, Utc};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::Config;
use crate::log;
use crate::screen::{Screen, Verdict};

// ANCHOR: data
/// Data is a dependency like code. What lies in the repository and is compiled in is there wherever the program is,
/// whatever the working directory (`runs-on-bare-root`, `no-host-leaks`).
const TEXTS: &str = include_str!("../texts/errors.json");
const UNLUCKY: &str = include_str!("../texts/unlucky.txt");
// ANCHOR_END: data

/// The service for one configuration. It reads no variable and opens no socket.
pub fn app(config: Config) -> Router {
    let texts = serde_json::from_str(TEXTS).expect("the texts are JSON; every start tries it");
    let links = Arc::new(Links { screen: Screen::new(&config), config, texts });
    Router::new()
        .route("/healthz", get(async || Json(json!({"status": "ok"}))))
        .route("/readyz", get(async || Json(json!({"status": "ready"}))))
        .route("/version", get(version))
        .route("/v1/links", post(create_link))
        .fallback(async |State(links): State<Arc<Links>>| links.failure(StatusCode::NOT_FOUND, "not-found"))
        .with_state(links)
}

struct Links {
    screen: Screen,
    config: Config,
    texts: Value,
}

async fn version(State(links): State<Arc<Links>>) -> Response {
    let release = &links.config.release_id;
    Json(json!({"app": "links", "build": env!("CARGO_PKG_VERSION"), "release": release})).into_response()
}

async fn create_link(State(links): State<Arc<Links>>, body: Bytes) -> Response {
    let Some(new) = read_link(&body) else {
        return links.failure(StatusCode::BAD_REQUEST, "bad-request");
    };
    match links.screen.verdict(&new.target).await {
        Ok(Verdict::Allow) => links.created(&new),
        Ok(Verdict::Deny) => links.failure(StatusCode::UNPROCESSABLE_ENTITY, "denied"),
        Err(why) => {
            log(&format!("no verdict: {why}"));
            links.failure(StatusCode::SERVICE_UNAVAILABLE, "screen-unavailable")
        }
    }
}

fn read_link(body: &Bytes) -> Option<NewLink> {
    let Json(new) = Json::<NewLink>::from_bytes(body).ok()?;
    let url = Url::parse(&new.target).ok()?;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let prefix = new.prefix.as_ref().is_none_or(|p| (1..=32).contains(&p.len()) && p.chars().all(allowed));
    (prefix && url.has_host() && ["http", "https"].contains(&url.scheme())).then_some(new)
}

impl Links {
    fn created(&self, new: &NewLink) -> Response {
        let slug = format!("{}-{}", new.prefix.as_deref().unwrap_or("l"), random_characters());
        let view = json!({
            "short_url": format!("{}/r/{slug}", self.config.public_base_url),
            "slug": slug,
            "target": new.target,
            "owner": null,
            "private": false,
            "submissions": 1,
            "clicks": 0,
            "preview": {"state": "pending", "title": null},
            "created_at": Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        });
        (StatusCode::CREATED, Json(view)).into_response()
    }

    fn failure(&self, status: StatusCode, error: &str) -> Response {
        (status, Json(json!({"error": error, "message": self.texts[error]}))).into_response()
    }
}

/// Six characters that spell none of the words we would be ashamed of.
fn random_characters() -> String {
    loop {
        let characters: String = (0..6).map(|_| fastrand::digit(36)).collect();
        if !UNLUCKY.lines().any(|word| characters.contains(word)) {
            return characters;
        }
    }
}

#[derive(Deserialize)]
struct NewLink {
    target: String,
    prefix: Option<String>,
}
