//! The output of a service as bytes, and waiting for it: what a check needs that judges the stream itself.

use std::time::Duration;

use crate::check::{LabError, Speaker};
use crate::lab::logs::Logs;

/// One line exactly as it was written, without its `\n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawLine {
    /// Position of its first byte among everything observed in this run.
    pub sequence: u64,
    /// The bytes, control characters included.
    pub bytes: Vec<u8>,
}

impl RawLine {
    /// The line as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Logs {
    /// Every line of one stream so far, an unfinished last one included.
    ///
    /// # Errors
    ///
    /// More was written than is kept, so nothing can be said about the whole stream.
    pub fn raw(&self, speaker: Speaker) -> Result<Vec<RawLine>, LabError> {
        let inner = self.lock();
        if inner.dropped > 0 {
            return Err(LabError::new("the output of the service", format!("{} bytes were not kept", inner.dropped)));
        }
        let mut lines: Vec<RawLine> = Vec::new();
        let mut open = false;
        for chunk in inner.head.iter().chain(&inner.tail).filter(|chunk| chunk.speaker == speaker) {
            for piece in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
                if !open {
                    lines.push(RawLine { sequence: chunk.sequence, bytes: Vec::new() });
                }
                open = !piece.ends_with(b"\n");
                if let Some(line) = lines.last_mut() {
                    line.bytes.extend_from_slice(piece.strip_suffix(b"\n").unwrap_or(piece));
                }
            }
        }
        Ok(lines)
    }

    /// Waits until `reached` holds, or until nothing more was written for `quiet`, and returns whether it holds.
    ///
    /// Each look at the output may end the wait; only output that never comes costs `quiet`.
    pub async fn settle(&self, quiet: Duration, reached: impl Fn(&Self) -> bool) -> bool {
        let mut news = self.news.subscribe();
        while !reached(self) {
            if tokio::time::timeout(quiet, news.changed()).await.is_err() {
                return reached(self);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::clock::Clock;

    async fn written(bytes: &[u8]) -> Logs {
        let logs = Logs::new(Vec::new());
        logs.clone().drain(Speaker::Stdout, Clock::start(), bytes).await;
        logs
    }

    #[tokio::test]
    async fn raw_lines_keep_what_a_terminal_would_obey() {
        let logs = written(b"a\x1b[31m\rb\n\nopen").await;
        let lines: Vec<_> = logs.raw(Speaker::Stdout).unwrap().into_iter().map(|line| line.bytes).collect();
        assert_eq!(lines, [&b"a\x1b[31m\rb"[..], b"", b"open"]);
        assert_eq!(logs.raw(Speaker::Stderr).unwrap(), []);
    }

    #[tokio::test]
    async fn a_flood_is_not_taken_for_the_whole_stream() {
        let logs = written(&[b'x'; 1024 * 1024]).await;
        assert!(logs.raw(Speaker::Stdout).is_err());
    }

    #[tokio::test]
    async fn settling_ends_with_the_line_and_not_with_the_quiet() {
        let logs = Logs::new(Vec::new());
        let says = |word: &'static str| move |logs: &Logs| logs.text().contains(word);
        let (writer, clock) = (logs.clone(), Clock::start());
        let writing = tokio::spawn(writer.drain(Speaker::Stdout, clock, &b"one\n"[..]));
        assert!(logs.settle(Duration::from_secs(600), says("one")).await);
        writing.await.unwrap();
        assert!(!logs.settle(Duration::from_millis(1), says("two")).await);
    }
}
