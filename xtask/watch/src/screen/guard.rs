//! The screen while it is ours. It is given back when this is dropped, and before a panic says what it has to say.

use std::io;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

/// The screen is ours as long as this lives.
pub struct Guard(());

/// Whether the screen is ours now. Giving it back twice would put the cursor where it was before, over what was said since.
static TAKEN: AtomicBool = AtomicBool::new(false);

impl Guard {
    /// Takes the screen.
    pub fn enter() -> io::Result<Self> {
        let screen = thread::current().id();
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // A check that panics has an ERROR of its own, and its words would tear the picture apart.
            if thread::current().id() == screen {
                give_back();
                usual(info);
            }
        }));
        TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        let guard = Self(());
        execute!(io::stdout(), EnterAlternateScreen, Hide)?;
        Ok(guard)
    }

    /// Gives it back.
    pub fn leave(self) {
        drop(self);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// A terminal that is gone takes nothing back.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}
