//! Calls `workshop-kube` as a person or a pipeline does, on copies of the example set.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;
use tempfile::TempDir;

/// A copy of the example set that a test may spoil.
pub struct Example {
    folder: TempDir,
}

impl Example {
    /// A fresh copy.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&source(), folder.path());
        Self { folder }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Exchanges a text that must be there.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path().join(file);
        let words = fs::read_to_string(&path).unwrap();
        assert!(words.contains(from), "{file} has no {from:?}");
        fs::write(path, words.replacen(from, to, 1)).unwrap();
    }
}

/// The example set itself.
pub fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/kubernetes")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Runs the program.
pub fn run(path: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_workshop-kube")).arg(path).args(options).output().unwrap()
}

/// The report for programs, and the exit code.
pub fn judged(path: &Path) -> (Json, i32) {
    let output = run(path, &["--json"]);
    let report = serde_json::from_slice(&output.stdout);
    (report.unwrap_or_else(|_| panic!("{output:?}")), output.status.code().unwrap())
}

/// The rules that count and are broken, each once.
pub fn broken(report: &Json) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let required = findings.filter(|finding| finding["level"] == "required");
    let mut rules: Vec<String> = required.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect();
    rules.sort();
    rules.dedup();
    rules
}
