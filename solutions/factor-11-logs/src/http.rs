//! The HTTP contract: three questions of the platform, and `POST /v1/links`. Every request leaves one event.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use reqwest::{Client, redirect};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::config::{Config, web_url};
use crate::log::{Level, Log, rfc3339};

/// The service for one configuration. It reads no variable and opens no socket.
pub fn app(config: Config, log: Log) -> Router {
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(config.upstream_timeout)
        .build()
        .expect("a client without TLS and proxies loads nothing that could fail");
    let links = Arc::new(Links { config, client, log });
    Router::new()
        .route("/healthz", get(async || Json(json!({"status": "ok"}))))
        .route("/readyz", get(async || Json(json!({"status": "ready"}))))
        .route("/version", get(version))
        .route("/v1/links", post(create_link))
        .fallback(async || failure(StatusCode::NOT_FOUND, "not-found", "there is nothing here"))
        .layer(from_fn_with_state(links.clone(), log_request))
        .with_state(links)
}

struct Links {
    config: Config,
    client: Client,
    log: Log,
}

/// What the event of a request says. Headers are named one by one: `Authorization` and `Cookie` hold what opens
/// somebody's account, so they are not among them at any level (`no-secrets`).
#[derive(Serialize)]
struct Answered<'a> {
    method: &'a str,
    path: &'a str,
    status: u16,
    milliseconds: u128,
    request_id: Option<&'a str>,
    user_agent: Option<&'a str>,
}

/// Runs around every route, also around what is not found: an event that a handler has to remember is an event that
/// the next handler forgets (`events-on-stdout`).
async fn log_request(State(links): State<Arc<Links>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    // The path stays encoded as it came. Decoded it could hold a line break, which `log` would have to escape again.
    let (method, path, headers) =
        (request.method().clone(), request.uri().path().to_owned(), request.headers().clone());
    let response = next.run(request).await;
    let answered = Answered {
        method: method.as_str(),
        path: &path,
        status: response.status().as_u16(),
        milliseconds: began.elapsed().as_millis(),
        request_id: text(&headers, "x-request-id"),
        user_agent: text(&headers, "user-agent"),
    };
    links.log.event(Level::Info, "request", answered);
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
}

async fn version(State(links): State<Arc<Links>>) -> Response {
    let release = &links.config.release_id;
    Json(json!({"app": "links", "build": env!("CARGO_PKG_VERSION"), "release": release})).into_response()
}

async fn create_link(State(links): State<Arc<Links>>, body: Bytes) -> Response {
    let new = match read_link(&body) {
        Ok(new) => new,
        Err(why) => return failure(StatusCode::BAD_REQUEST, "bad-request", why),
    };
    links.log.event(Level::Debug, "asking-screen", json!({ "target": new.target }));
    match ask_screen(&links, &new.target).await {
        Ok(Verdict::Allow) => created(&links, new),
        Ok(Verdict::Deny) => failure(StatusCode::UNPROCESSABLE_ENTITY, "denied", "this target must not be linked"),
        Err(why) => {
            links.log.event(Level::Warn, "screen-unavailable", json!({ "why": why }));
            let message = "targets cannot be checked at the moment";
            failure(StatusCode::SERVICE_UNAVAILABLE, "screen-unavailable", message)
        }
    }
}

fn read_link(body: &Bytes) -> Result<NewLink, &'static str> {
    let Json(new) = Json::<NewLink>::from_bytes(body).map_err(|_| "the body is not a JSON object with a target")?;
    if web_url(&new.target).is_none() {
        return Err("target is not an http or https URL with a host");
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !new.prefix.as_ref().is_none_or(|p| (1..=32).contains(&p.len()) && p.chars().all(allowed)) {
        return Err("prefix is not 1 to 32 of a-z, 0-9 and -");
    }
    Ok(new)
}

/// Asks whether `target` may be linked. The reason of a failure is in our own words: the text of a `reqwest::Error`
/// holds the URL, and what a partner answers may repeat the key (`no-secrets`).
async fn ask_screen(links: &Links, target: &str) -> Result<Verdict, &'static str> {
    let mut url = links.config.screen_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "verdicts"]);
    }
    let key = links.config.screen_api_key.expose();
    let request = links.client.post(url).bearer_auth(key).json(&json!({ "target": target }));
    let response = request.send().await.map_err(reason)?;
    if response.status() != StatusCode::OK {
        return Err("it answered with an error");
    }
    let answer: Answer = response.json().await.map_err(reason)?;
    Ok(answer.verdict)
}

fn reason(error: reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "it did not answer in time"
    } else if error.is_decode() {
        "it answered something that is not a verdict"
    } else {
        "it cannot be reached"
    }
}

fn created(links: &Links, new: NewLink) -> Response {
    let prefix = new.prefix.as_deref().unwrap_or("l");
    let slug = format!("{prefix}-{}", (0..6).map(|_| fastrand::digit(36)).collect::<String>());
    let view = json!({
        "short_url": format!("{}/r/{slug}", links.config.public_base_url),
        "slug": slug,
        "target": new.target,
        "owner": null,
        "private": false,
        "submissions": 1,
        "clicks": 0,
        "preview": {"state": "pending", "title": null},
        "created_at": rfc3339(SystemTime::now()),
    });
    (StatusCode::CREATED, Json(view)).into_response()
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
    verdict: Verdict,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Allow,
    Deny,
}
