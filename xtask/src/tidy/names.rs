//! Two binaries of one name would overwrite each other in the shared target folder.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::graph::cargo;
use super::{Finding, Project};
use crate::trouble::Trouble;

/// Package names and binary names are unique in the workspace.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let words = cargo(project.root, &["metadata", "--no-deps", "--offline", "--format-version", "1"])?;
    let metadata: Metadata = serde_json::from_str(&words).map_err(|error| Trouble::failed("cargo metadata", error))?;
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in metadata.packages {
        let binaries = package
            .targets
            .into_iter()
            .filter(|target| target.kind.iter().any(|kind| kind == "bin" || kind == "example"));
        for name in binaries.map(|target| target.name) {
            owners.entry(name).or_default().push(package.name.clone());
        }
    }
    let shared = owners.into_iter().filter(|(_, packages)| packages.len() > 1);
    Ok(shared
        .map(|(name, packages)| {
            Finding::new(
                "Cargo.toml",
                format!("the binary `{name}` is built by {}; they overwrite each other", packages.join(" and ")),
            )
        })
        .collect())
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}
