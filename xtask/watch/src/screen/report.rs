//! The report of `check`, written anew for the width that the screen has now.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use grader::event::{Event, Observer};
use grader::report::{Terminal, TerminalOptions};

/// The lines of a report from the events of its run. What the screen's own first line says already, its
/// `title` and what is graded, is left out.
pub fn lines(events: &[Event], title: &str, options: TerminalOptions) -> Vec<String> {
    let sink = Sink::default();
    let mut report = Terminal::new(Box::new(sink.clone()), options);
    for event in events {
        // Writing into memory does not fail.
        let _ = report.observe(event);
        if matches!(event, Event::RunStarted(_) | Event::FactorStarted { .. }) {
            sink.forget();
        }
    }
    let words = sink.words();
    let lines = words.lines().skip_while(|line| line.is_empty() || line.contains(title));
    lines.skip_while(|line| line.is_empty()).map(str::to_owned).collect()
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn words(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Write for Sink {
    fn write(&mut self, words: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(words);
        Ok(words.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
