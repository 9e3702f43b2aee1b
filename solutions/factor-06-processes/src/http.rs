//! The HTTP contract. A handler holds nothing between two requests: it asks `Store`, answers, and forgets.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use reqwest::{Client, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::config::{Config, web_url};
use crate::log;
use crate::store::{Link, LogIn, Store, StoreError, User};

/// A longer target is no link that somebody wants to shorten, and would not fit into the index that finds it again.
const LONGEST_TARGET: usize = 2000;

/// The service for one configuration, on top of its store. It reads no variable and opens no socket: two of them can
/// run in one process and still be two processes as far as this factor is concerned.
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
        .route("/v1/links", post(create_link).get(list_links))
        .route("/v1/links/{slug}", get(show_link).patch(change_link).delete(delete_link))
        .route("/r/{slug}", get(follow_link))
        .route("/v1/sessions", post(log_in))
        .route("/v1/sessions/current", delete(log_out))
        .route("/v1/me", get(me))
        .fallback(async || Failure::NotFound)
        .layer(from_fn(log_request))
        .with_state(Arc::new(Links { config, client, store }))
}

/// What every request of this process shares: settings and connections. Were a map of sessions or a cache of targets
/// among it, the answer would depend on which process the request met.
struct Links {
    config: Config,
    client: Client,
    store: Store,
}

type Shared = State<Arc<Links>>;
type Body = Result<Bytes, BytesRejection>;

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
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let new: NewLink = read(body)?;
    is_target(&new.target)?;
    let prefix = new.prefix.as_deref().unwrap_or("l");
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !(1..=32).contains(&prefix.len()) || !prefix.chars().all(allowed) {
        return Err(Failure::BadRequest("prefix is not 1 to 32 of a-z, 0-9 and -"));
    }
    let owner = reader(&links, &headers).await?;
    ask_screen(&links, &new.target).await?;
    let owner = owner.as_ref().map(|user| user.name.as_str());
    let (link, is_new) = links.store.submit(owner, prefix, &new.target, new.private.unwrap_or(false)).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(view(&links, &link))))
}

async fn list_links(
    State(links): Shared,
    headers: HeaderMap,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Value>, Failure> {
    let Query(page) = page.map_err(|_| Failure::BadRequest("limit or after is malformed"))?;
    let limit = page.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Failure::BadRequest("limit is not 1 to 100"));
    }
    let reader = reader(&links, &headers).await?.map(|user| user.name);
    // The cursor travels with the client. A cursor that the process remembered would end with it.
    let items = links.store.links(reader.as_deref(), limit, page.after.unwrap_or(i64::MAX)).await?;
    let full = i64::try_from(items.len()) == Ok(limit);
    let next = items.last().filter(|_| full).map(|link| link.id.to_string());
    let items: Vec<Value> = items.iter().map(|link| view(&links, link)).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

async fn show_link(State(links): Shared, Path(slug): Path<String>) -> Result<Json<Value>, Failure> {
    let link = links.store.link(&slug).await?.ok_or(Failure::NotFound)?;
    Ok(Json(view(&links, &link)))
}

async fn change_link(
    State(links): Shared,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Failure> {
    let change: LinkChange = read(body)?;
    let user = writer(&links, &headers).await?;
    may_change(&links, &user, &slug).await?;
    if let Some(target) = &change.target {
        is_target(target)?;
        ask_screen(&links, target).await?;
    }
    links.store.change(&slug, change.target.as_deref(), change.private).await?;
    let link = links.store.link(&slug).await?.ok_or(Failure::NotFound)?;
    Ok(Json(view(&links, &link)))
}

async fn delete_link(
    State(links): Shared,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    let user = writer(&links, &headers).await?;
    may_change(&links, &user, &slug).await?;
    if links.store.delete(&slug).await? { Ok(StatusCode::NO_CONTENT) } else { Err(Failure::NotFound) }
}

async fn follow_link(State(links): Shared, Path(slug): Path<String>) -> Result<Response, Failure> {
    let target = links.store.follow(&slug).await?.ok_or(Failure::NotFound)?;
    Ok((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, target)]).into_response())
}

