//! Who is sent an errand and its descriptors starts the same supervisor that a grader would have started.

#[expect(dead_code, reason = "the other test programs use the rest")]
mod support;

use std::io::{self, BufRead, BufReader, PipeReader};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use supervisor::attend::{self, Errand};
use supervisor::protocol::{Report, Spec};
use support::{Folder, User, ensure, exists, expect, test};

/// Only a hang takes this long.
const HANG: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    support::lives(tests)
}

fn tests() -> Vec<Trial> {
    vec![
        test("an_errand_gets_what_it_is_given_and_nothing_else", gets_what_it_is_given),
        test("an_errand_ends_with_its_lifeline", ends_with_its_lifeline),
        test("an_errand_that_cannot_start_is_answered", cannot_start),
        test("without_an_attendant_nothing_is_sent", nobody_attends),
    ]
}

/// An attendant, ended with the test.
struct Attendant {
    program: Child,
    folder: Folder,
}

impl Attendant {
    fn new() -> Result<Self, Failed> {
        let folder = Folder::new(User::Myself)?;
        let mut program = Command::new(std::env::current_exe()?);
        // What it has itself is not what its errands get.
        program.args([Path::new(attend::COMMAND), &folder.path("socket")]).env("LEAKED", "1").stdin(Stdio::null());
        let attendant = Self { program: program.spawn()?, folder };
        until(|| attend::is_there(&attendant.socket()))?;
        Ok(attendant)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path("socket")
    }

    /// Sends a shell script. Returns the supervisor's number, its lifeline, and what the script writes.
    fn send(&self, script: &str, directory: &Path) -> Result<(u32, UnixStream, PipeReader, PipeReader), Failed> {
        let errand = Errand {
            spec: Spec::default(),
            argv: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
            environment: vec![("WORD".to_owned(), "given".to_owned())],
            directory: directory.to_owned(),
        };
        let (lifeline, control) = UnixStream::pair()?;
        lifeline.set_read_timeout(Some(HANG))?;
        let ((out, its_out), (err, its_err)) = (io::pipe()?, io::pipe()?);
        let pid = attend::send(&self.socket(), &errand, [control.as_fd(), its_out.as_fd(), its_err.as_fd()])?;
        Ok((pid, lifeline, out, err))
    }
}

impl Drop for Attendant {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn until(mut happened: impl FnMut() -> bool) -> Result<(), Failed> {
    let began = Instant::now();
    while !happened() {
        ensure(began.elapsed() < HANG, || "it never happened".to_owned())?;
        sleep(PAUSE);
    }
    Ok(())
}

fn next(reports: &mut impl BufRead) -> Result<Report, Failed> {
    let mut line = String::new();
    reports.read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

fn gets_what_it_is_given() -> Result<(), Failed> {
    let attendant = Attendant::new()?;
    let place = attendant.folder.path("place");
    std::fs::create_dir(&place)?;
    let script = "echo $WORD $LEAKED in $(pwd); echo complaint >&2; exit 7";
    let (pid, lifeline, out, err) = attendant.send(script, &place)?;
    ensure(exists(pid.cast_signed()), || format!("no supervisor {pid}"))?;
    let mut reports = BufReader::new(lifeline);
    ensure(matches!(next(&mut reports)?, Report::Started { .. }), || "not started".to_owned())?;
    expect(io::read_to_string(out)?, format!("given in {}\n", place.display()))?;
    expect(io::read_to_string(err)?, "complaint\n".to_owned())?;
    expect(next(&mut reports)?, Report::Exited { code: Some(7), signal: None })
}

fn ends_with_its_lifeline() -> Result<(), Failed> {
    let attendant = Attendant::new()?;
    let (supervisor, lifeline, _out, _err) = attendant.send("sleep 600 & wait", Path::new("/"))?;
    let mut reports = BufReader::new(lifeline);
    let Report::Started { pid } = next(&mut reports)? else { return Err("not started".into()) };
    ensure(exists(pid), || format!("no service {pid}"))?;
    drop(reports);
    until(|| !exists(pid))?;
    // The attendant waits for its children, so nothing of them is left in the system's table.
    until(|| !exists(supervisor.cast_signed()))
}

fn cannot_start() -> Result<(), Failed> {
    let attendant = Attendant::new()?;
    let sent = attendant.send("true", Path::new("/nowhere"));
    ensure(sent.is_err(), || "a directory that does not exist".to_owned())?;
    let (_, lifeline, ..) = attendant.send("exit 3", Path::new("/"))?;
    let mut reports = BufReader::new(lifeline);
    next(&mut reports)?;
    expect(next(&mut reports)?, Report::Exited { code: Some(3), signal: None })
}

fn nobody_attends() -> Result<(), Failed> {
    let folder = Folder::new(User::Myself)?;
    ensure(!attend::is_there(&folder.path("socket")), || "nobody is there".to_owned())
}
