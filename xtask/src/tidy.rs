//! Is the project complete? Rules that compare files with each other; `cargo xtask tidy` and a test run them all.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use grader::factors::{FACTORS, Factor};

use crate::trouble::Trouble;

mod book;
mod cargo_test;
mod checks;
mod docs;
mod features;
mod git;
mod graph;
mod hints;
mod korean;
mod machine;
mod mutants;
mod names;
mod pairs;
mod pristine;
mod procfiles;
mod proved;
mod sizes;

/// The project as it lies on disk.
pub struct Project<'a> {
    /// The workspace's folder.
    pub root: &'a Path,
    /// Every file that git tracks or would add, relative to the root, sorted; none of an exercise that is being worked on.
    pub files: Vec<String>,
    /// The folders of the exercises that are being worked on.
    edited: Vec<String>,
}

/// Something to mend: where, what, and how.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// A path, or a path and a line.
    pub place: String,
    /// What is wrong there and what would be right.
    pub what: String,
}

impl Finding {
    /// A finding at `place`.
    pub fn new(place: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self { place: place.to_string(), what: what.to_string() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// One rule: all that breaks it.
pub type Rule = fn(&Project) -> Result<Vec<Finding>, Trouble>;

/// All rules, the cheap ones first.
pub const RULES: [Rule; 17] = [
    docs::rule,
    sizes::rule,
    pairs::rule,
    book::rule,
    korean::rule,
    machine::rule,
    checks::rule,
    hints::rule,
    mutants::rule,
    pristine::rule,
    procfiles::rule,
    cargo_test::rule,
    proved::rule,
    proved::record,
    names::rule,
    graph::rule,
    features::rule,
];

/// Everything that breaks a rule.
pub fn findings(root: &Path) -> Result<Vec<Finding>, Trouble> {
    let project = Project::open(root)?;
    let found: Result<Vec<_>, Trouble> = RULES.iter().map(|rule| rule(&project)).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// Rewrites the generated files that differ; returns their paths.
pub fn fix(root: &Path) -> Result<Vec<String>, Trouble> {
    let mut generated = pristine::generated(root)?;
    generated.push(graph::generated(root)?);
    let differs =
        |(path, content): &(String, String)| fs::read_to_string(root.join(path)).ok().as_ref() != Some(content);
    generated.retain(differs);
    for (path, content) in &generated {
        fs::write(root.join(path), content).map_err(|error| Trouble::failed(format!("cannot write {path}"), error))?;
    }
    Ok(generated.into_iter().map(|(path, _)| path).collect())
}

impl<'a> Project<'a> {
    /// Lists the files. An attendee's edits must never make tidy fail, so an exercise that differs from its last commit is not
    /// looked at, except by a build server, where nobody edits.
    pub fn open(root: &'a Path) -> Result<Self, Trouble> {
        let build_server = std::env::var("CI").is_ok_and(|value| value == "true");
        let mut edited = Vec::new();
        if git::has_history(root) && !build_server {
            for factor in &FACTORS {
                let folder = format!("exercises/{}", factor.folder());
                if !git::is_clean(root, &folder)? {
                    edited.push(folder);
                }
            }
        }
        let mut files = git::files(root, ".")?;
        files.retain(|file| !edited.iter().any(|folder| Path::new(file).starts_with(folder)));
        Ok(Self { root, files, edited })
    }

    /// Whether the exercise of this factor is being worked on.
    pub fn is_edited(&self, factor: &Factor) -> bool {
        self.edited.iter().any(|folder| folder.ends_with(&factor.folder()))
    }

    /// The files whose name ends in `.extension`.
    pub fn with_extension<'p>(&'p self, extension: &'p str) -> impl Iterator<Item = &'p str> {
        let of = move |path: &&str| Path::new(path).extension().is_some_and(|known| known == extension);
        self.files.iter().map(String::as_str).filter(of)
    }

    /// The text of a file; a file that is not UTF-8 is no text.
    pub fn text(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root.join(path)).ok()
    }

    /// The text of a file that must be there.
    pub fn wanted(&self, path: &str) -> io::Result<String> {
        fs::read_to_string(self.root.join(path))
            .map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))
    }

    /// Whether the file is part of the project.
    pub fn has(&self, path: &str) -> bool {
        self.files.iter().any(|known| known == path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `cargo xtask tidy` says, as a test.
    #[test]
    fn the_project_is_complete() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let found: Vec<String> = findings(root).unwrap().iter().map(Finding::to_string).collect();
        assert!(found.is_empty(), "`cargo xtask tidy` finds:\n{}", found.join("\n"));
    }
}
