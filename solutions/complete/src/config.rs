//! The configuration: read once at start, checked completely, never guessed (factor 3). Each process reads what it needs, and a
//! variable means the same to all of them.
//!
//! There is deliberately no `production` or `staging` in here. A deploy is nothing but the values of these variables.

use std::fmt;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::SMTP_PORT;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use percent_encoding::percent_decode_str;
use redis::IntoConnectionInfo;
use reqwest::Url;
use sqlx::postgres::PgConnectOptions;
use tracing::level_filters::LevelFilter;

/// The client of a mail server.
pub type MailServer = AsyncSmtpTransport<Tokio1Executor>;

/// What `links web` needs.
#[derive(Debug)]
pub struct WebConfig {
    /// `PORT`: the TCP port to listen on.
    pub port: u16,
    /// `PUBLIC_BASE_URL`: what short links begin with, without a slash at the end.
    pub public_base_url: String,
    /// `SHUTDOWN_GRACE_SECONDS`: how long requests in hand may take after the signal to end.
    pub shutdown_grace: Duration,
    /// The screening service.
    pub screen: ScreenConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// Where sessions are kept.
    pub sessions: SessionConfig,
    /// `PASSWORD_HASH_COST`: how much work one password is.
    pub hash_cost: u32,
    /// The mail server.
    pub mail: MailConfig,
}

/// What `links worker` needs. It has no port: nobody calls it.
#[derive(Debug)]
pub struct WorkerConfig {
    /// `WORKER_CONCURRENCY`: how many jobs may be in progress at once.
    pub concurrency: u32,
    /// `JOB_LEASE_SECONDS`: how long a job stays with a worker that is not heard of any more.
    pub lease: Duration,
    /// `JOB_POLL_MS`: how long to wait before looking for work again.
    pub poll: Duration,
    /// `JOB_MAX_ATTEMPTS`: how many attempts may fail before the preview has.
    pub attempts: u32,
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

/// The database of this deploy, and what else an admin command needs.
#[derive(Debug)]
pub struct DatabaseConfig {
    /// `DATABASE_URL`: server, role, password and database. It is not kept as text, so no error can quote its password.
    pub options: Secret<PgConnectOptions>,
    /// `DB_TIMEOUT_MS`: how long one wait for PostgreSQL or Redis may take.
    pub timeout: Duration,
    /// `DB_POOL_MAX`: how many connections this process may have.
    pub connections: u32,
    /// `RELEASE_ID`: the release that is running, `unreleased` outside of one.
    pub release_id: String,
}

/// Where sessions are kept, and for how long.
#[derive(Debug)]
pub struct SessionConfig {
    /// `REDIS_URL`: server, user, password and number.
    pub redis: Secret<redis::Client>,
    /// `SESSION_TTL_SECONDS`: how long a session lasts.
    pub ttl: Duration,
}

/// The mail server of this deploy.
#[derive(Debug)]
pub struct MailConfig {
    /// `SMTP_URL`: server, user and password.
    pub server: Secret<MailServer>,
    /// `MAIL_FROM`: who mail is from.
    pub from: Mailbox,
    /// `UPSTREAM_TIMEOUT_MS`: how long one exchange with it may take.
    pub timeout: Duration,
}

/// Where a process tells what it does. The names are those of OpenTelemetry, so whoever runs services in ten languages sets one
/// set of variables for all of them. Further ones (headers, timeouts, the size of batches) are read by the exporter itself.
#[derive(Debug)]
pub struct TelemetryConfig {
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: the collector. Without it, spans are made and passed on to others, and exported to nobody.
    pub collector: Option<String>,
    /// `OTEL_SERVICE_NAME`: under which name, `links` where the platform does not care.
    pub service_name: String,
    /// `LOG_LEVEL`: how much is written to stdout.
    pub log_level: LevelFilter,
}

// ANCHOR: processes
impl WebConfig {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// A message that names the first variable which is missing or malformed, and never shows a value.
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            port: port()?,
            public_base_url: required("PUBLIC_BASE_URL", base_url)?,
            shutdown_grace: shutdown_grace()?,
            screen: ScreenConfig::from_env()?,
            database: DatabaseConfig::from_env()?,
            sessions: SessionConfig::from_env()?,
            hash_cost: hash_cost()?,
            mail: MailConfig::from_env()?,
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
            concurrency: count("WORKER_CONCURRENCY", 1)?,
            lease: duration("JOB_LEASE_SECONDS", Duration::from_secs, 30)?,
            poll: duration("JOB_POLL_MS", Duration::from_millis, 200)?,
            attempts: count("JOB_MAX_ATTEMPTS", 10)?,
            screen: ScreenConfig::from_env()?,
            database: DatabaseConfig::from_env()?,
        })
    }
}
// ANCHOR_END: processes

