//! The HTTP contract, and who may ask for what.
//!
//! A handler says in its arguments whom it serves: `Anybody`, `User` or `Admin`. What it was not handed it cannot use,
//! and what it was handed has been checked; a check that is a line at the top of each handler is missing in one of them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query, Request, State};
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::accounts::{Accounts, LogIn, User};
use crate::config::web_url;
use crate::log;
use crate::screen::{Screen, Unavailable};
use crate::store::{Link, Store, StoreError};

/// No body of the contract comes near this.
const LARGEST_BODY: usize = 16 * 1024;
/// How long a request may take from its head to its answer, however slowly its sender types.
const PATIENCE: Duration = Duration::from_secs(30);
/// A longer target is no link that somebody wants to shorten, and would not fit into the index that finds it again.
const LONGEST_TARGET: usize = 2000;

/// What every request of this process shares.
pub struct Links {
    /// Where links are.
    pub store: Store,
    /// Where users and sessions are.
    pub accounts: Accounts,
    /// The partner.
    pub screen: Screen,
    /// What short links begin with.
    pub public_base_url: String,
    /// The release that is running.
    pub release_id: String,
}

type Shared = State<Arc<Links>>;
type Body = Result<Bytes, BytesRejection>;

/// The service.
pub fn app(links: Links) -> Router {
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
        .route("/v1/admin/users", get(list_users))
        .fallback(async || Failure::NotFound)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(bounded))
        .layer(from_fn(log_request))
        .with_state(Arc::new(links))
}

// ANCHOR: who
/// Whoever asks, where nobody in particular may ask as well. A token that opens nothing is refused all the same.
struct Anybody(Option<User>);

impl FromRequestParts<Arc<Links>> for Anybody {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, links: &Arc<Links>) -> Result<Self, Failure> {
        match parts.headers.contains_key(AUTHORIZATION) {
            false => Ok(Self(None)),
            true => User::from_request_parts(parts, links).await.map(|user| Self(Some(user))),
        }
    }
}

/// Somebody who is logged in.
impl FromRequestParts<Arc<Links>> for User {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, links: &Arc<Links>) -> Result<Self, Failure> {
        let token = bearer(&parts.headers).ok_or(Failure::Unauthorized)?;
        links.accounts.user(token).await?.ok_or(Failure::Unauthorized)
    }
}

/// Somebody whom we made an administrator. No header says so, whoever may have written it.
struct Admin;

impl FromRequestParts<Arc<Links>> for Admin {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, links: &Arc<Links>) -> Result<Self, Failure> {
        let user = User::from_request_parts(parts, links).await?;
        if user.is_admin() { Ok(Self) } else { Err(Failure::Forbidden) }
    }
}
// ANCHOR_END: who

/// The token of a request. It is looked for in this one header: what stands in a URL stands in logs, in histories and in
/// the `Referer` of the next page.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

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
    Json(json!({"app": "links", "build": env!("CARGO_PKG_VERSION"), "release": links.release_id}))
}

async fn create_link(
    State(links): Shared,
    Anybody(owner): Anybody,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let new: NewLink = read(body)?;
    is_target(&new.target)?;
    let prefix = new.prefix.as_deref().unwrap_or("l");
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !(1..=32).contains(&prefix.len()) || !prefix.chars().all(allowed) {
        return Err(Failure::BadRequest("prefix is not 1 to 32 of a-z, 0-9 and -"));
    }
    passes_screen(&links, &new.target).await?;
    let private = new.private.unwrap_or(false);
    let (link, is_new) = links.store.submit(owner.as_ref(), prefix, &new.target, private).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(view(&links, &link))))
}

