//! The HTTP contract. Whether a request is allowed, and what is answered, depends on the request and on what is stored:
//! never on how the program was compiled or on what its environment is called (`debug-equals-release`).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use reqwest::{Client, Url, redirect};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::{Config, web_url};
use crate::log;
use crate::store::{Link, Store, StoreError};

/// In bytes. A longer target is no link that somebody wants to shorten, and would not fit into the index that finds it
/// again: PostgreSQL ends at 2,704 bytes, where SQLite goes on.
const LONGEST_TARGET: usize = 2000;

/// The service for one configuration, on top of its store. It reads no variable and opens no socket.
pub fn app(config: Config, store: Store) -> Router {
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(config.upstream_timeout)
        .build()
        .expect("a client without TLS and proxies loads nothing that could fail");
    Router::new()
        .route("/healthz", get(async || Json(json!({"status": "ok"}))))
        .route("/readyz", get(ready))
        .route("/version", get(version))
        .route("/v1/links", get(list_links).post(create_link))
        .route("/v1/links/{slug}", get(show_link))
        .route("/r/{slug}", get(follow_link))
        .fallback(async || Failure::NotFound)
        .layer(from_fn(log_request))
        .with_state(Arc::new(Links { config, client, store }))
}

/// What every request of this process shares.
struct Links {
    config: Config,
    client: Client,
    store: Store,
}

type Shared = State<Arc<Links>>;

async fn ready(State(links): Shared) -> Response {
    match links.store.is_ready().await {
        Ok(true) => Json(json!({"status": "ready"})).into_response(),
        _ => {
            let body = json!({"status": "not-ready", "failing": ["postgres"]});
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}

async fn version(State(links): Shared) -> Json<Value> {
    Json(json!({"app": "links", "build": env!("CARGO_PKG_VERSION"), "release": links.config.release_id}))
}

async fn create_link(
    State(links): Shared,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let body = body.map_err(|_| Failure::BadRequest("the body could not be read"))?;
    // The media type is not looked at, so that a bare `curl -d` works.
    let Json(new) = Json::<NewLink>::from_bytes(&body)
        .map_err(|_| Failure::BadRequest("the body is not a JSON object with a string `target`"))?;
    let prefix = new.prefix.as_deref().unwrap_or("l");
    if !is_prefix(prefix) {
        return Err(Failure::BadRequest("prefix is not 1 to 32 of a-z, 0-9 and -"));
    }
    if !is_target(&new.target) {
        return Err(Failure::BadRequest("target is not an http or https URL with a host, or longer than 2000 bytes"));
    }
    // Also for `localhost`, and also in a debug build: what is easier for a developer is what production never does.
    ask_screen(&links, &new.target).await?;
    let (link, is_new) = links.store.submit(prefix, &new.target).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(view(&links, &link))))
}

async fn list_links(State(links): Shared, page: Result<Query<Page>, QueryRejection>) -> Result<Json<Value>, Failure> {
    let Query(page) = page.map_err(|_| Failure::BadRequest("limit is malformed"))?;
    let limit = page.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Failure::BadRequest("limit is not 1 to 100"));
    }
    let (q, after) = (page.q.unwrap_or_default(), page.after.unwrap_or_default());
    if [&q, &after].iter().any(|text| text.contains('\0')) {
        // PostgreSQL can hold every character but this one.
        return Err(Failure::BadRequest("q or after holds a NUL"));
    }
    let items = links.store.links(&q, limit, &after).await?;
    let full = i64::try_from(items.len()) == Ok(limit);
    let next = items.last().filter(|_| full).map(|link| link.slug.clone());
    let items: Vec<Value> = items.iter().map(|link| view(&links, link)).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

async fn show_link(State(links): Shared, Path(slug): Path<String>) -> Result<Json<Value>, Failure> {
    let link = links.store.link(&slug).await?.ok_or(Failure::NotFound)?;
    Ok(Json(view(&links, &link)))
}

async fn follow_link(State(links): Shared, Path(slug): Path<String>) -> Result<Response, Failure> {
    let target = links.store.follow(&slug).await?.ok_or(Failure::NotFound)?;
    Ok((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, target)]).into_response())
}

/// Asks the partner whether `target` may be linked.
async fn ask_screen(links: &Links, target: &str) -> Result<(), Failure> {
    let mut url: Url = links.config.screen_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "verdicts"]);
    }
    let key = links.config.screen_api_key.expose();
    let question = links.client.post(url).bearer_auth(key).json(&json!({ "target": target }));
    let answer = question.send().await.map_err(|_| Failure::ScreenUnavailable)?;
    if answer.status() != StatusCode::OK {
        return Err(Failure::ScreenUnavailable);
    }
    match answer.json::<Answer>().await.map_err(|_| Failure::ScreenUnavailable)?.verdict {
        Verdict::Allow => Ok(()),
        Verdict::Deny => Err(Failure::Denied),
    }
}

fn is_target(target: &str) -> bool {
    target.len() <= LONGEST_TARGET && web_url(target).is_some()
}

fn is_prefix(prefix: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=32).contains(&prefix.len()) && prefix.chars().all(allowed)
}

fn view(links: &Links, link: &Link) -> Value {
    json!({
        "slug": link.slug,
        "target": link.target,
        "short_url": format!("{}/r/{}", links.config.public_base_url, link.slug),
        "owner": null,
        "private": false,
        "submissions": link.submissions,
        "clicks": link.clicks,
        // The worker that makes previews comes in factor 8.
        "preview": {"state": "pending", "title": null},
        "created_at": link.created_at,
    })
}

async fn log_request(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    log(format_args!("{method} {path} {}", response.status().as_u16()));
    response
}

/// Every way in which a request can fail.
enum Failure {
    BadRequest(&'static str),
    NotFound,
    Denied,
    ScreenUnavailable,
    StoreUnavailable,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        log(format_args!("store unavailable: {error}"));
        Self::StoreUnavailable
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, error, message) = match self {
            Self::BadRequest(why) => (StatusCode::BAD_REQUEST, "bad-request", why),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "there is nothing here"),
            Self::Denied => (StatusCode::UNPROCESSABLE_ENTITY, "denied", "this target must not be linked"),
            Self::ScreenUnavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "screen-unavailable", "targets cannot be checked at the moment")
            }
            Self::StoreUnavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", "nothing can be looked up at the moment")
            }
        };
        (status, Json(json!({"error": error, "message": message}))).into_response()
    }
}

#[derive(Deserialize)]
struct NewLink {
    target: String,
    prefix: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    q: Option<String>,
    limit: Option<i64>,
    after: Option<String>,
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
