//! A subject: any folder with an `app.toml` — a starter, an exercise, a solution, a mutant, a variant, somebody's service.

use std::path::{Path, PathBuf};

use crate::factors::Factor;
use crate::manifest::{App, Manifest, ManifestError};

/// The workshop's own folders.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder; all that the grader writes lies under it or under the system's temporary folder.
    pub target: PathBuf,
}

impl Workspace {
    /// The folder for results, graded trees and other things of the grader.
    pub fn own(&self) -> PathBuf {
        self.target.join("workshop")
    }

    /// The exercise of a factor.
    pub fn exercise(&self, factor: &Factor) -> PathBuf {
        self.root.join("exercises").join(factor.folder())
    }

    /// The reference solution of a factor.
    pub fn solution(&self, factor: &Factor) -> PathBuf {
        self.root.join("solutions").join(factor.folder())
    }
}

/// What is graded.
#[derive(Debug, Clone)]
pub struct Subject {
    /// As the user would name it: relative to the workspace where it lies inside, otherwise absolute.
    pub name: String,
    /// Absolute path of the folder with `app.toml`.
    pub folder: PathBuf,
    /// Its `app.toml`.
    pub manifest: Manifest,
}

impl Subject {
    /// Opens the folder and validates its `app.toml`.
    pub fn open(folder: &Path, workspace: &Workspace) -> Result<Self, ManifestError> {
        let absolute = folder
            .canonicalize()
            .map_err(|error| ManifestError(format!("cannot open {}: {error}", folder.display())))?;
        let manifest = Manifest::read(&absolute)?;
        let root = workspace.root.canonicalize().unwrap_or_else(|_| workspace.root.clone());
        let name = absolute.strip_prefix(&root).unwrap_or(&absolute).display().to_string();
        Ok(Self { name, folder: absolute, manifest })
    }

    /// The app that is graded.
    pub fn app(&self) -> &App {
        self.manifest.graded().1
    }

    /// What else it declares, by name.
    pub fn other_apps(&self) -> impl Iterator<Item = (&String, &App)> {
        self.manifest.app.iter().filter(|(name, _)| *name != self.app_name())
    }

    /// What it is called: `links` or `screen`.
    pub fn app_name(&self) -> &'static str {
        self.manifest.graded().0
    }

    /// The path below the workspace's root, if it is part of the workspace: a repository of its own is not.
    pub fn inside(&self, workspace: &Workspace) -> Option<PathBuf> {
        if self.folder.join(".git").exists() {
            return None;
        }
        let root = workspace.root.canonicalize().ok()?;
        self.folder.strip_prefix(root).ok().map(Path::to_owned)
    }
}
