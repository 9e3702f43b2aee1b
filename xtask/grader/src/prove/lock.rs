//! Which factors were proved whole, and in which state: `solutions/proved.lock`, a line per factor.
//!
//! ```text
//! factor-3 5a1c09e2f7b3d846
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use crate::factors::{Factor, with_id};
use crate::pristine::{self, File};
use crate::subject::Workspace;
use crate::tree::stable_hash;

/// Where it lies, below the workshop's folder.
pub const PATH: &str = "solutions/proved.lock";

const HEADER: &str = "# The state in which every case of a factor was last proved: its checks, starter, solution, mutants and variants.\n# Written by `cargo xtask prove`.\n";

/// The lines, in the order of the factors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock(BTreeMap<u8, String>);

impl Lock {
    /// The lock of the workshop in `root`; an empty one where there is none yet.
    pub fn read(root: &Path) -> io::Result<Self> {
        match fs::read_to_string(root.join(PATH)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            text => Ok(Self::parse(&text?)),
        }
    }

    /// Lines that name no factor say nothing here; tidy finds them.
    pub fn parse(text: &str) -> Self {
        Self(lines(text).filter_map(|(_, line)| line_of(line)).map(|(factor, hash)| (factor.number, hash)).collect())
    }

    /// The state in which this factor was proved whole.
    pub fn state(&self, factor: &Factor) -> Option<&str> {
        self.0.get(&factor.number).map(String::as_str)
    }

    /// Notes that this factor was proved whole in that state; whether that is new.
    pub fn note(&mut self, factor: &Factor, state: String) -> bool {
        let known = self.state(factor) == Some(&*state);
        self.0.insert(factor.number, state);
        !known
    }

    /// Writes it into the workshop in `root`.
    pub fn write(&self, root: &Path) -> io::Result<()> {
        fs::write(root.join(PATH), self.render())
    }

    fn render(&self) -> String {
        self.0.iter().fold(HEADER.to_owned(), |mut text, (number, state)| {
            // A string takes every write.
            let _ = writeln!(text, "factor-{number} {state}");
            text
        })
    }
}

/// The numbers and texts of the lines that are not `factor-3 5a1c09e2f7b3d846`.
pub fn unknown_lines(text: &str) -> Vec<(usize, &str)> {
    lines(text).filter(|(_, line)| line_of(line).is_none()).collect()
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty())
}

fn line_of(line: &str) -> Option<(&'static Factor, String)> {
    let (id, state) = line.split_once(' ')?;
    let factor = with_id(id)?;
    let is_state = state.len() == 16 && state.chars().all(|c| c.is_ascii_hexdigit());
    is_state.then(|| (factor, state.to_owned()))
}

/// All that decides a factor's cases and lies in its own folders, as one hash: its checks, starter, solution, mutants and variants.
pub fn state(factor: &Factor, workspace: &Workspace) -> Result<String, String> {
    state_of(factor, workspace, decides)
}

/// What decides all of a factor's cases: everything but the patches, each of which decides a case of its own.
pub fn state_without_patches(factor: &Factor, workspace: &Workspace) -> Result<String, String> {
    let is_patch = |path: &str| path.starts_with("mutants/") || path.starts_with("variants/");
    state_of(factor, workspace, |path| decides(path) && !is_patch(path))
}

fn state_of(factor: &Factor, workspace: &Workspace, decides: impl Fn(&str) -> bool) -> Result<String, String> {
    let starter = pristine::parse(factor.exercise.pristine).map_err(|error| error.to_string())?;
    let checks = read(&workspace.exercise(factor), |path| path == "checks.rs" || path.starts_with("checks/"))?;
    let solution = read(&workspace.solution(factor), &decides)?;
    let starter: Vec<File> = starter.into_iter().filter(|file| decides(&file.path)).collect();
    let text: String = [starter, checks, solution].iter().map(|files| pristine::render(files)).collect();
    Ok(format!("{:016x}", stable_hash(text.as_bytes())))
}

/// A README is for people, and services in other languages are graded by tests of their own.
fn decides(path: &str) -> bool {
    !path.starts_with("README") && !path.starts_with("other-languages/")
}

