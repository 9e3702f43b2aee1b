//! What the attendee has done so far: `.workshop/progress.json`, which no update of the workshop may lose.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use grader::factors::Factor;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub mod record;

/// The version that this program writes.
pub const FORMAT_VERSION: u64 = 2;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The version of this format.
    pub format_version: u64,
    /// By `factor-3`.
    #[serde(default)]
    pub factors: BTreeMap<String, FactorProgress>,
}

/// One factor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FactorProgress {
    /// How the last whole run ended.
    pub standing: Option<Standing>,
    /// When it was last graded, in seconds since 1970.
    pub last_run: Option<u64>,
    /// Whether the core checks have passed once; they stay passed, so that trying things out locks nothing again.
    pub core_passed: bool,
    /// Whether the solution was opened, and how.
    pub solution: Option<Solution>,
    /// What failed first in the last run.
    pub last_failure: Option<LastFailure>,
    /// The highest hint step shown, by reason code.
    pub hints_shown: BTreeMap<String, usize>,
    /// The attendee's own repository for this factor, if `start` made one.
    pub started: Option<PathBuf>,
}

/// How a run of all checks of a factor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Passed on this machine.
    Passed,
    /// A required check fails.
    Failed,
    /// The service does not build, start or answer.
    Blocked,
}

/// How the solution was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Solution {
    /// After the core checks had passed.
    Opened,
    /// Before, with `--anyway`.
    Skipped,
}

/// What failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastFailure {
    /// The check; none when the service was BLOCKED.
    pub check: Option<String>,
    /// The reason code.
    pub reason: String,
}

impl Default for Progress {
    fn default() -> Self {
        Self { format_version: FORMAT_VERSION, factors: BTreeMap::new() }
    }
}

impl Progress {
    /// What is known of a factor; nothing, if it was never graded.
    pub fn factor(&self, factor: &Factor) -> FactorProgress {
        self.factors.get(&factor.id()).cloned().unwrap_or_default()
    }
}

/// Why a progress file cannot be used. It is then left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// A newer workshop wrote it, in this version.
    Newer(u64),
    /// It is damaged.
    Damaged(String),
}

/// The file in its folder.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store in `folder`, which need not exist.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where the file is.
    pub fn path(&self) -> PathBuf {
        self.folder.join("progress.json")
    }

    /// What is known; nothing, if there is no file yet.
    pub fn load(&self) -> Result<Progress, Unusable> {
        match fs::read_to_string(self.path()) {
            Ok(words) => migrate(&words),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Progress::default()),
            Err(error) => Err(Unusable::Damaged(error.to_string())),
        }
    }

    /// Changes what is known of one factor, against other processes under a lock. An unusable file stays untouched.
    pub fn update(
        &self,
        factor: &Factor,
        change: impl FnOnce(&mut FactorProgress),
    ) -> io::Result<Result<(), Unusable>> {
        fs::create_dir_all(&self.folder)?;
        let lock = File::create(self.folder.join("progress.lock"))?;
        lock.lock()?;
        let mut progress = match self.load() {
            Ok(progress) => progress,
            Err(unusable) => return Ok(Err(unusable)),
        };
        change(progress.factors.entry(factor.id()).or_default());
        write_whole(&self.path(), &serde_json::to_string_pretty(&progress)?).map(Ok)
    }
}

/// Reads a file of any version that was ever written. A new version adds one step from its predecessor here.
pub fn migrate(words: &str) -> Result<Progress, Unusable> {
    let damaged = |error: serde_json::Error| Unusable::Damaged(error.to_string());
    let value: Value = serde_json::from_str(words).map_err(damaged)?;
    match value.get("format_version").and_then(Value::as_u64) {
        Some(1) => migrate(&from_version_1(value).to_string()),
        Some(FORMAT_VERSION) => serde_json::from_value(value).map_err(damaged),
        Some(newer) if newer > FORMAT_VERSION => Err(Unusable::Newer(newer)),
        _ => Err(Unusable::Damaged("there is no format_version that was ever written".to_owned())),
    }
}

