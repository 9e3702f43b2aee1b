//! The pristine starters are what was committed.

use std::path::Path;

use grader::factors::{FACTORS, Factor};
use grader::pristine::{self, File, NOT_IN_A_STARTER};

use super::{Finding, Project, git};
use crate::trouble::Trouble;

/// `pristine.txt` holds the exercise as committed.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let mut found = Vec::new();
    for factor in &FACTORS {
        if git::has_history(project.root) && !project.is_edited(factor) && !is_current(project, factor)? {
            found.push(Finding::new(
                bundle(factor),
                "differs from the exercise as committed: run `cargo xtask tidy --fix`",
            ));
        }
    }
    Ok(found)
}

/// The bundles as they should be, from the files that lie there now: paths and contents.
pub fn generated(root: &Path) -> Result<Vec<(String, String)>, Trouble> {
    FACTORS.iter().map(|factor| Ok((bundle(factor), pristine::render(&present(root, &folder(factor))?)))).collect()
}

fn is_current(project: &Project, factor: &Factor) -> Result<bool, Trouble> {
    let mut committed = git::committed(project.root, &folder(factor))?;
    committed.retain(|file| in_starter(&file.path));
    committed.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(project.wanted(&bundle(factor))? == pristine::render(&committed))
}

fn present(root: &Path, folder: &str) -> Result<Vec<File>, Trouble> {
    let paths = git::files(root, folder)?;
    let prefix = format!("{folder}/");
    let mut files: Vec<&str> = paths.iter().filter_map(|path| path.strip_prefix(&prefix)).collect();
    files.retain(|path| in_starter(path));
    let read = |path: &str| {
        let what = format!("cannot put {folder}/{path} into the pristine starter");
        pristine::read(&root.join(folder), path).map_err(|error| Trouble::failed(what, error))
    };
    files.into_iter().map(read).collect()
}

fn in_starter(path: &str) -> bool {
    !NOT_IN_A_STARTER.iter().any(|other| Path::new(path).starts_with(other))
}

fn folder(factor: &Factor) -> String {
    format!("exercises/{}", factor.folder())
}

fn bundle(factor: &Factor) -> String {
    format!("{}/pristine.txt", folder(factor))
}
