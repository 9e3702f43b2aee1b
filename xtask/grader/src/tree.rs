//! The graded tree: a copy of the subject in a scratch repository, so that nothing of the attendee's is ever written.
//!
//! The copy stays where it is between runs and only changed files are rewritten: cargo then rebuilds the leaf alone.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::check::LabError;
use crate::git::{git, git_succeeds};
use crate::subject::{Subject, Workspace};

mod files;

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
    /// Where it lies.
    pub place: Place,
    /// Whether the repository's history is the subject's own.
    pub own_history: bool,
    _lock: File,
}

/// Where a copy lies and is built.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder with `app.toml` in it, in a scratch repository: a clone of the subject's, or else a single commit.
    pub folder: PathBuf,
    /// What the build command calls `{target}`.
    pub target: PathBuf,
    /// What stands before the subject's own paths in what a build prints.
    pub prefix: String,
}

impl Place {
    /// The file among `locks` that whoever builds here, or in a clone of this, must hold locked until the release is copied: services
    /// that share a target folder overwrite each other's programs.
    pub fn build_lock(&self, locks: &Path) -> PathBuf {
        locks.join(format!("build-{:016x}.lock", stable_hash(self.target.as_os_str().as_encoded_bytes())))
    }
}

/// The file that whoever uses the subject's copy must hold locked.
pub fn lock_path(subject: &Subject, workspace: &Workspace, patch: Option<&Patch>) -> PathBuf {
    workspace.own().join("trees").join(format!("{}.lock", key(subject, patch)))
}

/// The copy's name. Patched copies change from one patch to the next and must not disturb the others.
fn key(subject: &Subject, patch: Option<&Patch>) -> String {
    let purpose = patch.map_or("plain".to_owned(), |patch| format!("patched-{}", patch.slot));
    format!("{purpose}-{:016x}", stable_hash(subject.folder.as_os_str().as_encoded_bytes()))
}

/// Copies the subject to where it is graded and applies `patch`, if there is one, on top of it. Services of the workshop
/// are built in `builds`, or else in its target folder. `lock` is that of [`lock_path`].
pub fn materialise(
    subject: &Subject,
    workspace: &Workspace,
    patch: Option<&Patch>,
    builds: Option<&Path>,
    lock: File,
) -> Result<Tree, LabError> {
    let inside = subject.inside(workspace);
    let key = key(subject, patch);
    let repository = workspace.own().join("trees").join(&key);
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
    // Not in `.git`, which a clone replaces each time.
    let record = repository.with_extension("files");
    files::synchronise(&subject.folder, &folder, &files, &record)
        .map_err(|error| LabError::new(format!("cannot copy {}", subject.name), error))?;
    if inside.is_some() {
        carry_workspace(workspace, &repository, &relative)
            .map_err(|error| LabError::new("cannot carry the workspace's manifest along", error))?;
    }
    if !own_repository {
        commit(&repository, &folder, &record)?;
    }
    if let Some(patch) = patch {
        apply(&patch.file, &repository, &relative)?;
    }
    let prefix = if inside.is_some() { format!("{key}/") } else { String::new() };
    // Services of this workspace share its compiled dependencies; a foreign one gets a folder of its own.
    let target = match inside {
        Some(_) => builds.unwrap_or(&workspace.target).to_owned(),
        None => workspace.own().join("builds").join(&key),
    };
    Ok(Tree { place: Place { folder, target, prefix }, own_history: own_repository, _lock: lock })
}

/// The files of a graded tree that version control has, or would have after `git add`: relative to the tree's folder.
pub fn versioned_files(folder: &Path) -> Result<Vec<PathBuf>, LabError> {
    let listing =
        git(folder, &["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", "."])?;
    Ok(paths(&listing))
}

fn is_top_level(folder: &Path) -> bool {
    // A worktree and a submodule have a file named .git, a clone a folder.
    folder.join(".git").exists() && git_succeeds(folder, &["rev-parse", "--verify", "--quiet", "HEAD"])
}

