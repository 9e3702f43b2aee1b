//! The HTTP contract: three questions of the platform, and `POST /v1/links`.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::json;

use crate::config::{Config, web_url};
use crate::{BUILD, log};

/// The service for one configuration.
pub fn app(config: Config) -> Router {
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(config.upstream_timeout)
        .build()
        .expect("a client without TLS and proxies loads nothing that could fail");
    Router::new()
        .route("/healthz", get(async || Json(json!({"status": "ok"}))))
        .route("/readyz", get(async || Json(json!({"status": "ready"}))))
        .route("/version", get(version))
        .route("/v1/links", post(create_link))
        .fallback(async || failure(StatusCode::NOT_FOUND, "not-found", "there is nothing here"))
        .with_state(Arc::new(Links { config, client }))
}

struct Links {
    config: Config,
    client: Client,
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

// ANCHOR: version
async fn version(State(links): State<Arc<Links>>) -> Response {
    // Two names, because there are two things: the build is the same in every deploy, the release is this one's.
    Json(json!({"app": "links", "build": BUILD, "release": links.config.release_id})).into_response()
}
// ANCHOR_END: version

async fn create_link(State(links): State<Arc<Links>>, body: Bytes) -> Response {
    let new = match read_link(&body) {
        Ok(new) => new,
        Err(why) => return failure(StatusCode::BAD_REQUEST, "bad-request", why),
    };
    match links.verdict(&new.target).await.as_deref() {
        Ok("allow") => created(&links.config, &new),
        Ok("deny") => failure(StatusCode::UNPROCESSABLE_ENTITY, "denied", "this target must not be linked"),
        other => {
            // The partner's own words may hold the key or an address, so they stay out of the answer and of the log.
            log(if other.is_ok() { "screen gave no verdict" } else { "screen cannot be asked" });
            failure(StatusCode::SERVICE_UNAVAILABLE, "screen-unavailable", "targets cannot be checked at the moment")
        }
    }
}

fn read_link(body: &Bytes) -> Result<NewLink, &'static str> {
    let Json(new) = Json::<NewLink>::from_bytes(body).map_err(|_| "the body is not a JSON object with a target")?;
    if web_url(&new.target).is_none() {
        return Err("target is not an http or https URL with a host");
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !new.prefix.as_ref().is_none_or(|prefix| (1..=32).contains(&prefix.len()) && prefix.chars().all(allowed)) {
        return Err("prefix is not 1 to 32 of a-z, 0-9 and -");
    }
    Ok(new)
}

impl Links {
    async fn verdict(&self, target: &str) -> reqwest::Result<String> {
        let request = self.client.post(verdicts_url(&self.config.screen_url));
        let request = request.bearer_auth(&self.config.screen_api_key).json(&json!({"target": target}));
        let answer: Answer = request.send().await?.error_for_status()?.json().await?;
        Ok(answer.verdict)
    }
}

/// Appends to the path that is already there: the handle may lead through a gateway.
fn verdicts_url(base: &Url) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "verdicts"]);
    }
    url
}

fn created(config: &Config, new: &NewLink) -> Response {
    let prefix = new.prefix.as_deref().unwrap_or("l");
    let slug = format!("{prefix}-{}", (0..6).map(|_| fastrand::digit(36)).collect::<String>());
    let view = json!({
        "short_url": format!("{}/r/{slug}", config.public_base_url),
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
