//! The configuration of one deploy, read from the environment (factor 3).

use std::time::Duration;

use reqwest::Url;

/// Everything that may differ between two deploys of one build. It cannot be printed, since a key is in it.
pub struct Config {
    /// `PORT`: the TCP port to listen on.
    pub port: u16,
    /// `SCREEN_URL`: where the screening service is.
    pub screen_url: Url,
    /// `SCREEN_API_KEY`: the key sent to the screening service.
    pub screen_api_key: String,
    /// `PUBLIC_BASE_URL`: what short links begin with, without a slash at the end.
    pub public_base_url: String,
    /// `RELEASE_ID`: the release that is running, `unreleased` outside of one.
    pub release_id: String,
    /// `UPSTREAM_TIMEOUT_MS`: how long one exchange with the screening service may take.
    pub upstream_timeout: Duration,
}

impl Config {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// A message that names the first variable which is missing or malformed, and never shows a value.
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            port: required("PORT", |text| text.parse().ok())?,
            screen_url: required("SCREEN_URL", |text| Url::parse(text).ok())?,
            screen_api_key: required("SCREEN_API_KEY", |text| Some(text.to_owned()))?,
            public_base_url: required("PUBLIC_BASE_URL", |text| Some(text.trim_end_matches('/').to_owned()))?,
            release_id: optional("RELEASE_ID", |text| Some(text.to_owned()))?.unwrap_or("unreleased".to_owned()),
            upstream_timeout: optional("UPSTREAM_TIMEOUT_MS", |text| text.parse().ok().map(Duration::from_millis))?
                .unwrap_or(Duration::from_secs(3)),
        })
    }
}

fn required<T>(name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    optional(name, parse)?.ok_or_else(|| format!("{name} is missing"))
}

fn optional<T>(name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    let Some(value) = std::env::var_os(name) else { return Ok(None) };
    let parsed = value.to_str().filter(|text| !text.is_empty()).and_then(parse);
    parsed.map(Some).ok_or_else(|| format!("{name} is empty or malformed"))
}