impl ScreenConfig {
    fn from_env() -> Result<Self, String> {
        Ok(Self {
            url: required("SCREEN_URL", handle)?,
            key: required("SCREEN_API_KEY", api_key)?,
            timeout: upstream_timeout()?,
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
            options: required("DATABASE_URL", |text| text.parse().ok().map(Secret))?,
            timeout: duration("DB_TIMEOUT_MS", Duration::from_millis, 3000)?,
            connections: count("DB_POOL_MAX", 5)?,
            release_id: release_id()?,
        })
    }
}

impl SessionConfig {
    fn from_env() -> Result<Self, String> {
        Ok(Self {
            redis: required("REDIS_URL", redis_server)?,
            ttl: duration("SESSION_TTL_SECONDS", Duration::from_secs, 900)?,
        })
    }
}

impl TelemetryConfig {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// As [`WebConfig::from_env`].
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            collector: optional("OTEL_EXPORTER_OTLP_ENDPOINT", base_url)?,
            service_name: optional("OTEL_SERVICE_NAME", |text| Some(text.to_owned()))?.unwrap_or("links".to_owned()),
            log_level: log_level()?,
        })
    }
}

impl MailConfig {
    fn from_env() -> Result<Self, String> {
        Ok(Self {
            server: required("SMTP_URL", |text| mail_server(text).map(Secret))?,
            from: required("MAIL_FROM", |text| text.parse().ok())?,
            timeout: upstream_timeout()?,
        })
    }
}

/// A value that must not be seen: it has no `Display`, and `Debug` hides it. Errors, panics and `dbg!` print through `Debug`, so
/// this also protects the lines that somebody writes next year.
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

/// `PORT`, which every process needs that serves.
///
/// # Errors
///
/// As [`WebConfig::from_env`].
pub fn port() -> Result<u16, String> {
    required("PORT", |text| text.parse().ok().filter(|port| *port > 0))
}

/// `RELEASE_ID`, or what is said outside of a release.
///
/// # Errors
///
/// As [`WebConfig::from_env`].
pub fn release_id() -> Result<String, String> {
    Ok(optional("RELEASE_ID", |text| Some(text.to_owned()))?.unwrap_or_else(|| "unreleased".to_owned()))
}

/// `SHUTDOWN_GRACE_SECONDS`.
///
/// # Errors
///
/// As [`WebConfig::from_env`].
pub fn shutdown_grace() -> Result<Duration, String> {
    duration("SHUTDOWN_GRACE_SECONDS", Duration::from_secs, 20)
}

/// `PASSWORD_HASH_COST`, for whoever makes or tries a password. Hardware gets faster, so the right number is one of the deploy;
/// without any work at all a stolen table is a list of passwords.
///
/// # Errors
///
/// As [`WebConfig::from_env`].
pub fn hash_cost() -> Result<u32, String> {
    Ok(optional("PASSWORD_HASH_COST", |text| text.parse().ok().filter(|cost| (1..=100).contains(cost)))?.unwrap_or(2))
}

