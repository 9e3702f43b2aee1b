//! `solution`: the reference, for who has passed the core checks or says `--anyway`.

use std::path::Path;

use grader::factors::Factor;
use grader::outcome::ExitCode;

use super::overview::known;
use crate::cli::SolutionOptions;
use crate::messages::Wrong;
use crate::place;
use crate::progress::Solution;
use crate::session::Session;
use crate::starter::{Starter, comparison_folder, copy_files, show_difference};
use crate::trouble::Trouble;
use crate::workspace::shown;

/// Shows where the solution is, or how the exercise differs from it.
pub fn run(session: &mut Session, options: &SolutionOptions) -> Result<ExitCode, Trouble> {
    let factor = place::meant_exactly(options.factor.as_deref(), "solution", session)?;
    let progress = known(session)?.factor(factor);
    if !progress.core_passed && progress.solution.is_none() && !options.anyway {
        return Err(Wrong::SolutionLocked(factor.id()).into());
    }
    let how = if progress.core_passed { Solution::Opened } else { Solution::Skipped };
    // Once opened stays opened in the way it was: passing later does not undo the peek.
    let _ = session.store().update(factor, |known| known.solution = known.solution.or(Some(how)))?;
    let folder = session.workspace.solution(factor);
    if options.diff {
        difference(session, factor, &folder)?;
    } else {
        session.say(session.messages().solution_at(&shown(&folder), &factor.id(), how == Solution::Skipped))?;
    }
    Ok(ExitCode::Passed)
}

fn difference(session: &Session, factor: &Factor, solution: &Path) -> Result<(), Trouble> {
    let starter = Starter::of(factor)?;
    let exercise = session.workspace.exercise(factor);
    let scratch = comparison_folder(session)?;
    for (name, folder) in [("yours", &exercise), ("solution", &solution.to_owned())] {
        std::fs::create_dir(scratch.join(name))?;
        copy_files(&starter.editable_files(folder)?, folder, &scratch.join(name))?;
    }
    show_difference(session, &scratch, "yours", "solution")
}
