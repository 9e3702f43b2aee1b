//! The places in an exercise that its author has marked: `TODO(factor 3): …`. Repairing one removes its mark.

use std::fs;
use std::path::{Path, PathBuf};

use crate::factors::Factor;
use crate::subject::Subject;

/// More would be a list, not a pointer.
const SHOWN: usize = 6;

/// A larger file is no source that somebody wrote.
const LARGEST_FILE: u64 = 256 * 1024;

/// One marked line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The file, absolute.
    pub file: PathBuf,
    /// The same as a person names it.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
}

impl Mark {
    /// `exercises/factor-03-config/src/config.rs:12`, which editors and many terminals open.
    pub fn place(&self) -> String {
        format!("{}:{}", self.name, self.line)
    }
}

/// The first marks for `factor` in the files that attendees change.
pub fn find(subject: &Subject, factor: &Factor) -> Vec<Mark> {
    let mut files = Vec::new();
    for edit in &subject.manifest.edit {
        gather(&subject.folder.join(edit), &mut files);
    }
    let marked = format!("TODO(factor {})", factor.number);
    files.iter().flat_map(|file| of_file(subject, file, &marked)).take(SHOWN).collect()
}

/// The files at or below `path`, by name; links are not followed. What cannot be read marks nothing.
fn gather(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(kind) = fs::symlink_metadata(path) else { return };
    if kind.is_file() && kind.len() <= LARGEST_FILE {
        files.push(path.to_owned());
    } else if kind.is_dir() {
        let mut inside: Vec<PathBuf> = fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
        inside.sort();
        inside.iter().for_each(|path| gather(path, files));
    }
}

fn of_file(subject: &Subject, file: &Path, marked: &str) -> Vec<Mark> {
    let words = fs::read_to_string(file).unwrap_or_default();
    let inside = file.strip_prefix(&subject.folder).unwrap_or(file);
    let name = Path::new(&subject.name).join(inside).display().to_string();
    let lines = (1..).zip(words.lines()).filter(|(_, line)| line.contains(marked));
    lines.map(|(line, _)| Mark { file: file.to_owned(), name: name.clone(), line }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::Workspace;

    #[test]
    fn only_marks_of_the_factor_in_editable_files_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, words: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, words).unwrap();
        };
        write(
            "app.toml",
            "contract = \"jjalda/v1\"\nedit = [\"src\"]\n\n[app.links]\nrelease = [\"src\"]\n\n[app.links.process]\nweb = [\"{release}/src/a\"]\n",
        );
        write("src/b.rs", "// TODO(factor 3): here\n// TODO(factor 30): not here\n// TODO(factor 9)\n");
        write("src/a.rs", "\n// TODO(factor 3): and here\n");
        write("README.md", "TODO(factor 3)\n");
        let workspace = Workspace { root: folder.path().to_owned(), target: folder.path().join("target") };
        let subject = Subject::open(folder.path(), &workspace).unwrap();
        let found = find(&subject, crate::factors::find("3").unwrap());
        let places: Vec<_> = found.iter().map(Mark::place).collect();
        assert_eq!(
            places.iter().map(|place| place.rsplit('/').next().unwrap()).collect::<Vec<_>>(),
            ["a.rs:2", "b.rs:1"]
        );
    }
}