/// `LOG_LEVEL`: how much to log is one question, which deploy this is another.
///
/// # Errors
///
/// As [`WebConfig::from_env`].
pub fn log_level() -> Result<LevelFilter, String> {
    let known = |text: &str| match text {
        "error" => Some(LevelFilter::ERROR),
        "warn" => Some(LevelFilter::WARN),
        "info" => Some(LevelFilter::INFO),
        "debug" => Some(LevelFilter::DEBUG),
        _ => None,
    };
    Ok(optional("LOG_LEVEL", known)?.unwrap_or(LevelFilter::INFO))
}

/// A list with commas between its items; nothing is an empty list.
///
/// # Errors
///
/// As [`WebConfig::from_env`].
pub fn list(name: &'static str) -> Result<Vec<String>, String> {
    let items =
        |text: &str| text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect();
    // Empty here means that there are none, and is no mistake.
    let given = std::env::var_os(name).unwrap_or_default();
    given.to_str().map(items).ok_or_else(|| format!("{name} is malformed"))
}

/// A variable that has to be there, and has to be well-formed.
///
/// # Errors
///
/// As [`WebConfig::from_env`].
pub fn required<T>(name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    optional(name, parse)?.ok_or_else(|| format!("{name} is missing"))
}

/// An absolute `http` or `https` URL with a host. `Url::parse` repairs what it is given: it drops newlines and reads
/// `http:shop` as `http://shop`. That is right for an address bar, and what would be repaired here is refused.
pub fn web_url(text: &str) -> Option<Url> {
    let (scheme, rest) = text.split_once("://")?;
    let repaired = text.contains(|c: char| c.is_whitespace() || c.is_control()) || rest.starts_with(['/', '\\']);
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    if repaired || !web { None } else { Url::parse(text).ok().filter(Url::has_host) }
}

fn optional<T>(name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    let Some(value) = std::env::var_os(name) else { return Ok(None) };
    let parsed = value.to_str().filter(|text| !text.is_empty()).and_then(parse);
    parsed.map(Some).ok_or_else(|| format!("{name} is empty or malformed"))
}

/// How many of something, at least one.
fn count(name: &'static str, default: u32) -> Result<u32, String> {
    Ok(optional(name, |text| text.parse().ok().filter(|number| (1..=1000).contains(number)))?.unwrap_or(default))
}

/// A whole number of a unit, at least one. Bounded, since sums with the current time must not overflow.
fn duration(name: &'static str, unit: fn(u64) -> Duration, default: u64) -> Result<Duration, String> {
    let number = optional(name, |text| text.parse().ok().filter(|number| (1..=86_400_000).contains(number)))?;
    Ok(unit(number.unwrap_or(default)))
}

fn upstream_timeout() -> Result<Duration, String> {
    duration("UPSTREAM_TIMEOUT_MS", Duration::from_millis, 3000)
}

/// A proxy's user name and password in the address are not the partner's key, and would be in every error that shows it.
fn handle(text: &str) -> Option<Url> {
    let mut url = web_url(text)?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url)
}

fn api_key(text: &str) -> Option<Secret> {
    text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| Secret(text.to_owned()))
}

fn base_url(text: &str) -> Option<String> {
    let url = web_url(text).filter(|url| url.query().is_none() && url.fragment().is_none());
    url.map(|_| text.trim_end_matches('/').to_owned())
}

fn redis_server(text: &str) -> Option<Secret<redis::Client>> {
    redis::Client::open(text.into_connection_info().ok()?).ok().map(Secret)
}

/// Host, port, user and password, decoded. Without TLS the client brings no reader of URLs of its own.
fn mail_server(text: &str) -> Option<MailServer> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "smtp")?;
    // An address of IPv6 stands in brackets in a URL, and nowhere else.
    let host = url.host_str()?.trim_matches(['[', ']']);
    let server = MailServer::builder_dangerous(host).port(url.port().unwrap_or(SMTP_PORT));
    let Some(password) = url.password() else { return Some(server.build()) };
    let credentials = Credentials::new(decoded(url.username())?, decoded(password)?);
    Some(server.credentials(credentials).build())
}

fn decoded(part: &str) -> Option<String> {
    Some(percent_decode_str(part).decode_utf8().ok()?.into_owned())
}
