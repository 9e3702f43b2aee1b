//! The folders of runs: their names, which one is the latest, and how many are kept.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use grader::subject::Workspace;

use crate::stamp::stamp;

/// How many runs are kept.
const KEPT: usize = 20;

/// The name that always leads to the latest run.
const LATEST: &str = "latest";

/// The folder that holds all runs.
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.own().join("runs")
}

/// Makes the folder of a new run and returns its name: the time, and what is graded.
pub fn begin(workspace: &Workspace, label: &str) -> io::Result<String> {
    let runs = folder(workspace);
    fs::create_dir_all(&runs)?;
    let name = format!("{}-{label}", stamp(SystemTime::now()));
    // Two runs may begin within one second, in two terminals.
    let names = std::iter::once(name.clone()).chain((2..1000).map(|n| format!("{name}-{n}")));
    for name in names {
        match fs::create_dir(runs.join(&name)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            other => return other.map(|()| name),
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, format!("{name} and its 999 successors exist")))
}

/// Makes `run` the latest and removes the oldest ones.
pub fn finish(workspace: &Workspace, run: &str) -> io::Result<()> {
    let runs = folder(workspace);
    // Renaming replaces in one step: whoever follows the link always finds a run.
    let unfinished = runs.join(format!("{LATEST}-{run}"));
    std::os::unix::fs::symlink(run, &unfinished)?;
    fs::rename(unfinished, runs.join(LATEST))?;
    prune(&runs)
}

fn prune(runs: &Path) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(runs)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name());
        }
    }
    names.sort();
    let surplus = names.len().saturating_sub(KEPT);
    names.iter().take(surplus).try_for_each(|name| match fs::remove_dir_all(runs.join(name)) {
        // Another terminal was faster.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(folder: &Path) -> Workspace {
        Workspace { root: folder.to_owned(), target: folder.join("target") }
    }

    #[test]
    fn runs_of_one_second_get_names_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = workspace(folder.path());
        let names: std::collections::BTreeSet<_> = (0..3).map(|_| begin(&workspace, "factor-3").unwrap()).collect();
        assert_eq!(names.len(), 3);
    }

    #[test]
    fn the_last_twenty_runs_are_kept_and_the_newest_is_the_latest() {
        let temporary = tempfile::tempdir().unwrap();
        let workspace = workspace(temporary.path());
        let runs = folder(&workspace);
        for n in 10..35 {
            fs::create_dir_all(runs.join(format!("20260101-0000{n}-factor-3"))).unwrap();
            finish(&workspace, &format!("20260101-0000{n}-factor-3")).unwrap();
        }
        assert_eq!(fs::read_dir(&runs).unwrap().count(), KEPT + 1);
        assert_eq!(fs::read_link(runs.join(LATEST)).unwrap(), Path::new("20260101-000034-factor-3"));
        assert!(runs.join(LATEST).is_dir() && !runs.join("20260101-000010-factor-3").exists());
    }
}
