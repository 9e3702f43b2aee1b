//! What clients send, read and checked before anything else happens.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::config::web_url;

/// A longer target is no link that somebody wants to shorten, and would not fit into the index that finds it again.
const LONGEST_TARGET: usize = 2000;

/// A body as it arrives.
pub type Body = Result<Bytes, BytesRejection>;

/// Reads a body. The media type is not looked at, so that a bare `curl -d` works.
pub fn read<T: DeserializeOwned>(body: Body) -> Result<T, Failure> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge,
        _ => Failure::BadRequest("the body could not be read"),
    })?;
    let body = Json::from_bytes(&body).map_err(|_| Failure::BadRequest("the body is not the JSON object expected"))?;
    Ok(body.0)
}

/// A target that may be linked, as far as can be seen without asking anybody. Visitors are sent there, so it must be a place on
/// the web: `javascript:` would be run, `file:` opened. A name before the host is refused as well: people read
/// `https://your-bank.example@evil.example/` from the left.
pub fn is_target(target: &str) -> Result<(), Failure> {
    let url = web_url(target).filter(|url| url.username().is_empty() && url.password().is_none());
    let usable = target.len() <= LONGEST_TARGET && url.is_some();
    let why = "target is not an http or https URL with a host, of at most 2000 bytes";
    if usable { Ok(()) } else { Err(Failure::BadRequest(why)) }
}

/// A prefix of slugs.
pub fn is_prefix(prefix: &str) -> Result<(), Failure> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let usable = (1..=32).contains(&prefix.len()) && prefix.chars().all(allowed);
    if usable { Ok(()) } else { Err(Failure::BadRequest("prefix is not 1 to 32 of a-z, 0-9 and -")) }
}
