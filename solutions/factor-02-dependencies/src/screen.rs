//! The client of `screen`, the partner service that decides whether a target may be linked.

use reqwest::{Client, Url, redirect};
use serde::Deserialize;
use serde_json::json;

use crate::config::Config;

/// The screening service of this deploy.
pub struct Screen {
    client: Client,
    verdicts: Url,
    key: String,
}

/// What the screening service decided about a target.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The target may be linked.
    Allow,
    /// The target must not be linked.
    Deny,
}

impl Screen {
    /// The partner that the configuration names.
    pub fn new(config: &Config) -> Self {
        // ANCHOR: client
        // A library speaks HTTP in this process: no program is started for each request, nobody reads the key in the list of
        // processes, and a missing dependency is an error of the compiler (`no-tool-is-called`, `runs-with-empty-path`).
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(config.upstream_timeout)
            .build()
            .expect("a client without TLS and proxies loads nothing that could fail");
        // ANCHOR_END: client
        let mut verdicts = config.screen_url.clone();
        if let Ok(mut path) = verdicts.path_segments_mut() {
            path.pop_if_empty().extend(["v1", "verdicts"]);
        }
        Self { client, verdicts, key: config.screen_api_key.clone() }
    }

    /// Asks whether `target` may be linked.
    ///
    /// # Errors
    ///
    /// Why there is no verdict, in words of our own: what `reqwest` says holds the address.
    pub async fn verdict(&self, target: &str) -> Result<Verdict, &'static str> {
        let request = self.client.post(self.verdicts.clone()).bearer_auth(&self.key).json(&json!({ "target": target }));
        let response = request.send().await.map_err(reason)?.error_for_status().map_err(|_| "it answered an error")?;
        let answer: Answer = response.json().await.map_err(reason)?;
        Ok(answer.verdict)
    }
}

#[derive(Deserialize)]
struct Answer {
    verdict: Verdict,
}

fn reason(error: reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "it did not answer in time"
    } else if error.is_decode() {
        "it answered something that is not a verdict"
    } else {
        "it cannot be reached"
    }
}
