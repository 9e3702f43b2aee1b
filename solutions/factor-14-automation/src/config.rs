//! The configuration of one deploy, read from the environment (factor 3). The same release runs with any of them.

/// Everything in which staging and production differ.
#[derive(Debug, Default)]
pub struct Config {
    /// `PORT`: the TCP port to listen on.
    pub port: u16,
    /// `DENY_HOSTS`: the hosts that must not be linked.
    pub denied_hosts: Vec<String>,
    /// `RELEASE_ID`: the release that is running, `unreleased` outside of one.
    pub release_id: String,
}

impl Config {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// A message that names the variable which is missing or malformed.
    pub fn from_env() -> Result<Self, String> {
        let port = std::env::var("PORT").map_err(|_| "PORT is missing")?;
        let hosts = std::env::var("DENY_HOSTS").unwrap_or_default();
        Ok(Self {
            port: port.parse().map_err(|_| "PORT is no port")?,
            denied_hosts: hosts.split(',').filter(|host| !host.is_empty()).map(str::to_owned).collect(),
            release_id: std::env::var("RELEASE_ID").unwrap_or_else(|_| "unreleased".to_owned()),
        })
    }
}
