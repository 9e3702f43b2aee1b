//! The graded tree: a copy of the subject in a scratch repository, so that nothing of the attendee's is ever written.
//!
//! The copy stays where it is between runs and only changed files are rewritten: cargo then rebuilds the leaf alone.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::check::LabError;
use crate::git::{git, git_succeeds};
use crate::subject::{Subject, Workspace};

/// A change to the graded copy.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The patch, for `git apply` in the subject's folder.
    pub file: PathBuf,
    /// Which patched copy is used; graders that run at the same time need different ones.
    pub slot: u8,
}

/// A subject's copy, locked against other runs for as long as this value lives.
#[derive(Debug)]
pub struct Tree {
    /// The folder with `app.toml` in it, in a scratch repository: a clone of the subject's, or else a single commit.
    pub folder: PathBuf,
    /// What the build command calls `{target}`.
    pub target: PathBuf,
    /// Whether the repository's history is the subject's own.
    pub own_history: bool,
    _lock: File,
}

/// Copies the subject to where it is graded and applies `patch`, if there is one, on top of it.
pub fn materialise(subject: &Subject, workspace: &Workspace, patch: Option<&Patch>) -> Result<Tree, LabError> {
    // Patched copies change from one patch to the next and must not disturb the attendee's own builds.
    let purpose = patch.map_or("plain".to_owned(), |patch| format!("patched-{}", patch.slot));
    let inside = subject.inside(workspace).filter(|path| !path.as_os_str().is_empty());
    let key = format!("{purpose}-{:016x}", stable_hash(subject.folder.as_os_str().as_encoded_bytes()));
    let repository = workspace.own().join("trees").join(&key);
    let lock = lock(&workspace.own().join("trees").join(format!("{key}.lock")))?;
    // Cargo tells packages apart by their path below the workspace's root. Without the key in it, copies would share one
    // fingerprint with each other and with the attendee's own builds, and a stale program could be graded.
    let relative = inside.as_ref().map(|inside| Path::new(&key).join(inside)).unwrap_or_default();
    let folder = repository.join(&relative);
    fs::create_dir_all(&folder).map_err(|e| LabError::new(format!("cannot create {}", folder.display()), e))?;

    let own_repository = inside.is_none() && is_top_level(&subject.folder);
    prepare_repository(subject, &repository, own_repository)?;
    take_back_patch(&repository)?;
    let mut files = list_files(subject, workspace, own_repository)?;
    if inside.is_some() {
        files.retain(|file| !of_the_workshop(file));
    }
    let kept = synchronise(&subject.folder, &folder, &files)
        .map_err(|error| LabError::new(format!("cannot copy {}", subject.name), error))?;
    if inside.is_some() {
        carry_workspace(workspace, &repository, &relative)
            .map_err(|error| LabError::new("cannot carry the workspace's manifest along", error))?;
    }
    remove_former(&repository, &folder, &kept).map_err(|error| LabError::new("cannot clean the graded tree", error))?;
    if !own_repository {
        commit(&repository)?;
    }
    if let Some(patch) = patch {
        apply(&patch.file, &repository, &relative)?;
    }
    // Services of this workspace share its compiled dependencies; a foreign one gets a folder of its own.
    let target = match inside {
        Some(_) => workspace.target.clone(),
        None => workspace.own().join("builds").join(&key),
    };
    Ok(Tree { folder, target, own_history: own_repository, _lock: lock })
}

/// The files of a graded tree that version control has, or would have after `git add`: relative to the tree's folder.
pub fn versioned_files(folder: &Path) -> Result<Vec<PathBuf>, LabError> {
    let listing =
        git(folder, &["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", "."])?;
    Ok(paths(&listing))
}

