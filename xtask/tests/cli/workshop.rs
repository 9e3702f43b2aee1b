//! A small copy of the workshop, in which `cargo xtask` is called as a person calls it.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// With it begins everything that colours a terminal.
pub const ESCAPE: char = '\u{1b}';

/// A workshop of its own: manifests, the exercise as delivered, a stand-in for the solution.
pub struct Workshop {
    folder: TempDir,
}

impl Workshop {
    pub fn new() -> Self {
        let workshop = Self { folder: tempfile::tempdir().unwrap() };
        let real = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for file in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "xtask/Cargo.toml"] {
            workshop.write(file, &fs::read_to_string(real.join(file)).unwrap());
        }
        let factor = grader::factors::find("factor-3").unwrap();
        let starter = grader::pristine::parse(factor.exercise.pristine).unwrap();
        grader::pristine::unpack(&starter, &workshop.exercise("")).unwrap();
        workshop.write("solutions/factor-03-config/src/main.rs", "fn main() { println!(\"repaired\"); }\n");
        workshop
    }

    /// The same with files and folders of the real one.
    pub fn with(paths: &[&str]) -> Self {
        let workshop = Self::new();
        let real = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for path in paths {
            grader::copy(&real.join(path), &workshop.path(path)).unwrap();
        }
        workshop
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(path)
    }

    pub fn exercise(&self, path: &str) -> PathBuf {
        self.path("exercises/factor-03-config").join(path)
    }

    pub fn write(&self, path: &str, words: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, words).unwrap();
    }

    pub fn xtask(&self, words: &str) -> Command {
        self.xtask_in("", words)
    }

    /// With an environment in which nothing of this machine decides.
    pub fn xtask_in(&self, folder: &str, words: &str) -> Command {
        let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
        xtask
            .current_dir(self.path(folder))
            .args(words.split_whitespace())
            .env("CARGO_MANIFEST_DIR", self.path("xtask"));
        for name in ["CARGO_TARGET_DIR", "WORKSHOP_HOME", "WORKSHOP_WORKSPACE_IS_BUILT", "CI"] {
            xtask.env_remove(name);
        }
        for name in ["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "CLICOLOR_FORCE"] {
            xtask.env_remove(name);
        }
        xtask
    }

    #[track_caller]
    pub fn prints(&self, words: &str, parts: &[&str]) {
        let output = self.xtask(words).assert().success();
        let said = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        contains(&said, parts);
        assert!(!said.contains(ESCAPE), "no terminal reads this: {said:?}");
    }

    #[track_caller]
    pub fn refuses(&self, words: &str, parts: &[&str]) {
        let output = self.xtask(words).assert().code(2).stdout("");
        contains(&String::from_utf8(output.get_output().stderr.clone()).unwrap(), parts);
    }
}

/// Fails with the whole output.
#[track_caller]
pub fn contains(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
}
