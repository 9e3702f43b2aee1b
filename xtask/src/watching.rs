//! What the watch program needs of the workshop: which work is watched, one way to grade it, and what its keys do.

use std::path::{Path, PathBuf};
use std::process::ExitCode as Code;

use grader::backing::Backing;
use grader::event::Observer;
use grader::factors::Factor;
use grader::hints;
use grader::report::TerminalOptions;
use grader::report::style::Style;
use grader::subject::{Subject, Workspace};
use grader::text::Lang;
use grader::{Ended, Selection};

use crate::board;
use crate::cli::{self, Command, WatchOptions};
use crate::commands::check::{How, Run, grade_one, plan};
use crate::commands::{list, reset, solution};
use crate::outline::{Look, Row, rows};
use crate::progress::{LastFailure, Progress, Standing, now};
use crate::session::Session;
use crate::track;
use crate::trouble::Trouble;
use crate::workspace::shown;

/// The place of somebody who watches: one exercise or service, and everything that is known about it.
#[derive(Clone)]
pub struct Desk {
    session: Session,
    options: WatchOptions,
    run: Run,
}

/// One step of a hint.
pub struct Hint {
    /// What failed: `factor-3/env-drives-behaviour`.
    pub what: String,
    /// The reason code.
    pub reason: String,
    /// 1 to [`hints::STEPS`].
    pub step: usize,
    /// The step as Markdown.
    pub words: String,
}

/// One factor in the list, ready to be shown.
pub struct Entry {
    /// The factor.
    pub factor: &'static Factor,
    /// Whether it is passed.
    pub passed: bool,
    /// One line or two.
    pub lines: Vec<String>,
}

/// Reads the command line of this very program. Who cannot be understood has been told why.
pub fn open() -> Result<Desk, Code> {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    let lang = grader::locale::language(&words, |name| std::env::var(name).ok());
    let opened = cli::parse(words).map_err(Trouble::Usage).and_then(|cli| {
        let Command::Watch(options) = cli.command else {
            return Err(Trouble::failed("this program", "is started by `cargo xtask watch`"));
        };
        Desk::new(Session::open(lang, cli.plain)?, options)
    });
    opened.map_err(|trouble| trouble.report(lang))
}

/// Where services of the workshop are compiled in watch mode, so that an editor that compiles them as well never holds it locked.
pub(crate) fn builds(workspace: &Workspace) -> PathBuf {
    workspace.own().join("builds").join("watched")
}

impl Desk {
    fn new(session: Session, options: WatchOptions) -> Result<Self, Trouble> {
        let mut runs = plan(&session, &options.check())?;
        let mut run = runs.remove(0);
        // A foreign service has the checks of every factor; one of them is worked on.
        let current = crate::place::current(&session);
        if run.factors.len() > 1 {
            run.factors.retain(|factor| factor.number == current.number);
        }
        Ok(Self { session, options, run })
    }

    /// The language of everything shown.
    pub fn lang(&self) -> Lang {
        self.session.lang
    }

    /// Whether lines are wanted, and no screen.
    pub fn plain(&self) -> bool {
        self.session.plain
    }

    /// How words are emphasised.
    pub fn style(&self) -> Style {
        self.session.style()
    }

    /// Whether saves are not waited for.
    pub fn manual(&self) -> bool {
        self.options.manual_run
    }

    /// Whether nothing but the core checks is wanted.
    pub fn core_only(&self) -> bool {
        self.options.core
    }

