//! Starts the service: own process group, empty stdin, default signals, and the sandbox's file tree if there is one.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write, pipe};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::process::Pid;

use crate::protocol::Report;
use crate::sandbox::Tree;
use crate::signals;

/// Starts the program with this process's environment and working directory.
///
/// Afterwards this process holds neither end of the service's output: the reader sees the end of file when the service's tree has closed it.
/// Must be called while this process has a single thread, because the preparation between fork and exec allocates memory.
///
/// # Errors
///
/// `CouldNotStart`, ready to be sent.
pub(crate) fn start(program: &OsStr, arguments: &[OsString], tree: Option<Tree>) -> Result<Pid, Report> {
    let (complaints, complain) = pipe().map_err(|error| failed("pipe", &error))?;
    let child = {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).process_group(0);
        prepare(&mut command, tree, complain);
        command.spawn()
    };
    let released = release_output();
    let child = child.map_err(|error| could_not_start(&error, complaints))?;
    released.map_err(|error| failed("cannot let go of the service's output", &error))?;
    Pid::from_raw(child.id().cast_signed()).ok_or_else(|| failed("no process id", &io::Error::other("zero")))
}

fn prepare(command: &mut Command, tree: Option<Tree>, mut complain: PipeWriter) {
    let work = move || {
        signals::restore();
        if let Some(tree) = &tree {
            tree.enter().map_err(|words| {
                // The parent learns an error number only; the words take this pipe. If even that fails, the number remains.
                let _ = complain.write_all(words.as_bytes());
                io::Error::from(io::ErrorKind::PermissionDenied)
            })?;
        }
        die_with_the_supervisor()
    };
    // SAFETY: the process has a single thread (see `start`), so no lock of the allocator or the C library can be held by another one.
    unsafe { command.pre_exec(work) };
}

/// A supervisor that is killed cannot clean up any more. The kernel then kills at least the main process for it.
///
/// It must be the last thing before exec, because a change of privileges takes it back. The signal is tied to the thread that forked: here
/// the main one, which lives as long as the supervisor.
fn die_with_the_supervisor() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    Ok(())
}

fn release_output() -> io::Result<()> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    Ok(())
}

fn could_not_start(error: &io::Error, mut complaints: PipeReader) -> Report {
    let mut words = String::new();
    // All writers are gone by now: the child with its exec or exit, ours with the command.
    let read = complaints.read_to_string(&mut words);
    if read.is_ok() && !words.is_empty() {
        return Report::CouldNotStart { error: words, missing_program: false };
    }
    Report::CouldNotStart { error: error.to_string(), missing_program: error.kind() == io::ErrorKind::NotFound }
}

fn failed(what: &str, error: &io::Error) -> Report {
    Report::CouldNotStart { error: format!("{what}: {error}"), missing_program: false }
}
