//! The `git` binary, called so that nothing of a repository or of the user's configuration can act.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::check::LabError;

/// Runs git and returns its standard output. `folder` is where git works; arguments follow.
///
/// Hooks, a file-system monitor, signing, a personal list of ignored files, and the user's and the system's configuration are switched off: a graded
/// repository is somebody's program, and the attendee's git configuration must not change what is graded.
pub fn git<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Result<Vec<u8>, LabError> {
    let output = command(folder)
        .args(arguments)
        .output()
        .map_err(|error| LabError::new("cannot run git (is it installed?)", error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words: Vec<String> = arguments.iter().map(|word| word.as_ref().to_string_lossy().into_owned()).collect();
    let said = String::from_utf8_lossy(&output.stderr);
    Err(LabError::new(format!("git {} in {}", words.join(" "), folder.display()), said.trim()))
}

/// The same, for a question whose answer may be no.
pub fn git_succeeds<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> bool {
    git(folder, arguments).is_ok()
}

fn command(folder: &Path) -> Command {
    let mut git = Command::new("git");
    // Variables such as GIT_DIR, GIT_CONFIG_COUNT or GIT_AUTHOR_NAME would redirect it, configure it or sign for it.
    let inherited = std::env::vars_os().map(|(name, _)| name);
    inherited.filter(|name| name.as_encoded_bytes().starts_with(b"GIT_")).for_each(|name| {
        git.env_remove(name);
    });
    git.current_dir(folder)
        .args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.excludesFile=/dev/null",
            "-c",
            "commit.gpgSign=false",
        ])
        .args(["-c", "user.name=workshop", "-c", "user.email=workshop@localhost", "-c", "core.autocrlf=false"])
        .args(["-c", "init.defaultBranch=main", "-c", "gc.auto=0", "-c", "protocol.ext.allow=never"])
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        // Reading somebody's repository must not even refresh its index.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C");
    git
}
