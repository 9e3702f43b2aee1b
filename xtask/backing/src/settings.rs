//! `workshop.toml` in the workshop's folder: which images are used. The file may be absent, and so may each of its lines.

use std::io::ErrorKind;
use std::path::Path;

use backing_protocol::Refusal;
use serde::Deserialize;

use crate::refusals::{failed, failing};

/// The file's name.
const FILE: &str = "workshop.toml";

/// What the file says.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The images' names.
    pub images: Images,
}

/// The images' names, as `docker pull` takes them.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Images {
    /// A PostgreSQL server.
    pub postgres: String,
    /// A Redis server.
    pub redis: String,
    /// What a release runs in.
    pub base: String,
    /// What a release is built in.
    pub rust: String,
}

impl Default for Images {
    /// The official images. Of PostgreSQL and Redis those on Alpine: a third of the bytes over a room's network, and nothing that a
    /// check looks at depends on the C library below. Releases run on Debian, whose C library is that of most builds.
    fn default() -> Self {
        Self {
            postgres: "postgres:17-alpine".to_owned(),
            redis: "redis:7-alpine".to_owned(),
            base: "debian:bookworm-slim".to_owned(),
            rust: "rust:1.95-slim-bookworm".to_owned(),
        }
    }
}

impl Settings {
    /// Reads the file of the workshop in `root`.
    pub fn read(root: &Path) -> Result<Self, Refusal> {
        match std::fs::read_to_string(root.join(FILE)) {
            Ok(text) => toml::from_str(&text).map_err(failing(FILE)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(failed(FILE, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_absent_keeps_its_default() {
        let read: Settings = toml::from_str("[images]\nredis = \"valkey:8\"\n").unwrap();
        assert_eq!(read.images.redis, "valkey:8");
        assert_eq!(read.images.base, Images::default().base);
    }

    #[test]
    fn stand_ins_are_built_under_the_same_names() {
        let script = include_str!("../images/build");
        let Images { postgres, redis, base, rust } = Images::default();
        for (kind, name) in [("postgres", postgres), ("redis", redis), ("base", base), ("rust", rust)] {
            assert!(script.contains(&format!("[{kind}]={name}\n")), "{name}");
        }
    }

    #[test]
    fn a_misspelt_line_is_no_silent_default() {
        assert!(toml::from_str::<Settings>("[images]\nreddis = \"valkey:8\"\n").is_err());
    }
}