fn lock(path: &Path) -> Result<File, LabError> {
    let failed = |error| LabError::new(format!("cannot lock {}", path.display()), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = File::create(path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

fn is_top_level(folder: &Path) -> bool {
    // A worktree and a submodule have a file named .git, a clone a folder.
    folder.join(".git").exists() && git_succeeds(folder, &["rev-parse", "--verify", "--quiet", "HEAD"])
}

/// Gives the scratch repository its history: the subject's own, or none.
fn prepare_repository(subject: &Subject, repository: &Path, own_repository: bool) -> Result<(), LabError> {
    let dot_git = repository.join(".git");
    if !own_repository {
        let fresh = !dot_git.exists();
        return if fresh { git(repository, &["init", "--quiet"]).map(drop) } else { Ok(()) };
    }
    // A clone is made anew each time: history may have been rewritten, and a stale one would be graded.
    if dot_git.exists() {
        fs::remove_dir_all(&dot_git).map_err(|e| LabError::new("cannot remove the last clone", e))?;
    }
    let clone = repository.with_extension("clone");
    if clone.exists() {
        fs::remove_dir_all(&clone).map_err(|e| LabError::new("cannot remove an unfinished clone", e))?;
    }
    let from = subject.folder.as_os_str();
    let to = clone.as_os_str();
    // `--no-local` copies objects through git's own checks instead of linking the attendee's files.
    let flags = ["clone", "--quiet", "--no-checkout", "--no-local", "--no-recurse-submodules"].map(AsRef::as_ref);
    git(repository, &[&flags[..], &["--".as_ref(), from, to]].concat())?;
    fs::rename(clone.join(".git"), &dot_git).map_err(|e| LabError::new("cannot move the clone", e))?;
    fs::remove_dir_all(&clone).map_err(|e| LabError::new("cannot remove the clone's folder", e))
}

/// The subject's tracked and not ignored files: what a colleague would get, plus what has not been committed yet.
fn list_files(subject: &Subject, workspace: &Workspace, own_repository: bool) -> Result<Vec<PathBuf>, LabError> {
    let listing = if own_repository {
        git(&subject.folder, &["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"])?
    } else {
        // An empty repository elsewhere makes every file "other", while the subject's own .gitignore still counts.
        let empty = workspace.own().join("empty.git");
        if !empty.exists() {
            let folder = workspace.own();
            git(&folder, &["init", "--quiet", "--bare", "empty.git"])?;
        }
        let git_dir = format!("--git-dir={}", empty.display());
        git(&subject.folder, &[&git_dir, "--work-tree=.", "ls-files", "-z", "--others", "--exclude-standard"])?
    };
    Ok(paths(&listing))
}

/// Paths from git's NUL-separated listing; a path is bytes, not text.
fn paths(listing: &[u8]) -> Vec<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    let names = listing.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.map(|name| PathBuf::from(std::ffi::OsStr::from_bytes(name))).collect()
}

/// What lies in an exercise's or a solution's folder but is not part of the service.
fn of_the_workshop(file: &Path) -> bool {
    ["checks.rs", "checks", "pristine.txt", "hints", "mutants", "variants"].iter().any(|own| file.starts_with(own))
}

/// Copies what differs; returns what belongs to the copy. Files that are listed but deleted are left out.
fn synchronise(from: &Path, to: &Path, files: &[PathBuf]) -> io::Result<BTreeSet<PathBuf>> {
    let mut kept = BTreeSet::new();
    for file in files {
        if copy_if_different(&from.join(file), &to.join(file))? {
            kept.insert(file.clone());
        }
    }
    Ok(kept)
}

fn copy_if_different(from: &Path, to: &Path) -> io::Result<bool> {
    let Ok(metadata) = from.symlink_metadata() else { return Ok(false) };
    if let Some(folder) = to.parent() {
        create_folder(folder)?;
    }
    if metadata.is_symlink() {
        // Copied as a link, never followed: what it points to is not part of the subject.
        let target = fs::read_link(from)?;
        if fs::read_link(to).ok().as_ref() != Some(&target) {
            remove_any(to)?;
            std::os::unix::fs::symlink(target, to)?;
        }
        return Ok(true);
    }
    if !metadata.is_file() {
        return Ok(false);
    }
    let unchanged = to.symlink_metadata().is_ok_and(|known| {
        known.is_file() && known.len() == metadata.len() && known.permissions() == metadata.permissions()
    }) && fs::read(from)? == fs::read(to)?;
    if !unchanged {
        remove_any(to)?;
        fs::copy(from, to)?;
    }
    Ok(true)
}

/// A file or link of an earlier state may stand where a folder is needed now.
fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.symlink_metadata().is_ok_and(|known| !known.is_dir()) {
        fs::remove_file(folder)?;
    }
    fs::create_dir_all(folder)
}

fn remove_any(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(known) if known.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    }
}

