//! `start`: a repository of the attendee's own, which owes nothing to the workshop's.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use grader::factors::Factor;
use grader::outcome::ExitCode;
use grader::pristine::{self, File};
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
/// Where an exercise keeps its starters that are not Rust, a folder each.
const OTHER_LANGUAGES: &str = "other-languages/";
/// What the task is, whatever the language.
const READMES: [&str; 2] = ["README.md", "README.ko.md"];

/// Makes the repository from the pristine starter, with one commit.
pub fn run(
    session: &mut Session,
    factor: &str,
    language: Option<&str>,
    path: Option<&Path>,
) -> Result<ExitCode, Trouble> {
    let factor = place::meant(Some(factor), session)?;
    let files = starter_in(language, factor)?;
    let folder = path.map_or_else(|| session.workspace.root.join("work").join(factor.id()), Path::to_owned);
    let folder = empty_folder(&folder)?;
    let shown = shown(&folder);
    write_files(session, factor, files, &folder, &shown)?;
    if language.is_none() {
        carry_cargo_files(session, &folder)?;
    }
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

/// The starter's files in a language. Those in other languages than Rust lie in a folder of their own, and share the texts.
fn starter_in(language: Option<&str>, factor: &Factor) -> Result<Vec<File>, Trouble> {
    let mut files = Starter::of(factor)?.files;
    let Some(language) = language else {
        files.retain(|file| file.path != WORKSHOP_TEST && !file.path.starts_with(OTHER_LANGUAGES));
        return Ok(files);
    };
    let folder = format!("{OTHER_LANGUAGES}{language}/");
    if !files.iter().any(|file| file.path.starts_with(&folder)) {
        let (factor, word) = (factor.id(), language.to_owned());
        return Err(Wrong::NoSuchLanguage { factor, word, known: other_languages(&files) }.into());
    }
    files.retain(|file| file.path.starts_with(&folder) || READMES.contains(&file.path.as_str()));
    for file in &mut files {
        file.path = file.path.strip_prefix(&folder).unwrap_or(&file.path).to_owned();
    }
    Ok(files)
}

fn other_languages(files: &[File]) -> Vec<String> {
    let names = files.iter().filter_map(|file| Some(file.path.strip_prefix(OTHER_LANGUAGES)?.split_once('/')?.0));
    names.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
}

fn write_files(
    session: &Session,
    factor: &Factor,
    mut files: Vec<File>,
    folder: &Path,
    shown: &str,
) -> Result<(), Trouble> {
    let workshop = fs::read_to_string(session.workspace.root.join("Cargo.toml"))?;
    for file in &mut files {
        match file.path.as_str() {
            "Cargo.toml" => file.content = manifest::standalone(&file.content, &workshop)?,
            "README.md" => file.content = readme(Lang::En, factor, shown, &file.content),
            "README.ko.md" => file.content = readme(Lang::Ko, factor, shown, &file.content),
            _ => {}
        }
    }
    pristine::unpack(&files, folder)?;
    Ok(ignore_target(folder)?)
}

/// Cargo takes what it needs from the workshop's lock file: the same versions, which are already downloaded.
fn carry_cargo_files(session: &Session, folder: &Path) -> Result<(), Trouble> {
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
