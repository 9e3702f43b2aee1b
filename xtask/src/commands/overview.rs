//! Bare `cargo xtask`: where am I, what is next.

use grader::factors::{FACTORS, Factor};
use grader::outcome::ExitCode;
use grader::text::columns;

use crate::messages::State;
use crate::place;
use crate::progress::{FactorProgress, Progress, Standing};
use crate::session::Session;
use crate::trouble::Trouble;

/// Shows all factors, the one to work on and the next command.
pub fn run(session: &mut Session) -> Result<ExitCode, Trouble> {
    let progress = known(session)?;
    let current = place::current(session);
    let passed = place::with_exercise().filter(|factor| state(factor, &progress) == State::Passed).count();
    let title = session.messages().title(passed, place::with_exercise().count());
    session.say(session.style().strong(&title))?;
    session.say("")?;
    for factor in &FACTORS {
        let line = line(session, factor, &progress, factor.number == current.number);
        session.say(line)?;
    }
    session.say("")?;
    next(session, current, &progress.factor(current))?;
    Ok(ExitCode::Passed)
}

/// The progress; where it cannot be read that is said, and nothing is known.
pub fn known(session: &mut Session) -> Result<Progress, Trouble> {
    let store = session.store();
    match store.load() {
        Ok(progress) => Ok(progress),
        Err(unusable) => {
            let words = session.messages().progress_unusable(&unusable, &crate::workspace::shown(&store.path()));
            crate::console::complain(&words);
            Ok(Progress::default())
        }
    }
}

/// Where a factor stands for the attendee.
pub fn state(factor: &Factor, progress: &Progress) -> State {
    let known = progress.factor(factor);
    match known.standing {
        _ if factor.exercise.is_none() => State::NoExercise,
        Some(Standing::Passed) => State::Passed,
        Some(Standing::Blocked) => State::Blocked,
        _ if known.core_passed => State::CorePassed,
        Some(Standing::Failed) => State::Failed,
        None if known.last_failure.is_some() => State::Failed,
        None => State::Open,
    }
}

/// A factor's title, filled up with spaces so that what follows stands in one column.
pub fn padded_title(session: &Session, factor: &Factor) -> String {
    let widest = FACTORS.iter().map(|factor| columns(factor.title.get(session.lang))).max().unwrap_or(0);
    let title = factor.title.get(session.lang);
    format!("{title}{}", " ".repeat(widest - columns(title)))
}

fn line(session: &Session, factor: &Factor, progress: &Progress, is_current: bool) -> String {
    let state = state(factor, progress);
    let messages = session.messages();
    let style = session.style();
    let (symbol, words) = (symbol(state), messages.state(state));
    let symbol = match state {
        State::Passed | State::CorePassed => style.good(symbol),
        State::Failed | State::Blocked => style.bad(symbol),
        State::Open | State::NoExercise => style.faint(symbol),
    };
    let here = if is_current { format!("  <- {}", messages.you_are_here()) } else { String::new() };
    format!("  {symbol} {:>2}  {}  {words}{here}", factor.number, padded_title(session, factor))
}

fn symbol(state: State) -> &'static str {
    match state {
        State::Passed => "✓",
        State::CorePassed => "◐",
        State::Failed => "✗",
        State::Blocked => "–",
        State::Open => "○",
        State::NoExercise => "·",
    }
}

/// The last line is the command that brings the attendee on.
fn next(session: &mut Session, factor: &Factor, known: &FactorProgress) -> Result<(), Trouble> {
    let messages = session.messages();
    let id = factor.id();
    let failing = known.last_failure.as_ref().map(|failure| {
        let check = failure.check.as_ref().map_or_else(|| id.clone(), |check| format!("{id}/{check}"));
        messages.first_failure(&check, &failure.reason)
    });
    if let Some(failing) = failing {
        session.say(failing)?;
        let more = messages.next_hint();
        session.say(format!("{more} {}", session.style().command(&format!("cargo xtask hint {id}"))))?;
    } else if known.standing.is_none() {
        session.say(messages.read_first(&format!("exercises/{}/{}", factor.folder(), messages.readme())))?;
    }
    let command = match known.standing {
        Some(Standing::Passed) => "cargo xtask check --all".to_owned(),
        _ => format!("cargo xtask check {id}"),
    };
    let next = messages.next();
    Ok(session.say(format!("{next} {}", session.style().command(&command)))?)
}
