//! A factor's starter as it was delivered, and what the attendee made of it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use grader::factors::Factor;
use grader::manifest::Manifest;
use grader::pristine::{self, File};

use crate::session::Session;
use crate::trouble::Trouble;

/// The pristine files of a factor, and which of them attendees change.
pub struct Starter {
    /// All files.
    pub files: Vec<File>,
    /// The paths that `app.toml` calls `edit`.
    edit: Vec<String>,
}

/// One path that differs from the starter.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// Below the exercise's folder.
    pub path: String,
    /// What happened to it.
    pub kind: ChangeKind,
}

/// How a path differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Its content or its mode.
    Changed,
    /// The starter has no such file.
    Added,
    /// The exercise has it no more.
    Removed,
}

impl Starter {
    /// Opens the starter that is compiled into this program.
    pub fn of(factor: &Factor) -> Result<Self, Trouble> {
        let broken = |why: String| Trouble::failed(format!("the pristine copy of {} is unusable", factor.id()), why);
        let files = pristine::parse(factor.exercise.pristine).map_err(|error| broken(error.0))?;
        let manifest = files.iter().find(|file| file.path == "app.toml");
        let manifest = manifest.ok_or_else(|| broken("it has no app.toml".to_owned()))?;
        // The pristine `edit` counts: the attendee's own app.toml may be what has to be reset.
        let edit = Manifest::parse(&manifest.content).map_err(|error| broken(error.0))?.edit;
        Ok(Self { files, edit })
    }

    /// Which editable paths in `folder` differ from the starter, sorted.
    pub fn changes(&self, folder: &Path) -> io::Result<Vec<Change>> {
        let present = self.editable_files(folder)?;
        let known: BTreeSet<String> =
            self.files.iter().map(|file| file.path.clone()).filter(|path| self.is_editable(path)).collect();
        let differs = |path: &String| match self.file(path) {
            Some(file) => pristine::read(folder, path).ok().as_ref() != Some(file),
            None => true,
        };
        let kind = |path: &String| match (known.contains(path), present.contains(path)) {
            (true, false) => ChangeKind::Removed,
            (false, _) => ChangeKind::Added,
            (true, true) => ChangeKind::Changed,
        };
        let paths: BTreeSet<&String> = known.union(&present).collect();
        let different = paths.into_iter().filter(|path| !present.contains(*path) || differs(path));
        Ok(different.map(|path| Change { path: path.clone(), kind: kind(path) }).collect())
    }

    /// The pristine file at `path`.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The editable files in `folder`: what `edit` names, and everything below the folders it names.
    pub fn editable_files(&self, folder: &Path) -> io::Result<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        for edit in &self.edit {
            let path = folder.join(edit);
            if path.is_dir() {
                let below = pristine::paths(&path, |_| true)?;
                found.extend(below.iter().map(|path| format!("{}/{path}", edit.trim_end_matches('/'))));
            } else if path.symlink_metadata().is_ok() {
                found.insert(edit.clone());
            }
        }
        Ok(found)
    }

    fn is_editable(&self, path: &str) -> bool {
        self.edit.iter().any(|edit| Path::new(path).starts_with(edit))
    }
}

/// Shows how the folders `from` and `to`, both in `scratch`, differ, as git shows it.
pub fn show_difference(session: &Session, scratch: &Path, from: &str, to: &str) -> Result<(), Trouble> {
    let mut git = Command::new("git");
    git.current_dir(scratch).args(["--no-pager", "diff", "--no-index", "--no-ext-diff", "--no-prefix"]);
    git.arg(if session.color() { "--color=always" } else { "--color=never" }).args(["--", from, to]);
    // The attendee's own settings would change what this book and its readers see.
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("LC_ALL", "C.UTF-8");
    let output = git.output().map_err(|error| Trouble::failed("cannot run git", error))?;
    // Exit code 1 only says that there are differences.
    if output.status.code().is_none_or(|code| code > 1) {
        return Err(Trouble::failed("git diff", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(io::Write::write_all(&mut crate::console::Stdout::default(), &output.stdout)?)
}

/// An empty folder for two trees to be compared in; the next comparison replaces it.
pub fn comparison_folder(session: &Session) -> io::Result<PathBuf> {
    let folder = session.workspace.own().join("compare");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Copies `paths` from one folder to another.
pub fn copy_files<'a>(paths: impl IntoIterator<Item = &'a String>, from: &Path, to: &Path) -> io::Result<()> {
    paths.into_iter().try_for_each(|path| {
        let target = to.join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(from.join(path), target).map(drop)
    })
}
