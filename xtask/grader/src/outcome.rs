//! The result of a run, and the exit code it stands for.

use crate::check::{Check, Failure, Tier, Verdict};
use crate::event::CheckFinished;
use crate::factors::Factor;
use crate::lab::clock::Waits;

/// Everything a run decided.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// One entry per graded factor, in order.
    pub factors: Vec<FactorOutcome>,
    /// What each wait took, at the longest; a wrong service is later given a multiple of it.
    pub waits: Waits,
}

/// What was decided about one factor.
#[derive(Clone, Debug)]
pub struct FactorOutcome {
    /// The factor.
    pub factor: &'static Factor,
    /// Set when the service did not build, start or answer.
    pub blocked: Option<Box<Failure>>,
    /// The checks that ran, in repair order.
    pub checks: Vec<CheckFinished>,
    /// Checks of the factor that this run was asked to leave out.
    pub left_out: Vec<&'static Check>,
}

/// Where a factor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing required fails and everything that can be tested here passes.
    Passed {
        /// Required checks that this machine cannot test.
        untested: usize,
    },
    /// A required check fails.
    Failed,
    /// No check ran.
    Blocked,
    /// This machine cannot test anything of it.
    Untested,
    /// The grader could not decide.
    Error,
}

impl FactorOutcome {
    /// Where the factor stands. An error outweighs a failure: a run that could not look says nothing.
    pub fn standing(&self) -> Standing {
        if self.blocked.is_some() {
            return Standing::Blocked;
        }
        if self.count(Verdict::Error) > 0 {
            return Standing::Error;
        }
        let required = |verdict| self.required().filter(|c| c.verdict() == verdict).count();
        if required(Verdict::Fail) > 0 {
            return Standing::Failed;
        }
        // Passing nothing at all is no pass, however little the machine could test.
        if self.count(Verdict::Pass) == 0 {
            return match (self.count(Verdict::Fail), self.count(Verdict::Ungraded)) {
                (0, 0) => Standing::Error,
                (0, _) => Standing::Untested,
                _ => Standing::Failed,
            };
        }
        Standing::Passed { untested: required(Verdict::Ungraded) }
    }

    /// Whether every core check ran and passed: this opens the next factor and the solution.
    pub fn core_passed(&self) -> bool {
        let core_left_out = self.left_out.iter().any(|check| check.tier == Tier::Core);
        let mut core = self.checks.iter().filter(|c| c.check.tier == Tier::Core).peekable();
        !core_left_out && core.peek().is_some() && core.all(|c| c.verdict() == Verdict::Pass)
    }

    /// How many checks ended with `verdict`.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|c| c.verdict() == verdict).count()
    }

    fn required(&self) -> impl Iterator<Item = &CheckFinished> {
        self.checks.iter().filter(|c| c.check.tier != Tier::Extra)
    }
}

/// The exit codes of `cargo xtask`; part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Every graded factor is passed here.
    Passed = 0,
    /// A required check fails.
    Failed = 1,
    /// The command line or the subject's `app.toml` cannot be understood.
    Usage = 2,
    /// A service did not build, start or answer.
    Blocked = 3,
    /// Nothing could be tested here, or something could not and `--strict` was given.
    Ungraded = 4,
    /// The grader's own fault.
    GraderError = 70,
    /// Ctrl-C: 128 + SIGINT, as shells report it.
    Interrupted = 130,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

impl Outcome {
    /// The exit code; the worst standing decides.
    pub fn exit_code(&self, strict: bool) -> ExitCode {
        let standings: Vec<Standing> = self.factors.iter().map(FactorOutcome::standing).collect();
        if standings.is_empty() || standings.contains(&Standing::Error) {
            return ExitCode::GraderError;
        }
        if standings.contains(&Standing::Blocked) {
            return ExitCode::Blocked;
        }
        if standings.contains(&Standing::Failed) {
            return ExitCode::Failed;
        }
        let untested = self.factors.iter().any(|f| f.count(Verdict::Ungraded) > 0);
        let nothing_tested = standings.contains(&Standing::Untested);
        if nothing_tested || strict && untested { ExitCode::Ungraded } else { ExitCode::Passed }
    }
}
