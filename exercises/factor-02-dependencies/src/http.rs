//! The HTTP contract: three questions of the platform, and `POST /v1/links`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;

use crate::config::Config;
use crate::host;

/// The service for one configuration. It reads no variable and opens no socket.
pub fn app(config: Config) -> Router {
    Router::new()
        .route("/healthz", get(async || Json(json!({"status": "ok"}))))
        .route("/readyz", get(async || Json(json!({"status": "ready"}))))
        .route("/version", get(version))
        .route("/v1/links", post(create_link))
        .fallback(async || failure(StatusCode::NOT_FOUND, "not-found"))
        .with_state(Arc::new(config))
}

async fn version(State(config): State<Arc<Config>>) -> Response {
    Json(json!({"app": "links", "build": env!("CARGO_PKG_VERSION"), "release": config.release_id})).into_response()
}

async fn create_link(State(config): State<Arc<Config>>, body: Bytes) -> Response {
    let Some(new) = read_link(&body) else {
        return failure(StatusCode::BAD_REQUEST, "bad-request");
    };
    match host::verdict(&config, &new.target).await.as_deref() {
        Ok("allow") => created(&config, &new).await,
        Ok("deny") => failure(StatusCode::UNPROCESSABLE_ENTITY, "denied"),
        answer => {
            println!("no verdict: {answer:?}");
            failure(StatusCode::SERVICE_UNAVAILABLE, "screen-unavailable")
        }
    }
}

fn read_link(body: &Bytes) -> Option<NewLink> {
    let Json(new) = Json::<NewLink>::from_bytes(body).ok()?;
    let url = Url::parse(&new.target).ok()?;
    (url.has_host() && ["http", "https"].contains(&url.scheme())).then_some(new)
}

async fn created(config: &Config, new: &NewLink) -> Response {
    let characters = match host::random_characters().await {
        Ok(characters) => characters,
        Err(error) => {
            println!("no slug: {error}");
            return failure(StatusCode::INTERNAL_SERVER_ERROR, "internal");
        }
    };
    let slug = format!("{}-{characters}", new.prefix.as_deref().unwrap_or("l"));
    let view = json!({
        "short_url": format!("{}/r/{slug}", config.public_base_url),
        "slug": slug,
        "target": new.target,
        "owner": null,
        "private": false,
        "submissions": 1,
        "clicks": 0,
        "preview": {"state": "pending", "title": null},
        "created_at": host::now().await,
    });
    (StatusCode::CREATED, Json(view)).into_response()
}

fn failure(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error, "message": host::message(error)}))).into_response()
}

#[derive(Deserialize)]
struct NewLink {
    target: String,
    prefix: Option<String>,
}
