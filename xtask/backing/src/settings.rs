//! Reads `workshop.toml`, whose lines are those of [`backing_protocol::settings`].

use std::io::ErrorKind;
use std::path::Path;

use backing_protocol::Refusal;
use backing_protocol::settings::FILE;
pub use backing_protocol::settings::{Images, Settings};

use crate::refusals::{failed, failing};

/// Reads the file of the workshop in `root`.
pub fn read(root: &Path) -> Result<Settings, Refusal> {
    match std::fs::read_to_string(root.join(FILE)) {
        Ok(text) => toml::from_str(&text).map_err(failing(FILE)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Settings::default()),
        Err(error) => Err(failed(FILE, error)),
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
