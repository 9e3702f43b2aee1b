//! `checkpoint`: a reference for whoever works on a repository of their own and is stuck, or has come late.
//!
//! It is the complete service, whatever the factor: one reference that every factor's checks have seen, instead of fifteen
//! that somebody would have to keep apart.

use std::path::Path;

use grader::outcome::ExitCode;

use super::start::capstone::{Repository, next};
use crate::messages::{Readme, Wrong, messages};
use crate::place;
use crate::session::Session;
use crate::trouble::Trouble;

/// Where the workshop keeps the complete service.
pub const COMPLETE: &str = "solutions/complete";

/// Writes the reference that satisfies everything up to a factor.
pub fn run(session: &mut Session, factor: &str, path: Option<&Path>) -> Result<ExitCode, Trouble> {
    let factor = place::meant(Some(factor), session)?;
    // The warm-up is none of the fifteen.
    if factor.number == 0 {
        return Err(Wrong::CheckpointWhat.into());
    }
    let number = factor.number.to_string();
    let usual = || session.workspace.root.join("work").join(format!("checkpoint-{number}"));
    let made = Repository {
        from: COMPLETE,
        to: path.map_or_else(usual, Path::to_owned),
        message: "The complete service of the workshop",
    };
    let shown = made.write(session, |lang, shown| {
        messages(lang).own_readme(&Readme::Checkpoint { number: &number, path: shown })
    })?;
    session.say(session.messages().checkpoint_written(&number, &shown))?;
    session.say(next(session, &shown))?;
    Ok(ExitCode::Passed)
}
