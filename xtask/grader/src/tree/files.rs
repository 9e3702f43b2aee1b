//! The copied files: only what changed is written, and what the subject has no longer is taken away.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Makes the copy in `to` hold what is there of `files` in `from`. What the build made in it stays: it saves a build.
///
/// `record` lists what earlier runs copied, so that what was copied once and is gone now is removed.
pub fn synchronise(from: &Path, to: &Path, files: &[PathBuf], record: &Path) -> io::Result<()> {
    let current: BTreeSet<&Path> =
        files.iter().map(PathBuf::as_path).filter(|file| is_copied(&from.join(file))).collect();
    if !record.exists() {
        // Nobody knows where these files are from: a version of the grader that kept no such record.
        clear(to)?;
    }
    let recorded = fs::read(record).unwrap_or_default();
    let former = super::paths(&recorded);
    let former: BTreeSet<&Path> = former.iter().map(PathBuf::as_path).collect();
    // Noted before anything is copied: a run that is killed in between must not leave files that nobody knows of.
    write_record(record, former.union(&current))?;
    // Removed first: a former file may stand where a folder is needed now.
    former.difference(&current).try_for_each(|gone| remove_former(to, gone))?;
    for file in &current {
        make_room(to, file)?;
        copy_if_different(&from.join(file), &to.join(file))?;
    }
    write_record(record, current.iter())
}

/// Empties the copy, but for its repository.
fn clear(copy: &Path) -> io::Result<()> {
    for entry in fs::read_dir(copy)? {
        let entry = entry?;
        if entry.file_name() != ".git" {
            remove_any(&entry.path())?;
        }
    }
    Ok(())
}

/// Listed files may be deleted; sockets, pipes and nested repositories are not part of a service.
fn is_copied(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|known| known.is_file() || known.is_symlink())
}

fn write_record<'a>(record: &Path, files: impl Iterator<Item = &'a &'a Path>) -> io::Result<()> {
    let listing: Vec<&[u8]> = files.map(|path| path.as_os_str().as_bytes()).collect();
    let unfinished = record.with_extension("unfinished");
    fs::write(&unfinished, listing.join(&0))?;
    fs::rename(unfinished, record)
}

fn copy_if_different(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = from.symlink_metadata()?;
    if metadata.is_symlink() {
        // Copied as a link, never followed: what it points to is not part of the subject.
        let target = fs::read_link(from)?;
        if fs::read_link(to).ok().as_ref() != Some(&target) {
            remove_any(to)?;
            std::os::unix::fs::symlink(target, to)?;
        }
        return Ok(());
    }
    let unchanged = to.symlink_metadata().is_ok_and(|known| {
        known.is_file() && known.len() == metadata.len() && known.permissions() == metadata.permissions()
    }) && fs::read(from)? == fs::read(to)?;
    if !unchanged {
        remove_any(to)?;
        fs::copy(from, to)?;
    }
    Ok(())
}

/// What lies behind a link is not ours, whatever lay there before.
fn remove_former(copy: &Path, gone: &Path) -> io::Result<()> {
    let behind_a_link = gone.ancestors().skip(1).any(|folder| copy.join(folder).is_symlink());
    if behind_a_link { Ok(()) } else { remove_any(&copy.join(gone)) }
}

/// Creates the folders of `file`; what a build left in their place goes, or a link would lead the copy outside.
fn make_room(copy: &Path, file: &Path) -> io::Result<()> {
    let mut folder = copy.to_owned();
    for part in file.parent().into_iter().flat_map(Path::components) {
        folder.push(part);
        if folder.symlink_metadata().is_ok_and(|known| !known.is_dir()) {
            fs::remove_file(&folder)?;
        }
    }
    fs::create_dir_all(folder)
}

/// Removes a file, a link or a folder; nothing is fine too.
pub fn remove_any(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(known) if known.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_without_a_record_is_made_anew_and_keeps_its_repository() {
        let root = std::env::temp_dir().join(format!("synchronise-test-{}", std::process::id()));
        let (from, to) = (root.join("from"), root.join("to"));
        fs::create_dir_all(&from).unwrap();
        fs::create_dir_all(to.join(".git")).unwrap();
        fs::write(from.join("kept"), "1").unwrap();
        fs::write(to.join("stale"), "2").unwrap();
        synchronise(&from, &to, &[PathBuf::from("kept")], &root.join("record")).unwrap();
        assert!(to.join("kept").exists() && to.join(".git").exists() && !to.join("stale").exists());
        fs::write(to.join("made-by-the-build"), "3").unwrap();
        synchronise(&from, &to, &[], &root.join("record")).unwrap();
        assert!(!to.join("kept").exists() && to.join("made-by-the-build").exists());
        fs::remove_dir_all(root).unwrap();
    }
}
