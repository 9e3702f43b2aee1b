//! The project says nothing about the machine it was written on.

use std::path::Path;

use super::{Finding, Project};
use crate::trouble::Trouble;

/// No file names this folder, this home or this machine.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let names = local_names(project.root);
    let mut found = Vec::new();
    for path in &project.files {
        let words = project.text(path).unwrap_or_default();
        let told = names.iter().find_map(|name| Some((name, words.find(name.as_str())?)));
        if let Some((name, at)) = told {
            let line = words[..at].lines().count().max(1);
            let what =
                format!("holds `{name}`, which exists on this machine only: write a relative path or an example");
            found.push(Finding::new(format!("{path}:{line}"), what));
        }
    }
    Ok(found)
}

fn local_names(root: &Path) -> Vec<String> {
    let home = std::env::var("HOME").unwrap_or_default();
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default().trim().to_owned();
    // `/root` and `/app` stand in every second Dockerfile, and machines called `debian` in every second text.
    let telling = |path: &str| Path::new(path).components().count() > 2;
    let unusual = |name: &str| name.len() >= 8 && name.contains(|c: char| c.is_ascii_digit() || c == '-');
    let paths = [root.display().to_string(), home].into_iter().filter(|path| telling(path));
    paths.chain(Some(host).filter(|name| unusual(name))).collect()
}
