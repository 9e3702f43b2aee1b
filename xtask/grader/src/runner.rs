//! One run from the subject to the outcome. [`grade`] is the only way to grade.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use supervisor::protocol::Spec;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::build::Builder;
use crate::check::{Check, Failure, LabError, Speaker, Stop, Tier};
use crate::event::{CheckFinished, Event, Observer, RunStarted, Stage};
use crate::factors::{Exercise, Factor};
use crate::lab::chance::{Chance, fresh_seed};
use crate::lab::clock::{Clock, Patience, Waits};
use crate::lab::ports::{Ports, lock_file};
use crate::lab::process::{Launch, Process, Supervisors};
use crate::lab::{Bench, Lab, calibration, create_folder};
use crate::outcome::{ExitCode, FactorOutcome, Outcome};
use crate::subject::{Subject, Workspace};
use crate::tree;

/// What is to be graded, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// The workshop's folders.
    pub workspace: Workspace,
    /// The program that answers `__supervise` and `__nothing`: `cargo xtask` itself.
    pub supervisor: PathBuf,
    /// What is graded.
    pub subject: Subject,
    /// A patch that is applied to the graded copy first: a mutant or a variant.
    pub patch: Option<Patch>,
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
    /// What a correct service needed for each wait, when that is known.
    pub known_waits: Option<Waits>,
}

/// A change to the graded copy.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The patch, for `git apply` in the subject's folder.
    pub file: PathBuf,
    /// Which patched copy is used; graders that run at the same time need different ones.
    pub slot: u8,
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

/// Grades, telling `observer` everything that happens as it happens. Returns when nothing of the run is left.
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
    supervisors.all_ended().await;
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

