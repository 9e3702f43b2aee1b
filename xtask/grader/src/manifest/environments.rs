//! `[dev]` and `[prod]`: what `app.toml` says of a developer's machine and of production. Only factor 10 looks at them.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Need, Recipe, stays_inside};

/// How a developer runs the service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dev {
    /// A file with a line `NAME=value` for each variable, relative to `app.toml`.
    pub env: PathBuf,
    /// The compose file that starts the backing services, relative to `app.toml`.
    pub services: PathBuf,
}

/// In what production differs from a developer's machine: as little as possible.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Prod {
    /// The command that builds what production runs, where that is not what everybody else runs.
    pub build: Vec<String>,
    /// The files that it makes.
    pub release: Vec<String>,
    /// The version of PostgreSQL that production runs, where no manifest in the repository says so.
    pub postgres: Option<String>,
    /// That of Redis.
    pub redis: Option<String>,
}

impl Dev {
    pub(super) fn validate(&self) -> Result<(), String> {
        stays_inside("[dev] env", &self.env.to_string_lossy())?;
        stays_inside("[dev] services", &self.services.to_string_lossy())
    }
}

impl Prod {
    /// The version that production runs of a backing service, as the file says it.
    pub fn version(&self, need: Need) -> Option<&str> {
        match need {
            Need::Postgres => self.postgres.as_deref(),
            Need::Redis => self.redis.as_deref(),
            Need::Screen | Need::Smtp => None,
        }
    }

    pub(super) fn validate(&self) -> Result<(), String> {
        if self.build.is_empty() != self.release.is_empty() {
            return Err(
                "[prod] build and [prod] release go together: the command and the files that it makes".to_owned()
            );
        }
        Recipe { build: &self.build, release: &self.release }.validate("[prod] build", "[prod] release")
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::{Manifest, ManifestError};

    const APP: &str =
        "contract = \"jjalda/v1\"\n[app.links]\nrelease = [\"src\"]\n[app.links.process]\nweb = [\"x\"]\n";

    #[track_caller]
    fn refused(more: &str, part: &str) {
        let ManifestError(why) = Manifest::parse(&format!("{APP}{more}")).expect_err("must be refused");
        assert!(why.contains(part), "{why:?} does not say {part:?}");
    }

    #[test]
    fn both_tables_are_read_and_both_may_be_absent() {
        let without = Manifest::parse(APP).expect("is good");
        assert!(without.dev.is_none() && without.shipped().is_none());
        let with = format!(
            "{APP}[dev]\nenv = \"e\"\nservices = \"s\"\n[prod]\nbuild = [\"b\"]\nrelease = [\"{{target}}/b\"]\n"
        );
        assert!(Manifest::parse(&with).expect("is good").shipped().is_some());
    }

    #[test]
    fn mistakes_are_refused_with_their_place() {
        refused("[dev]\nenv = \"dev.env\"\n", "missing field `services`");
        refused("[dev]\nenv = \"/etc/passwd\"\nservices = \"s\"\n", "[dev] env");
        refused("[dev]\nenv = \"e\"\nservices = \"../s\"\n", "[dev] services");
        refused("[prod]\nbuild = [\"b\"]\n", "[prod] release");
        refused("[prod]\nbuild = [\"{taget}\"]\nrelease = [\"b\"]\n", "[prod] build holds {taget}");
        refused("[prod]\nmysql = \"8\"\n", "unknown field `mysql`");
    }
}
