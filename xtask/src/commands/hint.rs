//! `hint`: one more step for what failed last.

use grader::factors::Factor;
use grader::hints;
use grader::outcome::ExitCode;
use grader::report::style::wrap_markdown;

use super::overview::known;
use crate::cli::{HintOptions, similar};
use crate::messages::Wrong;
use crate::place;
use crate::progress::LastFailure;
use crate::session::Session;
use crate::trouble::Trouble;

/// Columns of the text; longer lines are tiring to read.
const WIDTH: usize = 78;

/// Shows the asked step, or the one after the last that was shown.
pub fn run(session: &mut Session, options: &HintOptions) -> Result<ExitCode, Trouble> {
    let (factor, step) = meant(session, options)?;
    let failure = match &options.reason {
        Some(reason) => Some(LastFailure { check: None, reason: known_reason(factor, reason, session)? }),
        None => last_failure(session, factor)?,
    };
    let Some(failure) = failure else {
        let passed = known(session)?.factor(factor).standing.is_some();
        session.say(session.messages().no_failure(&factor.id(), passed))?;
        return Ok(ExitCode::Passed);
    };
    let step = match step {
        Some(step) => step,
        None => next_step(session, factor, &failure.reason)?,
    };
    show(session, factor, &failure, step)?;
    remember(session, factor, &failure.reason, step)?;
    Ok(ExitCode::Passed)
}

/// `hint 2` means step 2 inside an exercise's folder and factor 2 elsewhere.
fn meant(session: &Session, options: &HintOptions) -> Result<(&'static Factor, Option<usize>), Wrong> {
    let word = options.factor.as_deref();
    let lone = word.and_then(|word| word.parse().ok()).filter(|step| (1..=hints::STEPS).contains(step));
    match (lone, options.step, place::here(session)) {
        (Some(step), None, Some(_)) => Ok((place::meant(None, session)?, Some(step))),
        _ => Ok((place::meant(word, session)?, options.step)),
    }
}

fn known_reason(factor: &Factor, reason: &str, session: &Session) -> Result<String, Wrong> {
    if hints::find(factor, reason, 1, session.lang).is_some() {
        return Ok(reason.to_owned());
    }
    let own = factor.checks().iter().flat_map(|check| check.reasons.iter().copied());
    let general = hints::codes(hints::GENERAL.en);
    let mut known: Vec<&str> = own.chain(general).collect();
    known.sort_unstable();
    known.dedup();
    let similar = similar::closest(reason, known.iter().copied());
    let known = known.into_iter().map(str::to_owned).collect();
    Err(Wrong::UnknownReason { factor: factor.id(), word: reason.to_owned(), similar, known })
}

/// What failed in the last run of the factor: in the exercise, or in another service that was graded after it.
fn last_failure(session: &mut Session, factor: &Factor) -> Result<Option<LastFailure>, Trouble> {
    let recent = super::check::recent::failure(&session.workspace, factor);
    match recent {
        Some(decided) => Ok(decided),
        None => Ok(known(session)?.factor(factor).last_failure),
    }
}

fn next_step(session: &mut Session, factor: &Factor, reason: &str) -> Result<usize, Trouble> {
    let shown = known(session)?.factor(factor).hints_shown.get(reason).copied().unwrap_or(0);
    Ok((shown + 1).min(hints::STEPS))
}

fn show(session: &mut Session, factor: &Factor, failure: &LastFailure, step: usize) -> Result<(), Trouble> {
    let messages = session.messages();
    let what = failure.check.as_ref().map_or_else(|| factor.id(), |check| factor.path_of(check));
    session.say(session.style().strong(&messages.hint_title(&what, &failure.reason, step)))?;
    session.say("")?;
    match hints::find(factor, &failure.reason, step, session.lang) {
        Some(words) => wrap_markdown(&words, WIDTH).iter().try_for_each(|line| session.say(line))?,
        None => session.say(messages.no_hint(&failure.reason))?,
    }
    session.say("")?;
    let id = factor.id();
    let after = if step < hints::STEPS {
        format!("cargo xtask hint {id} {}", step + 1)
    } else {
        format!("cargo xtask check {id}")
    };
    let label = if step < hints::STEPS { messages.next_hint() } else { messages.next() };
    Ok(session.say(format!("{label} {}", session.style().command(&after)))?)
}

fn remember(session: &mut Session, factor: &Factor, reason: &str, step: usize) -> Result<(), Trouble> {
    let updated = session.store().update(factor, |known| {
        let shown = known.hints_shown.entry(reason.to_owned()).or_default();
        *shown = (*shown).max(step);
    });
    // An unusable file was already complained about when it was read.
    Ok(updated.map(drop)?)
}
