//! The HTTP contract. What a resource could not do becomes a 503 that says which one it was; it never becomes the end
//! of the process, a closed connection, or an answer about the visitor.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use lettre::address::Address;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::config::{Config, web_url};
use crate::log;
use crate::resources::{Link, Resources, Trouble, User};

/// A longer target is no link that somebody wants to shorten, and would not fit into the index that finds it again.
const LONGEST_TARGET: usize = 2000;

/// The service for one configuration, on top of its resources. It reads no variable and opens no socket.
pub fn app(config: Config, resources: Resources) -> Router {
    Router::new()
        .route("/healthz", get(async || Json(json!({"status": "ok"}))))
        .route("/readyz", get(ready))
        .route("/version", get(version))
        .route("/v1/links", post(create_link))
        .route("/v1/links/{slug}", get(show_link))
        .route("/v1/links/{slug}/shares", post(share_link))
        .route("/r/{slug}", get(follow_link))
        .route("/v1/sessions", post(log_in))
        .route("/v1/sessions/current", delete(log_out))
        .route("/v1/me", get(me))
        .fallback(async || Failure::NotFound)
        .layer(from_fn(log_request))
        .with_state(Arc::new(Links { config, resources }))
}

/// What every request of this process shares.
struct Links {
    config: Config,
    resources: Resources,
}

type Shared = State<Arc<Links>>;
type Body = Result<Bytes, BytesRejection>;

async fn ready(State(links): Shared) -> Response {
    match links.resources.is_ready().await {
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
    if !links.resources.allows(&new.target).await.map_err(Failure::screen)? {
        return Err(Failure::Denied);
    }
    let owner = owner.as_ref().map(|user| user.name.as_str());
    let (link, is_new) = links.resources.submit(owner, prefix, &new.target, new.private.unwrap_or(false)).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(view(&links, &link))))
}

async fn show_link(State(links): Shared, Path(slug): Path<String>) -> Result<Json<Value>, Failure> {
    let link = links.resources.link(&slug).await?.ok_or(Failure::NotFound)?;
    Ok(Json(view(&links, &link)))
}

/// Sends the short URL of a link to somebody. It is answered when the mail server has taken the letter over.
async fn share_link(
    State(links): Shared,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Failure> {
    let share: Share = read(body)?;
    // Parsed, not pasted: what is no address, such as one that goes on in a next line, never gets near a header.
    let to: Address = share.to.parse().map_err(|_| Failure::BadRequest("to is not an address"))?;
    writer(&links, &headers).await?;
    let link = links.resources.link(&slug).await?.ok_or(Failure::NotFound)?;
    links.resources.share(to, &short_url(&links, &link)).await.map_err(Failure::mail)?;
    Ok(StatusCode::ACCEPTED)
}

async fn follow_link(State(links): Shared, Path(slug): Path<String>) -> Result<Response, Failure> {
    let target = links.resources.follow(&slug).await?.ok_or(Failure::NotFound)?;
    Ok((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, target)]).into_response())
}

async fn log_in(State(links): Shared, body: Body) -> Result<(StatusCode, Json<Value>), Failure> {
    let credentials: Credentials = read(body)?;
    let token = links.resources.log_in(&credentials.user, &credentials.password).await?;
    let token = token.ok_or(Failure::Unauthorized)?;
    Ok((StatusCode::CREATED, Json(json!({"token": token, "expires_in": links.config.session_ttl.as_secs()}))))
}

async fn log_out(State(links): Shared, headers: HeaderMap) -> Result<StatusCode, Failure> {
    writer(&links, &headers).await?;
    links.resources.log_out(bearer(&headers).unwrap_or_default()).await?;
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
    links.resources.user(token).await?.ok_or(Failure::Unauthorized)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
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
        "short_url": short_url(links, link),
        "owner": link.owner,
        "private": link.private,
        "submissions": link.submissions,
        "clicks": link.clicks,
        // The worker that makes previews comes in factor 8.
        "preview": {"state": "pending", "title": null},
        "created_at": link.created_at,
    })
}

fn short_url(links: &Links, link: &Link) -> String {
    format!("{}/r/{}", links.config.public_base_url, link.slug)
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
    NotFound,
    Conflict,
    Denied,
    /// A resource did not do what it was asked; the code says which one.
    Unavailable(&'static str),
}

impl Failure {
    fn screen(trouble: Trouble) -> Self {
        Self::of("screen-unavailable", trouble)
    }

    fn mail(trouble: Trouble) -> Self {
        Self::of("mail-unavailable", trouble)
    }

    fn of(code: &'static str, trouble: Trouble) -> Self {
        match trouble {
            Trouble::Conflict => Self::Conflict,
            Trouble::Unavailable(cause) => {
                log(format_args!("{code}: {cause}"));
                Self::Unavailable(code)
            }
        }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::of("store-unavailable", trouble)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, error, message) = match self {
            Self::BadRequest(why) => (StatusCode::BAD_REQUEST, "bad-request", why),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "log in first"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "there is nothing here"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "you have a link to this target already"),
            Self::Denied => (StatusCode::UNPROCESSABLE_ENTITY, "denied", "this target must not be linked"),
            Self::Unavailable(code) => (StatusCode::SERVICE_UNAVAILABLE, code, "this cannot be done at the moment"),
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
struct Share {
    to: String,
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
}
