//! `book --open`: serves the books and builds them anew whenever a source is saved, until somebody ends it.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use grader::outcome::ExitCode;
use grader::text::Lang;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

use super::sources::{Glance, glance};
use super::{build, folder};
use crate::programs::{Program, compiled};
use crate::session::Session;
use crate::trouble::Trouble;

/// The program that serves the books and grades what their pages ask for.
pub const SERVER: Program = Program { package: "server", binary: "workshop-server" };

/// Between two looks at the sources.
const LOOK: Duration = Duration::from_millis(500);

/// Starts the server, which says its address and opens the browser, and stays until it ends. `seen` are the sources as they
/// were before they were built.
pub fn open(session: &mut Session, port: Option<u16>, seen: Glance) -> Result<ExitCode, Trouble> {
    let first = session.messages().book_compiling();
    let server = compiled(session, &SERVER, first)?;
    let mut command = Command::new(server);
    command.arg("--books").arg(folder(session)).arg("--xtask").arg(std::env::current_exe()?).arg("--open");
    command.args(["--lang", if session.lang == Lang::Ko { "ko" } else { "en" }]);
    command.args(port.map(|port| format!("--port={port}")));
    // When this program ends in whatever way, the pipe closes, and the server ends with its runs.
    command.arg("--while-stdin-is-open").stdin(Stdio::piped());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = command.spawn().map_err(|error| Trouble::failed("cannot start the server", error))?;
        serve(session, server, seen).await
    })
}

async fn serve(session: &mut Session, mut server: Child, mut seen: Glance) -> Result<ExitCode, Trouble> {
    // Waiting for a child closes its standard input, so it is taken away and held until we are done.
    let _lifeline = server.stdin.take();
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    loop {
        tokio::select! {
            ended = server.wait() => {
                return Ok(if ended?.success() { ExitCode::Passed } else { ExitCode::Failed });
            }
            // The terminal tells the server too; it ends the checks that are running first.
            _ = interrupt.recv() => {}
            _ = terminate.recv() => end(&server)?,
            _ = looks.tick() => {
                let now = glance(&session.workspace.root);
                if now != seen {
                    // A book that cannot be built stays as it was, and says why; a builder that its author broke does too.
                    if let Err(trouble) = build(session, false) {
                        trouble.report(session.lang);
                    }
                    seen = now;
                }
            }
        }
    }
}

/// Asks the server to end, as the one who asked us did.
fn end(server: &Child) -> io::Result<()> {
    let id = server.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
    let Some(id) = id else { return Ok(()) };
    rustix::process::kill_process(id, rustix::process::Signal::TERM).map_err(io::Error::from)
}
