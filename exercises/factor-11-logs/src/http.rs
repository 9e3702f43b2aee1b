//! The HTTP contract: three questions of the platform, and `POST /v1/links`.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use reqwest::{Client, Url, redirect};
use serde::Deserialize;
use serde_json::json;

use crate::config::Config;
use crate::log::Log;

pub fn app(config: Config, log: Arc<Log>) -> Router {
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
    log: Arc<Log>,
}

async fn log_request(State(links): State<Arc<Links>>, request: Request, next: Next) -> Response {
    // Decoded, because nobody can read Hangul in percent signs.
    // TODO(factor 11): what a visitor sends ends up in this line. Can a visitor write a line of his own?
    let (method, path) = (request.method().clone(), decoded(request.uri().path()));
    let agent = request.headers().get("user-agent").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let response = next.run(request).await;
    let (status, agent) = (response.status().as_u16(), agent.unwrap_or_default());
    // TODO(factor 11): twenty copies of this service run on ten machines. Which file do you open?
    links.log.line(&format!("{method} {path} {status} {agent}"));
    response
}

async fn version(State(links): State<Arc<Links>>) -> Response {
    let release = &links.config.release_id;
    Json(json!({"app": "links", "build": env!("CARGO_PKG_VERSION"), "release": release})).into_response()
}

async fn create_link(State(links): State<Arc<Links>>, body: Bytes) -> Response {
    let Ok(Json(new)) = Json::<NewLink>::from_bytes(&body) else {
        return failure(StatusCode::BAD_REQUEST, "bad-request", "the body is not a JSON object with a target");
    };
    if !Url::parse(&new.target).is_ok_and(|url| url.has_host() && ["http", "https"].contains(&url.scheme())) {
        links.log.line(&format!("not a link: {}", new.target));
        return failure(StatusCode::BAD_REQUEST, "bad-request", "target is not an http or https URL");
    }
    match ask_screen(&links, &new.target).await.as_deref() {
        Ok("allow") => created(&links, &new),
        Ok("deny") => failure(StatusCode::UNPROCESSABLE_ENTITY, "denied", "this target must not be linked"),
        answer => {
            links.log.line(&format!("no verdict about {}: {answer:?}", new.target));
            let message = "targets cannot be checked at the moment";
            failure(StatusCode::SERVICE_UNAVAILABLE, "screen-unavailable", message)
        }
    }
}

async fn ask_screen(links: &Links, target: &str) -> reqwest::Result<String> {
    let url = format!("{}/v1/verdicts", links.config.screen_url.as_str().trim_end_matches('/'));
    let request = links.client.post(url).bearer_auth(&links.config.screen_api_key).json(&json!({"target": target}));
    let answer: Answer = request.send().await?.error_for_status()?.json().await?;
    Ok(answer.verdict)
}

fn created(links: &Links, new: &NewLink) -> Response {
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
    verdict: String,
}

/// `%ED%95%9C` as `한`; what is no UTF-8 is shown as well as possible.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let [byte, after @ ..] = rest {
        let code = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        let code = code.filter(|_| *byte == b'%');
        bytes.push(code.unwrap_or(*byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Seconds precision, UTC. Enough calendar for one timestamp; a real service would take a time crate.
fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is the last day of a year.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
