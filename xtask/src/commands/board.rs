//! `board`: shows an instructor how the room is doing.
//!
//! The board is a program of its own, which is compiled when it is first started.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use grader::outcome::ExitCode;
use grader::text::Lang;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{BoardOptions, BoardTask};
use crate::console;
use crate::messages;
use crate::programs::{Program, compiled};
use crate::session::Session;
use crate::trouble::Trouble;

/// Cargo's package and the program in it.
const BOARD: Program = Program { package: "board", binary: "workshop-board" };

/// Starts the board and stays until it ends, or does something else with what it knows.
pub fn run(session: &mut Session, options: &BoardOptions) -> Result<ExitCode, Trouble> {
    let asks = options.task == BoardTask::Forget && !options.yes && console::can_ask();
    if asks && !console::confirmed(messages::board(session.lang).ask_forget())? {
        session.say(session.messages().nothing_done())?;
        return Ok(ExitCode::Failed);
    }
    let program = compiled(session, &BOARD, messages::board(session.lang).board_compiling())?;
    let command = command(session, program, options);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // The terminal tells both of us; the board ends in order, and this waits for it.
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut child = tokio::process::Command::from(command)
            .spawn()
            .map_err(|error| Trouble::failed("cannot start the board", error))?;
        // Waiting for a child closes its standard input, so it is taken away and held until we are done.
        let _lifeline = child.stdin.take();
        loop {
            tokio::select! {
                ended = child.wait() => return Ok(code(ended?.code())),
                _ = interrupt.recv() => {}
            }
        }
    })
}

fn command(session: &Session, program: PathBuf, options: &BoardOptions) -> Command {
    let mut command = Command::new(program);
    match &options.task {
        BoardTask::Serve => command.arg("serve"),
        BoardTask::Rehearse(attendees) => command.args(["rehearse", attendees]),
        BoardTask::Report(folder) => command.arg("report").arg(folder),
        BoardTask::Forget => command.arg("forget").args((options.yes || console::can_ask()).then_some("--yes")),
        BoardTask::Bench => command.arg("bench"),
    };
    let home = session.store().path().with_file_name("board");
    command.arg("--home").arg(home).arg("--workshop").arg(&session.workspace.root);
    command.args(options.listen.iter().flat_map(|address| ["--listen", address]));
    command.args(options.port.map(|port| format!("--port={port}")));
    command.args(["--lang", if session.lang == Lang::Ko { "ko" } else { "en" }]);
    // When this program ends in whatever way, the pipe closes, and the board ends with it.
    command.arg("--while-stdin-is-open").stdin(Stdio::piped());
    command
}

/// The board's exit codes are ours.
fn code(code: Option<i32>) -> ExitCode {
    match code {
        Some(0) => ExitCode::Passed,
        Some(2) => ExitCode::Usage,
        Some(130) => ExitCode::Interrupted,
        _ => ExitCode::GraderError,
    }
}
