//! The configuration: seven variables, read once at start, checked completely, never guessed.
//!
//! There is deliberately no `production` or `staging` in this file. A deploy is nothing but the values of these
//! variables, and each one can be changed alone (`variables-are-orthogonal`). That is why a colleague's
//! `joe-staging` needs seven values and no code.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use reqwest::Url;

/// Everything that may differ between two deploys of one build.
#[derive(Debug)]
pub struct Config {
    /// `PORT`: the TCP port to listen on.
    pub port: u16,
    /// `SCREEN_URL`: where the screening service is, without user information.
    pub screen_url: Url,
    /// `SCREEN_API_KEY`: the key sent to the screening service.
    pub screen_api_key: Secret,
    /// `PUBLIC_BASE_URL`: what short links begin with, without a slash at the end.
    pub public_base_url: String,
    /// `RELEASE_ID`: the release that is running, `unreleased` outside of one.
    pub release_id: String,
    /// `LOG_LEVEL`: the least important lines that are still written.
    pub log_level: LogLevel,
    /// `UPSTREAM_TIMEOUT_MS`: how long one exchange with the screening service may take.
    pub upstream_timeout: Duration,
}

impl Config {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// One error that names every variable which is missing or malformed.
    pub fn from_env() -> Result<Self, ConfigError> {
        // `var` at run time. `env!` and `option_env!` look alike, but ask the machine that compiled
        // (`no-config-in-artefact`).
        Self::from_lookup(|name| std::env::var_os(name))
    }

    /// Reads variables from `lookup`, so that a test needs no process of its own.
    ///
    /// # Errors
    ///
    /// As [`Config::from_env`].
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let mut reader = Reader { lookup, problems: Vec::new() };
        // ANCHOR: variables
        // Every variable is read before the first problem is reported: whoever forgot three of them
        // repairs three at once, not one per failed release.
        let port = reader.required("PORT", "a TCP port, 1 to 65535", port);
        let screen_url = reader.required("SCREEN_URL", "an http or https URL with a host", screen_url);
        let screen_api_key = reader.required("SCREEN_API_KEY", "visible ASCII characters without spaces", api_key);
        let public_base_url =
            reader.required("PUBLIC_BASE_URL", "an http or https URL with a host, without query or fragment", base_url);
        // A default is allowed where it cannot hurt: none of these three points at another system or opens one.
        let release_id = reader.optional("RELEASE_ID", "a text that is not empty", |text| Some(text.to_owned()));
        let log_level = reader.optional("LOG_LEVEL", "error, warn, info or debug", LogLevel::from_name);
        let upstream_timeout =
            reader.optional("UPSTREAM_TIMEOUT_MS", "a positive number of milliseconds", milliseconds);
        // ANCHOR_END: variables

        let (Some(port), Some(screen_url), Some(screen_api_key), Some(public_base_url), []) =
            (port, screen_url, screen_api_key, public_base_url, reader.problems.as_slice())
        else {
            return Err(ConfigError(reader.problems));
        };
        Ok(Self {
            port,
            screen_url,
            screen_api_key,
            public_base_url,
            release_id: release_id.unwrap_or_else(|| "unreleased".to_owned()),
            log_level: log_level.unwrap_or(LogLevel::Info),
            upstream_timeout: upstream_timeout.unwrap_or(Duration::from_secs(3)),
        })
    }
}

/// A text that must not be seen: it has no `Display`, and `Debug` hides it.
///
/// Errors, panics and `dbg!` print through `Debug`. Hiding the value here protects also the lines that
/// somebody writes next year (`config-errors-redact`).
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

/// How important a log line is; the more important, the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// The service cannot do its work.
    Error,
    /// A request failed for a reason outside of this service.
    Warn,
    /// What happened, one line per request.
    Info,
    /// What helps while developing.
    Debug,
}

impl LogLevel {
    /// `production` is not a level: how much to log is one question, which deploy this is another.
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "error" => Some(Self::Error),
            "warn" => Some(Self::Warn),
            "info" => Some(Self::Info),
            "debug" => Some(Self::Debug),
            _ => None,
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        })
    }
}

/// Every variable that keeps the service from starting.
#[derive(Debug)]
pub struct ConfigError(Vec<Problem>);

/// What is wrong with one variable. The value is not part of it: an operator who swaps two lines has put the
/// key into `PUBLIC_BASE_URL`, so no variable is harmless enough to be quoted (`malformed-value-rejected`).
#[derive(Debug)]
struct Problem {
    name: &'static str,
    state: &'static str,
    expected: &'static str,
}

