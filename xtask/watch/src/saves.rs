//! Saves: what the file system reports is only a reason to look; what counts is that a file differs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::input::Input;

/// An editor writes, renames and touches; this long nothing more may come before somebody looks.
const QUIET: Duration = Duration::from_millis(60);

/// Folders that hold what is made, and not what is written.
const MADE: [&str; 6] = [".git", "target", "node_modules", "__pycache__", ".venv", "build"];

/// A folder that is watched until this is dropped.
pub struct Saves {
    _watcher: RecommendedWatcher,
}

/// The files with size and time.
type Files = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

impl Saves {
    /// Sends [`Input::Saved`] when a file of `folder` differs from what it was.
    ///
    /// # Errors
    ///
    /// In the system's words, why nothing can be seen there.
    pub fn watch(folder: &Path, inputs: Sender<Input>) -> Result<Self, String> {
        let (sender, events) = channel();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading a file is an event too, and the grader reads them all.
            if event.is_ok_and(|event| !event.kind.is_access()) {
                // Who no longer listens watches another folder by now.
                let _ = sender.send(());
            }
        })
        .map_err(|error| error.to_string())?;
        watcher.watch(folder, RecursiveMode::Recursive).map_err(|error| error.to_string())?;
        let folder = folder.to_owned();
        let known = files(&folder);
        thread::spawn(move || look(&folder, known, &events, &inputs));
        Ok(Self { _watcher: watcher })
    }
}

/// Looks whenever something was reported and then nothing more for a moment.
fn look(folder: &Path, mut known: Files, events: &Receiver<()>, inputs: &Sender<Input>) {
    while events.recv().is_ok() {
        loop {
            match events.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        let now = files(folder);
        if now != known {
            known = now;
            if inputs.send(Input::Saved).is_err() {
                return;
            }
        }
    }
}

fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    gather(folder, &mut found);
    found
}

/// What cannot be read is not there: it may be gone between two looks.
fn gather(folder: &Path, found: &mut Files) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Ok(metadata) = fs::symlink_metadata(entry.path()) else { continue };
        if metadata.is_dir() {
            if !MADE.iter().any(|made| name == *made) {
                gather(&entry.path(), found);
            }
        } else if !is_an_editors(&name.to_string_lossy()) {
            found.insert(entry.path(), (metadata.len(), metadata.modified().ok()));
        }
    }
}

/// Swap files, backups and locks of editors; `4913` is Vim's test whether it may write.
fn is_an_editors(name: &str) -> bool {
    let swap = name.starts_with('.') && [".swp", ".swx", ".swo"].iter().any(|end| name.ends_with(end));
    swap || name == "4913" || name.ends_with('~') || name.starts_with(".#") || name.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than any machine takes.
    const HANG: Duration = Duration::from_secs(30);

    fn saved(inputs: &Receiver<Input>) -> bool {
        matches!(inputs.recv_timeout(HANG), Ok(Input::Saved))
    }

    /// In one step: a look between opening and writing would see two saves.
    fn put(path: &Path, words: &str) {
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("new"), words).unwrap();
        fs::rename(elsewhere.path().join("new"), path).unwrap();
    }

    #[test]
    fn a_changed_a_new_and_a_removed_file_are_saves_and_noise_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("src/deep")).unwrap();
        fs::create_dir_all(path("target")).unwrap();
        fs::write(path("src/a.rs"), "1").unwrap();
        let (sender, inputs) = channel();
        let _saves = Saves::watch(folder.path(), sender).unwrap();
        put(&path("src/a.rs"), "22");
        assert!(saved(&inputs));
        // None of these is a save, or more than one would come before the last of them.
        fs::write(path("src/.a.rs.swp"), "x").unwrap();
        fs::write(path("src/a.rs~"), "x").unwrap();
        fs::write(path("target/made"), "x").unwrap();
        fs::read(path("src/a.rs")).unwrap();
        put(&path("src/deep/new.rs"), "3");
        assert!(saved(&inputs));
        fs::remove_file(path("src/a.rs")).unwrap();
        assert!(saved(&inputs));
        assert!(inputs.try_recv().is_err());
    }

    #[test]
    fn a_file_that_is_replaced_as_editors_do_is_a_save() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("app.toml"), "old").unwrap();
        let (sender, inputs) = channel();
        let _saves = Saves::watch(folder.path(), sender).unwrap();
        fs::write(path("app.toml~"), "newer").unwrap();
        fs::rename(path("app.toml~"), path("app.toml")).unwrap();
        assert!(saved(&inputs));
    }
}
