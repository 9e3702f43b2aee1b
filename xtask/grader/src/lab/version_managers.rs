//! Version managers, such as pyenv, rbenv, nodenv, asdf and mise: each has a folder `shims` on `PATH`.
//!
//! What lies there under an interpreter's name is the manager's own script. It calls tools of the machine, looks for the version
//! that is meant, and becomes another program than the one that was named. None of that is the service's doing, so the grader
//! starts what a shim leads to.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::lab::decoys::path_folders;
use crate::subject::Subject;

/// What such folders are called.
const SHIMS: &str = "shims";

/// Names, in the commands of processes and one-offs, the programs themselves instead of their shims. Which version is meant is
/// asked in `folder`, where the service's files lie and where it was built.
pub async fn skipped(mut subject: Subject, folder: &Path) -> Subject {
    let folders = path_folders();
    let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
    for app in subject.manifest.app.values_mut() {
        for word in app.process.values_mut().chain(app.admin.values_mut()).filter_map(|command| command.first_mut()) {
            if !known.contains_key(word) {
                known.insert(word.clone(), behind_shim(word, &folders, folder).await);
            }
            if let Some(Some(program)) = known.get(word) {
                word.clone_from(program);
            }
        }
    }
    subject
}

/// The program that a shim leads to; `None` where `PATH` finds no shim, and where its manager cannot say.
async fn behind_shim(name: &str, folders: &[PathBuf], directory: &Path) -> Option<String> {
    let is_there = |folder: &&PathBuf| !name.contains('/') && folder.join(name).is_file();
    let shims = folders.iter().find(is_there).filter(|folder| folder.file_name() == Some(OsStr::new(SHIMS)))?;
    let mut which = Command::new(manager(shims)?);
    which.arg("which").arg(name).current_dir(directory).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = which.output().await.ok().filter(|output| output.status.success())?;
    let program = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    Path::new(&program).is_file().then_some(program)
}

/// `~/.pyenv/shims` is pyenv's, and `~/.local/share/mise/shims` is that of mise.
fn manager(shims: &Path) -> Option<PathBuf> {
    let root = shims.parent()?;
    let name = root.file_name()?.to_str()?.trim_start_matches('.');
    let beside = root.join("bin").join(name);
    Some(if beside.is_file() { beside } else { name.into() })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const MANAGER: &str =
        "#!/bin/sh\n[ \"$1\" = which ] && [ -e \"$PWD/version\" ] && echo \"${0%/*/*}/versions/1/$2\"\n";

    /// A manager of interpreters, of which it has one.
    fn managed(root: &Path) -> PathBuf {
        let home = root.join(".somenv");
        for (path, content) in
            [("bin/somenv", MANAGER), ("shims/lang", ""), ("shims/gone", ""), ("versions/1/lang", "")]
        {
            let path = home.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        home
    }

    #[tokio::test]
    async fn the_program_behind_a_shim_is_the_one_that_its_manager_names() {
        let root = tempfile::tempdir().unwrap();
        let home = managed(root.path());
        fs::write(root.path().join("version"), "1").unwrap();
        let folders = [root.path().join("empty"), home.join("shims")];
        let real = home.join("versions/1/lang").display().to_string();
        assert_eq!(behind_shim("lang", &folders, root.path()).await, Some(real));
        assert_eq!(behind_shim("gone", &folders, root.path()).await, None, "it names what does not exist");
        assert_eq!(behind_shim("other", &folders, root.path()).await, None);
        assert_eq!(behind_shim("lang", &folders, &home).await, None, "no version is meant here");
    }

    #[tokio::test]
    async fn what_is_found_before_a_shim_or_named_with_its_folder_stays() {
        let root = tempfile::tempdir().unwrap();
        let home = managed(root.path());
        fs::write(root.path().join("version"), "1").unwrap();
        let folders = [home.join("versions/1"), home.join("shims")];
        assert_eq!(behind_shim("lang", &folders, root.path()).await, None);
        let named = home.join("shims/lang").display().to_string();
        assert_eq!(behind_shim(&named, &folders[1..], root.path()).await, None);
    }
}
