//! The last lines of a terminal report: where things stand, where the evidence is, and the command that comes next.

use std::path::{Path, PathBuf};

use super::page::{Page, symbol};
use crate::check::{Stop, Tier, Verdict};
use crate::event::RunStarted;
use crate::factors::Factor;
use crate::messages::Messages;
use crate::outcome::{ExitCode, FactorOutcome, Outcome, Standing};

/// Writes the end of a report.
pub(super) struct Closing<'a> {
    pub(super) page: Page,
    pub(super) run: &'a RunStarted,
    /// Where the first failure's evidence is, or the whole run's.
    pub(super) details: PathBuf,
    /// Options that a repeated check needs to grade the same subject.
    pub(super) flags: &'a str,
    /// Options that it needs to run the same checks.
    pub(super) selection: &'a str,
    /// Whether a save grades again and keys stand for commands.
    pub(super) watching: bool,
}

impl Closing<'_> {
    /// The end of a run that ended in order.
    pub(super) fn finished(&self, outcome: &Outcome) -> Vec<String> {
        let mut lines = vec![String::new()];
        lines.extend(self.table(&outcome.factors));
        lines.extend(self.all_failures(&outcome.factors));
        let exit_code = outcome.exit_code(self.run.strict);
        lines.push(String::new());
        lines.extend(self.details_line());
        lines.extend(self.compare_line(outcome, exit_code));
        lines.push(self.next_line(outcome, exit_code));
        lines
    }

    /// The end of a run that ended early.
    pub(super) fn aborted(&self, why: &str, interrupted: bool) -> Vec<String> {
        let words = self.words();
        let command = match self.run.factors.as_slice() {
            _ if !interrupted => "cargo xtask doctor".to_owned(),
            [factor] => self.same_command(factor),
            _ => "cargo xtask".to_owned(),
        };
        let mut lines = vec![String::new()];
        lines.extend(self.sentence(Verdict::Error, "", &words.aborted(why, interrupted)));
        lines.extend([words.no_result().to_owned(), String::new()]);
        lines.extend(self.details_line());
        lines.push(self.command_line(words.next(), &command));
        lines
    }

    /// Where each factor stands. Of several, it begins with how many checks ended how: a page to look down at.
    fn table(&self, factors: &[FactorOutcome]) -> Vec<String> {
        let verdicts = [Verdict::Pass, Verdict::Fail, Verdict::Ungraded, Verdict::Error];
        let seen = verdicts.into_iter().filter(|verdict| factors.iter().any(|factor| factor.count(*verdict) > 0));
        let columns: Vec<Verdict> = if factors.len() > 1 { seen.collect() } else { Vec::new() };
        let counts = |factor: &FactorOutcome| columns.iter().map(|column| cell(factor, *column)).collect::<String>();
        factors.iter().flat_map(|factor| self.standing(factor, &counts(factor))).collect()
    }

    /// What failed in any of several factors, by name: what is shown of each above is far away by now.
    fn all_failures(&self, factors: &[FactorOutcome]) -> Vec<String> {
        let failed = factors.iter().flat_map(|outcome| {
            let failures = outcome.checks.iter().filter_map(|finished| match &finished.stop {
                Some(Stop::Fail(failure)) => Some(self.page.short_failure(outcome.factor, finished.check, failure)),
                _ => None,
            });
            failures.collect::<Vec<_>>()
        });
        let failed: Vec<String> = failed.collect();
        if factors.len() < 2 || failed.is_empty() {
            return Vec::new();
        }
        let heading = self.page.style.strong(self.words().all_failures());
        [String::new(), heading].into_iter().chain(failed).collect()
    }

    fn standing(&self, outcome: &FactorOutcome, counts: &str) -> Vec<String> {
        let words = self.words();
        let name = format!("{} {}", outcome.factor.id(), outcome.factor.title.get(self.page.lang));
        let (verdict, sentence) = match outcome.standing() {
            Standing::Passed { untested } => self.passed(outcome, &name, untested),
            Standing::Failed => {
                let (passing, required) = required(outcome);
                (Verdict::Fail, words.failed(&name, passing, required))
            }
            Standing::Blocked => (Verdict::Blocked, words.blocked(&name)),
            Standing::Untested => (Verdict::Ungraded, words.undecided(&name, 0)),
            Standing::Error => (Verdict::Error, words.undecided(&name, outcome.count(Verdict::Error))),
        };
        let mut lines = self.sentence(verdict, counts, &sentence);
        let whole = matches!(outcome.standing(), Standing::Passed { .. }) && outcome.left_out.is_empty();
        if outcome.core_passed() && !whole && self.is_exercise_of(outcome.factor) {
            lines.extend(self.page.prose("  ", words.core_open()));
        }
        lines
    }

    /// A pass says exactly how far it goes.
    fn passed(&self, outcome: &FactorOutcome, name: &str, untested: usize) -> (Verdict, String) {
        let (words, left_out) = (self.words(), outcome.left_out.len());
        // `--strict` asks for extra credit too.
        let ungraded = outcome.count(Verdict::Ungraded);
        if self.run.strict && ungraded > 0 {
            (Verdict::Ungraded, words.not_strictly_passed(name, ungraded))
        } else if left_out > 0 {
            (Verdict::Pass, words.partly_passed(name, left_out))
        } else {
            (Verdict::Pass, words.passed(name, untested))
        }
    }

    /// The symbol and the sentence in the verdict's colour, within the page, behind what has a column of its own.
    fn sentence(&self, verdict: Verdict, before: &str, words: &str) -> Vec<String> {
        let indent = " ".repeat(before.chars().count() + 2);
        let mut lines = self.page.prose(&indent, words);
        if let Some(first) = lines.first_mut() {
            *first = format!("{before}{} {}", symbol(verdict), first.trim_start());
        }
        lines.iter().map(|line| self.page.paint(verdict, line)).collect()
    }

    /// Nothing where the run did not get as far as a folder of its own.
    fn details_line(&self) -> Option<String> {
        let path = self.page.style.link(&self.details);
        (!self.run.run_id.is_empty()).then(|| format!("{} {path}", self.words().details()))
    }

    /// After a pass, and only for the exercise itself: other subjects have no solution to compare with.
    fn compare_line(&self, outcome: &Outcome, exit_code: ExitCode) -> Option<String> {
        let [passed] = outcome.factors.as_slice() else {
            return None;
        };
        let command = format!("cargo xtask solution {}", passed.factor.id());
        let offered = exit_code == ExitCode::Passed && passed.core_passed() && self.is_exercise_of(passed.factor);
        let command = if self.watching { self.words().press('s') } else { command };
        offered.then(|| self.command_line(self.words().compare(), &command))
    }

    fn next_line(&self, outcome: &Outcome, exit_code: ExitCode) -> String {
        let open = outcome.factors.iter().find(|f| matches!(f.standing(), Standing::Failed | Standing::Blocked));
        match (exit_code, open) {
            (ExitCode::Failed | ExitCode::Blocked, _) if self.watching => self.words().save_again().to_owned(),
            (ExitCode::Passed, _) if self.watching => self.command_line(self.words().next(), &self.words().press('n')),
            (ExitCode::Failed | ExitCode::Blocked, Some(open)) => {
                self.command_line(self.words().again(), &self.same_command(open.factor))
            }
            // What the machine lacks, or what is wrong with it, is the doctor's business.
            (ExitCode::Ungraded | ExitCode::GraderError, _) => {
                self.command_line(self.words().next(), "cargo xtask doctor")
            }
            _ => match outcome.factors.iter().find(|factor| !factor.left_out.is_empty()) {
                Some(partly) => self.command_line(self.words().next(), &self.check_command(partly.factor)),
                None => self.command_line(self.words().next(), "cargo xtask"),
            },
        }
    }

    fn command_line(&self, label: &str, command: &str) -> String {
        format!("{label} {}", self.page.style.command(command))
    }

    fn same_command(&self, factor: &Factor) -> String {
        format!("{} {}", self.check_command(factor), self.selection).trim_end().to_owned()
    }

    fn check_command(&self, factor: &Factor) -> String {
        format!("cargo xtask check {} {}", factor.id(), self.flags).trim_end().to_owned()
    }

    fn is_exercise_of(&self, factor: &Factor) -> bool {
        let subject = Path::new(&self.run.subject);
        subject.ends_with(format!("exercises/{}", factor.folder()))
            || subject.ends_with(format!("work/{}", factor.id()))
    }

    fn words(&self) -> &'static dyn Messages {
        self.page.words()
    }
}

/// How many checks of a factor ended with a verdict; as wide when none did.
fn cell(factor: &FactorOutcome, verdict: Verdict) -> String {
    match factor.count(verdict) {
        0 => " ".repeat(6),
        count => format!("{} {count:<4}", symbol(verdict)),
    }
}

/// How many required checks pass, and how many there are.
fn required(outcome: &FactorOutcome) -> (usize, usize) {
    let required: Vec<_> = outcome.checks.iter().filter(|c| c.check.tier != Tier::Extra).collect();
    let passing = required.iter().filter(|c| c.verdict() == Verdict::Pass).count();
    (passing, required.len())
}