/// The files of a folder that are wanted, in the order of their paths.
fn read(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<File>, String> {
    let paths = pristine::paths(folder, wanted).map_err(|why| format!("cannot list {}: {why}", folder.display()))?;
    let read =
        |path: &String| pristine::read(folder, path).map_err(|why| format!("{}/{path}: {why}", folder.display()));
    paths.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::factors::find;

    const FACTOR: &str = "factor-3";

    /// A workshop with the folders of one factor.
    struct Workshop(TempDir);

    impl Workshop {
        fn new() -> Self {
            let workshop = Self(tempfile::tempdir().unwrap());
            for path in ["exercises/x/checks.rs", "exercises/x/checks/a.rs", "solutions/x/src/main.rs"] {
                workshop.write(path, "first");
            }
            workshop.write("solutions/x/mutants/one.patch", "first");
            workshop
        }

        /// `x` stands for the factor's folder.
        fn write(&self, path: &str, words: &str) {
            let path = self.0.path().join(path.replace("/x/", &format!("/{}/", find(FACTOR).unwrap().folder())));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, words).unwrap();
        }

        fn state(&self) -> String {
            let root = self.0.path().to_owned();
            state(find(FACTOR).unwrap(), &Workspace { target: root.join("target"), root }).unwrap()
        }
    }

    #[test]
    fn whatever_decides_a_case_changes_the_state() {
        let workshop = Workshop::new();
        let mut states = vec![workshop.state()];
        for path in [
            "exercises/x/checks.rs",
            "exercises/x/checks/a.rs",
            "solutions/x/src/main.rs",
            "solutions/x/mutants/one.patch",
            "solutions/x/mutants/two.patch",
            "solutions/x/variants/other.patch",
        ] {
            workshop.write(path, "second");
            states.push(workshop.state());
        }
        let different: std::collections::BTreeSet<&String> = states.iter().collect();
        assert_eq!(different.len(), states.len(), "{states:?}");
    }

    #[test]
    fn what_decides_no_case_leaves_the_state_alone() {
        let workshop = Workshop::new();
        let before = workshop.state();
        for path in [
            "exercises/x/src/main.rs",
            "exercises/x/hints/en.md",
            "exercises/x/README.md",
            "solutions/x/README.md",
            "solutions/x/other-languages/node/links.js",
            "solutions/y/src/main.rs",
        ] {
            workshop.write(path, "second");
            assert_eq!(workshop.state(), before, "{path}");
        }
    }

    #[test]
    fn a_lock_is_read_as_it_was_written_and_in_the_order_of_the_factors() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), Lock::default());
        let mut lock = Lock::default();
        for (number, state) in [(11, "00000000000000aa"), (3, "00000000000000bb"), (3, "00000000000000cc")] {
            assert!(lock.note(find(&number.to_string()).unwrap(), state.to_owned()));
        }
        assert!(!lock.note(find("3").unwrap(), "00000000000000cc".to_owned()), "nothing new");
        fs::create_dir(folder.path().join("solutions")).unwrap();
        lock.write(folder.path()).unwrap();
        let written = fs::read_to_string(folder.path().join(PATH)).unwrap();
        assert!(written.ends_with("\nfactor-3 00000000000000cc\nfactor-11 00000000000000aa\n"), "{written}");
        assert_eq!(Lock::read(folder.path()).unwrap(), lock);
        assert!(unknown_lines(&written).is_empty(), "{written}");
    }

    #[test]
    fn lines_that_name_no_factor_with_an_exercise_are_known_as_such() {
        let text = "# x\nfactor-3 00000000000000cc\nfactor-99 00000000000000cc\n<<<<<<< HEAD\nfactor-4 cc\n";
        let unknown: Vec<usize> = unknown_lines(text).into_iter().map(|(number, _)| number).collect();
        assert_eq!(unknown, [3, 4, 5]);
        assert_eq!(Lock::parse(text).state(find("3").unwrap()), Some("00000000000000cc"));
        assert_eq!(Lock::parse(text).state(find("4").unwrap()), None);
    }
}
