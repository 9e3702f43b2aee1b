//! Decoys: a stand-in for every program on `PATH`. Each writes down its name and then runs the real one, so that whoever
//! calls it goes on working and nothing is hidden by a fallback.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::check::{CheckResult, LabError};
use crate::lab::Lab;

/// A program that every system has and that does nothing; it shows that a call is seen.
const CONTROL: &str = "true";

/// A folder of decoys.
#[derive(Debug)]
pub struct Decoys {
    folder: PathBuf,
    calls: PathBuf,
}

impl Lab {
    /// A decoy for every program on this machine's `PATH`, but for the one that the subject itself is run by: an interpreter
    /// may start itself again.
    ///
    /// # Errors
    ///
    /// A folder that cannot be written, and decoys that do not report: then nothing could be concluded from their silence.
    pub async fn decoys(&self) -> CheckResult<Decoys> {
        let folders = path_folders();
        let scratch = self.scratch()?;
        let decoys = Decoys { folder: scratch.join("bin"), calls: scratch.join("calls") };
        let own = self.bench.subject.app().process.get("web").and_then(|argv| argv.first());
        let own = own.and_then(|program| Path::new(program).file_name()).map(OsStr::to_owned).unwrap_or_default();
        decoys.make(&folders, &own).map_err(|error| LabError::new("cannot make decoys", error))?;
        decoys.try_one().await?;
        Ok(decoys)
    }
}

impl Decoys {
    /// What `PATH` is set to.
    pub fn path(&self) -> String {
        self.folder.display().to_string()
    }

    /// The names of what was called so far, in order, each one once.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn called(&self) -> Result<Vec<String>, LabError> {
        let calls = fs::read_to_string(&self.calls).map_err(|error| LabError::new("cannot read the calls", error))?;
        let mut known = BTreeSet::new();
        Ok(calls.lines().filter(|name| known.insert(*name)).map(str::to_owned).collect())
    }

    fn make(&self, folders: &[PathBuf], own: &OsStr) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        fs::write(&self.calls, "")?;
        let script = self.folder.with_file_name("decoy");
        fs::write(&script, self.script(folders))?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        let names: BTreeSet<_> = folders.iter().flat_map(|folder| programs_in(folder)).collect();
        names.iter().filter(|name| *name != own).try_for_each(|name| symlink(&script, self.folder.join(name)))
    }

    /// The name alone is written down: arguments may hold a secret. One short line at a time, which no other call can tear.
    fn script(&self, folders: &[PathBuf]) -> String {
        let folders: Vec<String> = folders.iter().map(|folder| quoted(folder)).collect();
        format!(
            "#!/bin/sh\nname=${{0##*/}}\nprintf '%s\\n' \"$name\" >> {}\nfor folder in {}; do\n    \
             [ -x \"$folder/$name\" ] && exec \"$folder/$name\" \"$@\"\ndone\nexit 127\n",
            quoted(&self.calls),
            folders.join(" "),
        )
    }

    /// The positive control: a call is seen, without any environment, and forgotten again.
    async fn try_one(&self) -> Result<(), LabError> {
        let failed = |error: &dyn std::fmt::Display| LabError::new("the decoys", error);
        let mut control = tokio::process::Command::new(self.folder.join(CONTROL));
        control.env_clear().stdin(Stdio::null()).kill_on_drop(true);
        let status = control.status().await.map_err(|error| failed(&error))?;
        if !status.success() || self.called()? != [CONTROL] {
            return Err(failed(&"a call was not seen, so nothing can be concluded"));
        }
        fs::write(&self.calls, "").map_err(|error| failed(&error))
    }
}

/// The folders of the grader's own `PATH`.
pub fn path_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect()
}

/// The names of the programs in a folder. One that cannot be listed holds none that the service could find either.
pub fn programs_in(folder: &Path) -> Vec<std::ffi::OsString> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().is_file()).map(|entry| entry.file_name()).collect()
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoys(folder: &Path, tools: &[(&str, &str)], own: &str) -> Decoys {
        let real = folder.join("it's real");
        fs::create_dir(&real).unwrap();
        for (name, script) in tools {
            fs::write(real.join(name), script).unwrap();
            fs::set_permissions(real.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let decoys = Decoys { folder: folder.join("bin"), calls: folder.join("calls") };
        decoys.make(&[folder.join("absent"), real], OsStr::new(own)).unwrap();
        decoys
    }

    #[test]
    fn a_call_is_written_down_and_answered_by_the_real_program() {
        let folder = tempfile::tempdir().unwrap();
        let decoys = decoys(folder.path(), &[("greet", "#!/bin/sh\necho \"hello $1\"\nexit 3\n")], "");
        let output =
            std::process::Command::new(decoys.folder.join("greet")).arg("a secret").env_clear().output().unwrap();
        assert_eq!((output.status.code(), &output.stdout[..]), (Some(3), &b"hello a secret\n"[..]));
        assert_eq!(decoys.called().unwrap(), ["greet"]);
    }

    #[test]
    fn the_subjects_own_interpreter_has_no_decoy() {
        let folder = tempfile::tempdir().unwrap();
        let decoys = decoys(folder.path(), &[("python3", ""), ("curl", "")], "python3");
        assert!(decoys.folder.join("curl").exists() && !decoys.folder.join("python3").exists());
    }
}
