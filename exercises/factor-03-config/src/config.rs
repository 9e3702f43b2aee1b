//! What the service needs to know about the place it runs in.

use std::env;
use std::time::Duration;

// TODO(factor 3): tomorrow this repository becomes public. What do you have to do tonight?
const SCREEN_API_KEY: &str = "sk_live_jjalda_7Q2mX9vB4tKp";
const SCREEN_URL: &str = "http://screen.prod.jjalda.example:8080";

#[derive(Debug, Clone)]
pub struct Config {
    pub port: u16,
    pub screen_url: String,
    pub screen_api_key: String,
    pub public_base_url: String,
    pub release_id: String,
    pub log_requests: bool,
    pub upstream_timeout: Duration,
    pub stage: Stage,
}

/// The three environments that we have.
// TODO(factor 3): a colleague wants a deploy of her own and calls it `joe-staging`. Which of these is it?
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stage {
    Development,
    Staging,
    Production,
}

impl Config {
    pub fn load() -> Self {
        Self {
            // TODO(factor 3): what happens to a customer after a typing mistake in one of these numbers?
            port: env::var("PORT").ok().and_then(|text| text.parse().ok()).unwrap_or(8080),
            upstream_timeout: Duration::from_millis(
                env::var("UPSTREAM_TIMEOUT_MS").ok().and_then(|text| text.parse().ok()).unwrap_or(3000),
            ),
            // TODO(factor 3): a new laptop, and nothing is set. Whom does it call, and as whom?
            screen_url: env::var("SCREEN_URL").unwrap_or(SCREEN_URL.to_owned()),
            screen_api_key: env::var("SCREEN_API_KEY").unwrap_or(SCREEN_API_KEY.to_owned()),
            // TODO(factor 3): on which machine, and on which day, is this value decided?
            public_base_url: option_env!("PUBLIC_BASE_URL").unwrap_or("https://jjal.da").to_owned(),
            release_id: env::var("RELEASE_ID").unwrap_or("unreleased".to_owned()),
            log_requests: !matches!(env::var("LOG_LEVEL").as_deref(), Ok("error" | "warn")),
            stage: match env::var("APP_ENV").as_deref() {
                Ok("production") => Stage::Production,
                Ok("development") => Stage::Development,
                _ => Stage::Staging,
            },
        }
    }
}
