//! Captures what a service writes: drained without limit, kept with one, searched whole.
//!
//! A reader that stops reading would block the service in `write` and look like a hang; a reader that keeps everything
//! would fall to a log flood. So the first 64 KiB and the last 256 KiB are kept and the rest is counted.

pub mod raw;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::watch;

use crate::check::{LogLine, Speaker};
use crate::lab::clock::Clock;

const HEAD: usize = 64 * 1024;
const TAIL: usize = 256 * 1024;
/// Longer lines are cut when shown; a line may be a gigabyte long.
const LINE: usize = 4 * 1024;

/// The output of one process, both streams in the order of arrival.
#[derive(Clone, Debug)]
pub struct Logs {
    inner: Arc<Mutex<Inner>>,
    /// Changes with everything that is written.
    news: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Inner {
    head: Vec<Chunk>,
    head_bytes: usize,
    tail: VecDeque<Chunk>,
    tail_bytes: usize,
    dropped: u64,
    needles: Vec<Needle>,
}

#[derive(Debug)]
struct Chunk {
    speaker: Speaker,
    sequence: u64,
    bytes: Vec<u8>,
}

/// A secret that is looked for while the output passes by, so that a flood cannot hide it.
#[derive(Debug)]
struct Needle {
    bytes: Vec<u8>,
    /// The end of the last chunk of each stream: a needle may be cut by a chunk's border.
    carried: [Vec<u8>; 2],
    found: bool,
}

impl Logs {
    /// An empty capture that looks for `needles`.
    pub fn new(needles: Vec<Vec<u8>>) -> Self {
        let needles = needles.into_iter().filter(|bytes| !bytes.is_empty());
        let needles = needles.map(|bytes| Needle { bytes, carried: Default::default(), found: false }).collect();
        Self { inner: Arc::new(Mutex::new(Inner { needles, ..Inner::default() })), news: watch::Sender::default() }
    }

    /// Reads `stream` to its end.
    pub async fn drain(self, speaker: Speaker, clock: Clock, mut stream: impl AsyncRead + Unpin) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            self.lock().take(speaker, clock.tick(), &buffer[..read]);
            self.news.send_replace(());
        }
    }

    /// Everything kept, as lines. Where bytes were dropped, one line says how many.
    pub fn lines(&self) -> Vec<LogLine> {
        self.lock().lines()
    }

    /// The last `n` lines.
    pub fn last(&self, n: usize) -> Vec<LogLine> {
        let mut lines = self.lines();
        lines.split_off(lines.len().saturating_sub(n))
    }

    /// Everything kept, as text.
    pub fn text(&self) -> String {
        self.lines().into_iter().map(|line| line.text + "\n").collect()
    }

    /// Which of the needles (by position) have passed by.
    pub fn found(&self) -> Vec<usize> {
        let inner = self.lock();
        inner.needles.iter().enumerate().filter(|(_, needle)| needle.found).map(|(index, _)| index).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn take(&mut self, speaker: Speaker, sequence: u64, bytes: &[u8]) {
        self.needles.iter_mut().for_each(|needle| needle.look(speaker, bytes));
        let chunk = Chunk { speaker, sequence, bytes: bytes.to_vec() };
        if self.head_bytes < HEAD {
            self.head_bytes += bytes.len();
            self.head.push(chunk);
            return;
        }
        self.tail_bytes += bytes.len();
        self.tail.push_back(chunk);
        while let Some(oldest) = self.tail.front()
            && self.tail_bytes - oldest.bytes.len() >= TAIL
        {
            self.tail_bytes -= oldest.bytes.len();
            self.dropped += oldest.bytes.len() as u64;
            self.tail.pop_front();
        }
    }

    fn lines(&self) -> Vec<LogLine> {
        let mut lines = Vec::new();
        let mut open = OpenLines::default();
        for chunk in &self.head {
            open.add(chunk, &mut lines);
        }
        if self.dropped > 0 {
            open.finish(&mut lines);
            let sequence = self.head.last().map_or(0, |chunk| chunk.sequence);
            let text = format!("[... {} bytes not kept ...]", self.dropped);
            lines.push(LogLine { speaker: Speaker::Stdout, sequence, text });
        }
        for chunk in &self.tail {
            open.add(chunk, &mut lines);
        }
        open.finish(&mut lines);
        lines
    }
}

impl Needle {
    fn look(&mut self, speaker: Speaker, bytes: &[u8]) {
        if self.found {
            return;
        }
        let carried = &mut self.carried[usize::from(speaker == Speaker::Stderr)];
        carried.extend_from_slice(bytes);
        self.found = contains(carried, &self.bytes);
        let keep = carried.len().min(self.bytes.len() - 1);
        carried.drain(..carried.len() - keep);
    }
}

