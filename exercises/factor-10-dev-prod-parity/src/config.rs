//! The configuration: read once at start, checked completely (factor 3).

use std::fmt;
use std::time::Duration;

use reqwest::Url;
use sqlx::any::AnyConnectOptions;

/// Everything that may differ between two deploys of one build.
pub struct Config {
    /// `PORT`: the TCP port to listen on.
    pub port: u16,
    /// Where links are kept.
    pub database: Database,
    /// `SCREEN_URL`: where the screening service is.
    pub screen_url: Url,
    /// `SCREEN_API_KEY`: the key sent to the screening service.
    pub screen_api_key: Secret,
    /// `UPSTREAM_TIMEOUT_MS`: how long one exchange with the screening service may take.
    pub upstream_timeout: Duration,
    /// `PUBLIC_BASE_URL`: what short links begin with, without a slash at the end.
    pub public_base_url: String,
    /// `RELEASE_ID`: the release that is running, `unreleased` outside of one.
    pub release_id: String,
    /// `SHUTDOWN_GRACE_SECONDS`: how long requests in hand may take after SIGTERM.
    pub shutdown_grace: Duration,
}

/// Where links are kept without a `DATABASE_URL`.
const DEV_DATABASE: &str = "sqlite://dev.db?mode=rwc";

/// How to reach the database; `migrate` needs nothing else.
pub struct Database {
    /// `DATABASE_URL`, parsed. It is not kept as text, so no error can quote its password.
    pub options: AnyConnectOptions,
    /// `DB_POOL_MAX`: how many connections one process opens.
    pub pool_max: u32,
    /// `DB_TIMEOUT_MS`: the bound on every wait for the database.
    pub timeout: Duration,
}

/// A text that must not be seen: it has no `Display`, and `Debug` hides it.
pub struct Secret(String);

impl Config {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// A message that names the first variable which is missing or malformed, and never shows a value.
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            port: required("PORT", |text| text.parse().ok().filter(|port| *port > 0))?,
            database: Database::from_env()?,
            screen_url: required("SCREEN_URL", web_url)?,
            screen_api_key: required("SCREEN_API_KEY", api_key)?,
            upstream_timeout: optional("UPSTREAM_TIMEOUT_MS", milliseconds)?.unwrap_or(Duration::from_secs(3)),
            public_base_url: required("PUBLIC_BASE_URL", base_url)?,
            release_id: optional("RELEASE_ID", |text| Some(text.to_owned()))?.unwrap_or("unreleased".to_owned()),
            shutdown_grace: optional("SHUTDOWN_GRACE_SECONDS", seconds)?.unwrap_or(Duration::from_secs(20)),
        })
    }
}

impl Database {
    /// Reads the variables of the database alone.
    ///
    /// # Errors
    ///
    /// As [`Config::from_env`].
    pub fn from_env() -> Result<Self, String> {
        let options = match optional("DATABASE_URL", address)? {
            Some(options) => options,
            // TODO(factor 10): a new colleague can begin at once. What does she try out, and what do her customers get?
            None => address(DEV_DATABASE).ok_or("dev.db cannot be used")?,
        };
        Ok(Self {
            options,
            pool_max: optional("DB_POOL_MAX", |text| text.parse().ok().filter(|max| *max > 0))?.unwrap_or(5),
            timeout: optional("DB_TIMEOUT_MS", milliseconds)?.unwrap_or(Duration::from_secs(3)),
        })
    }

    /// Whether it is the file.
    pub fn is_file(&self) -> bool {
        self.options.database_url.scheme() == "sqlite"
    }
}

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

/// A variable without which the service would have to guess.
fn required<T>(name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    optional(name, parse)?.ok_or_else(|| format!("{name} is missing"))
}

fn optional<T>(name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    let Some(value) = std::env::var_os(name) else { return Ok(None) };
    let parsed = value.to_str().filter(|text| !text.is_empty()).and_then(parse);
    parsed.map(Some).ok_or_else(|| format!("{name} is empty or malformed"))
}

/// A PostgreSQL server, or a file of SQLite.
fn address(text: &str) -> Option<AnyConnectOptions> {
    sqlx::any::install_default_drivers();
    text.parse().ok()
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

fn seconds(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|number| *number > 0).map(Duration::from_secs)
}
