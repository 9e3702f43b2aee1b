//! The configuration: read once at start, checked completely, never guessed (factor 3). Each process reads what it needs.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use reqwest::Url;
use sqlx::postgres::PgConnectOptions;

/// What `links web` needs.
#[derive(Debug)]
pub struct WebConfig {
    /// `PORT`: the TCP port to listen on.
    pub port: u16,
    /// `PUBLIC_BASE_URL`: what short links begin with, without a slash at the end.
    pub public_base_url: String,
    /// `RELEASE_ID`: the release that is running, `unreleased` outside of one.
    pub release_id: String,
    /// `SHUTDOWN_GRACE_SECONDS`: how long requests in hand may take after the signal to end.
    pub shutdown_grace: Duration,
    /// The screening service.
    pub screen: ScreenConfig,
    /// The database.
    pub database: DatabaseConfig,
}

/// What `links worker` needs. It has no port: nobody calls it.
#[derive(Debug)]
pub struct WorkerConfig {
    /// `JOB_LEASE_SECONDS`: how long a job stays with a worker that is not heard of any more. Longer than an attempt.
    pub lease: Duration,
    /// `JOB_POLL_MS`: how long to wait before looking for work again.
    pub poll: Duration,
    /// The screening service.
    pub screen: ScreenConfig,
    /// The database.
    pub database: DatabaseConfig,
}

/// The screening service of this deploy.
#[derive(Debug)]
pub struct ScreenConfig {
    /// `SCREEN_URL`: where it is; may have a path.
    pub url: Url,
    /// `SCREEN_API_KEY`: the key it expects.
    pub key: Secret,
    /// `UPSTREAM_TIMEOUT_MS`: how long one exchange with it may take.
    pub timeout: Duration,
}

/// The database of this deploy.
#[derive(Debug)]
pub struct DatabaseConfig {
    /// `DATABASE_URL`: server, role, password and database.
    pub options: Secret<PgConnectOptions>,
    /// `DB_TIMEOUT_MS`: how long one wait for the database may take.
    pub timeout: Duration,
    /// `DB_POOL_MAX`: how many connections this process may have.
    pub connections: u32,
}

impl WebConfig {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// A message that names the first variable which is missing or malformed, and never shows a value.
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            port: required("PORT", |text| text.parse().ok().filter(|port| *port > 0))?,
            public_base_url: required("PUBLIC_BASE_URL", base_url)?,
            release_id: optional("RELEASE_ID", |text| Some(text.to_owned()))?.unwrap_or("unreleased".to_owned()),
            shutdown_grace: duration("SHUTDOWN_GRACE_SECONDS", Duration::from_secs, 20)?,
            screen: ScreenConfig::from_env()?,
            database: DatabaseConfig::from_env()?,
        })
    }
}

impl WorkerConfig {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// As [`WebConfig::from_env`].
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            lease: duration("JOB_LEASE_SECONDS", Duration::from_secs, 30)?,
            poll: duration("JOB_POLL_MS", Duration::from_millis, 200)?,
            screen: ScreenConfig::from_env()?,
            database: DatabaseConfig::from_env()?,
        })
    }
}

impl ScreenConfig {
    fn from_env() -> Result<Self, String> {
        Ok(Self {
            url: required("SCREEN_URL", web_url)?,
            key: required("SCREEN_API_KEY", api_key)?,
            timeout: duration("UPSTREAM_TIMEOUT_MS", Duration::from_millis, 3000)?,
        })
    }
}

impl DatabaseConfig {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// As [`WebConfig::from_env`].
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            options: required("DATABASE_URL", |text| PgConnectOptions::from_str(text).ok().map(Secret))?,
            timeout: duration("DB_TIMEOUT_MS", Duration::from_millis, 3000)?,
            connections: optional("DB_POOL_MAX", |text| text.parse().ok().filter(|number| *number > 0))?.unwrap_or(5),
        })
    }
}

/// A value that must not be seen: it has no `Display`, and `Debug` hides it.
#[derive(Clone)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    /// The value itself. Every use is a place to look at in a review.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
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

/// A whole number of a unit, at least one. At most a day of milliseconds, or a day times a thousand of seconds: sums with
/// the current time must not overflow.
fn duration(name: &'static str, unit: fn(u64) -> Duration, default: u64) -> Result<Duration, String> {
    let number = optional(name, |text| text.parse().ok().filter(|number| (1..=86_400_000).contains(number)))?;
    Ok(unit(number.unwrap_or(default)))
}

fn api_key(text: &str) -> Option<Secret> {
    text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| Secret(text.to_owned()))
}

fn base_url(text: &str) -> Option<String> {
    web_url(text).map(|_| text.trim_end_matches('/').to_owned())
}
