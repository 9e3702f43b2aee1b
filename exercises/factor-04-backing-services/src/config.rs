//! The configuration: read once at start, checked completely (factor 3).

use std::fmt;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use redis::Client;
use reqwest::Url;
use sqlx::postgres::PgConnectOptions;

/// The client of a mail server.
pub type MailServer = AsyncSmtpTransport<Tokio1Executor>;

/// Everything that may differ between two deploys of one build.
pub struct Config {
    /// `PORT`: the TCP port to listen on.
    pub port: u16,
    /// `DATABASE_URL`: where links and users are kept.
    pub database: PgConnectOptions,
    /// `REDIS_URL`: where sessions are kept.
    pub redis: Client,
    /// `SESSION_TTL_SECONDS`: how long a session lasts.
    pub session_ttl: Duration,
    /// `SCREEN_URL`: where the screening service is.
    pub screen_url: Url,
    /// `SCREEN_API_KEY`: the key sent to the screening service.
    pub screen_api_key: Secret,
    /// `SMTP_URL`: where mail is handed in.
    pub mail_server: MailServer,
    /// `MAIL_FROM`: who mail is from.
    pub mail_from: Mailbox,
    /// `PUBLIC_BASE_URL`: what short links begin with, without a slash at the end.
    pub public_base_url: String,
    /// `RELEASE_ID`: the release that is running, `unreleased` outside of one.
    pub release_id: String,
    /// `SHUTDOWN_GRACE_SECONDS`: how long requests in hand may take after SIGTERM.
    pub shutdown_grace: Duration,
}

/// The parts of `scheme://user:password@host:port/path`.
struct Address {
    user: String,
    password: String,
    host: String,
    port: u16,
    path: String,
}

/// A text that must not be seen: it has no `Display`, and `Debug` hides it.
#[derive(Clone)]
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
            database: database_from_env()?,
            redis: required("REDIS_URL", redis)?,
            session_ttl: optional("SESSION_TTL_SECONDS", seconds)?.unwrap_or(Duration::from_secs(900)),
            screen_url: required("SCREEN_URL", web_url)?,
            screen_api_key: required("SCREEN_API_KEY", api_key)?,
            mail_server: required("SMTP_URL", mail_server)?,
            mail_from: required("MAIL_FROM", |text| text.parse().ok())?,
            public_base_url: required("PUBLIC_BASE_URL", base_url)?,
            release_id: optional("RELEASE_ID", |text| Some(text.to_owned()))?.unwrap_or("unreleased".to_owned()),
            shutdown_grace: optional("SHUTDOWN_GRACE_SECONDS", seconds)?.unwrap_or(Duration::from_secs(20)),
        })
    }
}

/// The address of the database alone: the admin commands need nothing else.
pub fn database_from_env() -> Result<PgConnectOptions, String> {
    required("DATABASE_URL", database)
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

// TODO(factor 4): a database whose password somebody generated holds `@` or `/`. What stands in its URL then, and what
// do we hand on? And what becomes of `?application_name=…`?
fn database(text: &str) -> Option<PgConnectOptions> {
    let Address { user, password, host, port, path } = address(text)?;
    let name = path.split('?').next()?;
    Some(PgConnectOptions::new().host(&host).port(port).username(&user).password(&password).database(name))
}

// TODO(factor 4): two deploys share one Redis and have a database each. Which one do we use?
fn redis(text: &str) -> Option<Client> {
    let Address { user, password, host, port, .. } = address(text)?;
    Client::open(format!("redis://{user}:{password}@{host}:{port}")).ok()
}

// TODO(factor 4): the server on our own machine knows us and asks for nothing. Does the one at a provider?
fn mail_server(text: &str) -> Option<MailServer> {
    let Address { host, port, .. } = address(text)?;
    Some(MailServer::builder_dangerous(host).port(port).build())
}

fn address(text: &str) -> Option<Address> {
    let (_, rest) = text.split_once("://")?;
    let (who, place) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (user, password) = who.split_once(':').unwrap_or((who, ""));
    let (place, path) = place.split_once('/').unwrap_or((place, ""));
    let (host, port) = place.split_once(':')?;
    let port = port.parse().ok()?;
    let [user, password, host, path] = [user, password, host, path].map(str::to_owned);
    Some(Address { user, password, host, port, path })
}

fn api_key(text: &str) -> Option<Secret> {
    text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| Secret(text.to_owned()))
}

fn base_url(text: &str) -> Option<String> {
    web_url(text).map(|_| text.trim_end_matches('/').to_owned())
}

fn seconds(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|number| *number > 0).map(Duration::from_secs)
}
