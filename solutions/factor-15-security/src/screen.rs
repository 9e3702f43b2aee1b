//! The partner that judges targets and gives them titles. It is ours today; what it answers is somebody else's input all
//! the same, and is believed as little as a request (`upstream-not-trusted`).

use reqwest::{Client, StatusCode, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::config::{Partner, Secret};

/// An answer of the partner is a few words. Whatever is longer is none, and is not read to its end.
const LONGEST_ANSWER: usize = 64 * 1024;
/// The most that is kept of a title.
const LONGEST_TITLE: usize = 300;

/// The partner.
pub struct Screen {
    client: Client,
    url: Url,
    key: Secret,
}

/// It gave no answer that could be believed. Which of the many ways it was changes nothing: the target is not allowed.
#[derive(Debug)]
pub struct Unavailable;

impl Screen {
    /// A client for the partner. Nothing is asked yet.
    pub fn new(partner: Partner) -> Self {
        let client = Client::builder()
            .no_proxy()
            // The configuration says where the partner is, and not the partner. Followed, a redirect lets whoever answers
            // choose an address inside our network, and sends our key along.
            .redirect(redirect::Policy::none())
            .timeout(partner.timeout)
            .build()
            .expect("a client without TLS and proxies loads nothing that could fail");
        Self { client, url: partner.url, key: partner.key }
    }

    // ANCHOR: allows
    /// Whether `target` may be linked.
    ///
    /// # Errors
    ///
    /// Whatever is not a clear yes or no. The caller then says no too (`Failure::ScreenUnavailable`): a guard who has
    /// fainted lets nobody through. "Better a bad link than no link" would be an invitation to knock the guard out.
    pub async fn allows(&self, target: &str) -> Result<bool, Unavailable> {
        let answer: Judgement = self.ask("verdicts", target).await?;
        Ok(matches!(answer.verdict, Verdict::Allow))
    }
    // ANCHOR_END: allows

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
        let mut answer = request.json(&question).send().await.map_err(|_| Unavailable)?;
        if answer.status() != StatusCode::OK {
            return Err(Unavailable);
        }
        let mut body = Vec::new();
        // Piece by piece: `json()` would first collect all of it, and how much that is the other side decides.
        while let Some(piece) = answer.chunk().await.map_err(|_| Unavailable)? {
            if body.len() + piece.len() > LONGEST_ANSWER {
                return Err(Unavailable);
            }
            body.extend_from_slice(&piece);
        }
        serde_json::from_slice(&body).map_err(|_| Unavailable)
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
