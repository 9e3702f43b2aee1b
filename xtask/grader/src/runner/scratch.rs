//! The run's scratch folder, which goes with the run, however the run goes.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use supervisor::protocol::Spec;

use crate::check::{LabError, Speaker};
use crate::lab::clock::Clock;
use crate::lab::process::{Launch, Process, Supervisors};

/// Short, because sockets live below it and their paths may have 107 bytes.
const PREFIX: &str = "tf-";

/// A scratch folder. A supervisor of nothing removes it even when the grader is killed; where that one was killed too,
/// or the power failed, the next run does.
pub struct Scratch {
    /// Where it is.
    pub folder: PathBuf,
    _janitor: Process,
    _lock: File,
}

impl Scratch {
    /// Removes what dead runs left, makes a folder and sets the watch.
    pub fn new(program: &Path, clock: &Clock, supervisors: &Supervisors) -> Result<Self, LabError> {
        let temporary = std::env::temp_dir();
        sweep(&temporary);
        let folder = temporary.join(format!("{PREFIX}{:08x}", fastrand::u32(..)));
        let failed = |error| LabError::new(format!("cannot create {}", folder.display()), error);
        // For its owner alone: services write what they like into it.
        DirBuilder::new().mode(0o700).create(&folder).map_err(failed)?;
        let lock = lock(&folder).map_err(failed)?;
        let launch = Launch {
            argv: vec![program.display().to_string(), "__nothing".to_owned()],
            environment: Vec::new(),
            directory: temporary,
            spec: Spec { scratch: Some(folder.clone()), sandbox: None },
            needles: Vec::new(),
            speakers: [Speaker::Stdout, Speaker::Stderr],
        };
        let janitor = Process::launch(program, launch, clock, supervisors)?;
        Ok(Self { folder, _janitor: janitor, _lock: lock })
    }
}

/// Locked before it gets its name: a lock that can be taken under this name belongs to nobody any more.
fn lock(folder: &Path) -> io::Result<File> {
    let unnamed = folder.join("lock.new");
    let file = File::create(&unnamed)?;
    file.lock()?;
    fs::rename(unnamed, folder.join("lock"))?;
    Ok(file)
}

/// What cannot be removed belongs to somebody else, who will.
fn sweep(temporary: &Path) {
    for entry in fs::read_dir(temporary).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let free = |lock: File| lock.try_lock().is_ok();
        if ours && File::open(entry.path().join("lock")).is_ok_and(free) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_dead_runs_are_removed_and_those_of_living_ones_stay() {
        let temporary = std::env::temp_dir().join(format!("sweep-test-{}", std::process::id()));
        let folders = ["tf-dead", "tf-living", "tf-starting", "other"].map(|name| temporary.join(name));
        folders.iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
        drop(lock(&folders[0]).unwrap());
        drop(lock(&folders[3]).unwrap());
        let living = lock(&folders[1]).unwrap();
        sweep(&temporary);
        assert_eq!(folders.each_ref().map(|folder| folder.exists()), [false, true, true, true]);
        drop(living);
        fs::remove_dir_all(temporary).unwrap();
    }
}
