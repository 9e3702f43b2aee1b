//! `start`: a repository of the attendee's own, which owes nothing to the workshop's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use grader::factors::Factor;
use grader::outcome::ExitCode;
use grader::pristine::{self, File};
use grader::text::Lang;

use crate::messages::{Readme, Wrong, messages};
use crate::place;
use crate::session::Session;
use crate::starter::Starter;
use crate::trouble::Trouble;
use crate::workspace::shown;
use repository::{carry_cargo_files, commit, empty_folder, ignore_target};

pub mod capstone;
mod manifest;
mod repository;

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
    if factor == capstone::NAME {
        return capstone::run(session, language, path);
    }
    let factor = place::meant(Some(factor), session)?;
    let files = starter_in(language, factor)?;
    let folder = path.map_or_else(|| session.workspace.root.join("work").join(factor.id()), Path::to_owned);
    let folder = empty_folder(&folder)?;
    let shown = shown(&folder);
    write_files(session, factor, files, &folder, &shown)?;
    if language.is_none() {
        carry_cargo_files(session, &folder)?;
    }
    commit(&folder, "Start from the workshop's exercise")?;
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

/// What is different here comes before the exercise's own text, whose commands would grade the workshop's exercise.
fn readme(lang: Lang, factor: &Factor, shown: &str, original: &str) -> String {
    let check = format!("`cargo xtask check {}", factor.id());
    let original = original.replace(&format!("{check}`"), &format!("{check} --path {shown}`"));
    format!("{}\n{original}", messages(lang).own_readme(&Readme::Exercise { factor: &factor.id(), path: shown }))
}
