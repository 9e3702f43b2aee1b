//! Every way in which a request can fail, and what the client is told. What a resource could not do becomes a 503 that says
//! which one it was; it never becomes the end of the process, a closed connection, or an answer about the visitor (factor 4). What is said is a constant:
//! the reason, which may hold a statement, an address or a name, stands in the log (factor 15).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::mail::MailUnavailable;
use crate::sessions::SessionsUnavailable;
use crate::store::StoreError;

/// Why a request fails.
pub enum Failure {
    BadRequest(&'static str),
    Unauthorized,
    Forbidden,
    NotFound,
    /// The request did not come to its end.
    TooSlow,
    Conflict,
    /// More than any request of the contract.
    TooLarge,
    Denied,
    TooManyRequests,
    /// A resource did not do what it was asked; the code says which one.
    Unavailable(&'static str),
}

impl Failure {
    /// The screening service gave no answer.
    pub fn screen(why: &str) -> Self {
        tracing::warn!(why, "screen unavailable");
        Self::Unavailable("screen-unavailable")
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            why => {
                tracing::warn!(%why, "database unavailable");
                Self::Unavailable("database-unavailable")
            }
        }
    }
}

impl From<SessionsUnavailable> for Failure {
    fn from(_: SessionsUnavailable) -> Self {
        tracing::warn!("sessions unavailable");
        Self::Unavailable("sessions-unavailable")
    }
}

impl From<MailUnavailable> for Failure {
    fn from(_: MailUnavailable) -> Self {
        tracing::warn!("mail unavailable");
        Self::Unavailable("mail-unavailable")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, error, message) = match self {
            Self::BadRequest(why) => (StatusCode::BAD_REQUEST, "bad-request", why),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "log in first"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "that is not yours to do"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "there is nothing here"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too-slow", "the request did not come to its end"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "no request of ours is that long"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "you have a link to this target already"),
            Self::Denied => (StatusCode::UNPROCESSABLE_ENTITY, "denied", "this target must not be linked"),
            Self::TooManyRequests => {
                (StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "wait a minute, then try again")
            }
            Self::Unavailable(code) => (StatusCode::SERVICE_UNAVAILABLE, code, "this cannot be done at the moment"),
        };
        (status, Json(json!({ "error": error, "message": message }))).into_response()
    }
}