/// Gives the scratch repository its history: the subject's own, or none.
fn prepare_repository(subject: &Subject, repository: &Path, own_repository: bool) -> Result<(), LabError> {
    let dot_git = repository.join(".git");
    if !own_repository {
        return whole_or_new(repository);
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
    fs::remove_dir_all(&clone).map_err(|e| LabError::new("cannot remove the clone's folder", e))?;
    // The index of the last commit: what is tracked stays tracked, even where a .gitignore names it by now.
    scratch_git(repository, &["read-tree", "HEAD"]).map(drop)
}

/// A run that was killed, or that filled the disk, may have left half a repository.
fn whole_or_new(repository: &Path) -> Result<(), LabError> {
    let dot_git = repository.join(".git");
    // This run holds the lock on the whole copy, so whoever was going to remove git's own lock is gone.
    drop(fs::remove_file(dot_git.join("index.lock")));
    if scratch_git(repository, &["status", "--porcelain", "--untracked-files=no"]).is_ok() {
        return Ok(());
    }
    files::remove_any(&dot_git).map_err(|error| LabError::new("cannot remove a broken repository", error))?;
    git(repository, &["init", "--quiet"]).map(drop)
}

/// Git in the scratch repository and no other: where it finds none it would look further up, and find the attendee's.
fn scratch_git(repository: &Path, arguments: &[&str]) -> Result<Vec<u8>, LabError> {
    git(repository, &[&["--git-dir=.git", "--work-tree=."], arguments].concat())
}

/// The subject's tracked and not ignored files: what a colleague would get, plus what has not been committed yet.
fn list_files(subject: &Subject, workspace: &Workspace, own_repository: bool) -> Result<Vec<PathBuf>, LabError> {
    let listing = if own_repository || is_versioned(&subject.folder) {
        let flags = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", "."];
        git(&subject.folder, &flags)?
    } else {
        // An empty repository elsewhere makes every file "other", while the subject's own .gitignore still counts.
        let empty = workspace.own().join("empty.git");
        if !empty.exists() {
            make_empty(&workspace.own(), &empty)?;
        }
        let git_dir = format!("--git-dir={}", empty.display());
        git(&subject.folder, &[&git_dir, "--work-tree=.", "ls-files", "-z", "--others", "--exclude-standard"])?
    };
    Ok(paths(&listing))
}

/// Whether a repository around the folder knows it; one that ignores it (scratch folders, `work/`) says nothing about it.
fn is_versioned(folder: &Path) -> bool {
    git_succeeds(folder, &["rev-parse", "--verify", "--quiet", "HEAD"])
        && !git_succeeds(folder, &["check-ignore", "--quiet", "."])
}

/// Made aside and renamed: another run, or another case of this proof, must never see half of it, nor a later one what a
/// kill has left.
fn make_empty(folder: &Path, empty: &Path) -> Result<(), LabError> {
    let fresh = format!("empty-{}-{:08x}.git", std::process::id(), fastrand::u32(..));
    git(folder, &["init", "--quiet", "--bare", &fresh])?;
    let fresh = folder.join(fresh);
    match fs::rename(&fresh, empty) {
        // Another run was faster.
        Err(_) if empty.exists() => files::remove_any(&fresh),
        renamed => renamed,
    }
    .map_err(|error| LabError::new(format!("cannot create {}", empty.display()), error))
}

/// Paths from git's NUL-separated listing; a path is bytes, not text.
fn paths(listing: &[u8]) -> Vec<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    let names = listing.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.map(|name| PathBuf::from(std::ffi::OsStr::from_bytes(name))).collect()
}

/// What lies in an exercise's or a solution's folder but is not part of the service.
fn of_the_workshop(file: &Path) -> bool {
    let own = ["checks.rs", "checks", "pristine.txt", "hints", "mutants", "variants", "other-languages"];
    own.iter().any(|own| file.starts_with(own))
}

/// Puts the workspace's manifest, trimmed to the one member, and its lock file around the copy.
fn carry_workspace(workspace: &Workspace, repository: &Path, member: &Path) -> io::Result<()> {
    let manifest = trimmed_manifest(&workspace.root, member, &repository.join(member))?;
    write_if_different(&repository.join("Cargo.toml"), manifest.as_bytes())?;
    // Cargo prunes the lock file of the copy; comparing with the original then tells nothing, so its source is kept.
    let lock = fs::read(workspace.root.join("Cargo.lock"))?;
    let source = repository.join(".git").join("workshop-lock-source");
    if fs::read(&source).ok().as_ref() != Some(&lock) {
        fs::write(repository.join("Cargo.lock"), &lock)?;
        fs::write(source, &lock)?;
    }
    Ok(())
}

