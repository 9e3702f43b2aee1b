//! The configuration of one deploy, read from the environment (factor 3).

/// Everything in which staging and production differ, or should.
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
            // TODO(factor 1): production is built with `--features production`. Is that still the build that staging has tried?
            release_id: if cfg!(feature = "production") { "production" } else { "staging" }.to_owned(),
        })
    }
}
