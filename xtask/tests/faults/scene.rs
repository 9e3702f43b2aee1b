//! One test's world: a service, a target folder, a temporary folder, and the proof that nothing of a run is left.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Condvar, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::processes;

/// A run that takes longer hangs.
pub const HANG: Duration = Duration::from_secs(60);

/// A correct service, as a Python program.
const LINKS: &str = include_str!("links.py");

/// A fault: it comes up with a whole configuration, and waits for ever without one.
pub const HANGS_WITHOUT_CONFIGURATION: &str = "\
def configuration():
    while not all(os.environ.get(name) for name in REQUIRED):
        time.sleep(60)
    return os.environ
";

/// How long what a killed grader has left may take to go away.
const CLEANUP: Duration = Duration::from_secs(10);

/// Services and a grader each: more at a time would only wait for each other.
const SEATS: usize = 3;

/// A service in a folder of its own, and everything that runs of it may write to.
pub struct Scene {
    folder: TempDir,
    _seat: Seat,
}

/// How a run ended and what it said.
pub struct Ended {
    /// The exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Scene {
    /// An empty folder for a service.
    pub fn empty() -> Self {
        let scene = Self { folder: tempfile::tempdir().unwrap(), _seat: Seat::take() };
        for folder in ["service", "target", "tmp", "home"] {
            fs::create_dir(scene.path(folder)).unwrap();
        }
        scene
    }

    /// A correct service with `fault` (Python) in it.
    pub fn links(fault: &str) -> Self {
        let scene = Self::empty();
        scene.links_with(fault);
        scene
    }

    /// A service that is this Python program.
    pub fn script(program: &str) -> Self {
        let scene = Self::empty();
        scene.put(program);
        scene
    }

    /// Makes the service a correct one with `fault` in it; for faults that name a path of this world.
    pub fn links_with(&self, fault: &str) {
        self.put(&LINKS.replace("# FAULT", fault));
    }

    fn put(&self, program: &str) {
        self.write("app.py", program);
        self.app_toml("", r#"["app.py"]"#, &format!(r#"["{}", "{{release}}/app.py"]"#, python()));
    }

    /// Writes the `app.toml`: further lines for the app, the release's files and the command of `web`.
    pub fn app_toml(&self, lines: &str, release: &str, web: &str) {
        let head = "contract = \"jjalda/v1\"\n\n[app.links]\n";
        self.write("app.toml", &format!("{head}{lines}\nrelease = {release}\n\n[app.links.process]\nweb = {web}\n"));
    }

    /// Writes a file of the service.
    pub fn write(&self, name: &str, words: &str) {
        let path = self.service().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, words).unwrap();
    }

    /// Lends it a program of this workspace, which takes minutes to compile.
    pub fn lend(&self, package: &str, binary: &str) {
        // With all tests it is compiled before them; alone it would be compiled once more, with other features.
        if std::env::var_os("WORKSHOP_WORKSPACE_IS_BUILT").is_none() {
            let target = Path::new(env!("CARGO_BIN_EXE_xtask")).ancestors().nth(2).unwrap();
            let words = ["build", "--offline", "--quiet", "--package", package, "--target-dir"];
            let built = Command::new("cargo").args(words).arg(target).current_dir(env!("CARGO_MANIFEST_DIR")).status();
            assert!(built.unwrap().success(), "{package} compiles");
        }
        let lent = self.path("target/debug").join(binary);
        fs::create_dir_all(lent.parent().unwrap()).unwrap();
        fs::copy(Path::new(env!("CARGO_BIN_EXE_xtask")).with_file_name(binary), &lent).unwrap();
        fs::File::open(lent).unwrap().set_modified(std::time::SystemTime::now()).unwrap();
    }

    /// A path in the world of this test.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// The folder with `app.toml`.
    pub fn service(&self) -> PathBuf {
        self.path("service")
    }

    /// `cargo xtask check factor-3` on the service, with further words.
    pub fn check(&self, words: &str) -> Ended {
        self.grade(&format!("check factor-3 {words}"))
    }

    /// `cargo xtask …` on the service, to its end.
    pub fn grade(&self, words: &str) -> Ended {
        Ended::of(self.command(words))
    }

    /// The same, not started yet, in an environment in which nothing of this machine decides.
    pub fn command(&self, words: &str) -> Command {
        let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
        xtask.args(words.split_whitespace()).arg("--path").arg(self.service()).args(["--lang", "en", "--plain"]);
        self.surround(&mut xtask);
        xtask
    }

    /// Gives a command this world's folders.
    pub fn surround(&self, command: &mut Command) {
        command
            .current_dir(self.path(""))
            .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
            .env("CARGO_TARGET_DIR", self.path("target"))
            .env("TMPDIR", self.path("tmp"))
            .env("WORKSHOP_HOME", self.path("home"));
        for name in ["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "CLICOLOR_FORCE", "CI"] {
            command.env_remove(name);
        }
    }

    /// The folder of the only run.
    pub fn results(&self) -> PathBuf {
        let runs = fs::read_dir(self.path("target/workshop/runs")).unwrap();
        let mut folders = runs.map(|run| run.unwrap().path()).filter(|run| !run.is_symlink());
        let only = folders.next().expect("a run has a folder");
        assert!(folders.next().is_none(), "there was more than one run");
        only
    }

    /// No process of this world lives, and its temporary folder is empty: now, or soon after a kill.
    #[track_caller]
    pub fn leaves_nothing(&self) {
        let end = Instant::now() + CLEANUP;
        loop {
            let left = self.left();
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < end, "this is left:\n{}", left.join("\n"));
            processes::look_again();
        }
    }

    /// What is left now: processes and temporary files.
    pub fn left(&self) -> Vec<String> {
        let processes = processes::of(&self.path("")).into_iter().map(|process| process.to_string());
        let folders = files(&self.path("tmp")).into_iter().map(|path| path.display().to_string());
        processes.chain(folders).collect()
    }
}

impl Ended {
    /// Runs a command to its end.
    pub fn of(command: Command) -> Self {
        let output = assert_cmd::Command::from_std(command).timeout(HANG).output().unwrap();
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// BLOCKED for this reason, with every part in the report.
    #[track_caller]
    pub fn blocked(&self, reason: &str, parts: &[&str]) {
        self.ended(3, &["BLOCKED", &format!("reason {reason}"), "Hint 1"]);
        self.ended(3, parts);
    }

    /// This exit code, every part, no PASS and no panic.
    #[track_caller]
    pub fn ended(&self, code: i32, parts: &[&str]) {
        self.said(code, parts);
        assert!(!self.stdout.contains("PASS") && !self.stdout.contains(": passed"), "passes:\n{}", self.stdout);
    }

    /// The same for a service that may pass.
    #[track_caller]
    pub fn said(&self, code: i32, parts: &[&str]) {
        let all = format!("{}\n{}", self.stdout, self.stderr);
        assert_eq!(self.code, Some(code), "{all}");
        assert!(!all.contains("panicked"), "{all}");
        // Reports are wrapped to the width of a page; where a line ends is not what is tested here.
        let words = all.split_whitespace().collect::<Vec<_>>().join(" ");
        parts.iter().for_each(|part| assert!(words.contains(part), "{part:?} is not in:\n{all}"));
    }
}

/// The interpreter itself: a wrapper would be one more process, and may need a home.
pub fn python() -> &'static str {
    static PYTHON: LazyLock<String> = LazyLock::new(|| {
        let asked = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
        let asked = asked.expect("these tests need python3");
        String::from_utf8(asked.stdout).unwrap().trim().to_owned()
    });
    &PYTHON
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
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
