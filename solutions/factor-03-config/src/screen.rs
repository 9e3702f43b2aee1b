//! The client of `screen`, the partner service that decides whether a target may be linked.

use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use serde::{Deserialize, Serialize};

use crate::config::Secret;

/// The screening service of this deploy.
pub struct Screen {
    client: Client,
    verdicts: Url,
    key: Secret,
}

/// What the screening service decided about a target.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The target may be linked.
    Allow,
    /// The target must not be linked.
    Deny,
}

/// Why there is no verdict.
///
/// It is made of our own words only. The text of a `reqwest::Error` contains the URL, and what a partner answers may
/// repeat the key, so neither is kept (`config-errors-redact`).
#[derive(Debug, Clone, Copy)]
pub enum Unavailable {
    /// No connection could be made.
    Unreachable,
    /// The exchange took longer than `UPSTREAM_TIMEOUT_MS`.
    TooSlow,
    /// An answer that is not 200.
    Refused(StatusCode),
    /// An answer that is not a verdict.
    Nonsense,
}

impl Screen {
    /// The partner that the configuration names, and no other.
    ///
    /// An `https` partner also needs one of reqwest's TLS features. They are left out here because they take longer
    /// to compile than everything else together, and every partner in the workshop is local.
    pub fn new(url: Url, key: Secret, timeout: Duration) -> Self {
        let client = Client::builder()
            // `HTTP_PROXY` would be an eighth variable that nobody declared, and the key would pass through whatever
            // it names.
            .no_proxy()
            // A redirect would carry the request to an address that the configuration does not contain.
            .redirect(Policy::none())
            // The limit covers the whole exchange: a partner that sends one byte per second is too slow as well.
            .timeout(timeout)
            .build()
            .expect("a client without TLS and proxies loads nothing that could fail");
        Self { client, verdicts: verdicts_url(url), key }
    }

    /// Asks whether `target` may be linked.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when there is no verdict, for whatever reason. The caller must not guess one.
    pub async fn verdict(&self, target: &str) -> Result<Verdict, Unavailable> {
        let response = self
            .client
            .post(self.verdicts.clone())
            .bearer_auth(self.key.expose())
            .json(&Question { target })
            .send()
            .await
            .map_err(reason)?;
        if response.status() != StatusCode::OK {
            return Err(Unavailable::Refused(response.status()));
        }
        let answer: Answer = response.json().await.map_err(reason)?;
        Ok(answer.verdict)
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable => f.write_str("the screening service cannot be reached"),
            Self::TooSlow => f.write_str("the screening service did not answer in time"),
            Self::Refused(status) => write!(f, "the screening service answered {}", status.as_u16()),
            Self::Nonsense => f.write_str("the screening service answered something that is not a verdict"),
        }
    }
}

#[derive(Serialize)]
struct Question<'a> {
    target: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    verdict: Verdict,
}

/// Appends to the path that is already there. `Url::join("/v1/verdicts")` would replace it, and a partner
/// behind a gateway (`https://gateway/tenant-7`) would never be found (`env-drives-behaviour`).
fn verdicts_url(mut base: Url) -> Url {
    if let Ok(mut path) = base.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "verdicts"]);
    }
    base
}

fn reason(error: reqwest::Error) -> Unavailable {
    if error.is_timeout() {
        Unavailable::TooSlow
    } else if error.is_decode() {
        Unavailable::Nonsense
    } else {
        Unavailable::Unreachable
    }
}
