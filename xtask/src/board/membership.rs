//! What was joined: `.workshop/board.json`, which holds a token and so is for its owner's eyes alone.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The version that this program writes.
const FORMAT_VERSION: u64 = 1;

/// A board that was joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The version of this format.
    pub format_version: u64,
    /// Where the board is: `http://192.168.0.10:15016`.
    pub board: String,
    /// Which room it is: another one must not be told what was meant for this one.
    pub room: String,
    /// What the room calls this attendee.
    pub nickname: String,
    /// Proves that it is this machine that reports.
    pub token: String,
    /// What only this machine knows; joining again with it is no second joining.
    pub device: String,
    /// The last announcement that was shown.
    #[serde(default)]
    pub news: i64,
    /// The factors whose solutions are open for all.
    #[serde(default)]
    pub opened: Vec<u8>,
    /// How often in a row the board could not be reached.
    #[serde(default)]
    pub misses: u32,
    /// Until when nobody tries again, in milliseconds since 1970.
    #[serde(default)]
    pub not_before: i64,
}

impl Membership {
    /// A fresh one.
    pub fn new(board: String, room: String, nickname: String, token: String, device: String) -> Self {
        let format_version = FORMAT_VERSION;
        Self { format_version, board, room, nickname, token, device, news: 0, opened: vec![], misses: 0, not_before: 0 }
    }

    /// What was joined; nothing where there is no file, or none that this version understands.
    pub fn load(folder: &Path) -> Option<Self> {
        let words = fs::read_to_string(path(folder)).ok()?;
        serde_json::from_str::<Self>(&words).ok().filter(|known| known.format_version == FORMAT_VERSION)
    }

    /// Writes the file: the old one or the new one, never half of it.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let unfinished = path(folder).with_extension("json.new");
        // One that an interrupted command left could have other permissions.
        drop(fs::remove_file(&unfinished));
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(unfinished, path(folder))
    }

    /// Forgets the board.
    pub fn remove(folder: &Path) -> io::Result<()> {
        match fs::remove_file(path(folder)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The next number of this machine's reports. It is used up even if nothing comes of it: a gap harms nobody, a number that
    /// is used twice loses a report. It outlives leaving and joining again.
    pub fn next_number(folder: &Path) -> io::Result<i64> {
        let _lock = lock(folder, "board.lock")?;
        let counter = folder.join("board-number");
        let known = fs::read_to_string(&counter).ok().and_then(|words| words.trim().parse::<i64>().ok()).unwrap_or(0);
        let unfinished = folder.join("board-number.new");
        fs::write(&unfinished, format!("{}\n", known + 1))?;
        fs::rename(unfinished, counter)?;
        Ok(known + 1)
    }
}

/// Keeps other processes out until it is dropped.
pub fn lock(folder: &Path, name: &str) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let file = File::create(folder.join(name))?;
    file.lock()?;
    Ok(file)
}

fn path(folder: &Path) -> PathBuf {
    folder.join("board.json")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_was_joined_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let joined = Membership::new("http://b".into(), "r".into(), "Ann".into(), "t".into(), "d".into());
        joined.save(folder.path()).unwrap();
        joined.save(folder.path()).unwrap();
        assert_eq!(Membership::load(folder.path()), Some(joined));
        let mode = fs::metadata(path(folder.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        Membership::remove(folder.path()).unwrap();
        Membership::remove(folder.path()).unwrap();
        assert_eq!(Membership::load(folder.path()), None);
    }

    #[test]
    fn numbers_are_used_once() {
        let folder = tempfile::tempdir().unwrap();
        let numbers: Vec<i64> = (0..3).map(|_| Membership::next_number(folder.path()).unwrap()).collect();
        assert_eq!(numbers, [1, 2, 3]);
    }

    #[test]
    fn a_file_of_a_newer_workshop_is_not_understood() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(path(folder.path()), r#"{"format_version":7}"#).unwrap();
        assert_eq!(Membership::load(folder.path()), None);
    }
}