/// Removes what an earlier state of the subject had and this one has not. What the build made stays: it saves a build.
fn remove_former(repository: &Path, folder: &Path, kept: &BTreeSet<PathBuf>) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    let record = repository.join(".git").join("workshop-files");
    for former in paths(&fs::read(&record).unwrap_or_default()) {
        if !kept.contains(&former) {
            remove_any(&folder.join(former))?;
        }
    }
    let listing: Vec<&[u8]> = kept.iter().map(|path| path.as_os_str().as_bytes()).collect();
    fs::write(record, listing.join(&0))
}

/// Puts the workspace's manifest, trimmed to the one member, and its lock file around the copy.
fn carry_workspace(workspace: &Workspace, repository: &Path, member: &Path) -> io::Result<()> {
    let manifest = fs::read_to_string(workspace.root.join("Cargo.toml"))?;
    let mut manifest: toml::Table = toml::from_str(&manifest).map_err(io::Error::other)?;
    if let Some(toml::Value::Table(table)) = manifest.get_mut("workspace") {
        table.insert("members".to_owned(), toml::Value::Array(vec![member.display().to_string().into()]));
        table.remove("default-members");
        table.remove("exclude");
    }
    let trimmed = toml::to_string(&manifest).map_err(io::Error::other)?;
    write_if_different(&repository.join("Cargo.toml"), trimmed.as_bytes())?;
    // Cargo prunes the lock file of the copy; comparing with the original then tells nothing, so its source is kept.
    let lock = fs::read(workspace.root.join("Cargo.lock"))?;
    let source = repository.join(".git").join("workshop-lock-source");
    if fs::read(&source).ok().as_ref() != Some(&lock) {
        fs::write(repository.join("Cargo.lock"), &lock)?;
        fs::write(source, &lock)?;
    }
    Ok(())
}

fn write_if_different(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|known| known == bytes) { Ok(()) } else { fs::write(path, bytes) }
}

fn commit(repository: &Path) -> Result<(), LabError> {
    git(repository, &["add", "--all", "."])?;
    let unchanged = git_succeeds(repository, &["diff", "--cached", "--quiet", "HEAD"]);
    if unchanged {
        Ok(())
    } else {
        git(repository, &["commit", "--quiet", "--allow-empty", "--message", "graded"]).map(drop)
    }
}

/// Marks a repository whose last commit is a patch.
const PATCHED: &str = "workshop-patched";

fn apply(patch: &Path, repository: &Path, relative: &Path) -> Result<(), LabError> {
    let directory = format!("--directory={}", relative.display());
    let patch = patch.to_string_lossy();
    // Through the index, so that a patch that adds an ignored file adds it to version control, as people do by force.
    git(repository, &["apply", "--index", "--whitespace=nowarn", &directory, "--", &patch])?;
    git(repository, &["commit", "--quiet", "--allow-empty", "--message", "patched"])?;
    fs::write(repository.join(".git").join(PATCHED), "").map_err(|error| LabError::new("cannot mark the patch", error))
}

fn take_back_patch(repository: &Path) -> Result<(), LabError> {
    let mark = repository.join(".git").join(PATCHED);
    if !mark.exists() {
        return Ok(());
    }
    git(repository, &["reset", "--quiet", "--hard", "HEAD~1"])?;
    fs::remove_file(mark).map_err(|error| LabError::new("cannot unmark the patch", error))
}

/// FNV-1a: the standard library's hasher may change between versions, and a changed name costs a cold build.
fn stable_hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
