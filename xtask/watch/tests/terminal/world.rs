//! A small workshop whose exercises are Python services: nothing is compiled, and a verdict takes a moment.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::processes;

/// Longer than any machine takes.
pub const HANG: Duration = Duration::from_secs(300);

/// How long what an ended program has left may take to go away.
const CLEANUP: Duration = Duration::from_secs(20);

const APP: &str = r#"contract = "jjalda/v1"
edit = ["src"]

[app.links]
release = ["src"]
needs = ["screen"]

[app.links.process]
web = ["python3", "{release}/src/links.py", "web"]
"#;

/// A service that neither listens nor ends.
const HANGS: &str = "import signal\nsignal.pause()\n";

/// Worlds at a time: more would only wait for each other.
const SEATS: usize = 2;

/// The world of one test.
pub struct World {
    folder: TempDir,
    _seat: Seat,
}

impl World {
    /// The exercises of factors 3 and 11, both as they are delivered in Python.
    pub fn new() -> Self {
        let world = Self { folder: tempfile::Builder::new().prefix("watch-").tempdir().unwrap(), _seat: Seat::take() };
        let real = project();
        for file in ["Cargo.toml", "Cargo.lock", "xtask/Cargo.toml"] {
            world.write(file, &fs::read_to_string(real.join(file)).unwrap());
        }
        for exercise in ["factor-03-config", "factor-11-logs"] {
            let starter = real.join("exercises/factor-03-config/other-languages/python");
            world.write(&format!("exercises/{exercise}/app.toml"), APP);
            for file in ["config.py", "links.py"] {
                let words = fs::read_to_string(starter.join(file)).unwrap();
                world.write(&format!("exercises/{exercise}/src/{file}"), &words);
            }
        }
        for folder in ["tmp", "home"] {
            fs::create_dir(world.path(folder)).unwrap();
        }
        world
    }

    /// A path in it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(path)
    }

    /// Writes a file, in one step: a save is never seen half.
    pub fn write(&self, path: &str, words: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let unfinished = self.path("unfinished");
        fs::write(&unfinished, words).unwrap();
        fs::rename(unfinished, path).unwrap();
    }

    /// Saves the repaired service.
    pub fn repair(&self) {
        let repaired = fs::read_to_string(project().join("xtask/tests/languages/python/links.py")).unwrap();
        fs::remove_file(self.path("exercises/factor-03-config/src/config.py")).unwrap();
        self.write("exercises/factor-03-config/src/links.py", &repaired);
    }

    /// Saves a service that keeps the grader waiting.
    pub fn hang(&self) {
        self.write("exercises/factor-03-config/src/links.py", HANGS);
    }

    /// The environment of everything that runs here.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = |name: &str| self.path(name).display().to_string();
        vec![
            ("CARGO_MANIFEST_DIR".to_owned(), path("xtask")),
            ("CARGO_TARGET_DIR".to_owned(), path("target")),
            ("TMPDIR".to_owned(), path("tmp")),
            ("WORKSHOP_HOME".to_owned(), path("home")),
        ]
    }

    /// Nothing that ran here lives, and its temporary folder is empty: now, or soon.
    #[track_caller]
    pub fn leaves_nothing(&self) {
        let end = Instant::now() + CLEANUP;
        loop {
            let left = processes::of(&self.path(""));
            let files: Vec<_> = fs::read_dir(self.path("tmp")).unwrap().flatten().map(|file| file.path()).collect();
            if left.is_empty() && files.is_empty() {
                return;
            }
            assert!(Instant::now() < end, "this is left: {left:#?} {files:#?}");
            processes::look_again();
        }
    }
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// Leave to run, given back when dropped.
struct Seat;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

impl Seat {
    fn take() -> Self {
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let full = FREED.wait_while(taken, |taken| *taken == SEATS);
        *full.unwrap_or_else(PoisonError::into_inner) += 1;
        Self
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        FREED.notify_one();
    }
}
