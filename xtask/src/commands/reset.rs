//! `reset`: the starter comes back; what was changed is kept aside.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use grader::factors::Factor;
use grader::outcome::ExitCode;
use grader::pristine;

use crate::console;
use crate::messages::Wrong;
use crate::place;
use crate::session::Session;
use crate::stamp::stamp;
use crate::starter::{Change, ChangeKind, Starter, copy_files};
use crate::trouble::Trouble;
use crate::workspace::shown;

/// Restores what `app.toml` calls `edit`, after a backup.
pub fn run(session: &mut Session, factor: Option<&str>, yes: bool) -> Result<ExitCode, Trouble> {
    let factor = place::meant_exactly(factor, "reset", session)?;
    let changes = changes(session, factor)?;
    let messages = session.messages();
    if changes.is_empty() {
        session.say(messages.nothing_to_reset(&factor.id()))?;
        return Ok(ExitCode::Passed);
    }
    for change in &changes {
        session.say(format!("  {}  {}", messages.change(change.kind), change.path))?;
    }
    if !yes && !agreed(session)? {
        session.say(messages.nothing_done())?;
        return Ok(ExitCode::Passed);
    }
    session.say(put_back(session, factor)?)?;
    Ok(ExitCode::Passed)
}

/// What differs from the starter.
pub fn changes(session: &Session, factor: &Factor) -> Result<Vec<Change>, Trouble> {
    Ok(Starter::of(factor)?.changes(&session.workspace.exercise(factor))?)
}

/// Puts the starter back without asking, and says where the replaced files are.
pub fn put_back(session: &Session, factor: &Factor) -> Result<String, Trouble> {
    let changes = changes(session, factor)?;
    let label = format!("{}-{}", stamp(SystemTime::now()), factor.id());
    let backup = session.workspace.own().join("backups").join(label);
    restore(&Starter::of(factor)?, &changes, &session.workspace.exercise(factor), &backup)?;
    Ok(session.messages().reset_done(&factor.id(), &shown(&backup)))
}

fn agreed(session: &Session) -> Result<bool, Trouble> {
    if !console::can_ask() {
        return Err(Wrong::NeedsYes("reset").into());
    }
    Ok(console::confirmed(&session.messages().ask_reset())?)
}

/// Everything is in the backup before the first file is touched.
fn restore(starter: &Starter, changes: &[Change], folder: &Path, backup: &Path) -> Result<(), Trouble> {
    let present = changes.iter().filter(|change| change.kind != ChangeKind::Removed).map(|change| &change.path);
    fs::create_dir_all(backup)?;
    copy_files(present, folder, backup).map_err(|error| Trouble::failed("cannot write the backup", error))?;
    for change in changes {
        let path = folder.join(&change.path);
        // A link is replaced, never written through.
        if path.symlink_metadata().is_ok() {
            fs::remove_file(&path)?;
        }
        if let Some(file) = starter.file(&change.path) {
            pristine::unpack_one(file, folder)?;
        }
    }
    Ok(())
}
