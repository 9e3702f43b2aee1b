//! YAML files of the subject, read by a program of its own (`workshop-yaml`).

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;

use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::programs;

/// A file, and what came of reading it.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative to the folder with `app.toml`.
    pub path: String,
    /// Its texts, or why it cannot be read.
    pub read: Result<Vec<Scalar>, Trouble>,
}

/// A text of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Scalar {
    /// The keys and numbers that lead to it.
    pub path: Vec<String>,
    /// The text itself, without quotes.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
    /// Where it begins in the file, quotes included, in characters.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The comment behind it in the same line.
    #[serde(default)]
    pub comment: Option<String>,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Trouble {
    /// In which line; 0 when it is the file as a whole.
    pub line: usize,
    /// What is wrong there, in English, as the parser says it.
    pub why: String,
}

/// A line of the program.
#[derive(Deserialize)]
struct Line {
    file: PathBuf,
    scalars: Option<Vec<Scalar>>,
    trouble: Option<Trouble>,
}

impl Lab {
    /// Every YAML file that the subject's version control has.
    ///
    /// # Errors
    ///
    /// A program that cannot be compiled or started. What a file does to it is the file's trouble.
    pub async fn yaml_files(&self) -> CheckResult<Vec<File>> {
        let folder = &self.bench.tree.folder;
        let mut paths = crate::tree::versioned_files(folder)?;
        paths.retain(|path| path.extension().is_some_and(|kind| kind == "yaml" || kind == "yml"));
        paths.sort();
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let program =
            programs::YAML.built(self.bench.site(), &mut |stage, detail| self.bench.news(stage, detail)).await?;
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let read = self.read_yaml(&program, folder, &path).await?;
            files.push(File { path: path.display().to_string(), read });
        }
        Ok(files)
    }

    /// One process per file, so that one of them can spoil nothing but itself.
    async fn read_yaml(&self, program: &Path, folder: &Path, path: &Path) -> CheckResult<Result<Vec<Scalar>, Trouble>> {
        let reading = tokio::process::Command::new(program)
            .arg(folder.join(path))
            .env_clear()
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let whole = |why: &str| Ok(Err(Trouble { line: 0, why: why.to_owned() }));
        let Some(output) = self.until("yaml", reading).await else {
            return whole("reading it does not come to an end");
        };
        let output = output.map_err(|error| LabError::new(format!("cannot start {}", program.display()), error))?;
        match serde_json::from_slice(&output.stdout) {
            Ok(Line { scalars: Some(scalars), .. }) => Ok(Ok(scalars)),
            Ok(Line { trouble: Some(trouble), .. }) => Ok(Err(trouble)),
            Ok(Line { file, .. }) => {
                Err(LabError::new("workshop-yaml", format!("says nothing of {}", file.display())).into())
            }
            Err(_) => whole("the parser did not survive it"),
        }
    }
}
