//! Which files the books are made of, as one hash: nothing is compiled to read a book that was built from the same ones.
//!
//! An exercise's `src/` is not among them. The books show starters as they were delivered, from `pristine.txt`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::trouble::Trouble;

/// The hash of every source, names included.
pub fn hash(root: &Path) -> Result<String, Trouble> {
    let mut hash = Fnv::default();
    for path in files(root)? {
        let content =
            fs::read(&path).map_err(|error| Trouble::failed(format!("cannot read {}", path.display()), error))?;
        let name = path.strip_prefix(root).unwrap_or(&path);
        hash.add(name.as_os_str().as_encoded_bytes());
        hash.add(&(content.len() as u64).to_le_bytes());
        hash.add(&content);
    }
    Ok(format!("{:016x}", hash.0))
}

/// What a look at the folders tells without reading the files; differs when somebody saves one.
pub type Glance = Vec<(PathBuf, Option<SystemTime>, u64)>;

/// Looks at the folders.
pub fn glance(root: &Path) -> Glance {
    // A file that is being replaced is seen at the next look.
    let files = files(root).unwrap_or_default();
    let facts = |path: PathBuf| {
        let metadata = fs::metadata(&path).ok();
        let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        (path, modified, metadata.map_or(0, |metadata| metadata.len()))
    };
    files.into_iter().map(facts).collect()
}

/// FNV-1a: the same for ever, unlike the standard library's hasher.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    }
}

/// Every source, sorted.
fn files(root: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let looked = || -> io::Result<Vec<PathBuf>> {
        let mut files = vec![root.join("Cargo.lock")];
        walk(&root.join("book"), &mut files)?;
        walk(&root.join("xtask/book"), &mut files)?;
        for exercise in folders(&root.join("exercises"))? {
            files.extend(["pristine.txt", "checks.rs"].map(|name| exercise.join(name)));
            walk(&exercise.join("checks"), &mut files)?;
        }
        for solution in folders(&root.join("solutions"))? {
            walk(&solution.join("mutants"), &mut files)?;
        }
        files.extend(included(root, &files)?);
        files.retain(|path| path.is_file());
        files.sort();
        files.dedup();
        Ok(files)
    };
    looked().map_err(|error| Trouble::failed("cannot list the books' sources", error))
}

/// All files below a folder; none where it does not exist. What editors leave while they save is no source.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in entries(folder)? {
        if entry.is_dir() {
            walk(&entry, files)?;
        } else {
            files.push(entry);
        }
    }
    Ok(())
}

fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(entries(folder)?.into_iter().filter(|entry| entry.is_dir()).collect())
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let temporary = |name: &str| name.starts_with('.') || name.ends_with('~') || name == "node_modules";
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !temporary(&entry.file_name().to_string_lossy()) {
            entries.push(entry.path());
        }
    }
    Ok(entries)
}

/// The files that pages include: `{{#include ../../solutions/…/config.rs:anchor}}`.
fn included(root: &Path, files: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let pages = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut included = Vec::new();
    for page in pages {
        let text = fs::read_to_string(page)?;
        let folder = page.parent().unwrap_or(root);
        let paths = text.split("{{#include ").skip(1).filter_map(|rest| rest.split([':', '}']).next());
        included.extend(paths.map(|path| folder.join(path.trim())).filter_map(|path| path.canonicalize().ok()));
    }
    // Starters come from `pristine.txt`.
    let exercises = root.join("exercises").canonicalize().unwrap_or_default();
    included.retain(|path| !path.starts_with(&exercises));
    Ok(included)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn workshop() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let page = "```rust\n{{#include ../../solutions/a/src/config.rs:x}}\n{{#include ../../exercises/a/src/main.rs}}\n```\n";
        write(folder.path(), "book/en/a.md", page);
        for path in
            ["exercises/a/pristine.txt", "exercises/a/checks.rs", "exercises/a/checks/b.rs", "exercises/a/src/main.rs"]
        {
            write(folder.path(), path, "one");
        }
        for path in ["solutions/a/src/config.rs", "solutions/a/src/http.rs", "solutions/a/mutants/m.patch"] {
            write(folder.path(), path, "one");
        }
        folder
    }

    #[test]
    fn whatever_the_books_show_changes_the_hash() {
        let folder = workshop();
        let root = folder.path().canonicalize().unwrap();
        let mut before = hash(&root).unwrap();
        for path in [
            "book/theme/new.css",
            "book/ko/a.md",
            "xtask/book/src/lib.rs",
            "exercises/a/checks.rs",
            "exercises/a/checks/b.rs",
            "exercises/a/pristine.txt",
            "solutions/a/src/config.rs",
            "solutions/a/mutants/m.patch",
        ] {
            write(&root, path, "two");
            let after = hash(&root).unwrap();
            assert_ne!(before, after, "{path}");
            before = after;
        }
    }

    #[test]
    fn what_they_do_not_show_changes_nothing() {
        let folder = workshop();
        let root = folder.path().canonicalize().unwrap();
        let before = hash(&root).unwrap();
        for path in
            ["exercises/a/src/main.rs", "solutions/a/src/http.rs", "book/en/.a.md.swp", "book/en/a.md~", "README.md"]
        {
            write(&root, path, "two");
            assert_eq!(before, hash(&root).unwrap(), "{path}");
        }
    }
}