/// The manifest of the workspace in `root` with one member alone, which lies in `package` now: dependencies, lints and
/// profiles stay, but for what profiles say of crates that it does not depend on.
pub fn trimmed_manifest(root: &Path, member: &Path, package: &Path) -> io::Result<String> {
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let mut manifest: toml::Table = toml::from_str(&manifest).map_err(io::Error::other)?;
    if let Some(toml::Value::Table(table)) = manifest.get_mut("workspace") {
        table.insert("members".to_owned(), toml::Value::Array(vec![member.display().to_string().into()]));
        table.remove("default-members");
        table.remove("exclude");
    }
    // A member that is no Cargo package, such as a service in another language, has no use for any.
    let package = fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default();
    keep_own_profiles(&mut manifest, &toml::from_str(&package).map_err(io::Error::other)?);
    toml::to_string(&manifest).map_err(io::Error::other)
}

/// Removes what the profiles of a manifest say of single crates, unless `package` names them as dependencies: Cargo warns
/// about each one that is not in the graph.
pub fn keep_own_profiles(manifest: &mut toml::Table, package: &toml::Table) {
    let dependencies = package.get("dependencies").and_then(toml::Value::as_table);
    let profiles = manifest.get_mut("profile").and_then(toml::Value::as_table_mut);
    for (_, profile) in profiles.into_iter().flatten() {
        if let Some(toml::Value::Table(crates)) = profile.get_mut("package") {
            crates.retain(|name, _| name == "*" || dependencies.is_some_and(|known| known.contains_key(name)));
        }
    }
}

fn write_if_different(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|known| known == bytes) { Ok(()) } else { fs::write(path, bytes) }
}

/// Commits what was copied: also what a .gitignore names, if the subject's repository tracks it.
fn commit(repository: &Path, folder: &Path, record: &Path) -> Result<(), LabError> {
    scratch_git(repository, &["add", "--all", "."])?;
    if record.metadata().is_ok_and(|known| known.len() > 0) {
        let listed = format!("--pathspec-from-file={}", record.display());
        git(folder, &["--literal-pathspecs", "add", "--force", "--pathspec-file-nul", &listed])?;
    }
    let unchanged = scratch_git(repository, &["diff", "--cached", "--quiet", "HEAD"]).is_ok();
    if unchanged {
        Ok(())
    } else {
        scratch_git(repository, &["commit", "--quiet", "--allow-empty", "--message", "graded"]).map(drop)
    }
}

/// Marks a repository whose last commit is a patch.
const PATCHED: &str = "workshop-patched";

fn apply(patch: &Path, repository: &Path, relative: &Path) -> Result<(), LabError> {
    let directory = format!("--directory={}", relative.display());
    let patch = patch.to_string_lossy();
    // Through the index, so that a patch that adds an ignored file adds it to version control, as people do by force.
    scratch_git(repository, &["apply", "--index", "--whitespace=nowarn", &directory, "--", &patch])?;
    scratch_git(repository, &["commit", "--quiet", "--allow-empty", "--message", "patched"])?;
    fs::write(repository.join(".git").join(PATCHED), "").map_err(|error| LabError::new("cannot mark the patch", error))
}

fn take_back_patch(repository: &Path) -> Result<(), LabError> {
    let mark = repository.join(".git").join(PATCHED);
    if !mark.exists() {
        return Ok(());
    }
    scratch_git(repository, &["reset", "--quiet", "--hard", "HEAD~1"])?;
    fs::remove_file(mark).map_err(|error| LabError::new("cannot unmark the patch", error))
}

/// FNV-1a: the standard library's hasher may change between versions, and a changed name costs a cold build.
pub fn stable_hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_profiles_say_of_its_own_dependencies() {
        let folder = tempfile::tempdir().unwrap();
        let (workshop, copy) = (folder.path().join("workshop"), folder.path().join("copy"));
        let profiles = "[profile.dev.package.slow]\nopt-level = 3\n\n[profile.dev.package.foreign]\nopt-level = 3\n";
        for (place, words) in [(&workshop, profiles), (&copy, "[dependencies]\nslow = \"1\"\n")] {
            fs::create_dir(place).unwrap();
            fs::write(place.join("Cargo.toml"), words).unwrap();
        }
        let manifest = trimmed_manifest(&workshop, Path::new("key/member"), &copy).unwrap();
        assert!(manifest.contains("profile.dev.package.slow") && !manifest.contains("foreign"), "{manifest}");
    }
}
