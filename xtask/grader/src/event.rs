//! The closed set of events. Everything a person or a program ever sees of a run is made from these.

use std::time::Duration;

use crate::check::{Check, Failure, LogLine, Stop, Verdict};
use crate::factors::Factor;
use crate::outcome::{Outcome, Standing};

/// Receives the events of a run, in order, on one thread.
pub trait Observer {
    /// Called once per event. An error ends the run as the grader's fault: a report that cannot be written is no report.
    fn observe(&mut self, event: &Event) -> std::io::Result<()>;
}

/// What happens in a run.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run is set up; nothing has been built yet.
    RunStarted(RunStarted),
    /// Something that takes a while goes on; `detail` is the newest line of it, if there is one.
    Working {
        /// What is being done.
        stage: Stage,
        /// The newest line of the running program.
        detail: Option<String>,
    },
    /// The factor's checks are about to run.
    FactorStarted {
        /// The factor.
        factor: &'static Factor,
        /// The checks that will run, in repair order.
        checks: Vec<&'static Check>,
    },
    /// A check began.
    CheckStarted {
        /// Its factor.
        factor: &'static Factor,
        /// The check.
        check: &'static Check,
    },
    /// A check has its verdict.
    CheckFinished(CheckFinished),
    /// The service did not build, start or answer; no check of the factor runs.
    FactorBlocked {
        /// The factor.
        factor: &'static Factor,
        /// Why; its reason code has a hint of its own.
        failure: Box<Failure>,
    },
    /// Every check of the factor has its verdict.
    FactorFinished {
        /// The factor.
        factor: &'static Factor,
        /// Where it stands.
        standing: Standing,
    },
    /// The run ended in order: the only event that carries an overall result.
    RunFinished(Outcome),
    /// The run ended early (Ctrl-C, a full disk, a fault of the grader): there is no overall result.
    RunAborted {
        /// Why, in English.
        why: String,
        /// Whether a person asked for it.
        interrupted: bool,
    },
}

/// How the run was set up.
#[derive(Clone, Debug)]
pub struct RunStarted {
    /// Name of the folder that holds the run's results.
    pub run_id: String,
    /// The seed every random value comes from.
    pub seed: u64,
    /// The subject, as the user would name it (`exercises/factor-03-config`).
    pub subject: String,
    /// The factors to be graded.
    pub factors: Vec<&'static Factor>,
    /// Whether a check that cannot be tested here counts as failed (`--strict`).
    pub strict: bool,
}

/// What takes long: the stages before checks run, and what a check has to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Another run uses the same copy, or builds.
    Waiting,
    /// The graded tree is being copied or cloned.
    Preparing,
    /// The subject's dependencies are being downloaded.
    Downloading,
    /// The subject's build command runs.
    Building,
    /// The backing services come up, or the program that starts them is being compiled.
    Backing,
    /// The service starts and answers the smoke test.
    Starting,
    /// A check needs what production's own build makes.
    Shipping,
}

/// A check's end.
#[derive(Clone, Debug)]
pub struct CheckFinished {
    /// Its factor.
    pub factor: &'static Factor,
    /// The check.
    pub check: &'static Check,
    /// `None` is PASS.
    pub stop: Option<Stop>,
    /// Findings that do not change the verdict.
    pub remarks: Vec<crate::text::Text>,
    /// How long it took.
    pub took: Duration,
    /// What the services of the check wrote, as far as it was kept.
    pub output: Vec<LogLine>,
    /// What the grader did and saw, in order.
    pub timeline: Vec<Moment>,
}

impl CheckFinished {
    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        self.stop.as_ref().map_or(Verdict::Pass, Stop::verdict)
    }
}

/// One thing the grader did or saw during a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Position among everything the grader observed in this run.
    pub sequence: u64,
    /// Since the run started.
    pub at: Duration,
    /// Who acted: `grader`, `service`, `screen`.
    pub who: &'static str,
    /// What happened, in English: `POST /v1/links -> 201`.
    pub what: String,
}
