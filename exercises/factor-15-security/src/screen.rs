//! The partner that judges targets and gives them titles. It is ours, so we believe it.
//!
//! TODO(factor 15): what if it is not well, or not itself?

use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::config::{Partner, Secret};

/// The most that is kept of a title.
const LONGEST_TITLE: usize = 300;

/// The partner.
pub struct Screen {
    client: Client,
    url: Url,
    key: Secret,
}

/// It gave no answer that could be understood.
#[derive(Debug)]
pub struct Unavailable;

impl Screen {
    /// A client for the partner. Nothing is asked yet.
    pub fn new(partner: Partner) -> Self {
        let client = Client::builder()
            .no_proxy()
            .timeout(partner.timeout)
            .build()
            .expect("a client without TLS and proxies loads nothing that could fail");
        Self { client, url: partner.url, key: partner.key }
    }

    /// Whether `target` may be linked.
    ///
    /// # Errors
    ///
    /// Whatever is not a clear yes or no.
    pub async fn allows(&self, target: &str) -> Result<bool, Unavailable> {
        let answer: Judgement = self.ask("verdicts", target).await?;
        Ok(matches!(answer.verdict, Verdict::Allow))
    }

    /// A title for `target`, at most 300 characters and none that controls a terminal. It is not made safe for HTML:
    /// whoever shows it knows where it is shown, and JSON is what we answer in.
    ///
    /// # Errors
    ///
    /// As [`Screen::allows`].
    pub async fn title(&self, target: &str) -> Result<String, Unavailable> {
        let answer: Titled = self.ask("previews", target).await?;
        Ok(answer.title.chars().filter(|c| !c.is_control()).take(LONGEST_TITLE).collect())
    }

    async fn ask<T: DeserializeOwned>(&self, what: &str, target: &str) -> Result<T, Unavailable> {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["v1", what]);
        }
        let question: Value = json!({ "target": target });
        let request = self.client.post(url).bearer_auth(self.key.expose()).header("idempotency-key", target);
        let answer = request.json(&question).send().await.map_err(|_| Unavailable)?;
        if answer.status() != StatusCode::OK {
            return Err(Unavailable);
        }
        answer.json().await.map_err(|_| Unavailable)
    }
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
