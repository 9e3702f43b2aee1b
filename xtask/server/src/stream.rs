//! Server-sent events of a run: every line from where the page left off, then the end.

use std::convert::Infallible;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use tokio::sync::watch;

use crate::runs::Said;

/// A page's answer that goes on while the run does.
pub type Events = Sse<axum::response::sse::KeepAliveStream<std::pin::Pin<Box<dyn Stream<Item = Sent> + Send>>>>;

/// One message on its way.
pub type Sent = Result<Event, Infallible>;

/// Sends every line from the one numbered `from`, as they come, and `done` at the end.
pub fn events(said: watch::Receiver<Said>, from: usize) -> Events {
    let position = Position { said, next: from, closed: false };
    keep_alive(unfold(position, |mut position| async {
        let event = position.next().await?;
        Some((Ok(event), position))
    }))
}

/// An answer that stays open although nothing is to be said for a while.
pub fn keep_alive(stream: impl Stream<Item = Sent> + Send + 'static) -> Events {
    let stream: std::pin::Pin<Box<dyn Stream<Item = Sent> + Send>> = Box::pin(stream);
    Sse::new(stream).keep_alive(KeepAlive::default())
}

/// How far a page has read.
struct Position {
    said: watch::Receiver<Said>,
    next: usize,
    closed: bool,
}

impl Position {
    async fn next(&mut self) -> Option<Event> {
        while !self.closed {
            if let Some(event) = self.waiting() {
                return Some(event);
            }
            self.said.changed().await.ok()?;
        }
        None
    }

    /// What can be sent now.
    fn waiting(&mut self) -> Option<Event> {
        let said = self.said.borrow_and_update();
        if let Some(line) = said.lines.get(self.next) {
            let event = Event::default().id(self.next.to_string()).data(line);
            self.next += 1;
            return Some(event);
        }
        self.closed = said.done;
        // A browser drops an event without data.
        self.closed.then(|| Event::default().event("done").data("{}"))
    }
}