    /// The factor that is worked on.
    pub fn factor(&self) -> &'static Factor {
        self.run.factors[0]
    }

    /// The folder that is watched.
    pub fn folder(&self) -> &Path {
        &self.run.subject.folder
    }

    /// The same as a person names it.
    pub fn name(&self) -> &str {
        &self.run.subject.name
    }

    /// How the reports of this work look.
    pub fn report(&self, base: TerminalOptions) -> TerminalOptions {
        let verbose = self.options.verbose;
        TerminalOptions { verbose, watching: true, ..self.run.shown(&self.session, base) }
    }

    /// Grades once, as `check` does, with [`builds`] of its own.
    ///
    /// # Errors
    ///
    /// Why it could not begin, in the reader's language.
    pub fn grade(&self, core_only: bool, backing: &Backing, shown: Box<dyn Observer>) -> Result<Ended, String> {
        self.graded(core_only, backing, shown).map_err(|trouble| trouble.words(self.lang()))
    }

    fn graded(&self, core_only: bool, backing: &Backing, shown: Box<dyn Observer>) -> Result<Ended, Trouble> {
        let mut run = self.run.clone();
        // What is saved may be the `app.toml`.
        run.subject = Subject::open(self.folder(), &self.session.workspace)?;
        let how = How {
            selection: Selection { core_only, only: Vec::new() },
            builds: Some(builds(&self.session.workspace)),
            backing: backing.clone(),
            ..How::default()
        };
        let ended = grade_one(&self.session, &run, how, shown)?;
        // The screen is not ours to write on; what the instructor says waits for the next command.
        board::deliver_quietly(&self.session);
        Ok(ended)
    }

    /// Whether the core checks have passed once: this opens the next exercise and the solution.
    pub fn core_passed(&self) -> bool {
        self.progress().factor(self.factor()).core_passed
    }

    /// Turns to the next exercise that is not passed, in the order of teaching, and says whether there is one.
    ///
    /// # Errors
    ///
    /// The exercise cannot be opened.
    pub fn go_on(&mut self) -> Result<bool, String> {
        let progress = self.progress();
        let taught = track::taught();
        let here = taught.iter().position(|factor| factor.number == self.factor().number).map_or(0, |here| here + 1);
        let passed = |factor: &Factor| progress.factor(factor).standing == Some(Standing::Passed);
        let ahead = taught.iter().cycle().skip(here).take(taught.len());
        let next = ahead.copied().find(|factor| !passed(factor) && factor.number != self.factor().number);
        next.map_or(Ok(false), |factor| self.turn_to(factor).map(|()| true))
    }

    /// Turns to the exercise of another factor.
    ///
    /// # Errors
    ///
    /// It cannot be opened.
    pub fn turn_to(&mut self, factor: &Factor) -> Result<(), String> {
        let options = WatchOptions { factor: Some(factor.id()), path: None, ..self.options.clone() };
        let desk = Self::new(self.session.clone(), options).map_err(|trouble| trouble.words(self.lang()))?;
        *self = desk;
        Ok(())
    }

    /// The desks of all exercises, in the order of teaching.
    pub fn all(&self) -> Vec<Desk> {
        let turned = |factor: &Factor| {
            let mut desk = self.clone();
            desk.turn_to(factor).ok().map(|()| desk)
        };
        track::taught().into_iter().filter_map(turned).collect()
    }

    /// The next step for what failed first, which is remembered as shown; the last one again when all have been.
    pub fn hint(&self, failure: &LastFailure) -> Option<Hint> {
        let (factor, reason) = (self.factor(), failure.reason.clone());
        let known = self.progress().factor(factor).hints_shown.get(&reason).copied().unwrap_or(0);
        let step = (known + 1).min(hints::STEPS);
        let hint = self.hint_step(failure, step)?;
        // An unusable file was complained about when it was read, and a hint is worth more than its record.
        let _ = self.session.store().update(factor, |known| {
            known.hints_shown.insert(reason, step);
        });
        Some(hint)
    }

    /// A certain step, which is not remembered.
    pub fn hint_step(&self, failure: &LastFailure, step: usize) -> Option<Hint> {
        let factor = self.factor();
        let words = hints::find(factor, &failure.reason, step, self.lang())?;
        let what = failure.check.as_ref().map_or_else(|| factor.id(), |check| factor.path_of(check));
        Some(Hint { what, reason: failure.reason.clone(), step, words })
    }

    /// The files that `reset` would put back, or why there is nothing to put back.
    ///
    /// # Errors
    ///
    /// What cannot be reset, or not be looked at.
    pub fn changes(&self) -> Result<Vec<String>, String> {
        let words = crate::messages::messages(self.lang());
        if !self.is_exercise() {
            return Err(words.nothing_to_reset(&self.factor().id()));
        }
        let changes = reset::changes(&self.session, self.factor()).map_err(|trouble| trouble.words(self.lang()))?;
        if changes.is_empty() {
            return Err(words.nothing_to_reset(&self.factor().id()));
        }
        Ok(changes.iter().map(|change| format!("{}  {}", words.change(change.kind), change.path)).collect())
    }

    /// Puts the starter back and says where the files are that it replaced.
    ///
    /// # Errors
    ///
    /// Nothing or not everything could be put back.
    pub fn reset(&self) -> Result<String, String> {
        reset::put_back(&self.session, self.factor()).map_err(|trouble| trouble.words(self.lang()))
    }

    /// Where the solution is, or that it is locked.
    ///
    /// # Errors
    ///
    /// The core checks have not passed.
    pub fn solution(&self) -> Result<String, String> {
        solution::opened(&self.session, self.factor(), false).map_err(|trouble| trouble.words(self.lang()))
    }

    /// The bars and the factors, for a list of this width.
    pub fn list(&self, style: Style, width: usize) -> (Vec<String>, Vec<Entry>) {
        let look = Look { style, lang: self.lang(), width };
        let rows = rows(&self.session.workspace, &self.progress(), now());
        let entry = |row: &Row| Entry {
            factor: row.factor,
            passed: row.state == crate::messages::State::Passed,
            // The place of a mark before each line belongs to the list.
            lines: Look { width: width.saturating_sub(2), ..look }.row(row),
        };
        (list::bars(&look, &rows), rows.iter().map(entry).collect())
    }

    /// What was graded, as a person names the folder with everything that is kept of it.
    pub fn kept(&self) -> String {
        shown(&crate::runs::folder(&self.session.workspace).join("latest"))
    }

    fn is_exercise(&self) -> bool {
        let exercise: PathBuf = self.session.workspace.exercise(self.factor());
        exercise.canonicalize().is_ok_and(|exercise| exercise == self.folder())
    }

    fn progress(&self) -> Progress {
        self.session.store().load().unwrap_or_default()
    }
}

pub use crate::progress::LastFailure as Failed;
pub use crate::progress::record::first_failure;