impl Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the environment does not describe a deploy (values are not shown):")?;
        for Problem { name, state, expected } in &self.0 {
            write!(f, "\n  {name} is {state}; expected {expected}")?;
        }
        Ok(())
    }
}

/// Collects problems instead of stopping at the first one.
struct Reader<F> {
    lookup: F,
    problems: Vec<Problem>,
}

impl<F: Fn(&str) -> Option<OsString>> Reader<F> {
    // ANCHOR: reader
    /// A variable without which the service would have to guess. There is no default here on purpose: a forgotten
    /// variable would put a laptop on somebody else's system (`no-hidden-fallback`).
    fn required<T>(
        &mut self,
        name: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        if (self.lookup)(name).is_none() {
            self.problems.push(Problem { name, state: "missing", expected });
        }
        self.optional(name, expected, parse)
    }

    /// A variable that may be absent. If it is there it must be right: falling back to the default
    /// would turn a typing mistake into a different deploy without a word (`malformed-value-rejected`).
    fn optional<T>(
        &mut self,
        name: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = (self.lookup)(name)?;
        // Templates write `KEY=` when they forget a value, so empty is a mistake and not a choice.
        let parsed = value.to_str().filter(|text| !text.is_empty()).and_then(parse);
        if parsed.is_none() {
            let state = if value.is_empty() { "empty" } else { "malformed" };
            self.problems.push(Problem { name, state, expected });
        }
        parsed
    }
    // ANCHOR_END: reader
}

fn port(text: &str) -> Option<u16> {
    text.parse::<NonZeroU16>().ok().map(NonZeroU16::get)
}

fn milliseconds(text: &str) -> Option<Duration> {
    let number: NonZeroU32 = text.parse().ok()?;
    Some(Duration::from_millis(number.get().into()))
}

fn screen_url(text: &str) -> Option<Url> {
    let mut url = web_url(text)?;
    // The partner is told who asks by the key alone. A password in the URL would be sent instead of it, and would
    // travel through every error that mentions the URL.
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url)
}

fn base_url(text: &str) -> Option<String> {
    let url = web_url(text)?;
    (url.query().is_none() && url.fragment().is_none()).then(|| text.trim_end_matches('/').to_owned())
}

/// A key that cannot stand in a header would only be noticed at the first request, as somebody else's 401.
/// The classic one ends in a newline, because it was read from a file.
fn api_key(text: &str) -> Option<Secret> {
    text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| Secret(text.to_owned()))
}

/// An absolute `http` or `https` URL with a host.
///
/// `Url::parse` repairs what it is given: it drops newlines and reads `http:shop` as `http://shop`. That is right for
/// an address bar and wrong for configuration, so what would be repaired is refused.
pub fn web_url(text: &str) -> Option<Url> {
    let (scheme, rest) = text.split_once("://")?;
    let repaired = text.contains(|c: char| c.is_whitespace() || c.is_control()) || rest.starts_with(['/', '\\']);
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    if repaired || !web { None } else { Url::parse(text).ok().filter(Url::has_host) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 4] = [
        ("PORT", "8080"),
        ("SCREEN_URL", "http://hunter2@screen.test:1/a/b"),
        ("SCREEN_API_KEY", "key-of-the-test"),
        ("PUBLIC_BASE_URL", "https://jjal.test/"),
    ];

    /// The configuration of `GOOD` with some variables set differently.
    fn read(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| {
            let changed = changes.iter().chain(&GOOD).find(|(key, _)| *key == name);
            changed.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn every_missing_variable_is_named_at_once() {
        let message = Config::from_lookup(|_| None).expect_err("nothing is set").to_string();
        assert!(GOOD.iter().all(|(name, _)| message.contains(name)), "{message}");
    }

    #[test]
    fn a_malformed_value_is_refused_and_not_shown() {
        let wrong = [("PORT", "80a"), ("SCREEN_API_KEY", "bad\tkey"), ("UPSTREAM_TIMEOUT_MS", "-1"), ("LOG_LEVEL", "")];
        let message = read(&wrong).expect_err("four values are malformed").to_string();
        assert!(wrong.iter().all(|(name, _)| message.contains(name)), "{message}");
        assert!(!message.contains("80a") && !message.contains("bad"), "{message}");
    }

    #[test]
    fn what_a_lenient_parser_would_repair_is_refused() {
        for text in ["localhost", "localhost:80", "http:shop", "http:///shop", "not a url", "ftp://shop", "http://a\nb"]
        {
            assert!(web_url(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn debug_shows_neither_key_nor_user() {
        let shown = format!("{:?}", read(&[]).expect("all is well"));
        assert!(!shown.contains("key-of-the-test") && !shown.contains("hunter2"), "{shown}");
    }
}
