//! Who may ask: this machine's own pages. A run executes what lies in the workshop, so no other site may start one.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The address at which pages of this server live.
#[derive(Clone, Copy, Debug)]
pub struct Door {
    /// Its port.
    pub port: u16,
}

/// What every answer carries: nothing is kept, nothing is guessed, and no other site shows our buttons in a frame.
const ANSWERS: [(header::HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'self'"),
    (header::REFERRER_POLICY, "same-origin"),
];

/// Lets a request through, or refuses it before anything looks at it.
pub async fn only_from_here(State(door): State<Door>, request: Request, next: Next) -> Response {
    let mut response = match door.refuses(request.method(), request.headers()) {
        Some(why) => (StatusCode::FORBIDDEN, format!("{why}\n")).into_response(),
        None => next.run(request).await,
    };
    for (name, value) in ANSWERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

impl Door {
    /// Why a request is refused. Reading needs our own name, which a page under another name cannot use to reach us;
    /// starting something needs a page of ours as well.
    fn refuses(self, method: &Method, headers: &HeaderMap) -> Option<&'static str> {
        let host = text(headers, header::HOST.as_str());
        if !host.is_some_and(|host| self.names().contains(&host.to_ascii_lowercase())) {
            return Some("this server answers to localhost only");
        }
        let harmless = [Method::GET, Method::HEAD].contains(method);
        (!harmless && !from_our_page(headers)).then_some("only a page of this server may ask for this")
    }

    fn names(self) -> [String; 3] {
        ["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{}", self.port))
    }
}

/// Browsers say where a request comes from, and no page can change what they say.
fn from_our_page(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        // Older browsers say the page's origin instead. What says neither is no page.
        None => match (text(headers, "origin"), text(headers, header::HOST.as_str())) {
            (Some(origin), Some(host)) => origin.eq_ignore_ascii_case(&format!("http://{host}")),
            _ => false,
        },
    }
}

/// A header that stands there once: of two hosts or origins nobody knows which one counts.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value);
        }
        Door { port: 15015 }.refuses(&method, &map).is_some()
    }

    const HOST: (&str, &str) = ("host", "localhost:15015");

    #[test]
    fn our_own_names_are_answered() {
        for host in ["localhost:15015", "LOCALHOST:15015", "127.0.0.1:15015", "[::1]:15015"] {
            assert!(!refused(Method::GET, &[("host", host)]), "{host}");
        }
    }

    #[test]
    fn other_names_other_ports_and_two_names_are_refused() {
        for host in ["example.com:15015", "localhost", "localhost:80", "127.0.0.1.example.com:15015", ""] {
            assert!(refused(Method::GET, &[("host", host)]), "{host}");
        }
        assert!(refused(Method::GET, &[]));
        assert!(refused(Method::GET, &[HOST, HOST]));
    }

    #[test]
    fn a_page_of_ours_may_start_something() {
        assert!(!refused(Method::POST, &[HOST, ("sec-fetch-site", "same-origin")]));
        assert!(!refused(Method::POST, &[HOST, ("origin", "http://localhost:15015")]));
    }

    #[test]
    fn nothing_else_may_start_anything() {
        for site in ["cross-site", "same-site", "none", ""] {
            let origin = ("origin", "http://localhost:15015");
            assert!(refused(Method::POST, &[HOST, ("sec-fetch-site", site), origin]), "{site}");
        }
        for origin in ["http://example.com", "https://localhost:15015", "http://localhost:80", "null"] {
            assert!(refused(Method::POST, &[HOST, ("origin", origin)]), "{origin}");
        }
        assert!(refused(Method::POST, &[HOST]));
        assert!(refused(Method::DELETE, &[HOST, ("sec-fetch-site", "cross-site")]));
    }
}
