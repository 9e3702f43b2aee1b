//! A clean clone of the graded tree: what the repository holds, and nothing that merely lies around.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::check::LabError;
use crate::git::git;
use crate::lab::Lab;

/// A clean clone; it goes away with the run.
#[derive(Debug)]
pub struct Checkout {
    /// Its top.
    pub repository: PathBuf,
    /// The app's folder in it.
    pub root: PathBuf,
    /// The same folder in the graded tree.
    pub tree: PathBuf,
}

/// What a commit of the grader's own does to one file; the path is relative to the app's folder.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// The file holds this from now on, whatever it held before.
    Write(&'a str, &'a [u8]),
    /// This comes behind what it holds.
    Append(&'a str, &'a [u8]),
}

impl Lab {
    /// Clones the graded tree's repository.
    ///
    /// # Errors
    ///
    /// Git refuses.
    pub fn checkout(&self) -> Result<Checkout, LabError> {
        let tree = self.bench.tree.folder.join(&self.bench.subject.app().root);
        let top = git(&tree, &["rev-parse", "--show-toplevel"])?;
        let top = PathBuf::from(String::from_utf8_lossy(&top).trim_end_matches('\n'));
        let inside =
            relative(&tree, &top).ok_or_else(|| LabError::new("the graded tree", "lies outside its repository"))?;
        Ok(Checkout { tree, ..clone_of(&top, &self.scratch()?.join("clone"), &inside)? })
    }
}

impl Checkout {
    /// A file that another one names, if it lies in the clone: neither a path nor a link may lead elsewhere.
    pub fn own_file(&self, name: &str) -> Option<PathBuf> {
        let path = self.root.join(name).canonicalize().ok()?;
        (path.is_file() && path.starts_with(self.repository.canonicalize().ok()?)).then_some(path)
    }

    /// Makes these changes without committing them.
    ///
    /// # Errors
    ///
    /// A path leaves the clone, by itself or through a link, or cannot be written.
    pub fn change(&self, changes: &[Change<'_>]) -> Result<(), LabError> {
        changes.iter().try_for_each(|change| self.change_one(*change))
    }

    /// Makes these changes, commits them and nothing else, and returns the commit's full id.
    ///
    /// # Errors
    ///
    /// As [`Checkout::change`], or git refuses.
    pub fn commit(&self, message: &str, changes: &[Change<'_>]) -> Result<String, LabError> {
        self.change(changes)?;
        let names = changes.iter().map(|change| match change {
            Change::Write(name, _) | Change::Append(name, _) => *name,
        });
        // By force: a rule of somebody's .gitignore must not leave out what a check commits.
        let add = ["--literal-pathspecs", "add", "--force", "--"];
        git(&self.root, &add.into_iter().chain(names).collect::<Vec<_>>())?;
        git(&self.root, &["commit", "--quiet", "--no-verify", "--allow-empty", "--message", message])?;
        self.head()
    }

    /// Takes the last commit back, and all that was not committed.
    ///
    /// # Errors
    ///
    /// Git refuses.
    pub fn take_back(&self) -> Result<(), LabError> {
        git(&self.root, &["reset", "--quiet", "--hard", "HEAD~1"])?;
        git(&self.root, &["clean", "--quiet", "--force", "-d"]).map(drop)
    }

    /// The full id of the commit that is checked out.
    ///
    /// # Errors
    ///
    /// Git refuses.
    pub fn head(&self) -> Result<String, LabError> {
        let id = git(&self.root, &["rev-parse", "HEAD"])?;
        Ok(String::from_utf8_lossy(&id).trim().to_owned())
    }

    fn change_one(&self, change: Change<'_>) -> Result<(), LabError> {
        let (Change::Write(name, content) | Change::Append(name, content)) = change;
        let failed = |error: std::io::Error| LabError::new(format!("cannot change {name} in the clone"), error);
        let path = self.place_for(name)?;
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
        let before = path.metadata().and_then(|known| known.modified()).ok();
        let mut options = OpenOptions::new();
        match change {
            Change::Write(..) => options.write(true).truncate(true),
            Change::Append(..) => options.append(true),
        };
        let written = options.create(true).open(path).and_then(|mut file| file.write_all(content).map(|()| file));
        written.and_then(|file| seen_as_changed(&file, before)).map_err(failed)
    }

    /// Where a file of this name is written. A link on the way is refused wherever it leads: it may lead out of the clone.
    fn place_for(&self, name: &str) -> Result<PathBuf, LabError> {
        let mut path = self.root.clone();
        for part in Path::new(name).components() {
            match part {
                Component::Normal(part) if !part.eq_ignore_ascii_case(".git") => path.push(part),
                _ => return Err(LabError::new(name, "is no path of a file in the clone")),
            }
            if path.is_symlink() {
                return Err(LabError::new(name, "lies behind a symbolic link"));
            }
        }
        Ok(path)
    }
}

/// Tools that look at whole seconds, such as `make` and Python, take a file that changed within one for unchanged. People are
/// never that fast; so what was changed in the same second as before is given the next one.
fn seen_as_changed(file: &fs::File, before: Option<SystemTime>) -> std::io::Result<()> {
    let second = |time: SystemTime| time.duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default();
    match before {
        Some(before) if second(before) >= second(SystemTime::now()) => {
            file.set_modified(UNIX_EPOCH + Duration::from_secs(second(before) + 1))
        }
        _ => Ok(()),
    }
}

/// Clones the repository `top`, in which the app lies at `inside`, to `repository`.
fn clone_of(top: &Path, repository: &Path, inside: &Path) -> Result<Checkout, LabError> {
    let options = ["clone", "--quiet", "--no-local", "--no-recurse-submodules", "--"].map(AsRef::as_ref);
    git(top, &[&options[..], &[top.as_os_str(), repository.as_os_str()]].concat())?;
    Ok(Checkout { repository: repository.to_owned(), root: repository.join(inside), tree: top.join(inside) })
}

fn relative(path: &Path, base: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()?.strip_prefix(base.canonicalize().ok()?).ok().map(Path::to_owned)
}

#[cfg(test)]
mod tests;
