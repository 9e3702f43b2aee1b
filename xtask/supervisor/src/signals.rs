//! The signals that the supervisor does not die of, and the service must.

use std::io;
use std::ops::RangeInclusive;

use rustix::process::Signal;

/// The lifeline alone decides when the supervisor ends: a `kill` meant for the grader's family must not turn the service into an orphan.
const IGNORED: [Signal; 3] = [Signal::HUP, Signal::INT, Signal::TERM];

/// Every signal that can be ignored by habit; the real-time ones have no habits.
const STANDARD: RangeInclusive<i32> = 1..=31;

const DEFAULT: usize = 0;
const IGNORE: usize = 1;
const FAILED: usize = usize::MAX;

// The C library's own, which every Rust program on Unix is linked with; rustix has no safe form of it.
unsafe extern "C" {
    fn signal(number: i32, handler: usize) -> usize;
}

/// Makes this process ignore what would end it. (The Rust runtime already ignores SIGPIPE.)
pub(crate) fn ignore() -> io::Result<()> {
    IGNORED.into_iter().try_for_each(|signal| set(signal.as_raw(), IGNORE))
}

/// Gives every signal its default effect back, in the child before it becomes the service.
///
/// What is ignored would stay ignored there, and a service that never handles SIGTERM would look as if it refused it. This goes for what our
/// own parents ignored as well: a shell without job control starts its background jobs deaf to SIGINT and SIGQUIT.
pub(crate) fn restore() {
    for number in STANDARD {
        // Refused for SIGKILL and SIGSTOP, which always have it.
        let _ = set(number, DEFAULT);
    }
}

fn set(number: i32, handler: usize) -> io::Result<()> {
    // SAFETY: SIG_DFL (0) and SIG_IGN (1) are valid handlers, so no code of ours ever runs in a signal handler.
    let before = unsafe { signal(number, handler) };
    if before == FAILED {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
