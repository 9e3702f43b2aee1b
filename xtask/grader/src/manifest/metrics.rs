//! Where an app's numbers are, and what they are called, when it is not as the contract says.

use serde::Deserialize;

/// The table `[metrics]`; all of it may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Metrics {
    /// The family that counts requests: a counter, or a histogram or summary whose `_count` does.
    #[serde(default)]
    pub requests: Option<String>,
    /// The histogram of how long they took.
    #[serde(default)]
    pub durations: Option<String>,
    /// The variable of `extra_ports` that names the port of `/metrics`, where it is another one than `PORT`.
    #[serde(default)]
    pub port: Option<String>,
}

impl Metrics {
    pub(super) fn validate(&self, extra_ports: &[String]) -> Result<(), String> {
        match &self.port {
            Some(port) if !extra_ports.contains(port) => Err(format!(
                "[metrics] port = {port:?} is not among the extra_ports of the app: write it there as well"
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_one_that_the_platform_chooses() {
        let metrics: Metrics = toml::from_str("port = \"METRICS_PORT\"").expect("is good");
        assert_eq!(metrics.validate(&["METRICS_PORT".to_owned()]), Ok(()));
        assert!(metrics.validate(&[]).is_err_and(|why| why.contains("extra_ports")));
    }
}
