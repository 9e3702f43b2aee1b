//! Where somebody who watches is: a state that inputs change, and wishes that come out of it. It touches nothing itself.

use std::time::Instant;

use grader::Ended;
use grader::event::{Event, Stage};
use grader::outcome::{Outcome, Standing};
use xtask::watching::{Failed, first_failure};

use crate::input::{Input, Key, Leave, Scope, Wish};
use crate::messages::Note;

mod list;
#[cfg(test)]
mod tests;

pub use list::{Filter, List};

/// What the middle of the screen shows.
#[derive(Clone, Debug, PartialEq)]
pub enum View {
    /// The last report.
    Report,
    /// The hint's steps so far, each below its heading, as Markdown.
    Hint(Vec<(String, String)>),
    /// The list of factors.
    List(List),
    /// The question whether these files may be put back.
    Reset(Vec<String>),
    /// Words that a key asked for.
    Words(String),
}

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scroll {
    /// At what matters: the failure in a report, else the beginning.
    Auto,
    /// So many lines down.
    To(usize),
}

/// A run that goes on.
pub struct Running {
    /// Which checks.
    pub scope: Scope,
    /// What it said so far.
    pub events: Vec<Event>,
    /// What goes on before checks run, and its newest line.
    pub stage: Option<(Stage, Option<String>)>,
    /// When it began.
    pub began: Instant,
}

/// The whole state.
pub struct State {
    /// What is shown.
    pub view: View,
    /// Where the reader wants to be in it.
    pub scroll: Scroll,
    /// How many lines of it are above the screen, as it was drawn.
    pub top: usize,
    /// The run that goes on.
    pub running: Option<Running>,
    /// What the last run said that ended.
    pub report: Vec<Event>,
    /// What failed first in it.
    pub failure: Option<Failed>,
    /// Whether the next exercise and the solution are open.
    pub core_open: bool,
    /// Whether the last run passed everything it was asked for.
    pub passed: bool,
    /// A sentence for now.
    pub note: Option<Note>,
    /// The factor that is watched, by number.
    pub factor: u8,
    /// Whether saves are not waited for.
    pub manual: bool,
    /// How somebody wants to leave while a run still has to end.
    pub leaving: Option<Leave>,
    /// A save came while a run went on.
    stale: bool,
    /// Nobody types.
    deaf: bool,
    core_only: bool,
}

impl State {
    /// The state before anything was graded.
    pub fn new(factor: u8, manual: bool, core_only: bool, core_open: bool) -> Self {
        Self {
            view: View::Report,
            scroll: Scroll::Auto,
            top: 0,
            running: None,
            report: Vec::new(),
            failure: None,
            core_open,
            passed: false,
            note: None,
            factor,
            manual,
            leaving: None,
            stale: false,
            deaf: false,
            core_only,
        }
    }

    /// The first thing to do.
    pub fn begin(&mut self) -> Vec<Wish> {
        self.grade(self.scope())
    }

    /// What is watched from now on is another exercise.
    pub fn turned(&mut self, factor: u8, core_open: bool) -> Vec<Wish> {
        *self = Self { deaf: self.deaf, ..Self::new(factor, self.manual, self.core_only, core_open) };
        self.begin()
    }

    /// Takes an input and says what is to be done.
    pub fn on(&mut self, input: Input) -> Vec<Wish> {
        match input {
            Input::Key(Key::Interrupt) => self.leave(Leave::Interrupted),
            Input::Key(Key::Letter('q')) => self.leave(Leave::Quit),
            Input::Key(key) => self.key(key),
            Input::Saved => self.saved(),
            Input::Event(event) => self.event(*event),
            Input::Ended(ended) => self.ended(ended),
            Input::AllEnded => self.all_ended(),
            Input::NoKeys => self.no_keys(),
            Input::Signal | Input::Gone => self.told_to_leave(),
            Input::Blind(why) => {
                self.manual = true;
                self.note = Some(Note::Blind(why));
                self.leave_if_over()
            }
            Input::Resized => Vec::new(),
        }
    }

    /// Shows something else from its beginning.
    pub fn show(&mut self, view: View) {
        self.view = view;
        self.scroll = Scroll::Auto;
    }

    /// Whether keys that change something are ignored.
    pub fn is_paused(&self) -> bool {
        self.running.is_some() || self.leaving.is_some()
    }

    /// What is shown as the report: the last one that is whole, or the first while it grows.
    pub fn shown(&self) -> &[Event] {
        match &self.running {
            Some(running) if self.report.is_empty() && running.scope != Scope::Every => &running.events,
            _ => &self.report,
        }
    }

    fn scope(&self) -> Scope {
        if self.core_open && !self.core_only { Scope::Whole } else { Scope::Core }
    }

    fn grade(&mut self, scope: Scope) -> Vec<Wish> {
        self.stale = false;
        self.running = Some(Running { scope, events: Vec::new(), stage: None, began: Instant::now() });
        vec![Wish::Grade(scope)]
    }

    fn saved(&mut self) -> Vec<Wish> {
        // A question is not taken away from under the fingers of who reads it.
        let asking = matches!(self.view, View::Reset(_));
        if self.is_paused() || asking {
            self.stale = true;
            return Vec::new();
        }
        self.grade(self.scope())
    }

    fn event(&mut self, event: Event) -> Vec<Wish> {
        let Some(running) = &mut self.running else { return Vec::new() };
        match event {
            Event::Working { stage, detail } => running.stage = Some((stage, detail)),
            event => {
                if matches!(event, Event::RunStarted(_)) {
                    running.events.clear();
                }
                if !matches!(event, Event::CheckStarted { .. }) {
                    running.stage = None;
                }
                running.events.push(event);
            }
        }
        Vec::new()
    }

