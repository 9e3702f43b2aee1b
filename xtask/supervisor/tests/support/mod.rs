//! What both test programs share: a grader in miniature, and services that behave as badly as it takes.

pub mod services;

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use supervisor::attend;
use supervisor::protocol::{self, Report, Spec};

/// Longer than anything here takes on a busy machine: whoever waits so long waits for ever.
const HANG: Duration = Duration::from_secs(30);

/// The lives of a test program: a supervisor, who starts supervisors, a service, or the tests.
pub fn lives(tests: impl FnOnce() -> Vec<Trial>) -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let first = words.next();
    match first.as_deref().and_then(OsStr::to_str) {
        Some(supervisor::COMMAND) => supervisor::main(words),
        Some(attend::COMMAND) => attend::main(Path::new(&words.next().unwrap_or_default())),
        Some(services::WORD) => {
            services::main(&words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>())
        }
        _ => libtest_mimic::run(&Arguments::from_args(), tests()).exit_code(),
    }
}

/// The user who starts the supervisor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum User {
    Myself,
    /// Nobody in particular, on most systems; only root can become it.
    Ordinary,
}

/// The id of an ordinary user.
pub const ORDINARY: u32 = 65534;

impl User {
    /// A command that runs as this user.
    pub fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if self == Self::Ordinary {
            command.uid(ORDINARY).gid(ORDINARY);
        }
        command
    }
}

/// A folder that is gone when the test is.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(user: User) -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = fs::canonicalize(std::env::temp_dir())?.join(format!("supervisor-{}-{number}", std::process::id()));
        fs::create_dir(&path)?;
        // From here on it is removed, even if the rest fails.
        let folder = Self(path);
        fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o755))?;
        if user == User::Ordinary {
            chown(&folder.0, Some(ORDINARY), Some(ORDINARY))?;
        }
        Ok(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A supervised run, seen by its grader. Dropping it cuts the lifeline.
pub struct Grader {
    pub supervisor: Child,
    pub output: BufReader<ChildStdout>,
    control: BufReader<UnixStream>,
}

impl Grader {
    /// Starts a supervisor over one of our own services.
    pub fn serve(spec: &Spec, service: &[&str]) -> Result<Self, Failed> {
        let executable = std::env::current_exe()?;
        let words: Vec<_> = [services::WORD].iter().chain(service).collect();
        Self::start(User::Myself, &executable, &executable, spec, &words)
    }

    /// Starts a supervisor over a shell script.
    pub fn shell(spec: &Spec, script: &str) -> Result<Self, Failed> {
        let executable = std::env::current_exe()?;
        Self::start(User::Myself, &executable, Path::new("/bin/sh"), spec, &["-c", script])
    }

    /// Starts a supervisor (this executable or a copy of it) over a program.
    pub fn start(
        user: User,
        supervisor: &Path,
        program: &Path,
        spec: &Spec,
        words: &[impl AsRef<OsStr>],
    ) -> Result<Self, Failed> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_read_timeout(Some(HANG))?;
        let mut supervisor = user
            .command(supervisor)
            .args([supervisor::COMMAND, "--spec", &serde_json::to_string(spec)?, "--"])
            .arg(program)
            .args(words)
            .current_dir(spec.scratch.as_deref().unwrap_or(Path::new("/")))
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::piped())
            .spawn()?;
        let output = supervisor.stdout.take().ok_or("no output")?;
        Ok(Self { supervisor, output: BufReader::new(output), control: BufReader::new(ours) })
    }

    /// Sends a command.
    pub fn say(&mut self, command: &protocol::Command) -> Result<(), Failed> {
        let line = serde_json::to_string(command)? + "\n";
        Ok(self.control.get_mut().write_all(line.as_bytes())?)
    }

    /// The next report.
    pub fn next(&mut self) -> Result<Report, Failed> {
        let mut line = String::new();
        self.control.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// All reports up to the first that is wanted, which is the last.
    pub fn until(&mut self, wanted: impl Fn(&Report) -> bool) -> Result<Vec<Report>, Failed> {
        let mut reports = Vec::new();
        loop {
            let report = self.next()?;
            let found = wanted(&report);
            if report == Report::Ended && !found {
                return Err(format!("ended early: {reports:?}").into());
            }
            reports.push(report);
            if found {
                return Ok(reports);
            }
        }
    }

    /// The next line of the service's output.
    pub fn line(&mut self) -> Result<String, Failed> {
        line(&mut self.output)
    }

    /// All the rest of the service's output.
    pub fn rest(&mut self) -> Result<String, Failed> {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest)?;
        Ok(rest)
    }

    /// Cuts the lifeline and waits for the supervisor's end.
    pub fn hang_up(mut self) -> Result<(), Failed> {
        drop(self.control);
        self.supervisor.wait()?;
        Ok(())
    }
}

/// The next line of some output.
pub fn line(output: &mut impl BufRead) -> Result<String, Failed> {
    let mut line = String::new();
    output.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

/// What was expected, and what came instead.
pub fn expect<T: PartialEq + std::fmt::Debug>(seen: T, expected: T) -> Result<(), Failed> {
    if seen == expected {
        return Ok(());
    }
    Err(format!("expected {expected:?}, saw {seen:?}").into())
}

/// Fails with a text unless a condition holds.
pub fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(otherwise().into()) }
}

/// Whether a process exists, dead or alive.
pub fn exists(pid: i32) -> bool {
    rustix::process::Pid::from_raw(pid).is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

/// A test with a name.
pub fn test(name: impl Into<String>, run: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Trial {
    Trial::test(name, run)
}
