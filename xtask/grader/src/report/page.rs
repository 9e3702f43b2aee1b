//! The paragraphs of a report for people: pure functions from what happened to lines.

use super::style::{Style, cut, wrap, wrap_markdown};
use crate::check::{Check, Failure, LogLine, Missing, Speaker, Verdict};
use crate::event::{CheckFinished, Moment};
use crate::factors::Factor;
use crate::hints;
use crate::marks::Mark;
use crate::messages::{Messages, messages};
use crate::outcome::FactorOutcome;
use crate::text::{Lang, columns};

/// Longer lines are hard to read, however wide the terminal is.
const MAX_WIDTH: usize = 100;

/// In narrower terminals a second column would leave no room for the first.
const TWO_COLUMNS_FROM: usize = 56;

/// Columns of a log line: whoever needs more reads the file.
const LOG_COLUMNS: usize = 500;

/// Log lines of one failure.
pub(super) const LOG_LINES: usize = 24;

/// Columns of `? UNGRADED`, the longest mark.
const MARK_COLUMNS: usize = 10;

/// The symbol of a check that waits for others.
const SKIPPED: &str = "↷";

/// Columns of the time at the end of a check's line.
const TIME_COLUMNS: usize = 9;

/// How paragraphs look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) style: Style,
    pub(super) lang: Lang,
    pub(super) width: usize,
}

impl Page {
    /// A page that is at most as wide as people like to read.
    pub(super) fn new(style: Style, lang: Lang, width: usize) -> Self {
        Self { style, lang, width: width.min(MAX_WIDTH) }
    }

