//! Bare `cargo xtask`: where am I, what is next.

use grader::factors::{FACTORS, Factor};
use grader::outcome::ExitCode;

use crate::messages::State;
use crate::outline::{Row, padded, rows, widest_title};
use crate::place;
use crate::progress::{FactorProgress, Progress, Standing, now};
use crate::session::Session;
use crate::trouble::Trouble;

/// Shows all factors, the one to work on and the next command.
pub fn run(session: &mut Session) -> Result<ExitCode, Trouble> {
    let progress = known(session)?;
    let current = place::current(session);
    let rows = rows(&session.workspace, &progress, now());
    let passed = rows.iter().filter(|row| row.state == State::Passed).count();
    let title = session.messages().title(passed, FACTORS.len());
    session.say(session.style().strong(&title))?;
    session.say("")?;
    for row in &rows {
        let line = line(session, row, row.factor.number == current.number);
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

fn line(session: &Session, row: &Row, is_current: bool) -> String {
    let messages = session.messages();
    let look = session.look();
    let here = if is_current { format!("  <- {}", messages.you_are_here()) } else { String::new() };
    let title = padded(row.factor.title.get(session.lang), widest_title(session.lang));
    format!("  {} {:>2}  {title}  {}{here}", look.symbol(row.state), row.factor.number, messages.state(row.state))
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