async fn log_in(State(links): Shared, body: Body) -> Result<(StatusCode, Json<Value>), Failure> {
    let credentials: Credentials = read(body)?;
    let token = match links.store.log_in(&credentials.user, &credentials.password).await? {
        LogIn::Opened(token) => token,
        LogIn::Wrong => return Err(Failure::Unauthorized),
        LogIn::TooOften => return Err(Failure::TooManyRequests),
    };
    // The token is all that a client has to bring along. A cookie that routes it back to this process would make
    // replacing this process a logout (`no-stickiness`).
    Ok((StatusCode::CREATED, Json(json!({"token": token, "expires_in": links.config.session_ttl.as_secs()}))))
}

async fn log_out(State(links): Shared, headers: HeaderMap) -> Result<StatusCode, Failure> {
    writer(&links, &headers).await?;
    links.store.log_out(bearer(&headers).unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn me(State(links): Shared, headers: HeaderMap) -> Result<Json<Value>, Failure> {
    let User { name, role } = writer(&links, &headers).await?;
    Ok(Json(json!({"user": name, "role": role})))
}

/// Who asks, where nobody in particular may ask as well. A token that opens nothing is refused all the same.
async fn reader(links: &Links, headers: &HeaderMap) -> Result<Option<User>, Failure> {
    match headers.get(AUTHORIZATION) {
        None => Ok(None),
        Some(_) => writer(links, headers).await.map(Some),
    }
}

/// Who asks, where only somebody who is logged in may.
async fn writer(links: &Links, headers: &HeaderMap) -> Result<User, Failure> {
    let token = bearer(headers).ok_or(Failure::Unauthorized)?;
    links.store.user(token).await?.ok_or(Failure::Unauthorized)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

async fn may_change(links: &Links, user: &User, slug: &str) -> Result<(), Failure> {
    let link = links.store.link(slug).await?.ok_or(Failure::NotFound)?;
    let owns = link.owner.as_ref() == Some(&user.name);
    if owns || user.role == "admin" { Ok(()) } else { Err(Failure::Forbidden) }
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

/// Reads and checks a body. The media type is not looked at, so that a bare `curl -d` works.
fn read<T: DeserializeOwned>(body: Body) -> Result<T, Failure> {
    let body = body.map_err(|_| Failure::BadRequest("the body could not be read"))?;
    let body = Json::from_bytes(&body).map_err(|_| Failure::BadRequest("the body is not the JSON object expected"))?;
    Ok(body.0)
}

fn is_target(target: &str) -> Result<(), Failure> {
    let usable = target.len() <= LONGEST_TARGET && web_url(target).is_some();
    if usable { Ok(()) } else { Err(Failure::BadRequest("target is not an http or https URL with a host")) }
}

fn view(links: &Links, link: &Link) -> Value {
    json!({
        "slug": link.slug,
        "target": link.target,
        "short_url": format!("{}/r/{}", links.config.public_base_url, link.slug),
        "owner": link.owner,
        "private": link.private,
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
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
    Denied,
    TooManyRequests,
    ScreenUnavailable,
    StoreUnavailable,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::Unavailable(cause) => {
                log(format_args!("store unavailable: {cause}"));
                Self::StoreUnavailable
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, error, message) = match self {
            Self::BadRequest(why) => (StatusCode::BAD_REQUEST, "bad-request", why),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "log in first"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "this link belongs to somebody else"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "there is nothing here"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "you have a link to this target already"),
            Self::Denied => (StatusCode::UNPROCESSABLE_ENTITY, "denied", "this target must not be linked"),
            Self::TooManyRequests => {
                (StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "wait a minute, then try again")
            }
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
    private: Option<bool>,
}

#[derive(Deserialize)]
struct LinkChange {
    target: Option<String>,
    private: Option<bool>,
}

#[derive(Deserialize)]
struct Page {
    limit: Option<i64>,
    after: Option<i64>,
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
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
