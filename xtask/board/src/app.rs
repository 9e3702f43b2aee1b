//! What every handler needs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::time::Duration;

use grader::stop::Stop;
use tokio::sync::watch;

use crate::keys::Keys;
use crate::limits::Limits;
use crate::live::Pictures;
use crate::mistakes::Mistakes;
use crate::room::Room;
use crate::store::Store;

/// How long a picture may be behind somebody who has just joined.
const NEWCOMER: Duration = Duration::from_secs(2);

/// Shared by all handlers.
pub type Shared = axum::extract::State<Arc<App>>;

/// One board.
#[derive(Debug)]
pub struct App {
    /// Where everything is kept.
    pub store: Store,
    /// The instructor's secret.
    pub keys: Keys,
    /// The room, as it is right now.
    pub room: watch::Receiver<Arc<Room>>,
    /// How often something may be asked.
    pub limits: Limits,
    /// What is counted.
    pub counts: Counts,
    /// What pages show.
    pub pictures: Pictures,
    /// What mistakes look like.
    pub mistakes: Mistakes,
    /// The address under which attendees reach the board.
    pub url: String,
    /// Where the books are read.
    pub book: String,
    /// The wish to end.
    pub stop: Stop,
}

/// What is counted since the start.
#[derive(Debug, Default)]
pub struct Counts {
    /// Events that were new.
    pub stored: AtomicU64,
    /// Events that were known.
    pub known: AtomicU64,
    /// Events that could not be read.
    pub refused: AtomicU64,
    /// Bodies that had to come again.
    pub busy: AtomicU64,
    /// Wrong join codes.
    pub wrong_codes: AtomicU64,
    /// Pages that follow the room.
    pub watching: AtomicUsize,
}

impl App {
    /// The room, as it is right now.
    pub fn room(&self) -> Arc<Room> {
        Arc::clone(&self.room.borrow())
    }

    /// The room, once this attendee is in it. Whoever has just joined may be faster than the picture, at another replica above all.
    pub async fn room_with(&self, attendee: &str) -> Option<Arc<Room>> {
        let mut room = self.room.clone();
        let seen = room.wait_for(|room| room.attendees.contains_key(attendee));
        tokio::time::timeout(NEWCOMER, seen).await.ok()?.ok().map(|room| Arc::clone(&room))
    }

    /// The address of the invitation.
    pub fn invitation(&self, code: &str) -> String {
        format!("{}/join/{code}", self.url)
    }
}
