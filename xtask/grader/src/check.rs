//! What a check is, and what it can say.

use std::pin::Pin;

use crate::lab::Lab;
use crate::text::{Text, Words};

/// One black-box check of a factor: a plain function in a table.
#[derive(Debug)]
pub struct Check {
    /// Stable id in kebab case, unique within its factor; reports show `factor-3/<id>`.
    pub id: &'static str,
    /// How much the check counts.
    pub tier: Tier,
    /// What passing proves, as a sentence.
    pub fact: Words,
    /// Every reason code the check may fail with; each has a hint and at least one mutant.
    pub reasons: &'static [&'static str],
    /// The check itself.
    pub run: fn(Lab) -> CheckFuture,
}

/// What [`Check::run`] returns: `|lab| Box::pin(my_check(lab))`.
pub type CheckFuture = Pin<Box<dyn Future<Output = CheckResult> + Send>>;

/// `Ok` is PASS; everything else is a [`Stop`].
pub type CheckResult<T = ()> = Result<T, Stop>;

/// How much a check counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// At most three per factor; a beginner repairs them in twenty minutes. Core unlocks the next factor and the solution.
    Core,
    /// Required, with core, to pass the factor.
    Full,
    /// Reported, never required.
    Extra,
}

/// The five verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The fact was observed.
    Pass,
    /// The opposite was observed.
    Fail,
    /// The service did not build, start or answer the smoke test, so the check did not run.
    Blocked,
    /// This machine cannot test it.
    Ungraded,
    /// The grader's own fault.
    Error,
}

impl Verdict {
    /// The word that every report uses, in every language.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "PASS",
            Verdict::Fail => "FAIL",
            Verdict::Blocked => "BLOCKED",
            Verdict::Ungraded => "UNGRADED",
            Verdict::Error => "ERROR",
        }
    }
}

/// Why a check ended without a PASS.
#[derive(Clone, Debug)]
pub enum Stop {
    /// The service is wrong.
    Fail(Box<Failure>),
    /// The machine cannot test it.
    Ungraded(Missing),
    /// The lab could not look.
    Error(LabError),
}

impl Stop {
    /// The verdict that this end stands for.
    pub fn verdict(&self) -> Verdict {
        match self {
            Stop::Fail(_) => Verdict::Fail,
            Stop::Ungraded(_) => Verdict::Ungraded,
            Stop::Error(_) => Verdict::Error,
        }
    }

    /// The same failure as one for another reason, after something else that was done.
    #[must_use]
    pub fn because(self, reason: &'static str, did: &Text) -> Self {
        match self {
            Stop::Fail(failure) => {
                Failure::new(reason, did.clone(), failure.expected, failure.seen).with_log(failure.log).into()
            }
            other => other,
        }
    }
}

/// What was done, what should have followed and what followed instead.
#[derive(Clone, Debug)]
pub struct Failure {
    /// One of the check's reason codes.
    pub reason: &'static str,
    /// The request sent or the fault injected.
    pub did: Text,
    /// What a correct service does then.
    pub expected: Text,
    /// What this one did.
    pub seen: Text,
    /// Commands that show it by hand, where there are any; after an empty line, those for another terminal.
    pub repeat: Option<String>,
    /// The service's last lines at that moment.
    pub log: Vec<LogLine>,
}

impl Failure {
    /// A failure for one of the check's reason codes.
    pub fn new(reason: &'static str, did: Text, expected: Text, seen: Text) -> Self {
        Self { reason, did, expected, seen, repeat: None, log: Vec::new() }
    }

    /// Adds a command that shows the failure by hand.
    #[must_use]
    pub fn repeat_by(mut self, command: impl Into<String>) -> Self {
        self.repeat = Some(command.into());
        self
    }

    /// Adds the service's last lines.
    #[must_use]
    pub fn with_log(mut self, log: Vec<LogLine>) -> Self {
        self.log = log;
        self
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Fail(Box::new(failure))
    }
}

/// What this machine lacks, and how to get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What is missing.
    pub what: Text,
    /// The command or step that provides it.
    pub fix: Text,
}

impl From<Missing> for Stop {
    fn from(missing: Missing) -> Self {
        Stop::Ungraded(missing)
    }
}

/// The grader's own fault or the machine's: never the service's.
#[derive(Clone, Debug)]
pub struct LabError {
    /// What went wrong, as `action: cause`; in English, as operating systems report it.
    pub message: String,
}

impl LabError {
    /// An error with the action that failed and its cause.
    pub fn new(action: impl std::fmt::Display, cause: impl std::fmt::Display) -> Self {
        Self { message: format!("{action}: {cause}") }
    }
}

impl std::fmt::Display for LabError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LabError {}

impl From<LabError> for Stop {
    fn from(error: LabError) -> Self {
        Stop::Error(error)
    }
}

/// Who said a line that a report shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The build command.
    Build,
    /// The service's standard output.
    Stdout,
    /// The service's standard error.
    Stderr,
}

impl Speaker {
    /// The prefix shown before the line.
    pub fn label(self) -> &'static str {
        match self {
            Speaker::Build => "build",
            Speaker::Stdout => "stdout",
            Speaker::Stderr => "stderr",
        }
    }
}

/// One line that the service or its build wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Who wrote it.
    pub speaker: Speaker,
    /// Position among everything the grader observed in this run.
    pub sequence: u64,
    /// The line without its end, terminal control sequences removed.
    pub text: String,
}
