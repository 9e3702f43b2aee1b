//! Who may see and do what: attendees by their token, browsers by a signed cookie, the instructor by the secret.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use grader::text::Lang;

use crate::app::App;
use crate::hub::now;
use crate::keys::Purpose;

/// How long a browser stays signed in: a workshop of several days, and no longer.
const SIGNED_IN: i64 = 4 * 24 * 60 * 60 * 1000;

/// What every answer carries. Pages load nothing from anywhere else, and nobody shows them in a frame.
const ANSWERS: [(header::HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
    ),
];

/// An attendee, proved by its token.
#[derive(Debug)]
pub struct Device(pub String);

/// An attendee's browser.
#[derive(Debug)]
pub struct Browser(pub String);

/// The instructor's browser.
#[derive(Debug)]
pub struct Instructor;

/// The language that a page is shown in.
#[derive(Clone, Copy, Debug)]
pub struct Wished(pub Lang);

/// Refuses what another site asks for, and adds to every answer what browsers should know.
pub async fn around(request: Request, next: Next) -> Response {
    let harmless = [Method::GET, Method::HEAD].contains(request.method());
    let mut response = if harmless || is_ours(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "only a page of this board may ask for this\n").into_response()
    };
    for (name, value) in ANSWERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A page of ours, or no page at all: programs have no cookies that somebody else could misuse.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    match (text("origin"), text("host")) {
        // A proxy may speak https for us.
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, name)| name.eq_ignore_ascii_case(host)),
        (Some(_), None) => false,
        (None, _) => !headers.contains_key(header::COOKIE),
    }
}

impl FromRequestParts<Arc<App>> for Device {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, StatusCode> {
        let words = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = words.and_then(|words| words.strip_prefix("Bearer "));
        let attendee = token.and_then(|token| app.keys.opened(Purpose::Device, token));
        attendee.map(|attendee| Self(attendee.to_owned())).ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl FromRequestParts<Arc<App>> for Browser {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Redirect> {
        let signed = cookie(&parts.headers, "attendee");
        let attendee = signed.and_then(|signed| app.keys.opened_at(Purpose::Browser, signed, now()));
        attendee.map(|attendee| Self(attendee.to_owned())).ok_or(Redirect::to("/"))
    }
}

impl FromRequestParts<Arc<App>> for Instructor {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Redirect> {
        let signed = cookie(&parts.headers, "instructor");
        let valid = signed.and_then(|signed| app.keys.opened_at(Purpose::Instructor, signed, now()));
        valid.map(|_| Self).ok_or(Redirect::to("/instructor"))
    }
}

impl FromRequestParts<Arc<App>> for Wished {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(grader::locale::named);
        let kept = || cookie(&parts.headers, "lang").and_then(grader::locale::named);
        Ok(Self(asked.or_else(kept).or_else(|| preferred(&parts.headers)).unwrap_or(Lang::En)))
    }
}

/// The first of the two languages that the browser asks for; browsers name what they like best first.
fn preferred(headers: &HeaderMap) -> Option<Lang> {
    let wishes = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let primary = |wish: &str| wish.split([';', '-']).next().unwrap_or_default().trim().to_ascii_lowercase();
    wishes.split(',').find_map(|wish| grader::locale::named(&primary(wish)))
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Signs a browser in.
pub fn sign_in(app: &App, purpose: Purpose, value: &str) -> (header::HeaderName, String) {
    let name = if matches!(purpose, Purpose::Instructor) { "instructor" } else { "attendee" };
    let signed = app.keys.signed_until(purpose, value, now() + SIGNED_IN);
    let age = SIGNED_IN / 1000;
    (header::SET_COOKIE, format!("{name}={signed}; HttpOnly; SameSite=Strict; Path=/; Max-Age={age}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs =
            pairs.iter().map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)));
        pairs.collect()
    }

    #[test]
    fn another_site_changes_nothing() {
        for own in [
            &[("sec-fetch-site", "same-origin")][..],
            &[("origin", "http://board:15016"), ("host", "board:15016")],
            &[("origin", "https://board.example"), ("host", "board.example")],
            &[("authorization", "Bearer x")],
        ] {
            assert!(is_ours(&headers(own)), "{own:?}");
        }
        for foreign in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("origin", "http://evil.example"), ("host", "board:15016")],
            &[("origin", "null"), ("host", "board:15016")],
            &[("cookie", "instructor=x"), ("host", "board:15016")],
        ] {
            assert!(!is_ours(&headers(foreign)), "{foreign:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let headers = headers(&[("cookie", "xlang=fr; lang=ko; other=1")]);
        assert_eq!(cookie(&headers, "lang"), Some("ko"));
        assert_eq!(cookie(&headers, "lan"), None);
    }
}
