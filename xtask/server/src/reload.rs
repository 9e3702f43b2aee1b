//! Telling open pages that the books were rebuilt.
//!
//! The builder writes `source.hash` last. It is one small file, looked at only while a page asks: that works on every
//! file system, and costs nothing when nobody reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::Event;
use futures_util::stream::unfold;
use grader::stop::Stop;
use tokio::time::{Interval, interval};

use crate::stream::{Events, keep_alive};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(300);

/// The file that changes with the books.
#[derive(Clone, Debug)]
pub struct Watched {
    file: PathBuf,
    stop: Stop,
}

impl Watched {
    /// The books in `folder`.
    pub fn new(folder: &Path, stop: Stop) -> Self {
        Self { file: folder.join("source.hash"), stop }
    }

    /// Which books these are; `None` while there are none, or half of them.
    fn books(&self) -> Option<String> {
        let hash = fs::read_to_string(&self.file).ok()?;
        let hash = hash.split_whitespace().next()?;
        Some(hash.to_owned())
    }
}

/// `GET /api/reload`: which books there are, as an event `books`, and a message each time that they were rebuilt.
pub async fn rebuilt(State(watched): State<Watched>) -> Events {
    let page = Page { watched, looks: interval(LOOK), told: None };
    keep_alive(unfold(page, |mut page| async {
        let event = page.next().await?;
        Some((Ok(event), page))
    }))
}

/// What an open page was told.
struct Page {
    watched: Watched,
    looks: Interval,
    told: Option<String>,
}

impl Page {
    async fn next(&mut self) -> Option<Event> {
        if self.told.is_none() {
            let books = self.told.insert(self.watched.books().unwrap_or_default());
            return Some(Event::default().event("books").data(format!("{books:?}")));
        }
        loop {
            tokio::select! {
                _ = self.looks.tick() => {}
                () = self.watched.stop.asked() => return None,
            }
            if let Some(books) = self.watched.books().filter(|books| self.told.as_ref() != Some(books)) {
                let event = Event::default().data(format!("{books:?}"));
                self.told = Some(books);
                return Some(event);
            }
        }
    }
}
