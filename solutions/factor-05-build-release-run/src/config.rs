//! What a release adds to a build: the variables of one deploy, read once at start.

use std::time::Duration;

use reqwest::Url;

/// The configuration of one release.
pub struct Config {
    /// `PORT`: the TCP port to listen on.
    pub port: u16,
    /// `SCREEN_URL`: where the screening service is.
    pub screen_url: Url,
    /// `SCREEN_API_KEY`: the key sent to the screening service.
    pub screen_api_key: String,
    /// `PUBLIC_BASE_URL`: what short links begin with, without a slash at the end.
    pub public_base_url: String,
    // ANCHOR: release_id
    /// `RELEASE_ID`: the name of this release, which is a build together with a configuration. It cannot be compiled in: the
    /// same build with another value of any variable here is another release, and must have another name
    /// (`release-has-unique-id`). Who starts it by hand runs something that nobody released, and `/version` says so.
    pub release_id: String,
    // ANCHOR_END: release_id
    /// `UPSTREAM_TIMEOUT_MS`: how long one exchange with the screening service may take.
    pub upstream_timeout: Duration,
}

impl Config {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// A message that names the first variable which is missing or malformed.
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            port: required("PORT", |value| value.parse().ok().filter(|port| *port != 0))?,
            screen_url: required("SCREEN_URL", web_url)?,
            screen_api_key: required("SCREEN_API_KEY", |value| {
                value.bytes().all(|byte| byte.is_ascii_graphic()).then(|| value.to_owned())
            })?,
            public_base_url: required("PUBLIC_BASE_URL", |value| {
                web_url(value).map(|_| value.trim_end_matches('/').to_owned())
            })?,
            release_id: optional("RELEASE_ID", |value| Some(value.to_owned()))?
                .unwrap_or_else(|| "unreleased".to_owned()),
            upstream_timeout: optional("UPSTREAM_TIMEOUT_MS", |value| value.parse().ok())?
                .map_or(Duration::from_secs(3), Duration::from_millis),
        })
    }
}

/// A web address with a host; anything else is refused.
pub fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (["http", "https"].contains(&url.scheme()) && text.contains("://") && url.has_host()).then_some(url)
}

fn required<T>(name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    optional(name, parse)?.ok_or_else(|| format!("{name} is missing"))
}

/// Absent is a choice, malformed is a mistake: it must not become the default without a word.
fn optional<T>(name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    let Some(value) = std::env::var_os(name) else { return Ok(None) };
    let parsed = value.to_str().filter(|text| !text.is_empty()).and_then(parse);
    // The value itself is not shown: it may be a key in the wrong place.
    parsed.map(Some).ok_or_else(|| format!("{name} is malformed"))
}
