//! The reaper: a process of its own session that removes everything when this program has ended in whatever way.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};

use tokio::signal::unix::{SignalKind, signal};

use super::record::Record;
use super::removal;
use crate::place::Place;

/// The hidden command that leads to [`run`].
pub const COMMAND: &str = "__reap";

/// What the program says before it ends by itself, having removed everything: the reaper has nothing to do then.
pub const FAREWELL: &[u8] = b"done\n";

/// Starts the reaper of the session and returns when it watches. The end of its standard input, and so that of this whole process, is what it
/// waits for.
pub fn start(id: &str) -> io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([COMMAND, id]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    // SAFETY: setsid is a bare system call, which is allowed between fork and exec. It has to happen here: whoever kills this
    // program's whole process group a moment later must not find the reaper in it.
    unsafe { command.pre_exec(|| Ok(rustix::process::setsid().map(drop)?)) };
    let mut reaper = command.spawn()?;
    let mut ready = [0];
    reaper.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?.read_exact(&mut ready)?;
    Ok(reaper)
}

/// Waits until the program that started us has ended, then removes what its session left.
pub async fn run(place: Place, id: &str) -> ExitCode {
    // A signal that is caught and forgotten: a `kill` meant for the whole family must not end the one who cleans up.
    let kinds = [SignalKind::interrupt(), SignalKind::hangup(), SignalKind::terminate()];
    let caught: Vec<_> = kinds.into_iter().map(signal).collect();
    let Ok(record) = Record::open(&place, id) else { return ExitCode::FAILURE };
    say_ready();
    let farewell = tokio::task::spawn_blocking(|| {
        let mut farewell = Vec::new();
        // Whatever ends the reading, the other end is gone.
        let _ = io::stdin().read_to_end(&mut farewell);
        farewell
    });
    let ended_in_order = farewell.await.is_ok_and(|farewell| !farewell.is_empty());
    let removed = ended_in_order || removal::remove_killed(&place, id, &record).await;
    drop(caught);
    if removed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say_ready() {
    let own = rustix::stdio::stdout();
    // Whoever does not read it has died already, which the lifeline tells.
    let _ = rustix::io::write(own, b"\n");
}
