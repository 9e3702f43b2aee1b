//! Links: made, shown, listed, changed, shared, followed.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use lettre::address::Address;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{Body, is_prefix, is_target, read};
use super::failure::Failure;
use super::users::{Anybody, User};
use super::{Links, Shared};
use crate::store::{Cursor, Link, Page};

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
struct Share {
    to: String,
}

/// The parameters of a list.
#[derive(Deserialize)]
pub struct Wanted {
    q: Option<String>,
    limit: Option<i64>,
    after: Option<String>,
}

// ANCHOR: create
/// `POST /v1/links`
pub async fn create(
    State(links): Shared,
    Anybody(owner): Anybody,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let new: NewLink = read(body)?;
    let prefix = new.prefix.as_deref().unwrap_or("l");
    is_target(&new.target)?;
    is_prefix(prefix)?;
    // The partner is asked before the transaction begins: it may take its time, and a transaction that waits for it would hold a
    // connection and its locks for as long.
    is_allowed(&links, &new.target).await?;
    let owner = owner.as_ref().map(|user| user.name.as_str());
    let (link, is_new) = links.store.submit(owner, prefix, &new.target, new.private.unwrap_or(false)).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(view(&links, &link))))
}
// ANCHOR_END: create

/// `GET /v1/links`. The cursor travels with the client: one that the process remembered would end with it.
pub async fn list(
    State(links): Shared,
    Anybody(reader): Anybody,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Failure> {
    let Query(wanted) = wanted.map_err(|_| Failure::BadRequest("q, limit or after is malformed"))?;
    let limit = wanted.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Failure::BadRequest("limit is not 1 to 100"));
    }
    let after = wanted.after.as_deref().map(str::parse::<Cursor>).transpose();
    let after = after.map_err(|()| Failure::BadRequest("after is not what `next` said"))?;
    let q = wanted.q.as_deref().unwrap_or_default();
    if q.contains('\0') {
        return Err(Failure::BadRequest("q holds a character that no target can hold"));
    }
    let (all, reader) = (reader.as_ref().is_some_and(User::is_admin), reader.as_ref().map(|user| user.name.as_str()));
    let found = links.store.links(&Page { reader, all, q, limit, after }).await?;
    let full = i64::try_from(found.len()) == Ok(limit);
    let next = found.last().filter(|_| full).map(|link| link.cursor.to_string());
    let items: Vec<Value> = found.iter().map(|link| view(&links, link)).collect();
    Ok(Json(json!({ "items": items, "next": next })))
}

/// `GET /v1/links/{slug}`
pub async fn show(State(links): Shared, reader: Anybody, Path(slug): Path<String>) -> Result<Json<Value>, Failure> {
    let link = shown(&links, &reader, &slug).await?;
    Ok(Json(view(&links, &link)))
}

/// `PATCH /v1/links/{slug}`. A new target is shown to `screen` like the first one.
pub async fn change(
    State(links): Shared,
    user: User,
    Path(slug): Path<String>,
    body: Body,
) -> Result<Json<Value>, Failure> {
    let change: LinkChange = read(body)?;
    let slug = own(&links, user, &slug).await?.slug;
    if let Some(target) = &change.target {
        is_target(target)?;
        is_allowed(&links, target).await?;
    }
    let link = links.store.change(&slug, change.target.as_deref(), change.private).await?;
    Ok(Json(view(&links, &link.ok_or(Failure::NotFound)?)))
}

/// `DELETE /v1/links/{slug}`
pub async fn delete(State(links): Shared, user: User, Path(slug): Path<String>) -> Result<StatusCode, Failure> {
    let slug = own(&links, user, &slug).await?.slug;
    if links.store.delete(&slug).await? { Ok(StatusCode::NO_CONTENT) } else { Err(Failure::NotFound) }
}

/// `POST /v1/links/{slug}/shares`. It is answered when the mail server has taken the letter over.
pub async fn share(
    State(links): Shared,
    user: User,
    Path(slug): Path<String>,
    body: Body,
) -> Result<StatusCode, Failure> {
    let share: Share = read(body)?;
    // Parsed, not pasted: what is no address, such as one that goes on in a next line, never gets near a header.
    let to: Address = share.to.parse().map_err(|_| Failure::BadRequest("to is not an address"))?;
    let link = shown(&links, &Anybody(Some(user)), &slug).await?;
    links.mail.share(to, &short_url(&links, &link)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `GET /r/{slug}`. The click is counted before the answer.
pub async fn follow(State(links): Shared, reader: Anybody, Path(slug): Path<String>) -> Result<Response, Failure> {
    let slug = shown(&links, &reader, &slug).await?.slug;
    let target = links.store.follow(&slug).await?.ok_or(Failure::NotFound)?;
    Ok((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, target)]).into_response())
}

async fn is_allowed(links: &Links, target: &str) -> Result<(), Failure> {
    let allowed = links.partner.allows(target).await.map_err(Failure::screen)?;
    if allowed { Ok(()) } else { Err(Failure::Denied) }
}

// ANCHOR: objects
/// A link that `reader` may know of. Of another's private link they are told what they are told of one that does not exist:
/// "forbidden" would confirm a guess.
async fn shown(links: &Links, reader: &Anybody, slug: &str) -> Result<Link, Failure> {
    if slug.contains('\0') {
        return Err(Failure::NotFound);
    }
    links.store.link(slug).await?.filter(|link| reader.may_see(link)).ok_or(Failure::NotFound)
}

/// A link that `user` may change or delete. Both begin with this, and so will whatever comes next.
async fn own(links: &Links, user: User, slug: &str) -> Result<Link, Failure> {
    let reader = Anybody(Some(user));
    let link = shown(links, &reader, slug).await?;
    let owns = reader.0.is_some_and(|user| user.owns(&link));
    if owns { Ok(link) } else { Err(Failure::Forbidden) }
}
// ANCHOR_END: objects

/// What is shown of a link, field by field: what the table has besides stays there.
fn view(links: &Links, link: &Link) -> Value {
    json!({
        "slug": link.slug,
        "target": link.target,
        "short_url": short_url(links, link),
        "owner": link.owner,
        "private": link.private,
        "submissions": link.submissions,
        "clicks": link.clicks,
        "preview": { "state": link.state, "title": link.title },
        "created_at": link.created_at,
    })
}

fn short_url(links: &Links, link: &Link) -> String {
    format!("{}/r/{}", links.public_base_url, link.slug)
}