async fn run(request: Request, events: UnboundedSender<Event>, supervisors: Arc<Supervisors>) -> Result<Outcome, LabError> {
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
    match prepare(&request, seed, &scratch.folder, &clock, &supervisors, &events).await {
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

/// Copy, build, release, calibration: everything up to the first start of the service.
async fn prepare(
    request: &Request,
    seed: u64,
    scratch: &Path,
    clock: &Clock,
    supervisors: &Arc<Supervisors>,
    events: &UnboundedSender<Event>,
) -> Result<(Arc<Bench>, tree::Tree), Stop> {
    let news = |stage, detail| drop(events.send(Event::Working { stage, detail }));
    news(Stage::Preparing, None);
    let copy = request.clone();
    let tree = tokio::task::spawn_blocking(move || {
        tree::materialise(&copy.subject, &copy.workspace, copy.patch.as_ref())
    });
    let tree = tree.await.map_err(|error| LabError::new("cannot copy the subject", error))??;
    let release = scratch.join(format!("release-{}", Chance::new(seed, "release").word(8)));
    let poison = poison(&request.factors, seed);
    // Services of one workspace share a target folder: between a build and the copy of its release nobody else may build.
    let locks = request.workspace.own().join("locks");
    let ports = Ports::new(&locks)?;
    let building = lock_file(&locks.join("build.lock")).await?;
    let builder = Builder {
        program: &request.supervisor,
        subject: &request.subject,
        tree: &tree,
        poison: &poison,
        clock,
        supervisors,
    };
    builder.build(&release, news).await?;
    drop(building);
    news(Stage::Starting, None);
    let program = request.supervisor.clone();
    let slowness = tokio::task::spawn_blocking(move || calibration::slowness(&program)).await;
    let slowness = slowness.map_err(|error| LabError::new("cannot calibrate", error))??;
    let bench = Bench {
        program: request.supervisor.clone(),
        subject: request.subject.clone(),
        tree: tree.folder.clone(),
        own_history: tree.own_history,
        release,
        poison,
        scratch: scratch.to_owned(),
        clock: clock.clone(),
        patience: patience(slowness, request.known_waits.clone()),
        ports,
        locks,
        supervisors: Arc::clone(supervisors),
        seed,
        starts: AtomicU64::new(0),
    };
    Ok((Arc::new(bench), tree))
}

/// `WORKSHOP_HANG_GUARD_MS` replaces the hang guard. It is for tests of the grader alone: with a short one, a slow
/// machine would fail a correct service.
fn patience(slowness: f64, known_waits: Option<Waits>) -> Patience {
    let patience = Patience::new(slowness, known_waits);
    let asked = std::env::var("WORKSHOP_HANG_GUARD_MS").ok().and_then(|value| value.parse().ok());
    match asked {
        Some(milliseconds) => patience.with_guard(Duration::from_millis(milliseconds)),
        None => patience,
    }
}

/// Values that no deploy has and no release may hold, for every variable that a requested factor names.
fn poison(factors: &[&'static Factor], seed: u64) -> Vec<(String, String)> {
    let names = factors.iter().filter_map(|factor| factor.exercise.as_ref()).flat_map(|e| e.poisoned_at_build);
    let mut names: Vec<&str> = names.copied().collect();
    names.sort_unstable();
    names.dedup();
    let word = Chance::new(seed, "poison").word(12);
    let value = |name: &str| match name.ends_with("_URL") {
        true => format!("http://poison-{word}-{}.example", name.to_lowercase().replace('_', "-")),
        false => format!("poison-{word}-{}", name.to_lowercase().replace('_', "-")),
    };
    names.into_iter().map(|name| (name.to_owned(), value(name))).collect()
}

async fn grade_factor(
    factor: &'static Factor,
    bench: &Arc<Bench>,
    selection: &Selection,
    events: &UnboundedSender<Event>,
) -> Result<FactorOutcome, LabError> {
    let Some(exercise) = &factor.exercise else {
        return Err(LabError::new(factor.id(), "has no checks yet"));
    };
    let smoke = Lab::new(bench, "smoke");
    match (exercise.smoke)(smoke.clone()).await {
        Ok(()) => Ok(run_checks(factor, exercise, bench, selection, events).await),
        Err(Stop::Fail(failure)) => Ok(blocked(factor, with_lines(failure, &smoke), selection, events)),
        Err(Stop::Error(error)) => Err(error),
        Err(Stop::Ungraded(missing)) => Err(LabError::new("cannot run the smoke test", missing.what.en)),
    }
}

fn blocked(
    factor: &'static Factor,
    failure: Box<Failure>,
    selection: &Selection,
    events: &UnboundedSender<Event>,
) -> FactorOutcome {
    drop(events.send(Event::FactorBlocked { factor, failure: failure.clone() }));
    let left_out = factor.checks().iter().filter(|check| !selection.takes(check)).collect();
    FactorOutcome { factor, blocked: Some(failure), checks: Vec::new(), left_out }
}

/// Runs the selected checks concurrently, a few at a time.
async fn run_checks(
    factor: &'static Factor,
    exercise: &'static Exercise,
    bench: &Arc<Bench>,
    selection: &Selection,
    events: &UnboundedSender<Event>,
) -> FactorOutcome {
    let (chosen, left_out): (Vec<_>, Vec<_>) = exercise.checks.iter().partition(|check| selection.takes(check));
    drop(events.send(Event::FactorStarted { factor, checks: chosen.clone() }));
    let seats = Arc::new(Semaphore::new(concurrency()));
    let mut running = JoinSet::new();
    for &check in &chosen {
        let (lab, seats, events) = (Lab::new(bench, check.id), Arc::clone(&seats), events.clone());
        running.spawn(async move {
            let _seat = seats.acquire_owned().await;
            drop(events.send(Event::CheckStarted { factor, check }));
            let finished = run_check(factor, check, lab).await;
            drop(events.send(Event::CheckFinished(finished.clone())));
            finished
        });
    }
    let mut checks = running.join_all().await;
    checks.sort_by_key(|finished| chosen.iter().position(|check| check.id == finished.check.id));
    FactorOutcome { factor, blocked: None, checks, left_out }
}

/// Checks wait far more than they compute: twice the cores keeps both busy without starving the service.
fn concurrency() -> usize {
    2 * std::thread::available_parallelism().map_or(2, usize::from)
}

async fn run_check(factor: &'static Factor, check: &'static Check, lab: Lab) -> CheckFinished {
    let began = lab.bench.clock.elapsed();
    // A task of its own: a panic in a check is the grader's fault and must not take the run along.
    let mut task = JoinSet::new();
    task.spawn((check.run)(lab.clone()));
    let result = match task.join_next().await {
        Some(Ok(result)) => result,
        Some(Err(panic)) => Err(LabError::new("the check panicked", panic).into()),
        None => Err(LabError::new("the check ended", "without a result").into()),
    };
    let stop = match result {
        Ok(()) => None,
        Err(Stop::Fail(failure)) if !check.reasons.contains(&failure.reason) => {
            Some(LabError::new("undeclared reason code", failure.reason).into())
        }
        Err(Stop::Fail(failure)) => Some(Stop::Fail(with_lines(failure, &lab))),
        Err(stop) => Some(stop),
    };
    let took = lab.bench.clock.elapsed().saturating_sub(began);
    CheckFinished { factor, check, stop, remarks: lab.remarks(), took, output: lab.output(), timeline: lab.timeline() }
}

fn with_lines(mut failure: Box<Failure>, lab: &Lab) -> Box<Failure> {
    if failure.log.is_empty() {
        failure.log = lab.last_lines();
    }
    failure
}

/// The run's scratch folder, removed with the run even when the grader is killed: a supervisor of nothing watches over it.
struct Scratch {
    folder: PathBuf,
    _janitor: Process,
}

impl Scratch {
    fn new(program: &Path, clock: &Clock, supervisors: &Supervisors) -> Result<Self, LabError> {
        // Short, because sockets live below it and their paths may have 107 bytes.
        let folder = std::env::temp_dir().join(format!("tf-{:08x}", fastrand::u32(..)));
        create_folder(&folder)?;
        let launch = Launch {
            argv: vec![program.display().to_string(), "__nothing".to_owned()],
            environment: Vec::new(),
            directory: std::env::temp_dir(),
            spec: Spec { scratch: Some(folder.clone()), sandbox: None },
            needles: Vec::new(),
            speakers: [Speaker::Stdout, Speaker::Stderr],
        };
        let janitor = Process::launch(program, launch, clock, supervisors)?;
        Ok(Self { folder, _janitor: janitor })
    }
}