    fn ended(&mut self, ended: Result<Ended, String>) -> Vec<Wish> {
        let Some(running) = self.running.take() else { return Vec::new() };
        if let Some(leave) = self.leaving {
            return vec![Wish::Leave(leave)];
        }
        match ended {
            Ok(Ended::Finished(outcome)) => self.finished(&outcome, running),
            Ok(Ended::Interrupted) => vec![Wish::Leave(Leave::Interrupted)],
            Ok(Ended::Failed(_)) => {
                self.show_report(running.events);
                self.again_if_stale()
            }
            Err(why) => {
                self.note = Some(Note::Said(why));
                self.again_if_stale()
            }
        }
    }

    fn finished(&mut self, outcome: &Outcome, running: Running) -> Vec<Wish> {
        let scope = running.scope;
        self.show_report(running.events);
        let Some(decided) = outcome.factors.first() else { return Vec::new() };
        self.failure = first_failure(decided);
        self.passed = matches!(decided.standing(), Standing::Passed { .. });
        let core_passed = decided.core_passed();
        let opened = core_passed && !self.core_open;
        self.core_open |= core_passed;
        if opened {
            self.note = Some(Note::CoreOpen);
        } else if !core_passed && self.note == Some(Note::CoreOpen) {
            self.note = None;
        }
        // The rest of the factor follows at once: it was left out only because a core check could have failed.
        let goes_on = scope == Scope::Core && core_passed && !self.core_only && !decided.left_out.is_empty();
        if goes_on && !self.stale { self.grade(Scope::Whole) } else { self.again_if_stale() }
    }

    fn show_report(&mut self, events: Vec<Event>) {
        self.report = events;
        self.show(View::Report);
    }

    fn all_ended(&mut self) -> Vec<Wish> {
        self.running = None;
        if let Some(leave) = self.leaving {
            return vec![Wish::Leave(leave)];
        }
        self.show(View::List(List::at(self.factor)));
        self.again_if_stale()
    }

    fn again_if_stale(&mut self) -> Vec<Wish> {
        if self.stale { self.grade(self.scope()) } else { self.leave_if_over() }
    }

    /// Without saves and without keys nothing would ever happen again.
    fn leave_if_over(&self) -> Vec<Wish> {
        let over = self.manual && self.deaf && self.running.is_none();
        over.then_some(Wish::Leave(Leave::Quit)).into_iter().collect()
    }

    fn no_keys(&mut self) -> Vec<Wish> {
        self.deaf = true;
        self.note = (!self.manual).then_some(Note::NoKeys);
        self.leave_if_over()
    }

    /// By a key: a run has to be told, since no signal has reached it.
    fn leave(&mut self, leave: Leave) -> Vec<Wish> {
        let wish = if self.running.is_some() { Wish::Interrupt } else { Wish::Leave(leave) };
        self.leaving = self.leaving.or(Some(leave));
        vec![wish]
    }

    /// By a signal: a run has heard it as well. The signal that [`Wish::Interrupt`] sends comes back here.
    fn told_to_leave(&mut self) -> Vec<Wish> {
        self.leaving = self.leaving.or(Some(Leave::Interrupted));
        match (self.running.is_some(), self.leaving) {
            (false, Some(leave)) => vec![Wish::Leave(leave)],
            _ => Vec::new(),
        }
    }

    fn key(&mut self, key: Key) -> Vec<Wish> {
        if self.scrolled(key) || self.is_paused() {
            return Vec::new();
        }
        self.note = None;
        match &mut self.view {
            View::Reset(_) => self.answered(key),
            View::List(list) => match list.on(key) {
                list::Step::Stay => Vec::new(),
                list::Step::Back => self.back(),
                list::Step::Choose(number) => vec![Wish::TurnTo(number)],
            },
            _ => self.command(key),
        }
    }

    fn command(&mut self, key: Key) -> Vec<Wish> {
        match key {
            Key::Enter => self.grade(self.scope()),
            Key::Escape => self.back(),
            Key::Letter('n') if self.core_open => vec![Wish::GoOn],
            Key::Letter('n') => self.say(Note::NextLocked),
            Key::Letter('h') if self.failure.is_some() => vec![Wish::Hint],
            Key::Letter('h') => self.say(Note::NothingFailed),
            Key::Letter('l') => {
                self.show(View::List(List::at(self.factor)));
                Vec::new()
            }
            Key::Letter('c') => self.grade(Scope::Every),
            Key::Letter('r') => vec![Wish::AskReset],
            Key::Letter('s') => vec![Wish::Solution],
            _ => Vec::new(),
        }
    }

    fn answered(&mut self, key: Key) -> Vec<Wish> {
        self.back();
        let mut wishes = if key == Key::Letter('y') { vec![Wish::Reset] } else { self.say(Note::NothingDone) };
        wishes.extend(self.again_if_stale());
        wishes
    }

    fn back(&mut self) -> Vec<Wish> {
        self.show(View::Report);
        Vec::new()
    }

    fn say(&mut self, note: Note) -> Vec<Wish> {
        self.note = Some(note);
        Vec::new()
    }

    /// Reading goes on while something is graded. In the list the arrows move the mark instead.
    fn scrolled(&mut self, key: Key) -> bool {
        if matches!(self.view, View::List(_)) {
            return false;
        }
        self.scroll = Scroll::To(match key {
            Key::Up | Key::Letter('k') => self.top.saturating_sub(1),
            Key::Down | Key::Letter('j') => self.top + 1,
            Key::PageUp => self.top.saturating_sub(PAGE),
            Key::PageDown => self.top + PAGE,
            Key::Home => 0,
            Key::End => usize::MAX,
            _ => return false,
        });
        true
    }
}

/// Lines that a page key moves: less than any terminal has, so that nothing is skipped.
const PAGE: usize = 10;
