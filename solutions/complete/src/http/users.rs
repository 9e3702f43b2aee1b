//! Sessions, and who asks.

use axum::Json;
use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{Body, read};
use super::failure::Failure;
use super::{Links, Shared};

/// Somebody who is logged in.
pub struct User {
    /// The name.
    pub name: String,
    /// `user` or `admin`.
    pub role: String,
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
}

/// `POST /v1/sessions`. The token is all that a client has to bring along: a cookie that routes it back to this process would
/// make replacing this process a logout.
pub async fn log_in(State(links): Shared, body: Body) -> Result<(StatusCode, Json<Value>), Failure> {
    let Credentials { user, password } = read(body)?;
    if links.sessions.is_locked(&user).await? {
        return Err(Failure::TooManyRequests);
    }
    if !links.store.is_password(&user, &password).await? {
        links.sessions.count_wrong_password(&user).await?;
        return Err(Failure::Unauthorized);
    }
    let token = links.sessions.open(&user).await?;
    Ok((StatusCode::CREATED, Json(json!({ "token": token, "expires_in": links.sessions.ttl().as_secs() }))))
}

/// `DELETE /v1/sessions/current`
pub async fn log_out(State(links): Shared, headers: HeaderMap) -> Result<StatusCode, Failure> {
    writer(&links, &headers).await?;
    links.sessions.close(bearer(&headers).unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/me`
pub async fn me(State(links): Shared, headers: HeaderMap) -> Result<Json<Value>, Failure> {
    let User { name, role } = writer(&links, &headers).await?;
    Ok(Json(json!({ "user": name, "role": role })))
}

/// Who asks, where nobody in particular may ask as well. A token that opens nothing is refused all the same.
pub async fn reader(links: &Links, headers: &HeaderMap) -> Result<Option<User>, Failure> {
    match headers.get(AUTHORIZATION) {
        None => Ok(None),
        Some(_) => writer(links, headers).await.map(Some),
    }
}

/// Who asks, where only somebody who is logged in may.
pub async fn writer(links: &Links, headers: &HeaderMap) -> Result<User, Failure> {
    let token = bearer(headers).ok_or(Failure::Unauthorized)?;
    let name = links.sessions.name(token).await?.ok_or(Failure::Unauthorized)?;
    let role = links.store.role(&name).await?.ok_or(Failure::Unauthorized)?;
    Ok(User { name, role })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
