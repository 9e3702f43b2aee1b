//! The report for a person at a terminal. It grows top-down, although checks finish in any order.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use super::closing::Closing;
use super::files::evidence;
use super::page::Page;
use super::screen::Screen;
use super::style::{Style, wants_color};
use crate::check::{Check, Failure, Stop, Tier};
use crate::event::{CheckFinished, Event, Observer, RunStarted, Stage};
use crate::factors::Factor;
use crate::marks::Mark;
use crate::outcome::Outcome;
use crate::text::Lang;

/// How [`Terminal`] writes.
#[derive(Clone, Debug)]
pub struct TerminalOptions {
    /// The language of every sentence.
    pub lang: Lang,
    /// Whether colours may be used; they never carry meaning alone.
    pub color: bool,
    /// Whether one line may be rewritten while something goes on: only on a terminal.
    pub live: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether every failed check is shown in full, and not only the first.
    pub verbose: bool,
    /// Whether paths become OSC 8 links.
    pub links: bool,
    /// The folder that holds the runs' results; shown as given.
    pub runs: PathBuf,
    /// The options that a repeated `cargo xtask check factor-3` needs to grade the same subject: `--path DIR`, or nothing.
    pub flags: String,
    /// The options that chose the checks (`--core`, `--only CHECK`), or nothing: who repairs something repeats them, and who
    /// passes goes on without them.
    pub selection: String,
    /// Whether the reader is in watch mode, where a save grades again and keys stand for commands.
    pub watching: bool,
    /// The places that the exercise's author has marked.
    pub marked: Vec<Mark>,
}

impl TerminalOptions {
    /// Lines of 80 columns without colour, links or rewriting: for pipes and for `--plain`.
    pub fn plain(lang: Lang) -> Self {
        let runs = PathBuf::from("target/workshop/runs");
        let (flags, selection) = (String::new(), String::new());
        Self {
            lang,
            color: false,
            live: false,
            width: 80,
            verbose: false,
            links: false,
            runs,
            flags,
            selection,
            watching: false,
            marked: Vec::new(),
        }
    }

    /// What standard output and the environment allow (`NO_COLOR`, `CLICOLOR_FORCE`, `TERM`, `COLUMNS`).
    pub fn for_stdout(lang: Lang) -> Self {
        let env = |name: &str| std::env::var(name).ok();
        let terminal = io::stdout().is_terminal();
        let live = terminal && env("TERM").as_deref() != Some("dumb");
        Self { color: wants_color(env, terminal), live, links: live, width: super::style::width(), ..Self::plain(lang) }
    }
}

/// Writes the report that a person reads while it grows.
pub struct Terminal {
    screen: Screen,
    page: Page,
    options: TerminalOptions,
    run: RunStarted,
    /// The newest stage, so that it is said once where lines stay.
    stage: Option<Stage>,
    factor: Option<Progress>,
    /// The first failure of the run, which is shown in full.
    first_failure: Option<(&'static Factor, &'static Check)>,
}

/// How far the checks of one factor are.
struct Progress {
    factor: &'static Factor,
    checks: Vec<&'static Check>,
    finished: Vec<CheckFinished>,
    running: Vec<&'static str>,
    printed: usize,
}

impl Terminal {
    /// A report on `writer`.
    pub fn new(writer: Box<dyn Write + Send>, options: TerminalOptions) -> Self {
        let style = Style { color: options.color, links: options.links };
        let page = Page::new(style, options.lang, options.width);
        let screen = Screen::new(writer, options.live, options.width);
        Self { screen, page, options, run: nothing_yet(), stage: None, factor: None, first_failure: None }
    }
}

impl Observer for Terminal {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted(run) => self.run_started(run),
            Event::Working { stage, detail } => self.working(*stage, detail.as_deref()),
            Event::FactorStarted { factor, checks } => self.factor_started(factor, checks.clone()),
            Event::CheckStarted { check, .. } => self.check_started(check),
            Event::CheckFinished(finished) => self.check_finished(finished),
            Event::FactorBlocked { factor, failure } => self.factor_blocked(factor, failure),
            Event::FactorFinished { .. } => self.factor_finished(),
            Event::RunFinished(outcome) => self.run_finished(outcome),
            Event::RunAborted { why, interrupted } => self.run_aborted(why, *interrupted),
        }
    }
}

