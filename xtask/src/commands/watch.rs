//! `watch`: hands over to the program that grades on save, which is compiled for those alone who watch.

use std::os::unix::process::CommandExt;
use std::process::Command;

use grader::outcome::ExitCode;

use super::check;
use crate::cli::WatchOptions;
use crate::programs::{Program, compiled};
use crate::session::Session;
use crate::trouble::Trouble;

/// The program that watches.
pub const WATCHER: Program = Program { package: "watch", binary: "workshop-watch" };

/// Becomes the other program: one process, one terminal, and nothing in between that a signal could miss.
pub fn run(session: &mut Session, options: &WatchOptions) -> Result<ExitCode, Trouble> {
    // What cannot be watched is said now, before anything is compiled.
    check::plan(session, &options.check())?;
    let first = session.messages().watch_compiling();
    let program = compiled(session, &WATCHER, first)?;
    let failed = Command::new(&program).args(std::env::args_os().skip(1)).exec();
    Err(Trouble::failed(format!("cannot start {}", program.display()), failed))
}
