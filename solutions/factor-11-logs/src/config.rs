//! The configuration: seven variables, read once at start, checked completely, never guessed (factor 3).

use std::fmt;
use std::time::Duration;

use reqwest::Url;

use crate::log::Level;

/// Everything that may differ between two deploys of one build.
#[derive(Debug)]
pub struct Config {
    /// `PORT`: the TCP port to listen on.
    pub port: u16,
    /// `SCREEN_URL`: where the screening service is.
    pub screen_url: Url,
    /// `SCREEN_API_KEY`: the key sent to the screening service.
    pub screen_api_key: Secret,
    /// `PUBLIC_BASE_URL`: what short links begin with, without a slash at the end.
    pub public_base_url: String,
    /// `RELEASE_ID`: the release that is running, `unreleased` outside of one.
    pub release_id: String,
    /// `LOG_LEVEL`: the least important events that are still written.
    pub log_level: Level,
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
            screen_url: required("SCREEN_URL", web_url)?,
            screen_api_key: required("SCREEN_API_KEY", api_key)?,
            public_base_url: required("PUBLIC_BASE_URL", base_url)?,
            release_id: optional("RELEASE_ID", |text| Some(text.to_owned()))?.unwrap_or("unreleased".to_owned()),
            log_level: optional("LOG_LEVEL", Level::from_name)?.unwrap_or(Level::Info),
            upstream_timeout: optional("UPSTREAM_TIMEOUT_MS", milliseconds)?.unwrap_or(Duration::from_secs(3)),
        })
    }
}

/// A text that must not be seen: it has no `Display`, and `Debug` hides it. So the log line that somebody writes
/// in a hurry next year cannot show it either (`no-secrets`).
pub struct Secret(String);

impl Secret {
    /// The text itself. Every use is a place to look at in a review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

/// An absolute `http` or `https` URL with a host, written as it is meant: what a parser would silently repair, such as
/// a line break inside, is refused.
pub fn web_url(text: &str) -> Option<Url> {
    let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    Url::parse(text).ok().filter(|url| clean && url.has_host() && ["http", "https"].contains(&url.scheme()))
}

fn required<T>(name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    optional(name, parse)?.ok_or_else(|| format!("{name} is missing"))
}

fn optional<T>(name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    let Some(value) = std::env::var_os(name) else { return Ok(None) };
    let parsed = value.to_str().filter(|text| !text.is_empty()).and_then(parse);
    parsed.map(Some).ok_or_else(|| format!("{name} is empty or malformed"))
}

fn api_key(text: &str) -> Option<Secret> {
    text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| Secret(text.to_owned()))
}

fn base_url(text: &str) -> Option<String> {
    web_url(text).map(|_| text.trim_end_matches('/').to_owned())
}

fn milliseconds(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|number| *number > 0).map(Duration::from_millis)
}
