//! Runs one program so that nothing of it outlives the run, if wished in a sandbox.
//!
//! The grader starts `xtask __supervise --spec JSON -- PROGRAM ARGS…` with one end of a Unix stream socket pair as fd 0, pipes for the
//! service's output as fd 1 and 2, and exactly the environment and working directory the service shall have. The supervisor needs none of
//! these for itself. It is a program of its own, and not a thread of the grader, because only then does it survive a `kill -9` of the grader
//! and can take the service down with it.

pub mod attend;
mod libraries;
mod processes;
pub mod protocol;
mod run;
#[cfg_attr(not(target_os = "linux"), path = "sandbox_absent.rs")]
mod sandbox;
mod scratch;
mod service;
mod signals;

use std::ffi::OsString;
use std::io::{Write, stdout};
use std::process::{Command, ExitCode, Stdio};

pub use libraries::shared_libraries;
use protocol::{Report, Spec};

/// The hidden command of `xtask` that leads to [`main`].
pub const COMMAND: &str = "__supervise";

/// The exit code for arguments that are none of ours.
const USAGE: u8 = 2;

/// Runs the supervisor; `arguments` are those after [`COMMAND`].
///
/// Call it first thing in the program, before any thread exists: a process with threads cannot enter a user namespace.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match parse(arguments.into_iter()) {
        Some(Task::Probe) => probe(),
        Some(Task::Run { spec, program, arguments }) => run::run(&spec, &program, &arguments),
        None => ExitCode::from(USAGE),
    }
}

/// Whether this machine can give a sandbox.
///
/// Asks a second copy of the current executable, `… __supervise --probe`, since a process with threads cannot try it itself; so the current
/// executable must be one that leads [`COMMAND`] to [`main`].
///
/// # Errors
///
/// What is missing, in words for a person.
pub fn sandbox_available() -> Result<(), String> {
    let answer = std::env::current_exe()
        .and_then(|executable| Command::new(executable).args([COMMAND, "--probe"]).stdin(Stdio::null()).output())
        .map_err(|error| format!("the probe did not start: {error}"))?;
    match serde_json::from_slice(&answer.stdout) {
        Ok(Report::SandboxReady) => Ok(()),
        Ok(Report::SandboxUnavailable { missing }) => Err(missing),
        _ => Err(format!("the probe ended without an answer ({})", answer.status)),
    }
}

enum Task {
    Probe,
    Run { spec: Box<Spec>, program: OsString, arguments: Vec<OsString> },
}

fn parse(mut words: impl Iterator<Item = OsString>) -> Option<Task> {
    match words.next()?.to_str()? {
        "--probe" => Some(Task::Probe),
        "--spec" => {
            let spec = serde_json::from_str(words.next()?.to_str()?).ok()?;
            let program = words.next().filter(|word| word == "--").and_then(|_| words.next())?;
            let arguments = words.collect();
            Some(Task::Run { spec, program, arguments })
        }
        _ => None,
    }
}

fn probe() -> ExitCode {
    let report = match sandbox::probe() {
        Ok(()) => Report::SandboxReady,
        Err(missing) => Report::SandboxUnavailable { missing },
    };
    let written =
        serde_json::to_string(&report).map_err(std::io::Error::from).and_then(|line| writeln!(stdout(), "{line}"));
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
