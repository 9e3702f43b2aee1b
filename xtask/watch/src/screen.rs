//! Watch mode on a screen of its own, which is given back as it was, however this program ends.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use grader::factors::Factor;
use grader::text::Lang;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use xtask::watching::Desk;

use crate::app::App;
use crate::input::{Input, Leave};
use crate::messages::messages;
use crate::{is_interactive, signals};

mod ansi;
mod draw;
mod guard;
mod keys;
mod report;
pub mod views;

use guard::Guard;

/// Between two pictures of what goes on.
const TICK: Duration = Duration::from_millis(120);

/// Whether there is a screen, and a person at it.
pub fn is_possible() -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|terminal| terminal == "dumb");
    is_interactive() && !dumb
}

/// Watches until somebody ends it.
pub fn run(desk: Desk) -> io::Result<ExitCode> {
    let (sender, inputs) = channel();
    signals::listen(sender.clone())?;
    let (lang, guard) = (desk.lang(), Guard::enter()?);
    keys::listen(sender.clone());
    let mut app = App::new(desk, sender);
    let left = watch(&mut app, &inputs);
    let factor = app.desk.factor();
    // What is kept warm ends first, while the screen still says that it does.
    drop(app);
    guard.leave();
    let left = left?;
    let _ = writeln!(io::stdout(), "{}", farewell(lang, factor));
    Ok(code(left))
}

fn watch(app: &mut App, inputs: &Receiver<Input>) -> io::Result<Leave> {
    let mut terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let mut leave = app.begin();
    loop {
        terminal.draw(|frame| draw::frame(frame, app))?;
        if let Some(leave) = leave {
            return Ok(leave);
        }
        leave = next(app, inputs);
    }
}

/// Takes all that has come in, so that a flood of events is one picture and not a thousand.
fn next(app: &mut App, inputs: &Receiver<Input>) -> Option<Leave> {
    let first = if app.state.is_paused() {
        inputs.recv_timeout(TICK)
    } else {
        inputs.recv().map_err(|_| RecvTimeoutError::Disconnected)
    };
    let mut input = match first {
        Ok(input) => input,
        Err(RecvTimeoutError::Timeout) => return None,
        Err(RecvTimeoutError::Disconnected) => return Some(Leave::Quit),
    };
    loop {
        let is_key = matches!(input, Input::Key(_));
        if let Some(leave) = app.take(input) {
            return Some(leave);
        }
        // The next key is meant for what this one brings up: how many lines a list has is known once it is drawn.
        if is_key {
            return None;
        }
        input = inputs.try_recv().ok()?;
    }
}

/// The last line: how to come back.
pub fn farewell(lang: Lang, factor: &Factor) -> String {
    format!("{} cargo xtask watch {}", messages(lang).next(), factor.id())
}

/// The exit code that tells how somebody left.
pub fn code(left: Leave) -> ExitCode {
    match left {
        Leave::Quit => grader::outcome::ExitCode::Passed.into(),
        Leave::Interrupted => grader::outcome::ExitCode::Interrupted.into(),
    }
}

/// Takes the screen and panics: whether the screen comes back is tested with it.
pub fn panicking() -> ExitCode {
    let _guard = Guard::enter();
    panic!("on purpose, in the middle of a screen");
}
