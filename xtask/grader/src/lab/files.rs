//! What a service leaves on disk: in the folders it was given, and through descriptors it holds open.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::check::LabError;
use crate::lab::Lab;
use crate::lab::service::Service;

impl Lab {
    /// The release once more, in a folder that no other service is started from. Its files are hard links, so that no
    /// program is written and started at the same time.
    ///
    /// # Errors
    ///
    /// A folder or link that cannot be made.
    pub fn own_release(&self) -> Result<PathBuf, LabError> {
        let folder = self.scratch()?.join(self.chance().word(8));
        link(&self.bench.release, &folder).map_err(|error| LabError::new("cannot repeat the release", error))?;
        Ok(folder)
    }

    /// A copy of the release that a service may change: no other sees what it does there.
    ///
    /// # Errors
    ///
    /// A file that cannot be copied.
    pub fn copied_release(&self) -> Result<PathBuf, LabError> {
        self.copy_of(&self.bench.release)
    }

    pub(super) fn copy_of(&self, release: &Path) -> Result<PathBuf, LabError> {
        let folder = self.scratch()?.join(self.chance().word(8));
        let copied = crate::copy(release, &folder);
        copied.map_err(|error| LabError::new("cannot copy the release", error)).map(|()| folder)
    }
}

impl Service {
    /// Every regular file below its working directory, `HOME` and `TMPDIR`. They are gone once the service was ended.
    ///
    /// # Errors
    ///
    /// A folder that cannot be listed.
    pub fn files(&self) -> Result<Vec<PathBuf>, LabError> {
        files_below(&self.scratch)
    }

    /// Removes everything in its `TMPDIR`, as a platform may do at any time.
    ///
    /// # Errors
    ///
    /// Something that cannot be removed.
    pub fn empty_temporary_folder(&self) -> Result<(), LabError> {
        empty(&self.scratch.join("tmp")).map_err(|error| LabError::new("cannot empty TMPDIR", error))
    }

    /// Whether the file system below its working directory is read-only where the service is; `None` where the system
    /// does not tell (everywhere but on Linux).
    pub fn working_directory_is_read_only(&self) -> Option<bool> {
        let directory = fs::canonicalize(self.scratch.join("cwd")).ok()?;
        let newest = self.process.descendants().into_iter().next_back()?;
        mounted_read_only(&fs::read_to_string(format!("/proc/{newest}/mountinfo")).ok()?, &directory)
    }

    /// Whether a path of this machine exists where the service is; `None` where the system does not tell (everywhere but on
    /// Linux).
    pub fn sees(&self, path: &Path) -> Option<bool> {
        let newest = self.process.descendants().into_iter().next_back()?;
        let root = PathBuf::from(format!("/proc/{newest}/root"));
        root.read_dir().ok()?;
        Some(root.join(path.strip_prefix("/").unwrap_or(path)).exists())
    }

    /// The regular files that it, or anything it started, holds open for writing; empty where the system does not tell
    /// (everywhere but on Linux). They are opened here too, so that even one without a name can be read after its end.
    pub fn open_files(&self) -> Vec<(PathBuf, File)> {
        self.process.descendants().into_iter().flat_map(open_files).collect()
    }
}

/// Every regular file below a folder; links are not followed.
///
/// # Errors
///
/// A folder that cannot be listed.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>, LabError> {
    let mut files = Vec::new();
    collect(folder, &mut files).map_err(|error| LabError::new(format!("cannot list {}", folder.display()), error))?;
    Ok(files)
}

fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        // A symbolic link is linked as what it is.
        if entry.file_type()?.is_dir() { link(&entry.path(), &target)? } else { fs::hard_link(entry.path(), target)? }
    }
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()? {
            kind if kind.is_dir() => collect(&entry.path(), files)?,
            kind if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    Ok(())
}

fn empty(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let removed =
            if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) };
        // The service may have removed it itself in between.
        removed.or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    }
    Ok(())
}

/// Whether the mount that holds `path` is read-only, by a process's table of lines `ID PARENT DEVICE ROOT POINT OPTIONS …`.
fn mounted_read_only(table: &str, path: &Path) -> Option<bool> {
    let mounts = table.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(4);
        Some((Path::new(fields.next()?), fields.next()?))
    });
    // Of equally deep ones the last lies on top.
    let holding = mounts.filter(|(point, _)| path.starts_with(point)).max_by_key(|(point, _)| point.as_os_str().len());
    holding.map(|(_, options)| options.split(',').any(|option| option == "ro"))
}

/// A descriptor that was closed meanwhile, or a process that ended, writes to no file any more.
fn open_files(pid: u32) -> Vec<(PathBuf, File)> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let written = descriptors
        .map(|entry| entry.path())
        .filter(|path| fs::metadata(path).is_ok_and(|file| file.is_file()) && is_for_writing(path).unwrap_or_default());
    written.filter_map(|path| Some((fs::read_link(&path).ok()?, File::open(&path).ok()?))).collect()
}

/// Reads the flags of a descriptor, octal as in `open`; the last two bits are 0 for reading only.
fn is_for_writing(descriptor: &Path) -> Option<bool> {
    let info = descriptor.parent()?.with_file_name("fdinfo").join(descriptor.file_name()?);
    let info = fs::read_to_string(info).ok()?;
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
    Some(u32::from_str_radix(flags.trim(), 8).ok()? & 3 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_nested_folders_are_listed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("logs")).unwrap();
        fs::write(folder.path().join("logs/app.log"), "x").unwrap();
        assert_eq!(files_below(folder.path()).unwrap(), [folder.path().join("logs/app.log")]);
    }

    #[test]
    fn a_linked_folder_holds_the_same_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/bin")).unwrap();
        fs::write(folder.path().join("a/bin/links"), "program").unwrap();
        link(&folder.path().join("a"), &folder.path().join("b")).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("b/bin/links")).unwrap(), "program");
    }

    #[test]
    fn an_emptied_folder_is_still_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sessions")).unwrap();
        fs::write(folder.path().join("sessions/one"), "x").unwrap();
        fs::write(folder.path().join("cache"), "x").unwrap();
        empty(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_deepest_mount_tells_whether_a_folder_is_read_only() {
        let table = "1 0 0:1 / / rw,relatime - ext4 a rw\n2 1 0:1 / / ro,nosuid - ext4 a rw\n\
                     3 2 0:2 / /tmp rw - tmpfs b rw\n4 3 0:2 /x /tmp/x ro - tmpfs b rw\n";
        let read_only = |path| mounted_read_only(table, Path::new(path));
        assert_eq!(
            [read_only("/home"), read_only("/tmp/y"), read_only("/tmp/x/cwd")].map(Option::unwrap),
            [true, false, true]
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn files_open_for_writing_are_seen_and_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let [read, written, nameless] = ["read", "written", "nameless"].map(|name| folder.path().join(name));
        fs::write(&read, "x").unwrap();
        let _reader = File::open(&read).unwrap();
        let _writer = File::create(&written).unwrap();
        let mut removed = File::create(&nameless).unwrap();
        fs::remove_file(&nameless).unwrap();
        std::io::Write::write_all(&mut removed, b"still here").unwrap();
        let mut open = open_files(std::process::id());
        let named = |path: &Path| open.iter().any(|(open, _)| open == path);
        assert!(named(&written) && !named(&read), "{open:?}");
        let texts = open.iter_mut().filter_map(|(_, file)| std::io::read_to_string(file).ok());
        assert!(texts.into_iter().any(|text| text == "still here"));
    }
}
