//! Watch mode in lines: for pipes, screen readers, and whoever likes it. The report is the one of `check`.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use grader::event::{Event, Observer};
use grader::report::style::{self, Style};
use grader::report::{Terminal, TerminalOptions};
use xtask::watching::Desk;

use crate::app::App;
use crate::input::{Input, Key, Leave};
use crate::messages::{Note, messages};
use crate::screen::views;
use crate::state::View;
use crate::{is_interactive, screen, signals};

/// Watches until somebody ends it.
pub fn run(desk: Desk) -> io::Result<ExitCode> {
    let (sender, inputs) = channel();
    signals::listen(sender.clone())?;
    listen(sender.clone());
    let mut lines = Lines { report: None, note: None, view: View::Report, typing: true };
    let mut app = App::new(desk, sender);
    say(messages(app.desk.lang()).watching(app.desk.name()))?;
    let mut leave = app.begin();
    let left = loop {
        if let Some(leave) = leave {
            break leave;
        }
        let Ok(input) = inputs.recv() else { break Leave::Quit };
        leave = match lines.take(&mut app, input) {
            Ok(leave) => leave,
            // Nobody reads any more.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => app.take(Input::Gone),
            Err(error) => return Err(error),
        };
    };
    let (lang, factor) = (app.desk.lang(), app.desk.factor());
    // What is kept warm ends first.
    drop(app);
    let _ = say(screen::farewell(lang, factor));
    Ok(screen::code(left))
}

/// What was said last, so that each thing is said once.
struct Lines {
    report: Option<Terminal>,
    note: Option<Note>,
    view: View,
    /// Whether somebody may type.
    typing: bool,
}

impl Lines {
    fn take(&mut self, app: &mut App, input: Input) -> io::Result<Option<Leave>> {
        let was_paused = app.state.is_paused();
        match &input {
            Input::Event(event) => self.report(app, event)?,
            Input::Key(key) if was_paused && !is_end(*key) => say(messages(app.desk.lang()).ignored())?,
            Input::NoKeys => self.typing = false,
            _ => {}
        }
        let leave = app.take(input);
        self.changes(app)?;
        if was_paused && !app.state.is_paused() && leave.is_none() {
            self.prompt(app)?;
        }
        Ok(leave)
    }

    fn report(&mut self, app: &App, event: &Event) -> io::Result<()> {
        if matches!(event, Event::RunStarted(_)) || self.report.is_none() {
            let base = TerminalOptions { width: width(), ..TerminalOptions::plain(app.desk.lang()) };
            say("")?;
            self.report = Some(Terminal::new(Box::new(io::stdout()), app.desk.report(base)));
        }
        self.report.as_mut().map_or(Ok(()), |report| report.observe(event))
    }

    /// Says what has changed.
    fn changes(&mut self, app: &mut App) -> io::Result<()> {
        let view = views::body(app, Style::default(), width());
        if app.state.view != self.view && app.state.view != View::Report {
            say("")?;
            view.lines.iter().try_for_each(say)?;
        }
        self.view = app.state.view.clone();
        if app.state.note != self.note {
            self.note.clone_from(&app.state.note);
            self.note.as_ref().map_or(Ok(()), |note| say(messages(app.desk.lang()).note(note)))?;
        }
        Ok(())
    }

    fn prompt(&self, app: &App) -> io::Result<()> {
        let words = messages(app.desk.lang());
        let waiting = if app.state.manual { words.waiting_for_enter() } else { words.waiting() };
        say("")?;
        if !self.typing {
            return say(waiting);
        }
        say(format!("{waiting}. {}", words.typed_keys()))?;
        say(views::keys(app).join("  "))
    }
}

fn is_end(key: Key) -> bool {
    matches!(key, Key::Interrupt | Key::Letter('q'))
}

fn width() -> usize {
    if is_interactive() { style::width() } else { 80 }
}

fn say(line: impl std::fmt::Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", line.to_string().trim_end())?;
    out.flush()
}

/// Lines that are typed are keys.
fn listen(inputs: Sender<Input>) {
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if inputs.send(Input::Key(key(line.trim()))).is_err() {
                return;
            }
        }
        // Who no longer listens has left.
        let _ = inputs.send(Input::NoKeys);
    });
}

fn key(line: &str) -> Key {
    match (line.parse(), line.chars().next()) {
        (Ok(number), _) => Key::Number(number),
        (_, Some(first)) => Key::of(first),
        _ => Key::Enter,
    }
}
