//! One run from the subject to the outcome. [`grade`] is the only way to grade.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::backing::Backing;
use crate::check::{Check, LabError, Stop, Tier};
use crate::event::{Event, Observer, RunStarted};
use crate::factors::Factor;
use crate::lab::chance::fresh_seed;
use crate::lab::clock::{Clock, Waits};
use crate::lab::process::Supervisors;
use crate::outcome::{ExitCode, Outcome};
use crate::subject::{Subject, Workspace};
use crate::tree::Patch;

mod checks;
mod prepare;
mod scratch;

use checks::{blame, blocked, grade_factor};
use prepare::prepare;
use scratch::Scratch;

/// What is to be graded, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// The folders of the workspace that the subject may belong to.
    pub workspace: Workspace,
    /// The workshop, whose own programs are started. It is that workspace, except in the proof of a starter as delivered.
    pub workshop: Workspace,
    /// The program that answers `__supervise` and `__nothing`: `cargo xtask` itself.
    pub supervisor: PathBuf,
    /// What is graded.
    pub subject: Subject,
    /// A patch that is applied to the graded copy first: a mutant or a variant.
    pub patch: Option<Patch>,
    /// Whether the release runs in a container.
    pub in_container: bool,
    /// The factors, in order.
    pub factors: Vec<&'static Factor>,
    /// Which of their checks.
    pub selection: Selection,
    /// Whether a check that cannot be tested here counts as failed.
    pub strict: bool,
    /// Repeats a run; without it a fresh one is drawn.
    pub seed: Option<u64>,
    /// Name of the run.
    pub run_id: String,
    /// Where services of the workshop are built, if not in the workshop's own target folder, which an editor may hold locked.
    pub builds: Option<PathBuf>,
    /// What a correct service needed for each wait, when that is known.
    pub known_waits: Option<Waits>,
    /// The door to backing services; they stay up between the runs of its owner.
    pub backing: Backing,
}

/// Which checks of a factor run.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Core checks alone.
    pub core_only: bool,
    /// These checks alone, by id; empty for all.
    pub only: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Ended {
    /// In order.
    Finished(Outcome),
    /// By Ctrl-C, or because nobody reads the report any more.
    Interrupted,
    /// By a fault of the grader or of the machine.
    Failed(LabError),
}

impl Ended {
    /// The exit code of `cargo xtask check`.
    pub fn exit_code(&self, strict: bool) -> ExitCode {
        match self {
            Ended::Finished(outcome) => outcome.exit_code(strict),
            Ended::Interrupted => ExitCode::Interrupted,
            Ended::Failed(_) => ExitCode::GraderError,
        }
    }
}

impl Selection {
    fn takes(&self, check: &Check) -> bool {
        let named = self.only.is_empty() || self.only.iter().any(|id| id == check.id);
        named && (!self.core_only || check.tier == Tier::Core)
    }
}

/// Grades, telling `observer` everything that happens as it happens. Returns when nothing of the run is left; the backing
/// services belong to the caller, who may need them for the next run.
pub fn grade(request: &Request, observer: &mut dyn Observer) -> Ended {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Ended::Failed(LabError::new("cannot start the grader's runtime", error)),
    };
    let ended = runtime.block_on(supervised_run(request.clone(), observer));
    // A blocking call (a lock that another run holds) must not keep an interrupted run alive.
    runtime.shutdown_background();
    ended
}

/// Runs the work as a task, so that Ctrl-C can end it anywhere, and waits until everything it started is gone.
async fn supervised_run(request: Request, observer: &mut dyn Observer) -> Ended {
    let (events, mut received) = unbounded_channel();
    let supervisors = Arc::new(Supervisors::default());
    let mut work = JoinSet::new();
    work.spawn(run(request, events, Arc::clone(&supervisors)));
    let ended = tokio::select! {
        ended = forward(&mut received, observer, &mut work) => ended,
        () = interrupted() => Ended::Interrupted,
    };
    work.shutdown().await;
    // A second Ctrl-C does not wait any longer; the supervisors go on without us.
    tokio::select! {
        () = supervisors.all_ended() => {}
        () = interrupted() => {}
    }
    match &ended {
        Ended::Finished(_) => {}
        Ended::Interrupted => drop(observer.observe(&aborted("interrupted", true))),
        Ended::Failed(error) => drop(observer.observe(&aborted(&error.message, false))),
    }
    ended
}

async fn forward(
    received: &mut UnboundedReceiver<Event>,
    observer: &mut dyn Observer,
    work: &mut JoinSet<Result<Outcome, LabError>>,
) -> Ended {
    while let Some(event) = received.recv().await {
        match observer.observe(&event) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ended::Interrupted,
            Err(error) => return Ended::Failed(LabError::new("cannot write the report", error)),
        }
    }
    let outcome = match work.join_next().await {
        Some(Ok(Ok(outcome))) => outcome,
        Some(Ok(Err(error))) => return Ended::Failed(error),
        Some(Err(panic)) => return Ended::Failed(LabError::new("the grader panicked", panic)),
        None => return Ended::Failed(LabError::new("the grader ended", "without a result")),
    };
    match observer.observe(&Event::RunFinished(outcome.clone())) {
        Ok(()) => Ended::Finished(outcome),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ended::Interrupted,
        Err(error) => Ended::Failed(LabError::new("cannot write the report", error)),
    }
}

fn aborted(why: &str, interrupted: bool) -> Event {
    Event::RunAborted { why: why.to_owned(), interrupted }
}

/// Ctrl-C, a closed terminal, or a polite end by the system.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = signals else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}

async fn run(
    request: Request,
    events: UnboundedSender<Event>,
    supervisors: Arc<Supervisors>,
) -> Result<Outcome, LabError> {
    let seed = request.seed.unwrap_or_else(fresh_seed);
    let tell = |event| drop(events.send(event));
    tell(Event::RunStarted(RunStarted {
        run_id: request.run_id.clone(),
        seed,
        subject: request.subject.name.clone(),
        factors: request.factors.clone(),
        strict: request.strict,
    }));
    let clock = Clock::start();
    let scratch = Scratch::new(&request.supervisor, &clock, &supervisors)?;
    let mut outcome = Outcome::default();
    let prepared = prepare(&request, seed, &scratch.folder, &clock, &supervisors, &events).await;
    match prepared.map_err(|stop| blame(stop, &supervisors)) {
        Ok((bench, _tree)) => {
            for factor in &request.factors {
                let graded = grade_factor(factor, &bench, &request.selection, &events).await?;
                tell(Event::FactorFinished { factor, standing: graded.standing() });
                outcome.factors.push(graded);
            }
            outcome.waits = bench.patience.longest();
        }
        Err(Stop::Fail(failure)) => {
            for factor in &request.factors {
                outcome.factors.push(blocked(factor, failure.clone(), &request.selection, &events));
            }
        }
        Err(Stop::Error(error)) => return Err(error),
        Err(Stop::Ungraded(missing)) => return Err(LabError::new("cannot build", missing.what.en)),
    }
    Ok(outcome)
}
