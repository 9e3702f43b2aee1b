//! What `cargo xtask check` compiles is a list that somebody looked at.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::{Finding, Project};
use crate::trouble::Trouble;

/// Where the list is kept.
pub const LIST: &str = "xtask/crates.txt";

/// The list is the same on every machine, so it is that of one system.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Crates that belong into programs of their own: an attendee would wait minutes for them before the first verdict.
const HEAVY: [&str; 9] =
    ["testcontainers", "bollard", "k8s-openapi", "kube", "opentelemetry", "lettre", "mdbook", "sqlx", "tonic"];

/// The Unicode tables of ICU4X, which every URL parser brings unless the lock file holds `idna_adapter` at 1.0.0. Twenty
/// crates of them were more than half of the processor time of a service's first build.
const UNICODE_TABLES: &str = "name = \"icu_normalizer\"";

/// The crates are those on the list, and none is heavy.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let (_, now) = generated(project.root)?;
    let listed = project.text(LIST).unwrap_or_default();
    let (now, listed): (BTreeSet<&str>, BTreeSet<&str>) = (now.lines().collect(), listed.lines().collect());
    let mut found = Vec::new();
    let mut say = |name: &str, what: &str| found.push(Finding::new(LIST, format!("`{name}` {what}")));
    now.difference(&listed).for_each(|name| {
        say(name, "is compiled for `check` but not listed: is it worth everybody's wait? Then `cargo xtask tidy --fix`")
    });
    listed
        .difference(&now)
        .for_each(|name| say(name, "is listed but no longer compiled for `check`: `cargo xtask tidy --fix`"));
    let heavy = |name: &&&str| HEAVY.iter().any(|heavy| **name == *heavy || name.starts_with(&format!("{heavy}-")));
    now.iter().filter(heavy).for_each(|name| say(name, "is too heavy for `check`: move it into a program of its own"));
    if project.text("Cargo.lock").is_some_and(|lock| lock.contains(UNICODE_TABLES)) {
        let mend = "holds ICU4X, 20 CPU seconds of every first build: `cargo update -p idna_adapter --precise 1.0.0`";
        found.push(Finding::new("Cargo.lock", mend));
    }
    Ok(found)
}

/// The list as it should be: its path and its content.
pub fn generated(root: &Path) -> Result<(String, String), Trouble> {
    let tree = tree(root, "xtask", "{p}")?;
    let names: BTreeSet<&str> =
        tree.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty()).collect();
    let list = names.into_iter().map(|name| format!("{name}\n")).collect();
    Ok((LIST.to_owned(), list))
}

/// What is compiled for `package`, one crate a line in `format`.
pub fn tree(root: &Path, package: &str, format: &str) -> Result<String, Trouble> {
    let edges = ["--edges", "normal,build", "--prefix", "none", "--no-dedupe"];
    let what = ["tree", "--offline", "--package", package, "--target", TARGET, "--format", format];
    cargo(root, &[&what[..], &edges].concat())
}

/// Runs cargo in the workspace and returns what it prints.
pub fn cargo(root: &Path, arguments: &[&str]) -> Result<String, Trouble> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program).current_dir(root).args(arguments).output();
    let output = output.map_err(|error| Trouble::failed("cannot run cargo", error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Trouble::failed(format!("cargo {}", arguments.join(" ")), String::from_utf8_lossy(&output.stderr).trim()))
}
