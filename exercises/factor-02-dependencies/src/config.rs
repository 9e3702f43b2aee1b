//! The configuration of one deploy, read from the environment. This part is as factor 3 wants it.

use std::time::Duration;

use reqwest::Url;

pub struct Config {
    pub port: u16,
    pub screen_url: Url,
    pub screen_api_key: String,
    pub public_base_url: String,
    pub release_id: String,
    pub upstream_timeout: Duration,
}

impl Config {
    /// Reads all variables; the message names the first one that is missing or malformed, and never shows a value.
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
