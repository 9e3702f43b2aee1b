//! Signs of life: how far a long work is, every few seconds.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

/// Between two signs.
const PAUSE: Duration = Duration::from_secs(5);

/// Says how many of all bytes are done.
pub struct Progress {
    all: u64,
    done: u64,
    said: Instant,
}

impl Progress {
    /// Nothing of `all` bytes is done.
    pub fn of(all: u64) -> Self {
        Self { all, done: 0, said: Instant::now() }
    }

    /// Lets `inner` be read, and counts.
    pub fn counted<T>(&mut self, inner: T) -> Counted<'_, T> {
        Counted { inner, progress: self }
    }

    fn add(&mut self, bytes: u64) {
        self.done += bytes;
        if self.said.elapsed() < PAUSE {
            return;
        }
        self.said = Instant::now();
        // Numbers and a unit are the same in both languages. Where nobody listens, the work goes on.
        let _ = writeln!(io::stdout(), "  {} / {}", megabytes(self.done), megabytes(self.all));
    }
}

/// A reader whose bytes are counted.
pub struct Counted<'a, T> {
    inner: T,
    progress: &'a mut Progress,
}

impl<T: Read> Read for Counted<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.progress.add(read as u64);
        Ok(read)
    }
}

/// `28.4 MB`.
pub fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
