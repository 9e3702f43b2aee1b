//! Standard output, standard error and the question to the person, all of which may be absent.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};

/// Standard output that stays quiet once nobody reads it: `| head -1` is a wish, not an error.
#[derive(Clone, Debug, Default)]
pub struct Stdout {
    gone: bool,
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.gone {
            return Ok(bytes.len());
        }
        match io::stdout().write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(bytes.len())
            }
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match io::stdout().flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(())
            }
            result => result,
        }
    }
}

/// Whether a person can be asked: both ends of the conversation are a terminal.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks and waits; everything but a clear yes is a no.
pub fn confirmed(question: &str) -> io::Result<bool> {
    let mut out = Stdout::default();
    write!(out, "{question} ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(["y", "yes", "ㅇ", "예", "네"].contains(&answer.trim().to_lowercase().as_str()))
}

/// Says `words` on standard error. Where that is closed there is nobody to tell.
pub fn complain(words: &str) {
    let _ = writeln!(io::stderr(), "{words}");
}