/// Version 1 did not tell when a factor was graded; everything else means the same.
fn from_version_1(mut value: Value) -> Value {
    value["format_version"] = 2.into();
    value
}

/// The time, as this file tells it.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A reader sees the old file or the new one, never half of it.
fn write_whole(path: &Path, words: &str) -> io::Result<()> {
    let unfinished = path.with_extension("json.new");
    let mut file = File::create(&unfinished)?;
    file.write_all(words.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use grader::factors::FACTORS;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("home"));
        (folder, store)
    }

    #[test]
    fn what_was_written_is_read_again() {
        let (_folder, store) = store();
        store.update(&FACTORS[3], |factor| factor.core_passed = true).unwrap().unwrap();
        store.update(&FACTORS[4], |factor| factor.solution = Some(Solution::Skipped)).unwrap().unwrap();
        let progress = store.load().unwrap();
        assert!(progress.factor(&FACTORS[3]).core_passed);
        assert_eq!(progress.factor(&FACTORS[4]).solution, Some(Solution::Skipped));
    }

    /// The oldest file of each version, as it was written then, keeps its meaning for ever.
    #[test]
    fn files_of_every_version_are_understood() {
        let first = r#"{"format_version":1,"factors":{"factor-3":{"standing":"failed","core_passed":true,
            "solution":"opened","last_failure":{"check":"file-wins","reason":"hung"},"hints_shown":{"hung":2}}}}"#;
        let factor = migrate(first).unwrap().factor(&FACTORS[3]);
        assert_eq!(factor.standing, Some(Standing::Failed));
        assert_eq!(factor.hints_shown["hung"], 2);
        assert_eq!(factor.last_run, None);
        assert_eq!(migrate(r#"{"format_version":1}"#), Ok(Progress::default()));
        let second = r#"{"format_version":2,"factors":{"factor-3":{"standing":"passed","last_run":1767225599,
            "core_passed":true,"solution":null,"last_failure":null,"hints_shown":{},"started":null}}}"#;
        let factor = migrate(second).unwrap().factor(&FACTORS[3]);
        assert_eq!((factor.standing, factor.last_run), (Some(Standing::Passed), Some(1_767_225_599)));
    }

    #[test]
    fn an_update_of_the_workshop_keeps_what_was_reached() {
        let (_folder, store) = store();
        fs::create_dir_all(&store.folder).unwrap();
        fs::write(store.path(), r#"{"format_version":1,"factors":{"factor-3":{"core_passed":true}}}"#).unwrap();
        store.update(&FACTORS[9], |factor| factor.last_run = Some(7)).unwrap().unwrap();
        assert!(fs::read_to_string(store.path()).unwrap().contains("\"format_version\": 2"));
        let progress = store.load().unwrap();
        assert!(progress.factor(&FACTORS[3]).core_passed);
        assert_eq!(progress.factor(&FACTORS[9]).last_run, Some(7));
    }

    #[test]
    fn a_file_of_a_newer_workshop_stays_untouched() {
        let (_folder, store) = store();
        let newer = r#"{"format_version":7,"factors":{}}"#;
        fs::create_dir_all(&store.folder).unwrap();
        fs::write(store.path(), newer).unwrap();
        assert_eq!(store.load(), Err(Unusable::Newer(7)));
        assert_eq!(store.update(&FACTORS[3], |factor| factor.core_passed = true).unwrap(), Err(Unusable::Newer(7)));
        assert_eq!(fs::read_to_string(store.path()).unwrap(), newer);
    }

    #[test]
    fn a_damaged_file_is_refused() {
        for words in ["", "{}", "[]", r#"{"format_version":"1"}"#, r#"{"format_version":1,"factors":3}"#] {
            assert!(matches!(migrate(words), Err(Unusable::Damaged(_))), "{words}");
        }
    }
}
