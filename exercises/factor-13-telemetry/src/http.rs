//! The HTTP contract: what the platform asks, and links.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use reqwest::{Client, redirect};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::{ScreenConfig, web_url};
use crate::log;
use crate::metrics::{metrics, observe};
use crate::store::{Link, Store, Unavailable};

/// What the handlers need.
pub struct Links {
    /// The database.
    pub store: Store,
    /// The screening service.
    pub screen: ScreenConfig,
    /// What short links begin with.
    pub public_base_url: String,
    /// What `/version` shows.
    pub release_id: String,
}

/// The service. It reads no variable and opens no socket.
pub fn app(links: Links) -> Router {
    let client = client(&links.screen);
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/version", get(version))
        .route("/metrics", get(metrics))
        .route("/v1/links", post(create).get(list))
        .route("/v1/links/{slug}", get(find))
        .fallback(async || failure(StatusCode::NOT_FOUND, "not-found", "there is nothing here"))
        .layer(from_fn(observe))
        .with_state((Arc::new(links), client))
}

/// A longer target is no link that somebody wants to shorten, and would not fit into the index that finds it again.
const LONGEST_TARGET: usize = 2000;

type Shared = State<(Arc<Links>, Client)>;

/// A client that waits as long as this deploy allows, and follows nobody elsewhere.
pub fn client(screen: &ScreenConfig) -> Client {
    let builder = Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(screen.timeout);
    builder.build().expect("a client without TLS and proxies loads nothing that could fail")
}

/// Sends `body` to the screening service and returns what it answers; the reason of a failure is in our own words, since
/// the text of a `reqwest::Error` holds the URL.
pub async fn ask(
    client: &Client,
    screen: &ScreenConfig,
    what: &str,
    key: Option<&str>,
    body: Value,
) -> Result<Value, &'static str> {
    let mut url = screen.url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v1", what]);
    }
    // TODO(factor 13): the partner writes down what it is asked, and by whom. Whom does it know of, the service or the customer?
    let mut request = client.post(url).bearer_auth(screen.key.expose()).json(&body);
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let answer = request.send().await.map_err(|_| "screen did not answer")?;
    if answer.status() != StatusCode::OK {
        return Err("screen answered with an error");
    }
    answer.json().await.map_err(|_| "screen did not answer to the end")
}

/// The platform asks this every few seconds, and starts the process anew when the answer is no.
// TODO(factor 13): on which day is that answer no, and what does a new start mend then?
async fn alive(State((links, _)): Shared) -> Response {
    match links.store.check().await {
        Ok(()) => Json(json!({ "status": "ok" })).into_response(),
        Err(why) => database_unavailable(why),
    }
}

/// Asks the database now, every time, and for the tables too: without them, no customer is sent here.
async fn ready(State((links, _)): Shared) -> Response {
    match links.store.check().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(_) => {
            let answer = json!({ "status": "not-ready", "failing": ["postgres"] });
            (StatusCode::SERVICE_UNAVAILABLE, Json(answer)).into_response()
        }
    }
}

async fn version(State((links, _)): Shared) -> Response {
    Json(json!({ "app": "links", "build": env!("CARGO_PKG_VERSION"), "release": links.release_id })).into_response()
}

async fn create(State((links, client)): Shared, body: Bytes) -> Response {
    let new = match read(&body) {
        Ok(new) => new,
        Err(why) => return failure(StatusCode::BAD_REQUEST, "bad-request", why),
    };
    // The partner is asked before the transaction begins: it may take its time, and a transaction that waits for it
    // would hold a connection and its locks for as long.
    let answer = ask(&client, &links.screen, "verdicts", None, json!({ "target": new.target })).await;
    match answer.as_ref().map(|answer| answer["verdict"].as_str()) {
        Ok(Some("allow")) => {}
        Ok(Some("deny")) => {
            return failure(StatusCode::UNPROCESSABLE_ENTITY, "denied", "this target must not be linked");
        }
        Ok(_) => return screen_unavailable("screen answered something that is not a verdict"),
        Err(why) => return screen_unavailable(why),
    }
    match links.store.create(new.prefix.as_deref().unwrap_or("l"), &new.target).await {
        Ok((link, true)) => (StatusCode::CREATED, Json(view(&links, &link))).into_response(),
        Ok((link, false)) => Json(view(&links, &link)).into_response(),
        Err(why) => database_unavailable(why),
    }
}

async fn find(State((links, _)): Shared, Path(slug): Path<String>) -> Response {
    match links.store.find(&slug).await {
        Ok(Some(link)) => Json(view(&links, &link)).into_response(),
        Ok(None) => failure(StatusCode::NOT_FOUND, "not-found", "there is no such link"),
        Err(why) => database_unavailable(why),
    }
}

async fn list(State((links, _)): Shared, Query(page): Query<Page>) -> Response {
    let limit = page.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return failure(StatusCode::BAD_REQUEST, "bad-request", "limit is not 1 to 100");
    }
    match links.store.list(limit, page.after.as_deref()).await {
        Ok(found) => {
            let full = i64::try_from(found.len()) == Ok(limit);
            let next = found.last().filter(|_| full).map(|link| &link.slug);
            let items: Vec<Value> = found.iter().map(|link| view(&links, link)).collect();
            Json(json!({ "items": items, "next": next })).into_response()
        }
        Err(why) => database_unavailable(why),
    }
}

#[derive(Deserialize)]
struct NewLink {
    target: String,
    prefix: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    limit: Option<i64>,
    after: Option<String>,
}

fn read(body: &Bytes) -> Result<NewLink, &'static str> {
    let Json(new) = Json::<NewLink>::from_bytes(body).map_err(|_| "the body is not a JSON object with a target")?;
    if new.target.len() > LONGEST_TARGET || web_url(&new.target).is_none() {
        return Err("target is not an http or https URL with a host, of at most 2000 bytes");
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !new.prefix.as_ref().is_none_or(|p| (1..=32).contains(&p.len()) && p.chars().all(allowed)) {
        return Err("prefix is not 1 to 32 of a-z, 0-9 and -");
    }
    Ok(new)
}

fn view(links: &Links, link: &Link) -> Value {
    json!({
        "slug": link.slug,
        "target": link.target,
        "short_url": format!("{}/r/{}", links.public_base_url, link.slug),
        "owner": null,
        "private": false,
        "submissions": link.submissions,
        "clicks": 0,
        "preview": { "state": link.state, "title": link.title },
        "created_at": link.created_at,
    })
}

fn screen_unavailable(why: &str) -> Response {
    log(format_args!("warn {why}"));
    failure(StatusCode::SERVICE_UNAVAILABLE, "screen-unavailable", "targets cannot be checked at the moment")
}

fn database_unavailable(why: Unavailable) -> Response {
    log(format_args!("warn {why}"));
    failure(StatusCode::SERVICE_UNAVAILABLE, "database-unavailable", "links cannot be stored or read at the moment")
}

fn failure(status: StatusCode, error: &str, message: &str) -> Response {
    (status, Json(json!({ "error": error, "message": message }))).into_response()
}
