//! What a room without internet needs: crates, images, books, and the workshop itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;

use grader::outcome::ExitCode;
use grader::subject::Workspace;
use tokio::signal::unix::{SignalKind, signal};

use crate::programs::Program;

pub mod crates;
pub mod engine;
pub mod source;

/// The program that packs and unpacks bundles.
pub const PROGRAM: Program = Program { package: "room", binary: "workshop-room" };

/// Where a bundle's parts lie while they are made or used; empty between two commands.
pub fn workbench(workspace: &Workspace) -> PathBuf {
    workspace.own().join("room")
}

/// Empties the workbench: what an interrupted command left there is of no use. From now on Ctrl-C, a closed terminal and a polite end
/// clear it too, since images take gigabytes.
pub fn clear(bench: &Path) -> io::Result<()> {
    match fs::remove_dir_all(bench) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir_all(bench)?,
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let noticed = runtime.enter();
    let [interrupt, terminate, hangup] =
        [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
    let (mut interrupt, mut terminate, mut hangup) = (interrupt?, terminate?, hangup?);
    drop(noticed);
    let bench = bench.to_owned();
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        });
        // The next command clears what a program that was faster has written in the meantime.
        let _ = fs::remove_dir_all(&bench);
        std::process::exit(i32::from(ExitCode::Interrupted as u8))
    });
    Ok(())
}

/// `28.4 MB`.
pub fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// The size of a file; what is not there takes nothing.
pub fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// What this workshop and this machine are, for the bundle's list and for whoever unpacks it.
pub fn platform() -> String {
    format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH)
}
