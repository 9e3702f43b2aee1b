//! This machine's side of the board: it reports verdicts and reason codes to whoever it has joined, and never anything else.
//!
//! What is to be reported is written into a file first and sent afterwards. A board that is gone, slow or wrong delays nobody
//! for longer than [`BUDGET`] and fails nothing: what was not sent waits for the next time.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use grader::factors::Factor;
use serde_json::{Value, json};

use crate::session::Session;

mod address;
mod client;
mod delivery;
mod membership;
mod observer;
mod random;
mod spool;

pub use address::{Invitation, NoInvitation};
pub use client::{post, remove};
pub use membership::Membership;
pub use observer::observer;

/// The version of what is sent.
pub const FORMAT_VERSION: u64 = 1;

/// What sending may take after a check. Nobody waits longer for a board.
const BUDGET: Duration = Duration::from_secs(2);

/// What somebody waits who has asked for the board by a command.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What came of an attempt to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// This machine has joined no board.
    NotJoined,
    /// Nothing waits any more; these are the instructor's new words.
    Everything(Vec<News>),
    /// So many reports wait, because the board could not be reached.
    Waiting(usize),
    /// The board does not know this machine any more.
    Unknown,
    /// The board is newer than this program.
    Newer,
}

/// Something that the instructor said to all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// They are counted.
    pub id: i64,
    /// The factor whose solution is open for all.
    pub factor: Option<u8>,
    /// The words.
    pub words: String,
}

/// The files of the board, beside the attendee's progress.
#[derive(Clone, Debug)]
pub struct Board {
    folder: PathBuf,
}

impl Board {
    /// Those of this session.
    pub fn of(session: &Session) -> Self {
        let folder = session.store().path().parent().map(PathBuf::from).unwrap_or_default();
        Self { folder }
    }

    /// What this machine has joined.
    pub fn membership(&self) -> Option<Membership> {
        Membership::load(&self.folder)
    }

    /// Writes down that something happened; nothing where no board was joined.
    fn note(&self, what: Value) -> io::Result<()> {
        let Some(_) = self.membership() else { return Ok(()) };
        let seq = Membership::next_number(&self.folder)?;
        let mut event = json!({ "id": random::uuid(now())?, "seq": seq, "at": now() });
        if let (Some(event), Value::Object(what)) = (event.as_object_mut(), what) {
            event.extend(what);
        }
        spool::append(&self.folder, &event)
    }
}

/// Sends what waits, and says what there is to say. Nothing that goes wrong here is the check's.
pub fn deliver(session: &mut Session, quiet: bool) {
    let board = Board::of(session);
    let sent = delivery::send(&board.folder, BUDGET, !quiet);
    if quiet {
        return;
    }
    for line in told(session, &sent) {
        // Whoever closed standard output has seen the report.
        let _ = session.say(line);
    }
}

/// The same for a screen that shows nothing of it: the instructor's words stay new.
pub fn deliver_quietly(session: &Session) {
    delivery::send(&Board::of(session).folder, BUDGET, false);
}

/// What an attempt to send has to say, in lines; mostly nothing.
pub fn told(session: &Session, sent: &Sent) -> Vec<String> {
    let words = crate::messages::board(session.lang);
    match sent {
        Sent::NotJoined => Vec::new(),
        Sent::Everything(news) => news.iter().map(|news| words.board_news(news)).collect(),
        Sent::Waiting(events) => vec![words.board_waiting(*events)],
        Sent::Unknown => vec![words.board_unknown().to_owned()],
        Sent::Newer => vec![words.board_newer().to_owned()],
    }
}

/// Sends with the patience of somebody who has asked for it.
pub fn send(session: &Session) -> Sent {
    delivery::send(&Board::of(session).folder, PATIENCE, true)
}

/// A hand goes up or down.
pub fn hand(session: &Session, raised: bool, factor: Option<&Factor>) -> io::Result<Sent> {
    let factor = factor.map(|factor| factor.number);
    Board::of(session).note(json!({ "kind": "hand", "raised": raised, "factor": factor }))?;
    Ok(send(session))
}

/// The solution was opened. A board that cannot be written to keeps nobody from it.
pub fn solution_opened(session: &Session, factor: &Factor, skipped: bool) {
    let board = Board::of(session);
    let noted = board.note(json!({ "kind": "solution", "factor": factor.number, "skipped": skipped }));
    if noted.is_ok() {
        delivery::send(&board.folder, BUDGET, false);
    }
}

/// Whether the instructor has opened the solution for all; the board is asked, since that may be a moment ago.
pub fn is_solution_open(session: &Session, factor: &Factor) -> bool {
    let board = Board::of(session);
    delivery::send(&board.folder, BUDGET, false);
    board.membership().is_some_and(|membership| membership.opened.contains(&factor.number))
}

/// Leaves: what waits is thrown away, and this machine forgets the board.
pub fn forget(session: &Session) -> io::Result<()> {
    let folder = Board::of(session).folder;
    spool::remove(&folder)?;
    Membership::remove(&folder)
}

/// Remembers what was joined. What was meant for another room is not told to this one.
pub fn remember(session: &Session, membership: &Membership) -> io::Result<()> {
    let folder = Board::of(session).folder;
    if Membership::load(&folder).is_some_and(|known| known.room != membership.room) {
        spool::remove(&folder)?;
    }
    membership.save(&folder)
}

/// A word that only this machine knows; the same one as long as it is joined.
pub fn device(session: &Session) -> io::Result<String> {
    match Board::of(session).membership() {
        Some(known) => Ok(known.device),
        None => random::word(),
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
