//! The observers: everything that a person, a program or a build server gets to see of a run.

use std::io;

use crate::event::{Event, Observer};

mod closing;
mod files;
mod html;
mod json;
mod junit;
mod page;
mod screen;
pub mod style;
mod terminal;
#[cfg(test)]
mod tests;
mod timeline;

pub use files::RunFiles;
pub use html::Html;
pub use json::JsonLines;
pub use junit::JUnit;
pub use terminal::{Terminal, TerminalOptions};

/// Passes each event to all of its observers.
pub struct Many(pub Vec<Box<dyn Observer>>);

impl Observer for Many {
    /// Every observer sees the event, even after one failed; the first error is returned.
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        self.0.iter_mut().map(|observer| observer.observe(event)).fold(Ok(()), io::Result::and)
    }
}
