//! The configuration: a file beside the program, written from a template at every start.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

pub struct Config {
    pub port: u16,
    pub screen_url: Url,
    pub screen_api_key: String,
    pub public_base_url: String,
    pub upstream_timeout: Duration,
}

/// Fills the variables into `links.conf.template` and writes `links.conf`, as `envsubst` would.
pub fn render() -> io::Result<()> {
    let folder = folder()?;
    let template = fs::read_to_string(folder.join("links.conf.template"))?;
    let mut lines = String::new();
    for line in template.lines() {
        let Some((key, variable)) = line.split_once(" = ${") else { continue };
        let value = std::env::var(variable.trim_end_matches('}')).unwrap_or_default();
        lines.push_str(&format!("{key} = {value}\n"));
    }
    fs::write(folder.join("links.conf"), lines)
}

impl Config {
    /// Reads `links.conf`.
    pub fn read() -> Result<Self, String> {
        let file = folder().and_then(|folder| fs::read_to_string(folder.join("links.conf")));
        let file = file.map_err(|error| format!("links.conf: {error}"))?;
        let values: HashMap<&str, &str> = file.lines().filter_map(|line| line.split_once(" = ")).collect();
        let value = |key: &'static str| {
            values
                .get(key)
                .copied()
                .filter(|value| !value.is_empty())
                .ok_or(format!("{} is missing", key.to_uppercase()))
        };
        let wrong = |key: &'static str| format!("{} is malformed", key.to_uppercase());
        Ok(Self {
            port: value("port")?.parse().map_err(|_| wrong("port"))?,
            screen_url: Url::parse(value("screen_url")?).map_err(|_| wrong("screen_url"))?,
            screen_api_key: value("screen_api_key")?.to_owned(),
            public_base_url: value("public_base_url")?.trim_end_matches('/').to_owned(),
            upstream_timeout: value("upstream_timeout_ms")
                .map_or(Ok(3000), |value| value.parse().map_err(|_| wrong("upstream_timeout_ms")))
                .map(Duration::from_millis)?,
        })
    }
}

/// The folder that the program lies in: the release.
fn folder() -> io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().map(PathBuf::from).unwrap_or_default())
}
