//! The terminal as two things: lines that stay, and one line that is rewritten while something goes on.

use std::io::{self, Write};

use super::style::cut;

/// Moves to the start of the line and clears it.
const CLEAR: &str = "\r\x1b[2K";

/// Where [`super::Terminal`] writes.
pub(super) struct Screen {
    writer: Box<dyn Write + Send>,
    live: bool,
    width: usize,
    /// The live line, as long as it is shown.
    status: Option<String>,
}

impl Screen {
    /// A screen that rewrites a line only if `live`.
    pub(super) fn new(writer: Box<dyn Write + Send>, live: bool, width: usize) -> Self {
        Self { writer, live, width, status: None }
    }

    /// Writes lines that stay.
    pub(super) fn lines(&mut self, lines: &[String]) -> io::Result<()> {
        let mut words = String::new();
        if self.status.take().is_some() {
            words.push_str(CLEAR);
        }
        for line in lines {
            words.push_str(line.trim_end());
            words.push('\n');
        }
        self.write(&words)
    }

    /// Rewrites the live line; does nothing where there is none.
    pub(super) fn status(&mut self, words: &str) -> io::Result<()> {
        // One column stays free: a full line would wrap, and a wrapped line cannot be rewritten.
        let words = cut(words, self.width.saturating_sub(1));
        if !self.live || self.status.as_ref() == Some(&words) {
            return Ok(());
        }
        self.write(&format!("{CLEAR}{words}"))?;
        self.status = Some(words);
        Ok(())
    }

    fn write(&mut self, words: &str) -> io::Result<()> {
        self.writer.write_all(words.as_bytes())?;
        self.writer.flush()
    }
}
