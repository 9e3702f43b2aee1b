//! `start capstone`: a repository of the attendee's own for all factors, with a service that only just answers.
//!
//! What is copied lies in the workshop's folder and not in this program: nobody is asked to change it, and a bundle brings it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use grader::outcome::ExitCode;
use grader::pristine::{self, File};
use grader::text::Lang;

use super::manifest;
use super::repository::{carry_cargo_files, commit, empty_folder, ignore_target};
use crate::messages::{Readme, Wrong, messages};
use crate::session::Session;
use crate::trouble::Trouble;
use crate::workspace::shown;

/// What it is called in place of a factor.
pub const NAME: &str = "capstone";
/// Where the workshop keeps the service to begin with.
const STARTER: &str = "exercises/capstone";
/// What the service has to promise.
const CONTRACT: [&str; 2] = ["CONTRACT.md", "CONTRACT.ko.md"];
/// What lies beside a service and is none of its files: what was built, and the workshop's own.
const NOT_COPIED: [&str; 4] = [".git", "target", "mutants", "variants"];

/// Makes the repository, with one commit.
pub fn run(session: &mut Session, language: Option<&str>, path: Option<&Path>) -> Result<ExitCode, Trouble> {
    if language.is_some_and(|language| language != "rust") {
        return Err(Wrong::CapstoneIsRust.into());
    }
    let made = Repository {
        from: STARTER,
        to: path.map_or_else(|| session.workspace.root.join("work").join(NAME), Path::to_owned),
        message: "Start from the workshop's capstone",
    };
    let shown = made.write(session, |lang, shown| messages(lang).own_readme(&Readme::Capstone { path: shown }))?;
    session.say(session.messages().capstone_started(&shown))?;
    session.say(next(session, &shown))?;
    Ok(ExitCode::Passed)
}

/// The command to go on with.
pub fn next(session: &Session, shown: &str) -> String {
    let command = format!("cargo xtask check --all --path {shown}");
    format!("{} {}", session.messages().next(), session.style().command(&command))
}

/// A folder of the workshop that becomes a repository of its own.
pub struct Repository {
    /// The folder, below the workshop's root.
    pub from: &'static str,
    /// The new one.
    pub to: PathBuf,
    /// What its first commit says.
    pub message: &'static str,
}

impl Repository {
    /// Writes it, with the contract and with `readme` before its own text, and says what it is called.
    pub fn write(&self, session: &Session, readme: impl Fn(Lang, &str) -> String) -> Result<String, Trouble> {
        let root = &session.workspace.root;
        // Read before anything is made: a workshop without it leaves no empty folder behind.
        let mut files = files_of(root, self.from)?;
        for name in CONTRACT {
            files.push(pristine::read(root, name)?);
        }
        let folder = empty_folder(&self.to)?;
        let shown = shown(&folder);
        let workshop = fs::read_to_string(root.join("Cargo.toml"))?;
        for file in &mut files {
            match file.path.as_str() {
                "Cargo.toml" => file.content = manifest::standalone(&file.content, &workshop)?,
                "README.md" => file.content = format!("{}\n{}", readme(Lang::En, &shown), file.content),
                "README.ko.md" => file.content = format!("{}\n{}", readme(Lang::Ko, &shown), file.content),
                _ => {}
            }
        }
        pristine::unpack(&files, &folder)?;
        ignore_target(&folder)?;
        carry_cargo_files(session, &folder)?;
        commit(&folder, self.message)?;
        Ok(shown)
    }
}

/// The files of a folder, by name: what somebody built there is no part of it.
fn files_of(root: &Path, folder: &str) -> Result<Vec<File>, Trouble> {
    let unusable = |error: io::Error| Trouble::failed(format!("cannot read {folder}"), error);
    let from = root.join(folder);
    let is_its_own = |path: &str| !NOT_COPIED.iter().any(|name| Path::new(path).file_name() == Some(name.as_ref()));
    let paths = pristine::paths(&from, is_its_own).map_err(unusable)?;
    paths.iter().map(|path| pristine::read(&from, path)).collect::<Result<_, _>>().map_err(unusable)
}