async fn list_links(
    State(links): Shared,
    Anybody(reader): Anybody,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Value>, Failure> {
    let Query(page) = page.map_err(|_| Failure::BadRequest("limit or after is malformed"))?;
    let limit = page.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Failure::BadRequest("limit is not 1 to 100"));
    }
    let wanted = page.q.unwrap_or_default();
    if wanted.contains('\0') {
        return Err(Failure::BadRequest("q holds a character that no target can hold"));
    }
    let items = links.store.links(reader.as_ref(), &wanted, limit, page.after.unwrap_or(i64::MAX)).await?;
    let full = i64::try_from(items.len()) == Ok(limit);
    let next = items.last().filter(|_| full).map(|link| link.id.to_string());
    let items: Vec<Value> = items.iter().map(|link| view(&links, link)).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

async fn show_link(
    State(links): Shared,
    Anybody(reader): Anybody,
    Path(slug): Path<String>,
) -> Result<Json<Value>, Failure> {
    let link = shown(&links, reader.as_ref(), &slug).await?;
    Ok(Json(view(&links, &link)))
}

async fn change_link(
    State(links): Shared,
    user: User,
    Path(slug): Path<String>,
    body: Body,
) -> Result<Json<Value>, Failure> {
    let change: LinkChange = read(body)?;
    let link = own(&links, &user, &slug).await?;
    if let Some(target) = &change.target {
        is_target(target)?;
        passes_screen(&links, target).await?;
    }
    links.store.change(&link.slug, change.target.as_deref(), change.private).await?;
    let link = own(&links, &user, &slug).await?;
    Ok(Json(view(&links, &link)))
}

async fn delete_link(State(links): Shared, user: User, Path(slug): Path<String>) -> Result<StatusCode, Failure> {
    let link = own(&links, &user, &slug).await?;
    links.store.delete(&link.slug).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn follow_link(
    State(links): Shared,
    Anybody(reader): Anybody,
    Path(slug): Path<String>,
) -> Result<Response, Failure> {
    let link = shown(&links, reader.as_ref(), &slug).await?;
    links.store.count_click(&link.slug).await?;
    Ok((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, link.target)]).into_response())
}

async fn log_in(State(links): Shared, body: Body) -> Result<(StatusCode, Json<Value>), Failure> {
    let credentials: Credentials = read(body)?;
    match links.accounts.log_in(&credentials.user, &credentials.password).await? {
        LogIn::Opened(token) => {
            let lasts = links.accounts.session_ttl().as_secs();
            Ok((StatusCode::CREATED, Json(json!({"token": token, "expires_in": lasts}))))
        }
        LogIn::Wrong => Err(Failure::Unauthorized),
        LogIn::TooOften => Err(Failure::TooManyRequests),
    }
}

async fn log_out(State(links): Shared, _user: User, headers: HeaderMap) -> Result<StatusCode, Failure> {
    links.accounts.log_out(bearer(&headers).unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn me(user: User) -> Json<Value> {
    Json(json!({"user": user.name, "role": user.role}))
}

async fn list_users(State(links): Shared, _admin: Admin) -> Result<Json<Value>, Failure> {
    let users = links.accounts.users().await?;
    let items: Vec<Value> = users.iter().map(|user| json!({"user": user.name, "role": user.role})).collect();
    Ok(Json(json!({"items": items})))
}

// ANCHOR: objects
/// A link that `reader` may know of. Of another's private link they are told what they are told of one that does not
/// exist: "forbidden" would confirm a guess.
async fn shown(links: &Links, reader: Option<&User>, slug: &str) -> Result<Link, Failure> {
    if slug.contains('\0') {
        return Err(Failure::NotFound);
    }
    links.store.link(slug).await?.filter(|link| link.is_shown_to(reader)).ok_or(Failure::NotFound)
}

/// A link that `user` may change or delete. Both begin with this, and so will whatever comes next.
async fn own(links: &Links, user: &User, slug: &str) -> Result<Link, Failure> {
    let link = shown(links, Some(user), slug).await?;
    if link.belongs_to(user) { Ok(link) } else { Err(Failure::Forbidden) }
}
// ANCHOR_END: objects

async fn passes_screen(links: &Links, target: &str) -> Result<(), Failure> {
    if links.screen.allows(target).await? { Ok(()) } else { Err(Failure::Denied) }
}

/// Reads and checks a body. The media type is not looked at, so that a bare `curl -d` works.
fn read<T: DeserializeOwned>(body: Body) -> Result<T, Failure> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge,
        _ => Failure::BadRequest("the body could not be read"),
    })?;
    let body = Json::from_bytes(&body).map_err(|_| Failure::BadRequest("the body is not the JSON object expected"))?;
    Ok(body.0)
}