impl Terminal {
    fn run_started(&mut self, run: &RunStarted) -> io::Result<()> {
        self.run = run.clone();
        self.screen.lines(&self.page.prose("", &self.page.words().grading(&run.subject, run.seed)))
    }

    fn working(&mut self, stage: Stage, detail: Option<&str>) -> io::Result<()> {
        let said = self.page.words().stage(stage);
        let news = self.stage.replace(stage) != Some(stage);
        if self.options.live {
            let detail = detail.map_or(String::new(), |detail| format!(": {}", detail.trim()));
            return self.screen.status(&format!("  {said}{detail}"));
        }
        if news { self.screen.lines(&self.page.prose("  ", said)) } else { Ok(()) }
    }

    fn factor_started(&mut self, factor: &'static Factor, checks: Vec<&'static Check>) -> io::Result<()> {
        self.stage = None;
        self.factor = Some(Progress { factor, checks, finished: Vec::new(), running: Vec::new(), printed: 0 });
        self.heading(factor)
    }

    fn heading(&mut self, factor: &Factor) -> io::Result<()> {
        let heading = self.page.words().factor(factor.number, factor.title.get(self.page.lang));
        self.screen.lines(&[String::new(), self.page.style.strong(&heading)])
    }

    fn check_started(&mut self, check: &'static Check) -> io::Result<()> {
        if let Some(progress) = &mut self.factor {
            progress.running.push(check.id);
        }
        self.show_progress()
    }

    fn check_finished(&mut self, finished: &CheckFinished) -> io::Result<()> {
        if let Some(progress) = &mut self.factor {
            progress.running.retain(|id| *id != finished.check.id);
            progress.finished.push(finished.clone());
            let lines = progress.printable(self.page);
            self.screen.lines(&lines)?;
        }
        self.show_progress()
    }

    fn show_progress(&mut self) -> io::Result<()> {
        let Some(progress) = self.factor.as_ref().filter(|progress| !progress.running.is_empty()) else {
            return Ok(());
        };
        let (done, total) = (progress.finished.len(), progress.checks.len());
        let words = self.page.words().checking(done, total, &progress.running.join(", "));
        self.screen.status(&format!("  {words}"))
    }

    fn factor_blocked(&mut self, factor: &'static Factor, failure: &Failure) -> io::Result<()> {
        if self.factor.take().is_none_or(|progress| progress.factor.number != factor.number) {
            self.heading(factor)?;
        }
        self.stage = None;
        let mut lines = vec![String::new()];
        lines.extend(self.page.blocked(factor, failure));
        lines.extend(self.page.hint(factor, failure.reason, self.options.watching));
        self.screen.lines(&lines)
    }

    fn factor_finished(&mut self) -> io::Result<()> {
        let Some(mut progress) = self.factor.take() else {
            return Ok(());
        };
        progress.sort();
        let mut lines = self.failures(&progress);
        lines.extend(self.gaps(&progress));
        self.screen.lines(&lines)
    }

    /// The first failure of the run in full, with its hint; the others by name, or in full if asked for.
    fn failures(&mut self, progress: &Progress) -> Vec<String> {
        let (mut lines, mut others) = (Vec::new(), Vec::new());
        for (finished, failure) in progress.failures() {
            let first = self.first_failure.is_none();
            if first || self.options.verbose {
                lines.extend(self.page.failure(progress.factor, finished, failure));
            } else {
                others.push(self.page.short_failure(progress.factor, finished.check, failure));
            }
            if first {
                self.first_failure = Some((progress.factor, finished.check));
                lines.extend(self.page.hint(progress.factor, failure.reason, self.options.watching));
                lines.extend(self.page.marks(&self.options.marked));
            }
        }
        lines.extend(self.group(self.page.words().other_failures(), others));
        lines
    }

    /// What could not be decided: by this machine, or by the grader.
    fn gaps(&self, progress: &Progress) -> Vec<String> {
        let errors = progress.finished.iter().filter_map(|finished| match &finished.stop {
            Some(Stop::Error(error)) => Some(self.page.error(progress.factor, finished.check, &error.message)),
            _ => None,
        });
        let mut lines = self.group(self.page.words().not_tested(), self.untested(progress));
        lines.extend(self.group(self.page.words().grader_errors(), errors.flatten().collect()));
        lines
    }

