//! The grader and the services compile the crates that they share once.

use std::collections::{BTreeMap, BTreeSet};

use grader::factors::FACTORS;

use super::graph::tree;
use super::{Finding, Project};
use crate::trouble::Trouble;

/// Crates that nobody could make equal at a fair price; a second copy of each costs a second or two. `bitflags` and `syn` are
/// named by neither the tools nor the services; `hyper-util` as services have it would bring ten more crates into the tools.
const TOLERATED: [&str; 3] = ["bitflags", "hyper-util", "syn"];

/// A crate, with its version; and the features it is compiled with, in each way it is compiled.
type Features = BTreeMap<String, BTreeSet<String>>;

/// A crate in both graphs has the same features in both; otherwise an attendee compiles it twice.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let ours = features(&tree(project.root, "xtask", "{p}|{f}")?);
    let mut found = Vec::new();
    for factor in FACTORS.iter().filter(|factor| !project.is_edited(factor)) {
        let package = factor.folder();
        let theirs = features(&tree(project.root, &package, "{p}|{f}")?);
        let different = ours.iter().filter(|(name, known)| theirs.get(*name).is_some_and(|other| other != *known));
        found.extend(
            different.map(|(name, known)| Finding::new("Cargo.toml", difference(name, known, &theirs[name], &package))),
        );
    }
    Ok(found)
}

fn features(tree: &str) -> Features {
    let mut features = Features::new();
    for (name, enabled) in tree.lines().filter_map(|line| line.split_once('|')) {
        // Crates of the workspace print their path here, and are compiled for one reader only.
        let tolerated = TOLERATED.iter().any(|crate_name| name.split(' ').next() == Some(crate_name));
        if !tolerated && !name.contains(" (/") {
            features.entry(name.to_owned()).or_default().insert(enabled.trim_end_matches(" (*)").to_owned());
        }
    }
    features
}

fn difference(name: &str, ours: &BTreeSet<String>, theirs: &BTreeSet<String>, package: &str) -> String {
    let all = |sets: &BTreeSet<String>| -> BTreeSet<String> {
        sets.iter().flat_map(|set| set.split(',')).filter(|feature| !feature.is_empty()).map(str::to_owned).collect()
    };
    let (ours, theirs) = (all(ours), all(theirs));
    let only = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect::<Vec<_>>().join(", ");
    let (first, second) = (only(&ours, &theirs), only(&theirs, &ours));
    format!(
        "`{name}` is compiled twice: xtask alone wants [{first}], {package} alone wants [{second}]; name them in [workspace.dependencies] and let both use the entry"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_gathered_per_crate() {
        let found = features("tokio v1.54.0|net,time\ntokio v1.54.0|net,time (*)\ngrader v0.1.0 (/x)|\nfoo v1.0.0|\n");
        assert_eq!(found.keys().collect::<Vec<_>>(), ["foo v1.0.0", "tokio v1.54.0"]);
        assert_eq!(found["tokio v1.54.0"].len(), 1);
    }
}