/// Visitors are sent there, so it must be a place on the web: `javascript:` would be run, `file:` opened. A name before the
/// host is refused as well: people read `https://your-bank.example@evil.example/` from the left.
fn is_target(target: &str) -> Result<(), Failure> {
    let url = web_url(target).filter(|url| url.username().is_empty() && url.password().is_none());
    let usable = target.len() <= LONGEST_TARGET && url.is_some();
    if usable { Ok(()) } else { Err(Failure::BadRequest("target is not an http or https URL with a host")) }
}

/// What is shown of a link, field by field: what the table has besides stays there.
fn view(links: &Links, link: &Link) -> Value {
    json!({
        "slug": link.slug,
        "target": link.target,
        "short_url": format!("{}/r/{}", links.public_base_url, link.slug),
        "owner": link.owner,
        "private": link.private,
        "submissions": link.submissions,
        "clicks": link.clicks,
        "preview": {"state": link.state, "title": link.title},
        "created_at": link.created_at,
    })
}

/// Gives every request an end: whoever sends a byte an hour would keep a connection for ever.
async fn bounded(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::TooSlow.into_response(),
    }
}

async fn log_request(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    log(format_args!("info {method} {path} {}", response.status().as_u16()));
    response
}

/// Every way in which a request can fail. What is said about it is a constant: the reason, which may hold a statement, an
/// address or a name, stands in the log.
pub enum Failure {
    /// What is wrong with it.
    BadRequest(&'static str),
    /// Nobody is logged in with that.
    Unauthorized,
    /// Somebody is, and may not.
    Forbidden,
    /// There is no such thing, or none that this visitor may know of.
    NotFound,
    /// The request did not come to its end.
    TooSlow,
    /// Something like it is there already.
    Conflict,
    /// More than any request of the contract.
    TooLarge,
    /// The partner said no.
    Denied,
    /// Too many guesses.
    TooManyRequests,
    /// The partner said neither yes nor no.
    ScreenUnavailable,
    /// A backing service of ours is away.
    StoreUnavailable,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::Unavailable(cause) => {
                log(format_args!("error store unavailable: {cause}"));
                Self::StoreUnavailable
            }
        }
    }
}

impl From<Unavailable> for Failure {
    fn from(_: Unavailable) -> Self {
        Self::ScreenUnavailable
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, error, message) = match self {
            Self::BadRequest(why) => (400, "bad-request", why),
            Self::Unauthorized => (401, "unauthorized", "log in first"),
            Self::Forbidden => (403, "forbidden", "that is not yours to do"),
            Self::NotFound => (404, "not-found", "there is nothing here"),
            Self::TooSlow => (408, "too-slow", "the request did not come to its end"),
            Self::Conflict => (409, "conflict", "you have a link to this target already"),
            Self::TooLarge => (413, "too-large", "no request of ours is that long"),
            Self::Denied => (422, "denied", "this target must not be linked"),
            Self::TooManyRequests => (429, "too-many-requests", "wait a minute, then try again"),
            Self::ScreenUnavailable => (503, "screen-unavailable", "targets cannot be checked at the moment"),
            Self::StoreUnavailable => (503, "store-unavailable", "nothing can be looked up at the moment"),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
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
    q: Option<String>,
    limit: Option<i64>,
    after: Option<i64>,
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
}