    /// What one missing thing keeps from being tested stands together: it is missing once.
    fn untested(&self, progress: &Progress) -> Vec<String> {
        let missing = |finished: &CheckFinished| match &finished.stop {
            Some(Stop::Ungraded(missing)) => Some((finished.check, missing.clone())),
            _ => None,
        };
        let ungraded: Vec<_> = progress.finished.iter().filter_map(missing).collect();
        let groups = ungraded.chunk_by(|(_, one), (_, other)| one == other);
        let lines = groups.flat_map(|group| {
            let checks: Vec<&Check> = group.iter().map(|(check, _)| *check).collect();
            group.first().map_or(Vec::new(), |(_, missing)| self.page.ungraded(progress.factor, &checks, missing))
        });
        lines.collect()
    }

    fn group(&self, heading: &str, lines: Vec<String>) -> Vec<String> {
        if lines.is_empty() {
            return lines;
        }
        let heading = self.page.prose("", heading).into_iter().map(|line| self.page.style.strong(&line));
        [String::new()].into_iter().chain(heading).chain(lines).collect()
    }

    fn run_finished(&mut self, outcome: &Outcome) -> io::Result<()> {
        let mut lines = Vec::new();
        if self.options.watching {
            // Nobody asked for the core checks alone: that the others wait has a reason, and it is said.
            lines.extend(outcome.factors.iter().flat_map(|factor| self.page.skipped(factor)));
        }
        lines.extend(self.closing().finished(outcome));
        self.screen.lines(&lines)
    }

    fn run_aborted(&mut self, why: &str, interrupted: bool) -> io::Result<()> {
        // Verdicts that waited for an earlier check are true all the same.
        let mut lines = self.factor.take().map_or(Vec::new(), |progress| progress.unprinted(self.page));
        lines.extend(self.closing().aborted(why, interrupted));
        self.screen.lines(&lines)
    }

    fn closing(&self) -> Closing<'_> {
        let run = self.options.runs.join(&self.run.run_id);
        let details = self.first_failure.map_or(run.clone(), |(factor, check)| evidence(&run, factor, check));
        let TerminalOptions { flags, selection, watching, .. } = &self.options;
        Closing { page: self.page, run: &self.run, details, flags, selection, watching: *watching }
    }
}

impl Progress {
    /// The lines of the checks that can be shown now, because all before them are.
    fn printable(&mut self, page: Page) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(finished) = self.checks.get(self.printed).and_then(|check| self.find(check)) {
            lines.extend(self.group_heading(page));
            lines.extend(page.check(finished));
            self.printed += 1;
        }
        lines
    }

    /// The lines of the checks that finished before one that never will.
    fn unprinted(&self, page: Page) -> Vec<String> {
        let waiting = self.checks.iter().skip(self.printed);
        waiting.filter_map(|check| self.find(check)).flat_map(|finished| page.check(finished)).collect()
    }

    fn group_heading(&self, page: Page) -> Vec<String> {
        let tier: Tier = self.checks[self.printed].tier;
        let before = self.printed.checked_sub(1).map(|index| self.checks[index].tier);
        if before == Some(tier) {
            return Vec::new();
        }
        [String::new()].into_iter().chain(page.prose("", page.words().tier(tier))).collect()
    }

    fn find(&self, check: &Check) -> Option<&CheckFinished> {
        self.finished.iter().find(|finished| finished.check.id == check.id)
    }

    fn sort(&mut self) {
        let place = |finished: &CheckFinished| self.checks.iter().position(|check| check.id == finished.check.id);
        self.finished.sort_by_key(place);
    }

    fn failures(&self) -> impl Iterator<Item = (&CheckFinished, &Failure)> {
        self.finished.iter().filter_map(|finished| match &finished.stop {
            Some(Stop::Fail(failure)) => Some((finished, failure.as_ref())),
            _ => None,
        })
    }
}

/// Stands in until the run has started, in case it is aborted before.
fn nothing_yet() -> RunStarted {
    RunStarted { run_id: String::new(), seed: 0, subject: String::new(), factors: Vec::new(), strict: false }
}
