//! What `links` asks `screen`: verdicts, while a visitor waits, and previews, while nobody does. It knows an address and a key,
//! so the one behind it may be anybody's (factors 4 and 7), and what it answers is believed as little as a request (factor 15).

use axum::http::StatusCode;
use reqwest::{Client, RequestBuilder, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tracing::{Instrument, info_span};

use crate::config::ScreenConfig;
use crate::telemetry::headers_of;

/// An answer of the partner is a few words. Whatever is longer is none.
const LONGEST_ANSWER: usize = 64 * 1024;
/// The most that is kept of a title.
const LONGEST_TITLE: usize = 300;

/// The screening service of this deploy.
#[derive(Debug)]
pub struct Partner {
    client: Client,
    config: ScreenConfig,
}

/// Why there is no answer. In our own words, since the text of a `reqwest::Error` holds the URL.
pub type NoAnswer = &'static str;

impl Partner {
    /// A client that waits as long as this deploy allows, and follows nobody elsewhere: a redirect would let whoever answers
    /// choose an address inside our network, and send our key along.
    pub fn attach(config: ScreenConfig) -> Self {
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(config.timeout).build();
        Self { client: client.expect("a client without TLS and proxies loads nothing that could fail"), config }
    }

    // ANCHOR: allows
    /// Whether `target` may be linked.
    ///
    /// # Errors
    ///
    /// Whatever is not a clear yes or no. The caller then says no too: a guard who has fainted lets nobody through.
    pub async fn allows(&self, target: &str) -> Result<bool, NoAnswer> {
        let answer: Judgement = self.ask("verdicts", None, target).await?;
        Ok(matches!(answer.verdict, Verdict::Allow))
    }
    // ANCHOR_END: allows

    /// The title of what `target` leads to, at most 300 characters and none that controls a terminal. `key` is the same in every
    /// attempt, so that a repeat is recognised.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub async fn title(&self, target: &str, key: &str) -> Result<String, NoAnswer> {
        let answer: Titled = self.ask("previews", Some(key), target).await?;
        Ok(answer.title.chars().filter(|c| !c.is_control()).take(LONGEST_TITLE).collect())
    }

    async fn ask<T: DeserializeOwned>(&self, what: &str, key: Option<&str>, target: &str) -> Result<T, NoAnswer> {
        let mut url = self.config.url.clone();
        // The partner's own path is kept: `join("/v1/verdicts")` would ask whoever lives at the root of that host.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["v1", what]);
        }
        let name = format!("POST /v1/{what}");
        let span = info_span!("call", otel.name = name, otel.kind = "client", server.address = url.host_str());
        let mut request =
            self.client.post(url).bearer_auth(self.config.key.expose()).json(&json!({ "target": target }));
        // The partner continues our trace: what it did for this request stands below this very call.
        for (name, value) in headers_of(&span) {
            request = request.header(name, value);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        exchange(request).instrument(span).await
    }
}

/// One question and its answer, which is a few words and is read no further than that.
async fn exchange<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, NoAnswer> {
    let mut answer = request.send().await.map_err(|_| "screen did not answer")?;
    if answer.status() != StatusCode::OK {
        return Err("screen answered with an error");
    }
    let mut body = Vec::new();
    // Piece by piece: `json()` would first collect all of it, and how much that is the other side decides.
    while let Some(piece) = answer.chunk().await.map_err(|_| "screen did not answer to the end")? {
        if body.len() + piece.len() > LONGEST_ANSWER {
            return Err("screen does not stop answering");
        }
        body.extend_from_slice(&piece);
    }
    serde_json::from_slice(&body).map_err(|_| "screen answered something else than it was asked")
}

#[derive(Deserialize)]
struct Judgement {
    verdict: Verdict,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Allow,
    Deny,
}

#[derive(Deserialize)]
struct Titled {
    title: String,
}
