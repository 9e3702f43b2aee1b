//! `diff`: what the attendee changed in the starter.

use grader::outcome::ExitCode;
use grader::pristine;

use crate::place;
use crate::session::Session;
use crate::starter::{Starter, comparison_folder, copy_files, show_difference};
use crate::trouble::Trouble;

/// Compares the exercise with the pristine starter.
pub fn run(session: &mut Session, factor: Option<&str>) -> Result<ExitCode, Trouble> {
    let factor = place::meant(factor, session)?;
    let starter = Starter::of(factor)?;
    let folder = session.workspace.exercise(factor);
    let changed: Vec<String> = starter.changes(&folder)?.into_iter().map(|change| change.path).collect();
    if changed.is_empty() {
        session.say(session.messages().nothing_changed(&factor.id()))?;
        return Ok(ExitCode::Passed);
    }
    let scratch = comparison_folder(session)?;
    let pristine: Vec<_> = changed.iter().filter_map(|path| starter.file(path)).cloned().collect();
    for side in ["starter", "yours"] {
        std::fs::create_dir(scratch.join(side))?;
    }
    pristine::unpack(&pristine, &scratch.join("starter"))?;
    let present = changed.iter().filter(|path| folder.join(path).is_file());
    copy_files(present, &folder, &scratch.join("yours"))?;
    show_difference(session, &scratch, "starter", "yours")?;
    Ok(ExitCode::Passed)
}
