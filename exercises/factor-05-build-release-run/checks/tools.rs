//! The programs that make programs. Where a release is run, none of them is needed.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use crate::check::LabError;
use crate::lab::Lab;
use crate::lab::decoys::{path_folders, programs_in};

/// Compilers, bundlers and package managers, by the names under which people call them.
pub const BUILD_TOOLS: [&str; 42] = [
    "apk", "apt", "apt-get", "as", "bundle", "bun", "c++", "cargo", "cc", "clang", "clang++", "cmake", "composer",
    "conda", "deno", "dnf", "dotnet", "esbuild", "g++", "gcc", "gem", "go", "gradle", "javac", "ld", "make", "mvn",
    "npm", "npx", "pip", "pip3", "pipx", "pnpm", "poetry", "rustc", "rustup", "sbt", "tsc", "uv", "webpack", "yarn",
    "yum",
];

/// A `PATH` with every program of this machine's but those.
///
/// # Errors
///
/// A folder that cannot be written.
pub fn path_without_them(lab: &Lab) -> Result<PathBuf, LabError> {
    let folder = lab.scratch()?;
    let failed = |error: std::io::Error| LabError::new("cannot make a PATH", error);
    let mut known = BTreeSet::new();
    for place in path_folders() {
        for name in programs_in(&place) {
            // The first one of a name is the one that is found.
            if !is_build_tool(&name.to_string_lossy()) && known.insert(name.clone()) {
                symlink(place.join(&name), folder.join(&name)).map_err(failed)?;
            }
        }
    }
    Ok(folder)
}

/// Whether a program of that name makes programs, in whatever version: `gcc-14`, `python3-pip` is none.
pub fn is_build_tool(name: &str) -> bool {
    let base = name
        .split_once('-')
        .map_or(name, |(base, version)| if version.starts_with(|c: char| c.is_ascii_digit()) { base } else { name });
    BUILD_TOOLS.contains(&base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_known_in_every_version() {
        for tool in ["cc", "gcc-14", "clang++-19", "apt-get"] {
            assert!(is_build_tool(tool), "{tool}");
        }
        for other in ["sh", "python3", "node", "cat", "clang-format", "x86_64-linux-gnu-strip"] {
            assert!(!is_build_tool(other), "{other}");
        }
    }
}