/// Whether `needle` stands in `haystack`.
pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}

/// The unfinished line of each stream.
#[derive(Default)]
struct OpenLines {
    partial: [Option<(u64, Vec<u8>)>; 2],
}

impl OpenLines {
    fn add(&mut self, chunk: &Chunk, lines: &mut Vec<LogLine>) {
        let slot = &mut self.partial[usize::from(chunk.speaker == Speaker::Stderr)];
        for piece in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
            let (_, bytes) = slot.get_or_insert_with(|| (chunk.sequence, Vec::new()));
            let room = LINE.saturating_sub(bytes.len());
            bytes.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n")
                && let Some((sequence, bytes)) = slot.take()
            {
                lines.push(LogLine { speaker: chunk.speaker, sequence, text: printable(&bytes) });
            }
        }
    }

    fn finish(&mut self, lines: &mut Vec<LogLine>) {
        for (slot, speaker) in self.partial.iter_mut().zip([Speaker::Stdout, Speaker::Stderr]) {
            if let Some((sequence, bytes)) = slot.take() {
                lines.push(LogLine { speaker, sequence, text: printable(&bytes) });
            }
        }
    }
}

/// Removes what would move the cursor, change colours or ring a bell on the reader's terminal.
pub fn printable(bytes: &[u8]) -> String {
    let words = String::from_utf8_lossy(bytes);
    let mut clean = String::with_capacity(words.len());
    let mut rest = words.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_escape(&mut rest),
            '\t' => clean.push(' '),
            c if c.is_control() => {}
            c => clean.push(c),
        }
    }
    clean.truncate(clean.trim_end().len());
    clean
}

fn skip_escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match rest.next() {
        // CSI: parameters, then one final byte in @ to ~.
        Some('[') => while rest.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
        // OSC: up to BEL or ESC \.
        Some(']') => {
            while let Some(c) = rest.next() {
                if c == '\u{7}' || (c == '\u{1b}' && rest.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs(chunks: &[(Speaker, &[u8])], needles: &[&str]) -> Logs {
        let logs = Logs::new(needles.iter().map(|needle| needle.as_bytes().to_vec()).collect());
        for (sequence, (speaker, bytes)) in (1..).zip(chunks) {
            logs.lock().take(*speaker, sequence, bytes);
        }
        logs
    }

    #[test]
    fn lines_cut_by_chunks_are_joined_per_stream() {
        let logs =
            logs(&[(Speaker::Stdout, b"he"), (Speaker::Stderr, b"oops\n"), (Speaker::Stdout, b"llo\nopen")], &[]);
        let lines: Vec<_> = logs.lines().into_iter().map(|line| (line.speaker, line.sequence, line.text)).collect();
        assert_eq!(
            lines,
            [
                (Speaker::Stderr, 2, "oops".to_owned()),
                (Speaker::Stdout, 1, "hello".to_owned()),
                (Speaker::Stdout, 3, "open".to_owned())
            ]
        );
    }

    #[test]
    fn a_needle_is_found_across_chunks_but_not_across_streams() {
        let cut = logs(&[(Speaker::Stdout, b"sec"), (Speaker::Stdout, b"ret")], &["secret", "absent"]);
        assert_eq!(cut.found(), [0]);
        let mixed = logs(&[(Speaker::Stdout, b"sec"), (Speaker::Stderr, b"ret")], &["secret"]);
        assert_eq!(mixed.found(), [] as [usize; 0]);
    }

    #[test]
    fn a_flood_keeps_its_head_and_tail_and_finds_a_needle_in_the_middle() {
        let line = vec![b'x'; 32 * 1024];
        let mut chunks: Vec<(Speaker, &[u8])> = vec![(Speaker::Stdout, b"first\n")];
        chunks.extend((0..100).map(|_| (Speaker::Stdout, &line[..])));
        chunks.insert(50, (Speaker::Stdout, b"secret\n"));
        chunks.push((Speaker::Stdout, b"\nlast\n"));
        let logs = logs(&chunks, &["secret"]);
        assert_eq!(logs.found(), [0]);
        let kept = {
            let inner = logs.lock();
            inner.head_bytes + inner.tail_bytes
        };
        assert!(kept <= HEAD + TAIL + 64 * 1024, "{kept}");
        let lines = logs.lines();
        assert_eq!(lines[0].text, "first");
        assert!(lines.iter().any(|line| line.text.ends_with("bytes not kept ...]")));
        assert_eq!(lines[lines.len() - 1].text, "last");
    }

    #[test]
    fn terminal_control_sequences_are_removed() {
        assert_eq!(printable(b"\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x07\r\n"), "red link");
    }
}
