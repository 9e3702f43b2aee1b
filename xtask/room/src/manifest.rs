//! The list of a bundle's members, and the names that they may have.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The version of the format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// More members than a bundle can have: 401 crates, their index, two books and a few images today.
pub const MOST_MEMBERS: usize = 20_000;

/// Where members may lie: these files, and files in these folders.
const FILES: [&str; 2] = ["start.sh", "workshop.bundle"];
const FOLDERS: [&str; 4] = ["crates/", "index/", "book/", "images/"];

/// What shall be packed, as the caller says it.
#[derive(Debug, Deserialize)]
pub struct Plan {
    /// What the bundle is for: the caller's own words, carried along as they are.
    pub about: Value,
    /// The members, in their order.
    pub files: Vec<Source>,
}

/// A member to be packed.
#[derive(Debug, Deserialize)]
pub struct Source {
    /// Its name in the bundle.
    pub name: String,
    /// Where it is read.
    pub path: std::path::PathBuf,
    /// The hash that it must have, if somebody knows it.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// The list itself.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the format.
    pub format_version: u32,
    /// What the bundle is for.
    pub about: Value,
    /// Every other member, in the order of the archive.
    pub files: Vec<Member>,
}

/// A member of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its hash, in hexadecimal digits.
    pub sha256: String,
}

/// Whether a member may have this name: one of the known places, and nothing in it that a file system could read as another place.
pub fn is_known(name: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(is_plain);
    let place = FILES.contains(&name) || FOLDERS.iter().any(|folder| name.starts_with(folder));
    place && name.len() <= 200 && name.split('/').all(plain)
}

fn is_plain(letter: char) -> bool {
    letter.is_alphanumeric() || "._-+~@ ".contains(letter)
}

/// Passes bytes on and remembers their hash and number.
pub struct Hashed<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<T> Hashed<T> {
    /// Nothing has passed yet.
    pub fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// The hash and the number of all that has passed.
    pub fn result(self) -> (String, u64) {
        let digits = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        (digits, self.bytes)
    }
}

impl<T: Read> Read for Hashed<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_members_lead_nowhere_else() {
        for name in ["crates/a-1.0.0+x.crate", "index/ax/um/axum", "book/ko/index.html", "start.sh", "images/all.tar"] {
            assert!(is_known(name), "{name}");
        }
        for name in [
            "/etc/passwd",
            "crates/../../x",
            "crates//x",
            "crates/.",
            "crates/",
            "xtask/src/main.rs",
            "book/a\\b",
            "book/a\nb",
            "start.sh/x",
            "..",
            "",
        ] {
            assert!(!is_known(name), "{name}");
        }
    }
}
