//! The configuration: read once at start, checked completely (factor 3).
//!
//! Each process reads what it needs and nothing else: the worker knows no address of Redis, a one-off no key of the
//! partner. A secret that a process was never given is one that it cannot lose.

use std::fmt;
use std::time::Duration;

use redis::{Client, IntoConnectionInfo};
use reqwest::Url;
use sqlx::postgres::PgConnectOptions;

/// Everything that `web` needs.
pub struct Config {
    /// `PORT`: the TCP port to listen on.
    pub port: u16,
    /// Where links and users are kept.
    pub database: Database,
    /// Where sessions are kept, and how long.
    pub accounts: Accounts,
    /// The partner.
    pub screen: Partner,
    /// `PUBLIC_BASE_URL`: what short links begin with, without a slash at the end.
    pub public_base_url: String,
    /// `RELEASE_ID`: the release that is running, `unreleased` outside of one.
    pub release_id: String,
    /// `SHUTDOWN_GRACE_SECONDS`: how long requests in hand may take after SIGTERM.
    pub shutdown_grace: Duration,
}

/// How to reach PostgreSQL.
pub struct Database {
    /// `DATABASE_URL`, parsed. It is not kept as text, so no error can quote its password.
    pub options: PgConnectOptions,
    /// `DB_POOL_MAX`: how many connections one process opens.
    pub pool_max: u32,
    /// `DB_TIMEOUT_MS`: the bound on every wait for a backing service of ours.
    pub timeout: Duration,
}

/// What logging in needs.
pub struct Accounts {
    /// `REDIS_URL`: where sessions and wrong passwords are kept.
    pub redis: Client,
    /// `SESSION_TTL_SECONDS`: how long a session lasts.
    pub session_ttl: Duration,
    /// `PASSWORD_HASH_COST`: how much work one password is.
    pub hash_cost: u32,
}

/// How to reach the screening service.
pub struct Partner {
    /// `SCREEN_URL`: where it is.
    pub url: Url,
    /// `SCREEN_API_KEY`: the key sent to it.
    pub key: Secret,
    /// `UPSTREAM_TIMEOUT_MS`: how long one exchange with it may take.
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
            accounts: Accounts {
                redis: required("REDIS_URL", redis)?,
                session_ttl: optional("SESSION_TTL_SECONDS", seconds)?.unwrap_or(Duration::from_secs(900)),
                hash_cost: hash_cost()?,
            },
            screen: Partner::from_env()?,
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
        Ok(Self {
            options: required("DATABASE_URL", |text| text.parse().ok())?,
            pool_max: optional("DB_POOL_MAX", |text| text.parse().ok().filter(|max| *max > 0))?.unwrap_or(5),
            timeout: optional("DB_TIMEOUT_MS", milliseconds)?.unwrap_or(Duration::from_secs(3)),
        })
    }
}

impl Partner {
    /// Reads the variables of the partner alone.
    ///
    /// # Errors
    ///
    /// As [`Config::from_env`].
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            url: required("SCREEN_URL", web_url)?,
            key: required("SCREEN_API_KEY", api_key)?,
            timeout: optional("UPSTREAM_TIMEOUT_MS", milliseconds)?.unwrap_or(Duration::from_secs(3)),
        })
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

/// `PASSWORD_HASH_COST`, for whoever makes or tries a password. Hardware gets faster, so the right number is one of the
/// deploy; without any work at all a stolen table is a list of passwords.
///
/// # Errors
///
/// As [`Config::from_env`].
pub fn hash_cost() -> Result<u32, String> {
    Ok(optional("PASSWORD_HASH_COST", |text| text.parse().ok().filter(|cost| (1..=100).contains(cost)))?.unwrap_or(2))
}

/// `JOB_POLL_MS`, for the worker.
///
/// # Errors
///
/// As [`Config::from_env`].
pub fn job_poll() -> Result<Duration, String> {
    Ok(optional("JOB_POLL_MS", milliseconds)?.unwrap_or(Duration::from_millis(200)))
}

/// An absolute `http` or `https` URL with a host, written as it is meant: what a parser would silently repair, such as
/// a line break inside, is refused.
pub fn web_url(text: &str) -> Option<Url> {
    let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    Url::parse(text).ok().filter(|url| clean && url.has_host() && ["http", "https"].contains(&url.scheme()))
}

/// A variable without which the service would have to guess.
///
/// # Errors
///
/// A message that names the variable.
pub fn required<T>(name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    optional(name, parse)?.ok_or_else(|| format!("{name} is missing"))
}

fn optional<T>(name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    let Some(value) = std::env::var_os(name) else { return Ok(None) };
    let parsed = value.to_str().filter(|text| !text.is_empty()).and_then(parse);
    parsed.map(Some).ok_or_else(|| format!("{name} is empty or malformed"))
}

fn redis(text: &str) -> Option<Client> {
    Client::open(text.into_connection_info().ok()?).ok()
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
