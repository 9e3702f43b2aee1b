//! `start`: a repository of the attendee's own, which owes nothing to the workshop's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use grader::factors::Factor;
use grader::outcome::ExitCode;
use grader::pristine;
use grader::text::Lang;

use crate::messages::{Wrong, messages};
use crate::place;
use crate::session::Session;
use crate::starter::Starter;
use crate::trouble::Trouble;
use crate::workspace::shown;

mod manifest;

/// What the workshop's own test for an exercise is called; it calls `cargo xtask`, which the new repository does not have.
const WORKSHOP_TEST: &str = "tests/check.rs";

/// Makes the repository from the pristine starter, with one commit.
pub fn run(session: &mut Session, factor: &str, path: Option<&Path>) -> Result<ExitCode, Trouble> {
    let factor = place::meant(Some(factor), session)?;
    let folder = path.map_or_else(|| session.workspace.root.join("work").join(factor.id()), Path::to_owned);
    let folder = empty_folder(&folder)?;
    let shown = shown(&folder);
    write_files(session, factor, &folder, &shown)?;
    commit(&folder)?;
    let recorded = session.store().update(factor, |known| known.started = Some(folder.clone()))?;
    let messages = session.messages();
    if let Err(unusable) = recorded {
        let store = crate::workspace::shown(&session.store().path());
        crate::console::complain(&messages.progress_unusable(&unusable, &store));
    }
    session.say(messages.started(&factor.id(), &shown))?;
    let command = format!("cargo xtask check {} --path {shown}", factor.id());
    session.say(format!("{} {}", messages.next(), session.style().command(&command)))?;
    Ok(ExitCode::Passed)
}

/// A folder that holds something belongs to somebody.
fn empty_folder(folder: &Path) -> Result<PathBuf, Trouble> {
    let failed = |error| Trouble::failed(format!("cannot make {}", folder.display()), error);
    // Also makes sure that it can be made, and that no file stands there.
    fs::create_dir_all(folder).map_err(failed)?;
    if fs::read_dir(folder).map_err(failed)?.next().is_some() {
        return Err(Wrong::NotEmpty(folder.display().to_string()).into());
    }
    folder.canonicalize().map_err(failed)
}

fn write_files(session: &Session, factor: &Factor, folder: &Path, shown: &str) -> Result<(), Trouble> {
    let mut files = Starter::of(factor)?.files;
    files.retain(|file| file.path != WORKSHOP_TEST);
    let root = &session.workspace.root;
    let workshop = fs::read_to_string(root.join("Cargo.toml"))?;
    for file in &mut files {
        match file.path.as_str() {
            "Cargo.toml" => file.content = manifest::standalone(&file.content, &workshop)?,
            "README.md" => file.content = readme(Lang::En, factor, shown, &file.content),
            "README.ko.md" => file.content = readme(Lang::Ko, factor, shown, &file.content),
            _ => {}
        }
    }
    pristine::unpack(&files, folder)?;
    // Cargo takes what it needs from the workshop's lock file: the same versions, which are already downloaded.
    for file in ["Cargo.lock", "rust-toolchain.toml"] {
        fs::copy(root.join(file), folder.join(file))
            .map_err(|error| Trouble::failed(format!("cannot copy {file}"), error))?;
    }
    ignore_target(folder)?;
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

/// What is different here comes before the exercise's own text, whose commands would grade the workshop's exercise.
fn readme(lang: Lang, factor: &Factor, shown: &str, original: &str) -> String {
    let check = format!("`cargo xtask check {}", factor.id());
    let original = original.replace(&format!("{check}`"), &format!("{check} --path {shown}`"));
    format!("{}\n{original}", messages(lang).own_readme(&factor.id(), shown))
}

fn ignore_target(folder: &Path) -> io::Result<()> {
    let file = folder.join(".gitignore");
    let known = fs::read_to_string(&file).unwrap_or_default();
    if known.lines().any(|line| line == "/target") { Ok(()) } else { fs::write(file, format!("{known}/target\n")) }
}

/// The first commit, in the attendee's name where git knows one.
fn commit(folder: &Path) -> Result<(), Trouble> {
    git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    // `--force`: somebody's global ignore rules must not leave out a part of the starter.
    git(folder, &["add", "--all", "--force"])?;
    let known = git(folder, &["config", "user.name"]).and_then(|()| git(folder, &["config", "user.email"]));
    let identity: &[&str] =
        if known.is_ok() { &[] } else { &["-c", "user.name=attendee", "-c", "user.email=attendee@localhost"] };
    git(folder, &[identity, &["commit", "--quiet", "--message", "Start from the workshop's exercise"]].concat())
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
