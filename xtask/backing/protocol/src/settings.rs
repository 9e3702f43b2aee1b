//! `workshop.toml` in the workshop's folder: which images are used. The file may be absent, and so may each of its lines.

use serde::Deserialize;

/// The file's name.
pub const FILE: &str = "workshop.toml";

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

impl Images {
    /// All of them.
    pub fn names(&self) -> [&str; 4] {
        [&self.postgres, &self.redis, &self.base, &self.rust]
    }
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
