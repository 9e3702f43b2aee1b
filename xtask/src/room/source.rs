//! The workshop itself as one file, for machines that have no clone: its last commit, without the history.

use std::fs;
use std::path::Path;

use crate::trouble::Trouble;

/// What was bundled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The commit whose files these are.
    pub commit: String,
    /// How many files differ from it: what is not committed is not in the bundle.
    pub uncommitted: usize,
}

/// Writes the last commit of the repository in `root` to `file`, which `git clone` reads. `None` where there is no commit.
///
/// A commit of its own, in a repository of its own that borrows the files: nothing is written into the one of `root`, and a clone that
/// itself has only a part of the history can be bundled too.
pub fn bundle(root: &Path, file: &Path) -> Result<Option<Source>, Trouble> {
    let Ok(commit) = git(root, &["rev-parse", "--verify", "HEAD"]) else { return Ok(None) };
    let tree = git(root, &["rev-parse", "HEAD^{tree}"])?;
    let status = git(root, &["status", "--porcelain", "--untracked-files=no"])?;
    let objects = root.join(git(root, &["rev-parse", "--git-path", "objects"])?);
    let own = file.with_extension("git");
    git(root, &["init", "--quiet", "--bare", &own.to_string_lossy()])?;
    let borrowed = objects.canonicalize().unwrap_or(objects);
    fs::write(own.join("objects/info/alternates"), format!("{}\n", borrowed.display()))?;
    let made = git(&own, &["commit-tree", &tree, "-m", &format!("The workshop, as of commit {commit}")])?;
    git(&own, &["update-ref", "refs/heads/main", &made])?;
    git(&own, &["bundle", "create", "--quiet", &file.to_string_lossy(), "HEAD", "main"])?;
    fs::remove_dir_all(&own)?;
    Ok(Some(Source { commit, uncommitted: status.lines().count() }))
}

/// The last commit of the repository in `root`, if it has one.
pub fn commit(root: &Path) -> Option<String> {
    git(root, &["rev-parse", "--verify", "HEAD"]).ok()
}

/// What the last commit says of itself: that of a clone from a bundle names the commit that it was made of.
pub fn message(root: &Path) -> String {
    git(root, &["log", "-1", "--format=%s"]).unwrap_or_default()
}

/// Runs git, undisturbed by anybody's configuration, and returns what it prints.
fn git(folder: &Path, words: &[&str]) -> Result<String, Trouble> {
    let output = grader::git::git(folder, words)?;
    Ok(String::from_utf8_lossy(&output).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_commit_can_be_cloned_from_the_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let [root, file, clone] = ["root", "workshop.bundle", "clone"].map(|name| folder.path().join(name));
        fs::create_dir(&root).unwrap();
        assert_eq!(bundle(&root, &file).unwrap(), None, "without a commit there is nothing to bundle");
        git(&root, &["init", "--quiet"]).unwrap();
        for (words, content) in [("one", "one"), ("two", "two")] {
            fs::write(root.join("file"), content).unwrap();
            git(&root, &["add", "file"]).unwrap();
            git(&root, &["commit", "--quiet", "--message", words]).unwrap();
        }
        fs::write(root.join("file"), "not committed").unwrap();
        let before = git(&root, &["count-objects"]).unwrap();
        let source = bundle(&root, &file).unwrap().unwrap();
        assert_eq!(source, Source { commit: commit(&root).unwrap(), uncommitted: 1 });
        assert_eq!(git(&root, &["count-objects"]).unwrap(), before, "nothing is written into the repository");

        git(folder.path(), &["clone", "--quiet", &file.to_string_lossy(), &clone.to_string_lossy()]).unwrap();
        assert_eq!(fs::read_to_string(clone.join("file")).unwrap(), "two");
        assert_eq!(git(&clone, &["rev-list", "--count", "HEAD"]).unwrap(), "1");
        assert_eq!(git(&clone, &["branch", "--show-current"]).unwrap(), "main");
        assert!(!folder.path().join("workshop.git").exists());
    }
}
