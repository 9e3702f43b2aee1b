//! `links`, as somebody wrote it on an afternoon: it builds, it starts, it answers. Everything else is yours.
//!
//! What it has to promise is in CONTRACT.md. Whatever is not there yet answers 501.

use std::env;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

/// Everything that the requests share.
struct Links {
    client: reqwest::Client,
    screen_url: String,
    screen_api_key: String,
    public_base_url: String,
}

#[tokio::main]
async fn main() {
    if env::args().nth(1).as_deref() != Some("web") {
        eprintln!("usage: capstone web");
        std::process::exit(2);
    }
    let port = variable("PORT", "8080");
    let links = Links {
        client: reqwest::Client::new(),
        screen_url: variable("SCREEN_URL", "http://localhost:9000"),
        screen_api_key: variable("SCREEN_API_KEY", "only-for-development"),
        public_base_url: variable("PUBLIC_BASE_URL", "http://localhost:8080"),
    };
    let listener = tokio::net::TcpListener::bind(format!("0.0.0.0:{port}")).await.unwrap();
    println!("listening on {port}");
    axum::serve(listener, app(links)).await.unwrap();
}

fn variable(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

fn app(links: Links) -> Router {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .route("/readyz", get(async || Json(json!({ "status": "ready" }))))
        .route("/version", get(async || Json(json!({ "app": "links", "build": "1.0", "release": "unreleased" }))))
        .route("/v1/links", post(create).get(not_yet))
        .route("/v1/links/{slug}", any(not_yet))
        .route("/v1/links/{slug}/shares", post(not_yet))
        .route("/r/{slug}", get(not_yet))
        .route("/v1/sessions", post(not_yet))
        .route("/v1/sessions/current", delete(not_yet))
        .route("/v1/me", get(not_yet))
        .with_state(Arc::new(links))
}

/// Asks the partner and makes a link, which is forgotten at once.
async fn create(State(links): State<Arc<Links>>, body: String) -> Response {
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let Some(target) = body["target"].as_str().filter(|target| target.starts_with("http")) else {
        return failure(StatusCode::BAD_REQUEST, "bad-request");
    };
    let question = links.client.post(format!("{}/v1/verdicts", links.screen_url)).bearer_auth(&links.screen_api_key);
    let answer = match question.json(&json!({ "target": target })).send().await {
        Ok(answer) => answer.json::<Value>().await.unwrap_or_default(),
        Err(_) => return failure(StatusCode::SERVICE_UNAVAILABLE, "screen-unavailable"),
    };
    if answer["verdict"] != "allow" {
        return failure(StatusCode::UNPROCESSABLE_ENTITY, "denied");
    }
    println!("new link to {target}");
    let slug = format!("{}-{:06}", body["prefix"].as_str().unwrap_or("l"), fastrand::u32(..1_000_000));
    let link = json!({
        "short_url": format!("{}/r/{slug}", links.public_base_url),
        "slug": slug,
        "target": target,
        "owner": null,
        "private": false,
        "submissions": 1,
        "clicks": 0,
        "preview": { "state": "pending", "title": null },
        "created_at": "2026-11-22T09:00:00Z",
    });
    (StatusCode::CREATED, Json(link)).into_response()
}

async fn not_yet() -> Response {
    failure(StatusCode::NOT_IMPLEMENTED, "not-implemented")
}

fn failure(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error, "message": error }))).into_response()
}
