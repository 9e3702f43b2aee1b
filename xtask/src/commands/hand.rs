//! `hand`: asks the instructor to come, and takes it back.

use grader::outcome::ExitCode;

use crate::board::{self, Board, Sent};
use crate::messages::{self, Wrong};
use crate::place;
use crate::session::Session;
use crate::trouble::Trouble;

/// Raises the hand, or takes it down.
pub fn run(session: &mut Session, factor: Option<&str>, down: bool) -> Result<ExitCode, Trouble> {
    let words = messages::board(session.lang);
    Board::of(session).membership().ok_or(Wrong::NotJoined)?;
    let about = factor.map_or_else(|| Ok(place::current(session)), place::named)?;
    let sent = board::hand(session, !down, Some(about))?;
    match &sent {
        Sent::Everything(_) => session.say(if down { words.hand_down() } else { words.hand_up() })?,
        Sent::Waiting(_) => session.say(words.hand_waits())?,
        _ => {}
    }
    if !matches!(sent, Sent::Waiting(_)) {
        for line in board::told(session, &sent) {
            session.say(line)?;
        }
    }
    Ok(if matches!(sent, Sent::Everything(_)) { ExitCode::Passed } else { ExitCode::Failed })
}
