//! A repository that is made: an empty folder, the files of Cargo, one commit.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::messages::Wrong;
use crate::session::Session;
use crate::trouble::Trouble;

/// A folder that holds something belongs to somebody.
pub fn empty_folder(folder: &Path) -> Result<PathBuf, Trouble> {
    let failed = |error| Trouble::failed(format!("cannot make {}", folder.display()), error);
    // Also makes sure that it can be made, and that no file stands there.
    fs::create_dir_all(folder).map_err(failed)?;
    if fs::read_dir(folder).map_err(failed)?.next().is_some() {
        return Err(Wrong::NotEmpty(folder.display().to_string()).into());
    }
    folder.canonicalize().map_err(failed)
}

/// Cargo takes what it needs from the workshop's lock file: the same versions, which are already downloaded.
pub fn carry_cargo_files(session: &Session, folder: &Path) -> Result<(), Trouble> {
    for file in ["Cargo.lock", "rust-toolchain.toml"] {
        fs::copy(session.workspace.root.join(file), folder.join(file))
            .map_err(|error| Trouble::failed(format!("cannot copy {file}"), error))?;
    }
    prune_lock_file(folder);
    Ok(())
}

/// The first build would prune it anyway, and show the attendee a change that is not theirs. Only a nicety: a failure is one
/// that the build itself will tell better.
fn prune_lock_file(folder: &Path) {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(program);
    let _ = cargo.current_dir(folder).args(["update", "--workspace", "--offline", "--quiet"]).output();
}

/// Keeps what is built out of version control.
pub fn ignore_target(folder: &Path) -> io::Result<()> {
    let file = folder.join(".gitignore");
    let known = fs::read_to_string(&file).unwrap_or_default();
    if known.lines().any(|line| line == "/target") { Ok(()) } else { fs::write(file, format!("{known}/target\n")) }
}

/// The first commit, in the attendee's name where git knows one.
pub fn commit(folder: &Path, message: &str) -> Result<(), Trouble> {
    git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    // `--force`: somebody's global ignore rules must not leave out a part of the starter.
    git(folder, &["add", "--all", "--force"])?;
    let known = git(folder, &["config", "user.name"]).and_then(|()| git(folder, &["config", "user.email"]));
    let identity: &[&str] =
        if known.is_ok() { &[] } else { &["-c", "user.name=attendee", "-c", "user.email=attendee@localhost"] };
    git(folder, &[identity, &["commit", "--quiet", "--message", message]].concat())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<(), Trouble> {
    let mut git = Command::new("git");
    // Hooks and signing of the attendee would act on, or ask about, a commit that is not theirs yet.
    git.current_dir(folder).args(["-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false"]).args(arguments);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(name);
    }
    let output = git.output().map_err(|error| Trouble::failed("cannot run git (is it installed?)", error))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Trouble::failed(format!("git {}", arguments.join(" ")), String::from_utf8_lossy(&output.stderr).trim()))
}
