//! Pristine starters: all files of an exercise as one readable text, compiled into the tool so that edits never lose them.
//!
//! ```text
//! === app.toml (10 lines)
//! contract = "jjalda/v1"
//! …
//! === ci/deploy (1 line, executable, no newline at end)
//! #!/bin/sh
//! ```
//!
//! A header counts the lines that follow it, so a file may hold lines that look like a header.

use std::fmt::Write as _;
use std::path::{Component, Path};
use std::{fs, io};

/// What stands in an exercise's folder but belongs to the grader.
pub const NOT_IN_A_STARTER: [&str; 4] = ["checks", "checks.rs", "hints", "pristine.txt"];

const MARK: &str = "=== ";
const EXECUTABLE: &str = ", executable";
const UNFINISHED: &str = ", no newline at end";

/// One file of a starter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Below the exercise's folder, with `/` between its parts.
    pub path: String,
    /// Whether it may be executed.
    pub executable: bool,
    /// All of it.
    pub content: String,
}

/// Why a bundle cannot be read: the number of the line and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleError(pub String);

impl std::fmt::Display for BundleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BundleError {}

/// Writes files as a bundle, in the order given.
pub fn render(files: &[File]) -> String {
    files.iter().fold(String::new(), |mut bundle, file| {
        let lines = file.content.split_inclusive('\n').count();
        let unit = if lines == 1 { "line" } else { "lines" };
        let executable = if file.executable { EXECUTABLE } else { "" };
        let unfinished = !file.content.is_empty() && !file.content.ends_with('\n');
        let end = if unfinished { UNFINISHED } else { "" };
        // A string takes every write.
        let _ = writeln!(bundle, "{MARK}{} ({lines} {unit}{executable}{end})", file.path);
        bundle.push_str(&file.content);
        if unfinished {
            bundle.push('\n');
        }
        bundle
    })
}

/// Reads a bundle. A path that leaves the exercise is refused.
pub fn parse(bundle: &str) -> Result<Vec<File>, BundleError> {
    let mut lines = bundle.split_inclusive('\n').enumerate();
    let mut files = Vec::new();
    while let Some((index, line)) = lines.next() {
        let wrong = |why: &str| BundleError(format!("line {} of the bundle {why}", index + 1));
        let header = header(line).ok_or_else(|| wrong("is not a header such as `=== src/main.rs (3 lines)`"))?;
        if !stays_inside(header.path) {
            return Err(wrong("names a path outside the exercise"));
        }
        let mut content: String = lines.by_ref().take(header.lines).map(|(_, line)| line).collect();
        if content.split_inclusive('\n').count() < header.lines {
            return Err(wrong("promises more lines than follow it"));
        }
        if header.unfinished {
            content.pop();
        }
        files.push(File { path: header.path.to_owned(), executable: header.executable, content });
    }
    Ok(files)
}

/// Writes the files below `folder`, which may exist; other files in it stay.
pub fn unpack(files: &[File], folder: &Path) -> io::Result<()> {
    files.iter().try_for_each(|file| unpack_one(file, folder))
}

/// Writes one file below `folder`.
pub fn unpack_one(file: &File, folder: &Path) -> io::Result<()> {
    let path = folder.join(&file.path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(&path, &file.content)?;
    set_executable(&path, file.executable)
}

/// Reads `path`, relative to `folder`. What is not UTF-8 cannot be in a starter, and the error says so.
pub fn read(folder: &Path, path: &str) -> io::Result<File> {
    let whole = folder.join(path);
    Ok(File { path: path.to_owned(), executable: is_executable(&whole)?, content: fs::read_to_string(whole)? })
}

/// The paths of the files below `folder` that are `wanted`, in their order; links are not followed. A folder's path, which ends in
/// `/`, is asked for as well: one that is not wanted is not looked into.
///
/// # Errors
///
/// A folder that cannot be listed.
pub fn paths(folder: &Path, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<String>> {
    let mut paths = Vec::new();
    list(folder, "", &wanted, &mut paths)?;
    paths.sort();
    Ok(paths)
}

/// Adds the wanted files whose paths begin with `below`, which is empty or ends in `/` as a folder's path does.
fn list(folder: &Path, below: &str, wanted: &impl Fn(&str) -> bool, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let is_folder = entry.file_type()?.is_dir();
        let path = format!("{below}{}{}", entry.file_name().to_string_lossy(), if is_folder { "/" } else { "" });
        match (wanted(&path), is_folder) {
            (true, true) => list(folder, &path, wanted, paths)?,
            (true, false) => paths.push(path),
            (false, _) => {}
        }
    }
    Ok(())
}

struct Header<'a> {
    path: &'a str,
    lines: usize,
    executable: bool,
    unfinished: bool,
}

fn header(line: &str) -> Option<Header<'_>> {
    let line = line.strip_prefix(MARK)?.trim_end_matches('\n').strip_suffix(')')?;
    let (path, facts) = line.rsplit_once(" (")?;
    let (facts, unfinished) = without(facts, UNFINISHED);
    let (facts, executable) = without(facts, EXECUTABLE);
    let (lines, unit) = facts.split_once(' ')?;
    let known = matches!(unit, "line" | "lines");
    known.then_some(Header { path, lines: lines.parse().ok()?, executable, unfinished })
}

fn without<'a>(words: &'a str, end: &str) -> (&'a str, bool) {
    words.strip_suffix(end).map_or((words, false), |rest| (rest, true))
}

fn stays_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn is_executable(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o100 != 0)
}

fn set_executable(path: &Path, executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = fs::metadata(path)?.permissions();
    let mode = permissions.mode();
    permissions.set_mode(if executable { mode | 0o111 } else { mode & !0o111 });
    fs::set_permissions(path, permissions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &str) -> File {
        File { path: path.to_owned(), executable: false, content: content.to_owned() }
    }

    #[track_caller]
    fn survives(first: File) {
        let files = vec![first, file("after", "last\n")];
        assert_eq!(parse(&render(&files)), Ok(files));
    }

    #[track_caller]
    fn refused(bundle: &str, why: &str) {
        let BundleError(said) = parse(bundle).expect_err("must be refused");
        assert!(said.contains(why), "{said}");
    }

    #[test]
    fn a_bundle_reads_like_the_files_it_holds() {
        let files = [file("app.toml", "a\nb\n"), File { executable: true, ..file("ci/deploy", "#!x") }];
        let bundle = "=== app.toml (2 lines)\na\nb\n=== ci/deploy (1 line, executable, no newline at end)\n#!x\n";
        assert_eq!(render(&files), bundle);
    }

    #[test]
    fn every_ending_survives() {
        survives(file("empty", ""));
        survives(file("one", "\n"));
        survives(file("unfinished", "a\n\nb"));
        survives(file("windows", "a\r\nb\r\n"));
        survives(File { executable: true, ..file("unfinished", "a") });
    }

    #[test]
    fn contents_and_names_that_look_like_headers_survive() {
        survives(file("a", "=== b (3 lines)\n"));
        survives(file("notes (1 line) (2 lines)", "한글\n"));
    }

    #[test]
    fn damaged_bundles_are_refused_with_their_line() {
        refused("hello\n", "line 1 of the bundle is not a header");
        refused("=== a (1 line)\nx\n=== b (2 lines)\ny\n", "line 3 of the bundle promises more lines");
        refused("=== ../a (0 lines)\n", "outside the exercise");
        refused("=== /etc/passwd (0 lines)\n", "outside the exercise");
    }
}
