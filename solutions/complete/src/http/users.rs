//! Sessions, and who asks.
//!
//! A handler says in its arguments whom it serves: [`Anybody`], [`User`] or [`Admin`]. What it was handed has been checked; a
//! check that is a line at the top of each handler is missing in one of them (factor 15).

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{Body, read};
use super::failure::Failure;
use super::{Links, Shared};
use crate::store::Link;
use crate::store::password::{LONGEST_NAME, LONGEST_PASSWORD};

// ANCHOR: who
/// Whoever asks, where nobody in particular may ask as well. A token that opens nothing is refused all the same.
pub struct Anybody(pub Option<User>);

/// Somebody who is logged in.
pub struct User {
    /// The name.
    pub name: String,
    /// `user` or `admin`.
    pub role: String,
}

/// Somebody whom we made an administrator. No header says so, whoever may have written it.
pub struct Admin;

impl FromRequestParts<Arc<Links>> for Anybody {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, links: &Arc<Links>) -> Result<Self, Failure> {
        match parts.headers.contains_key(AUTHORIZATION) {
            false => Ok(Self(None)),
            true => User::from_request_parts(parts, links).await.map(|user| Self(Some(user))),
        }
    }
}

impl FromRequestParts<Arc<Links>> for User {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, links: &Arc<Links>) -> Result<Self, Failure> {
        let token = bearer(&parts.headers).ok_or(Failure::Unauthorized)?;
        let name = links.sessions.name(token).await?.ok_or(Failure::Unauthorized)?;
        let role = links.store.role(&name).await?.ok_or(Failure::Unauthorized)?;
        Ok(Self { name, role })
    }
}

impl FromRequestParts<Arc<Links>> for Admin {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, links: &Arc<Links>) -> Result<Self, Failure> {
        let user = User::from_request_parts(parts, links).await?;
        if user.is_admin() { Ok(Self) } else { Err(Failure::Forbidden) }
    }
}
// ANCHOR_END: who

// ANCHOR: ownership
impl User {
    /// Whether somebody may do what administrators do.
    pub fn is_admin(&self) -> bool {
        self.role == "admin"
    }

    /// Whether somebody may change or delete a link.
    pub fn owns(&self, link: &Link) -> bool {
        self.is_admin() || link.owner.as_ref() == Some(&self.name)
    }
}

impl Anybody {
    /// Whether somebody, who may be nobody, may know of a link. The one place that decides it: a rule that stands in every handler
    /// is one that the next handler forgets.
    pub fn may_see(&self, link: &Link) -> bool {
        !link.private || self.0.as_ref().is_some_and(|user| user.owns(link))
    }
}
// ANCHOR_END: ownership

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
}

/// `POST /v1/sessions`. The token is all that a client has to bring along: a cookie that routes it back to this process would
/// make replacing this process a logout.
pub async fn log_in(State(links): Shared, body: Body) -> Result<(StatusCode, Json<Value>), Failure> {
    let Credentials { user, password } = read(body)?;
    if user.len() > LONGEST_NAME || password.len() > LONGEST_PASSWORD || user.contains('\0') {
        return Err(Failure::Unauthorized);
    }
    if !links.sessions.may_guess(&user).await? {
        return Err(Failure::TooManyRequests);
    }
    // Nobody is told which of the two is wrong.
    if !links.store.is_password(&user, &password, links.hash_cost).await? {
        return Err(Failure::Unauthorized);
    }
    let token = links.sessions.open(&user).await?;
    Ok((StatusCode::CREATED, Json(json!({ "token": token, "expires_in": links.sessions.ttl().as_secs() }))))
}

/// `DELETE /v1/sessions/current`. For all processes: a client that forgets its token ends nothing, since somebody may have a copy.
pub async fn log_out(State(links): Shared, _user: User, headers: HeaderMap) -> Result<StatusCode, Failure> {
    links.sessions.close(bearer(&headers).unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/me`
pub async fn me(User { name, role }: User) -> Json<Value> {
    Json(json!({ "user": name, "role": role }))
}

/// `GET /v1/admin/users`
pub async fn list(State(links): Shared, _admin: Admin) -> Result<Json<Value>, Failure> {
    let users = links.store.users().await?;
    let items: Vec<Value> = users.iter().map(|(name, role)| json!({ "user": name, "role": role })).collect();
    Ok(Json(json!({ "items": items })))
}

/// The token of a request. It is looked for in this one header: what stands in a URL stands in logs, in histories and in the
/// `Referer` of the next page.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
