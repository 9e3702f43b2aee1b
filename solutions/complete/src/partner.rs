//! What `links` asks `screen`: verdicts, while a visitor waits, and previews, while nobody does. It knows an address and a key,
//! so the one behind it may be anybody's (factors 4 and 7).

use axum::http::StatusCode;
use reqwest::{Client, redirect};
use serde_json::{Value, json};

use crate::config::ScreenConfig;

/// The screening service of this deploy.
#[derive(Debug)]
pub struct Partner {
    client: Client,
    config: ScreenConfig,
}

/// Why there is no answer. In our own words, since the text of a `reqwest::Error` holds the URL.
pub type NoAnswer = &'static str;

impl Partner {
    /// A client that waits as long as this deploy allows, and follows nobody elsewhere.
    pub fn attach(config: ScreenConfig) -> Self {
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(config.timeout).build();
        Self { client: client.expect("a client without TLS and proxies loads nothing that could fail"), config }
    }

    /// Whether `target` may be linked. What is not a clear yes or no is neither.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub async fn allows(&self, target: &str) -> Result<bool, NoAnswer> {
        match self.ask("verdicts", None, target).await?["verdict"].as_str() {
            Some("allow") => Ok(true),
            Some("deny") => Ok(false),
            _ => Err("screen answered something that is not a verdict"),
        }
    }

    /// The title of what `target` leads to. `key` is the same in every attempt, so that a repeat is recognised.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub async fn title(&self, target: &str, key: &str) -> Result<String, NoAnswer> {
        let answer = self.ask("previews", Some(key), target).await?;
        answer["title"].as_str().map(str::to_owned).ok_or("screen answered something that is not a title")
    }

    async fn ask(&self, what: &str, key: Option<&str>, target: &str) -> Result<Value, NoAnswer> {
        let mut url = self.config.url.clone();
        // The partner's own path is kept: `join("/v1/verdicts")` would ask whoever lives at the root of that host.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["v1", what]);
        }
        let mut request =
            self.client.post(url).bearer_auth(self.config.key.expose()).json(&json!({ "target": target }));
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let answer = request.send().await.map_err(|_| "screen did not answer")?;
        if answer.status() != StatusCode::OK {
            return Err("screen answered with an error");
        }
        answer.json().await.map_err(|_| "screen did not answer to the end")
    }
}
