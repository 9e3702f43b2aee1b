//! The store of releases, as the platform finds it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use crate::check::LabError;
use crate::lab::files::files_below;

/// The folder that `RELEASE_STORE` names.
#[derive(Clone, Debug)]
pub struct Store {
    /// Where it is.
    pub folder: PathBuf,
}

/// What is known of a file without reading it: writing changes it, whatever is written.
type Mark = (u64, u64, u32, i64, i64);

/// All files of a release.
pub type Snapshot = BTreeMap<PathBuf, Mark>;

impl Store {
    /// The ids of all releases, in the order of their names: folders with a `release.json`. What is hidden is still in the making.
    ///
    /// # Errors
    ///
    /// A folder that cannot be listed.
    pub fn releases(&self) -> Result<Vec<String>, LabError> {
        let failed = |error| LabError::new("cannot list the releases", error);
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // A link, such as `current`, names a release and is none.
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            if is_folder && !name.starts_with('.') && self.release(&name).join("release.json").is_file() {
                ids.push(name);
            }
        }
        ids.sort();
        Ok(ids)
    }

    /// When the newest release was put together.
    ///
    /// # Errors
    ///
    /// A folder that cannot be looked at.
    pub fn newest(&self) -> Result<Option<SystemTime>, LabError> {
        let failed = |error| LabError::new("cannot look at a release", error);
        let made = |id: String| self.release(&id).metadata().and_then(|about| about.modified()).map_err(failed);
        let times: Vec<SystemTime> = self.releases()?.into_iter().map(made).collect::<Result<_, _>>()?;
        Ok(times.into_iter().max())
    }

    /// The folder of a release.
    pub fn release(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    /// What a release says of itself; null where that is no object.
    pub fn says(&self, id: &str) -> Value {
        let words = fs::read(self.release(id).join("release.json")).unwrap_or_default();
        serde_json::from_slice(&words).map(Value::Object).unwrap_or_default()
    }

    /// The release in service: the name in the file `current`, or where the link of that name leads.
    pub fn current(&self) -> Option<String> {
        let current = self.folder.join("current");
        let named = match fs::read_link(&current) {
            Ok(target) => target,
            Err(_) => PathBuf::from(fs::read_to_string(current).ok()?.trim()),
        };
        Some(named.file_name()?.to_string_lossy().into_owned())
    }

    /// How the files of a release look now; empty when it is gone.
    ///
    /// # Errors
    ///
    /// A folder that cannot be listed.
    pub fn snapshot(&self, id: &str) -> Result<Snapshot, LabError> {
        let release = self.release(id);
        if !release.is_dir() {
            return Ok(Snapshot::new());
        }
        files_below(&release)?.into_iter().map(|path| Ok((path.clone(), mark(&path)?))).collect()
    }
}

fn mark(path: &Path) -> Result<Mark, LabError> {
    let known = path.symlink_metadata().map_err(|error| LabError::new("cannot look at a release", error))?;
    Ok((known.len(), known.ino(), known.mode(), known.mtime(), known.mtime_nsec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store { folder: folder.path().to_owned() };
        for id in ["b", "a", ".new-c"] {
            fs::create_dir_all(store.release(id).join("app")).unwrap();
            fs::write(store.release(id).join("release.json"), "{}").unwrap();
        }
        fs::create_dir(store.release("notes")).unwrap();
        (folder, store)
    }

    #[test]
    fn a_release_is_a_folder_that_says_what_it_is() {
        let (_folder, store) = store();
        std::os::unix::fs::symlink("a", store.folder.join("current")).unwrap();
        assert_eq!(store.releases().unwrap(), ["a", "b"]);
    }

    #[test]
    fn the_release_in_service_is_named_by_a_file_or_a_link() {
        let (_folder, store) = store();
        assert_eq!(store.current(), None);
        fs::write(store.folder.join("current"), "a\n").unwrap();
        assert_eq!(store.current().as_deref(), Some("a"));
        fs::remove_file(store.folder.join("current")).unwrap();
        std::os::unix::fs::symlink(store.release("b"), store.folder.join("current")).unwrap();
        assert_eq!(store.current().as_deref(), Some("b"));
    }

    #[test]
    fn writing_the_same_again_is_seen() {
        let (_folder, store) = store();
        let before = store.snapshot("a").unwrap();
        assert_eq!(store.snapshot("a").unwrap(), before);
        let again = store.folder.join("again");
        fs::write(&again, "{}").unwrap();
        fs::rename(again, store.release("a").join("release.json")).unwrap();
        assert_ne!(store.snapshot("a").unwrap(), before);
        assert!(store.snapshot("gone").unwrap().is_empty());
    }
}
