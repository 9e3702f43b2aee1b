//! What git knows of the project's files.

use std::path::Path;
use std::process::Command;

use grader::pristine::File;

use crate::trouble::Trouble;

/// The files below `folder` that are tracked, or would be added, and that exist; relative to `root`, sorted.
pub fn files(root: &Path, folder: &str) -> Result<Vec<String>, Trouble> {
    let listed =
        git(root, &["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", folder])?;
    let mut files: Vec<String> = split(&listed).filter(|path| root.join(path).is_file()).collect();
    files.sort();
    Ok(files)
}

/// Whether nothing below `folder` differs from the last commit, and there is one.
pub fn is_clean(root: &Path, folder: &str) -> Result<bool, Trouble> {
    Ok(git(root, &["status", "--porcelain", "--", folder])?.is_empty())
}

/// Whether anything was ever committed.
pub fn has_history(root: &Path) -> bool {
    git(root, &["rev-parse", "--verify", "--quiet", "HEAD"]).is_ok()
}

/// The files below `folder` as they were committed last, with paths relative to `folder`.
pub fn committed(root: &Path, folder: &str) -> Result<Vec<File>, Trouble> {
    let listed = git(root, &["ls-tree", "-r", "-z", "HEAD", "--", folder])?;
    split(&listed).filter_map(|entry| committed_file(root, folder, &entry).transpose()).collect()
}

/// `100755 blob <id>\t<path>`; what is neither file nor in UTF-8 is left out.
fn committed_file(root: &Path, folder: &str, entry: &str) -> Result<Option<File>, Trouble> {
    let Some((facts, path)) = entry.split_once('\t') else { return Ok(None) };
    let content = git(root, &["show", &format!("HEAD:{path}")])?;
    let path = path.strip_prefix(folder).map(|path| path.trim_start_matches('/'));
    let executable = facts.starts_with("100755");
    Ok(path.zip(String::from_utf8(content).ok()).map(|(path, content)| File {
        path: path.to_owned(),
        executable,
        content,
    }))
}

fn split(listed: &[u8]) -> impl Iterator<Item = String> {
    listed
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| String::from_utf8_lossy(name).into_owned())
}

fn git(root: &Path, arguments: &[&str]) -> Result<Vec<u8>, Trouble> {
    let mut git = Command::new("git");
    // Somebody's own ignore file must not hide a part of the project, and `git status` must not touch the index.
    git.current_dir(root).args(["-c", "core.excludesFile=/dev/null", "-c", "core.quotePath=false"]).args(arguments);
    let output = git.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C").output();
    let output = output.map_err(|error| Trouble::failed("cannot run git (is it installed?)", error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Trouble::failed(format!("git {}", arguments.join(" ")), String::from_utf8_lossy(&output.stderr).trim()))
}
