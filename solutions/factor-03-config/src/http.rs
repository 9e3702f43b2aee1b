//! The HTTP contract: three questions of the platform, and `POST /v1/links`.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::config::{Config, LogLevel, web_url};
use crate::log;
use crate::screen::{Screen, Verdict};

/// The service for one configuration. It reads no variable and opens no socket: two of them, configured
/// differently, can run in one process.
pub fn app(config: Config) -> Router {
    let links = Arc::new(Links {
        screen: Screen::new(config.screen_url, config.screen_api_key, config.upstream_timeout),
        public_base_url: config.public_base_url,
        release_id: config.release_id,
        log_level: config.log_level,
    });
    Router::new()
        .route("/healthz", get(async || Json(Status { status: "ok" })))
        // Nothing has to be reached or loaded before this service can serve, so it is ready as soon as it answers.
        .route("/readyz", get(async || Json(Status { status: "ready" })))
        .route("/version", get(version))
        .route("/v1/links", post(create_link))
        .fallback(async || Failure::NotFound)
        .method_not_allowed_fallback(async || Failure::MethodNotAllowed)
        .layer(from_fn_with_state(links.clone(), log_request))
        .with_state(links)
}

/// What handlers need of the configuration. The key is not among it: a handler cannot print what it does not hold.
struct Links {
    screen: Screen,
    public_base_url: String,
    release_id: String,
    log_level: LogLevel,
}

async fn version(State(links): State<Arc<Links>>) -> Response {
    // The build is a fact of the artefact and may be compiled in. The release is a fact of the deploy and may not:
    // the same artefact becomes another release when its configuration changes (`env-drives-behaviour`).
    Json(Version { app: "links", build: env!("CARGO_PKG_VERSION"), release: &links.release_id }).into_response()
}

async fn create_link(
    State(links): State<Arc<Links>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<LinkView>), Failure> {
    let new = read_link(body)?;
    // Every request asks. There is no deploy in which the partner is skipped, not even on a laptop: a laptop
    // has a partner too, at the address that its environment names (`variables-are-orthogonal`).
    match links.screen.verdict(&new.target).await {
        Ok(Verdict::Allow) => Ok((StatusCode::CREATED, Json(view(&links.public_base_url, new)))),
        Ok(Verdict::Deny) => Err(Failure::Denied),
        Err(unavailable) => {
            log(links.log_level, LogLevel::Warn, unavailable);
            Err(Failure::ScreenUnavailable)
        }
    }
}

/// Reads and checks the body. The media type is not looked at, so that a bare `curl -d` works.
fn read_link(body: Result<Bytes, BytesRejection>) -> Result<NewLink, Failure> {
    let body = body.map_err(|_| Failure::BadRequest("the body could not be read"))?;
    let Json(new) = Json::<NewLink>::from_bytes(&body)
        .map_err(|_| Failure::BadRequest("the body is not a JSON object with a target"))?;
    if web_url(&new.target).is_none() {
        return Err(Failure::BadRequest("target is not an http or https URL with a host"));
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !new.prefix.as_ref().is_none_or(|p| (1..=32).contains(&p.len()) && p.chars().all(allowed)) {
        return Err(Failure::BadRequest("prefix is not 1 to 32 of a-z, 0-9 and -"));
    }
    Ok(new)
}

fn view(public_base_url: &str, new: NewLink) -> LinkView {
    let prefix = new.prefix.as_deref().unwrap_or("l");
    let random: String = (0..6).map(|_| fastrand::digit(36)).collect();
    let slug = format!("{prefix}-{random}");
    LinkView {
        // The address comes from the configuration and not from the `Host` header, which any caller can choose.
        short_url: format!("{public_base_url}/r/{slug}"),
        slug,
        target: new.target,
        owner: None,
        private: false,
        submissions: 1,
        clicks: 0,
        preview: Preview { state: "pending", title: None },
        created_at: rfc3339(SystemTime::now()),
    }
}

async fn log_request(State(links): State<Arc<Links>>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    log(links.log_level, LogLevel::Info, format!("{method} {path} {}", response.status().as_u16()));
    response
}

/// Every way in which a request can fail. The messages are constant, so no failure can carry configuration outside
/// (`config-errors-redact`).
enum Failure {
    BadRequest(&'static str),
    Denied,
    ScreenUnavailable,
    NotFound,
    MethodNotAllowed,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, error, message) = match self {
            Self::BadRequest(why) => (StatusCode::BAD_REQUEST, "bad-request", why),
            Self::Denied => (StatusCode::UNPROCESSABLE_ENTITY, "denied", "this target must not be linked"),
            Self::ScreenUnavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "screen-unavailable", "targets cannot be checked at the moment")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "there is nothing here"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "this resource has no such method")
            }
        };
        (status, Json(ErrorBody { error, message })).into_response()
    }
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

#[derive(Deserialize)]
struct NewLink {
    target: String,
    prefix: Option<String>,
}

#[derive(Serialize)]
struct LinkView {
    slug: String,
    target: String,
    short_url: String,
    owner: Option<String>,
    private: bool,
    submissions: u64,
    clicks: u64,
    preview: Preview,
    created_at: String,
}

#[derive(Serialize)]
struct Preview {
    state: &'static str,
    title: Option<String>,
}

#[derive(Serialize)]
struct Status {
    status: &'static str,
}

#[derive(Serialize)]
struct Version<'a> {
    app: &'static str,
    build: &'static str,
    release: &'a str,
}

#[derive(Serialize)]
struct ErrorBody {
    error: &'static str,
    message: &'static str,
}