    /// The sentences in the page's language.
    pub(super) fn words(&self) -> &'static dyn Messages {
        messages(self.lang)
    }

    /// Words that fill the page, each line after `indent`.
    pub(super) fn prose(&self, indent: &str, words: &str) -> Vec<String> {
        indented(wrap(words, self.width.saturating_sub(indent.len())), indent)
    }

    /// Symbol, word, fact and time of a check, then its remarks.
    pub(super) fn check(&self, finished: &CheckFinished) -> Vec<String> {
        let indent = " ".repeat(MARK_COLUMNS + 4);
        let two_columns = self.has_two_columns();
        let time_columns = if two_columns { TIME_COLUMNS } else { 0 };
        let room = self.width.saturating_sub(indent.len() + time_columns);
        let fact = wrap(finished.check.fact.get(self.lang), room);
        let mut lines: Vec<String> = fact.iter().map(|line| format!("{indent}{line}")).collect();
        if let Some(first) = fact.first() {
            let time = if two_columns { self.time(finished, room - columns(first)) } else { String::new() };
            lines[0] = format!("  {}  {first}{time}", self.mark(finished.verdict()));
        }
        let remarks = finished.remarks.iter().map(|r| format!("{} {}", self.words().remark(), r.get(self.lang)));
        lines.extend(remarks.flat_map(|remark| wrap(&remark, room)).map(|line| format!("{indent}{line}")));
        lines
    }

    /// A check that failed, in full: what was done, expected and seen, the log, and how to repeat it.
    pub(super) fn failure(&self, factor: &Factor, finished: &CheckFinished, failure: &Failure) -> Vec<String> {
        let mark = format!("{} {}", symbol(Verdict::Fail), Verdict::Fail.word());
        let title =
            format!("{} {}", self.paint(Verdict::Fail, &mark), self.style.strong(&path(factor, finished.check)));
        let mut lines = vec![String::new(), title, String::new()];
        lines.extend(self.story(failure, &finished.timeline));
        lines
    }

    /// A factor whose checks did not run.
    pub(super) fn blocked(&self, factor: &Factor, failure: &Failure) -> Vec<String> {
        let words = self.words();
        let why = format!("{} {}", words.blocked_because(failure.reason), words.did_not_run(factor.checks().len()));
        let indent = " ".repeat(MARK_COLUMNS + 4);
        let mut lines = self.prose(&indent, &why);
        lines[0] = format!("  {}  {}", self.mark(Verdict::Blocked), lines[0].trim_start());
        lines.push(String::new());
        lines.extend(self.story(failure, &[]));
        lines
    }

    /// Step 1 of the hint for `reason`, and the command or the key that shows step 2.
    pub(super) fn hint(&self, factor: &Factor, reason: &str, watching: bool) -> Vec<String> {
        let Some(hint) = hints::find(factor, reason, 1, self.lang) else {
            return Vec::new();
        };
        let next = if watching { self.words().press('h') } else { format!("cargo xtask hint {} 2", factor.id()) };
        let next = self.style.command(&next);
        let mut lines = vec![String::new(), format!("  {}", self.style.strong(&self.words().hint(1, hints::STEPS)))];
        lines.extend(indented(wrap_markdown(&hint, self.width.saturating_sub(4)), "    "));
        lines.push(format!("  {} {next}", self.words().next_hint()));
        lines
    }

    /// The places that the exercise's author has marked and that are still there, as editors and terminals open them.
    pub(super) fn marks(&self, marks: &[Mark]) -> Vec<String> {
        if marks.is_empty() {
            return Vec::new();
        }
        let place = |mark: &Mark| format!("    {}", self.style.link_as(&mark.file, &mark.place()));
        let heading = format!("  {}", self.words().marked());
        [String::new(), heading].into_iter().chain(marks.iter().map(place)).collect()
    }

    /// The checks that were left out because a core check fails.
    pub(super) fn skipped(&self, outcome: &FactorOutcome) -> Vec<String> {
        if outcome.blocked.is_some() || outcome.core_passed() || outcome.left_out.is_empty() {
            return Vec::new();
        }
        let heading = format!("{SKIPPED} {} {}", self.words().skipped(), self.words().until_core_passes());
        let left_out: Vec<&str> = outcome.left_out.iter().map(|check| check.id).collect();
        let mut lines = vec![String::new()];
        lines.extend(self.prose("", &heading));
        lines.extend(self.prose("  ", &left_out.join(", ")));
        lines
    }

    /// One line for a failure that is not shown in full.
    pub(super) fn short_failure(&self, factor: &Factor, check: &Check, failure: &Failure) -> String {
        format!("  {} ({})", self.item(Verdict::Fail, &path(factor, check)), failure.reason)
    }

    /// Checks that this machine cannot test, all for the same reason. The fix is not wrapped, so that a command in it can be
    /// pasted.
    pub(super) fn ungraded(&self, factor: &Factor, checks: &[&Check], missing: &Missing) -> Vec<String> {
        let words = self.words();
        let label_columns = widest(&[words.missing(), words.fix()]);
        let what = wrap(missing.what.get(self.lang), self.room(label_columns + 2));
        let mut lines: Vec<String> =
            checks.iter().map(|check| self.item(Verdict::Ungraded, &path(factor, check))).collect();
        lines.extend(self.row(words.missing(), what, label_columns));
        lines.extend(self.row(words.fix(), vec![missing.fix.get(self.lang).to_owned()], label_columns));
        indented(lines, "  ")
    }

    /// A check that the grader could not decide.
    pub(super) fn error(&self, factor: &Factor, check: &Check, message: &str) -> Vec<String> {
        let mut lines = vec![format!("  {}", self.item(Verdict::Error, &path(factor, check)))];
        lines.extend(self.prose("    ", message));
        lines
    }

    /// What was done, expected and seen; what happened, with the log in it; the command to repeat it.
    pub(super) fn story(&self, failure: &Failure, timeline: &[Moment]) -> Vec<String> {
        let words = self.words();
        let rows = [
            (words.did(), failure.did.get(self.lang)),
            (words.expected(), failure.expected.get(self.lang)),
            (words.seen(), failure.seen.get(self.lang)),
            (words.reason(), failure.reason),
        ];
        let label_columns = widest(&rows.map(|(label, _)| label));
        let row = |(label, said)| self.row(label, wrap(said, self.room(label_columns)), label_columns);
        let mut lines: Vec<String> = rows.into_iter().flat_map(row).collect();
        lines.extend(match timeline {
            [] => self.log(&failure.log),
            timeline => self.timeline(timeline, &failure.log),
        });
        if let Some(command) = &failure.repeat {
            lines.extend([String::new(), format!("  {}", words.by_hand())]);
            lines.extend(command.lines().map(|line| match line {
                "" => format!("  {}", words.in_another_terminal()),
                line => format!("    {}", self.style.command(line)),
            }));
        }
        lines
    }

    /// Symbol and word of a verdict, padded to one width.
    pub(super) fn mark(&self, verdict: Verdict) -> String {
        let mark = format!("{} {}", symbol(verdict), verdict.word());
        let space = " ".repeat(MARK_COLUMNS.saturating_sub(columns(&mark)));
        format!("{}{space}", self.paint(verdict, &mark))
    }

    /// Colours words as a verdict.
    pub(super) fn paint(&self, verdict: Verdict, words: &str) -> String {
        match verdict {
            Verdict::Pass => self.style.good(words),
            Verdict::Fail | Verdict::Blocked => self.style.bad(words),
            Verdict::Ungraded => self.style.unsure(words),
            Verdict::Error => self.style.fault(words),
        }
    }

    fn item(&self, verdict: Verdict, id: &str) -> String {
        format!("{} {}", self.paint(verdict, symbol(verdict)), self.style.strong(id))
    }

    fn time(&self, finished: &CheckFinished, free: usize) -> String {
        let time = self.words().seconds(finished.took);
        let space = " ".repeat((free + TIME_COLUMNS).saturating_sub(columns(&time)));
        format!("{space}{}", self.style.faint(&time))
    }

    /// A label and its lines: side by side where there is room, one below the other where there is not.
    fn row(&self, label: &str, lines: Vec<String>, label_columns: usize) -> Vec<String> {
        let shown = self.style.strong(label);
        if !self.has_two_columns() {
            return [format!("  {shown}")].into_iter().chain(indented(lines, "    ")).collect();
        }
        let mut rows = indented(lines, &" ".repeat(label_columns + 4));
        if let Some(first) = rows.first_mut() {
            let space = " ".repeat(label_columns + 2 - columns(label));
            *first = format!("  {shown}{space}{}", first.trim_start());
        }
        rows
    }

    /// Columns that a row's words may take.
    fn room(&self, label_columns: usize) -> usize {
        self.width.saturating_sub(if self.has_two_columns() { label_columns + 4 } else { 4 })
    }

    fn has_two_columns(&self) -> bool {
        self.width >= TWO_COLUMNS_FROM
    }

    fn log(&self, log: &[LogLine]) -> Vec<String> {
        let Some(first) = log.first() else {
            return Vec::new();
        };
        // A build's first error causes the others; a service's last words say why it ended.
        let from_build = first.speaker == Speaker::Build;
        let hidden = log.len().saturating_sub(LOG_LINES);
        let shown = if from_build { &log[..log.len() - hidden] } else { &log[hidden..] };
        let heading = if from_build { self.words().build_lines() } else { self.words().last_lines() };
        let more = (hidden > 0).then(|| format!("    {}", self.words().more_lines(hidden)));
        let mut lines = vec![String::new(), format!("  {heading}")];
        lines.extend(more.clone().filter(|_| !from_build));
        lines.extend(shown.iter().map(|line| self.log_line(line)));
        lines.extend(more.filter(|_| from_build));
        lines
    }

    fn log_line(&self, line: &LogLine) -> String {
        format!("    {}", self.said(line.speaker.label(), &line.text))
    }

    /// A line with who says it.
    pub(super) fn said(&self, who: &str, words: &str) -> String {
        format!("{} {}", self.style.faint(&format!("[{who}]")), cut(words, LOG_COLUMNS))
    }
}

/// `factor-3/env-drives-behaviour`, as every report names a check.
pub(super) fn path(factor: &Factor, check: &Check) -> String {
    factor.path_of(check.id)
}

/// The symbol of a verdict; it never stands without the word in a check's line.
pub(super) fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "✗",
        Verdict::Ungraded => "?",
        Verdict::Error => "!",
        Verdict::Blocked => "–",
    }
}

fn indented(lines: Vec<String>, indent: &str) -> Vec<String> {
    lines.into_iter().map(|line| format!("{indent}{line}")).collect()
}

fn widest(labels: &[&str]) -> usize {
    labels.iter().map(|label| columns(label)).max().unwrap_or(0)
}
