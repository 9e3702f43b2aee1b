//! `solution`: the reference, for who has passed the core checks or says `--anyway`.

use std::path::Path;

use grader::factors::Factor;
use grader::outcome::ExitCode;

use super::overview::known;
use crate::board;
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
    // An unusable progress file is complained about here.
    known(session)?;
    let words = opened(session, factor, options.anyway)?;
    if options.diff {
        difference(session, factor, &session.workspace.solution(factor))?;
    } else {
        session.say(words)?;
    }
    Ok(ExitCode::Passed)
}

/// Opens the solution, which is remembered, and says where it is.
pub fn opened(session: &Session, factor: &Factor, anyway: bool) -> Result<String, Trouble> {
    let progress = session.store().load().unwrap_or_default().factor(factor);
    let earned = progress.core_passed || progress.solution.is_some();
    let opened_for_all = !earned && !anyway && board::is_solution_open(session, factor);
    if !earned && !anyway && !opened_for_all {
        return Err(Wrong::SolutionLocked(factor.id()).into());
    }
    let how = if progress.core_passed || opened_for_all { Solution::Opened } else { Solution::Skipped };
    // Once opened stays opened in the way it was: passing later does not undo the peek.
    let _ = session.store().update(factor, |known| known.solution = known.solution.or(Some(how)))?;
    board::solution_opened(session, factor, how == Solution::Skipped);
    let folder = session.workspace.solution(factor);
    Ok(session.messages().solution_at(&shown(&folder), &factor.id(), how == Solution::Skipped))
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
