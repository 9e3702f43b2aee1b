//! `rehearse`: the instructor's evening before. Is the machine ready, is everything fetched, does each solution pass?

use grader::outcome::ExitCode;

use super::steps::Steps;
use super::{check, doctor, prefetch};
use crate::cli::CheckOptions;
use crate::session::Session;
use crate::track;
use crate::trouble::Trouble;

/// Goes through the track as an attendee's machine will, and sums up what took how long.
pub fn run(session: &mut Session, core: bool) -> Result<ExitCode, Trouble> {
    let factors = track::shortest();
    let mut steps = Steps::new(factors.len() + 2);
    steps.step(session, "doctor", doctor::look)?;
    steps.step(session, prefetch::CRATES, prefetch::crates)?;
    for factor in factors {
        let name = format!("{} --solution", factor.id());
        let options = CheckOptions { factor: Some(factor.id()), solution: true, core, ..CheckOptions::default() };
        let code = steps.step(session, &name, |session| check::run(session, &options))?;
        if code == ExitCode::Interrupted {
            break;
        }
    }
    let (code, troubled, seconds) = steps.sum_up(session)?;
    session.say(session.messages().rehearsed(&troubled, seconds))?;
    Ok(code)
}
