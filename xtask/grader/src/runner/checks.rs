//! The checks of one factor, run side by side, each in a task of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;

use super::Selection;
use crate::check::{Check, CheckResult, Failure, LabError, Missing, Stop};
use crate::event::{CheckFinished, Event};
use crate::factors::{Exercise, Factor};
use crate::lab::declared::NOT_IN_APP_TOML;
use crate::lab::process::Supervisors;
use crate::lab::{Bench, Lab};
use crate::outcome::FactorOutcome;

/// The smoke test, and the checks if it passes.
pub async fn grade_factor(
    factor: &'static Factor,
    bench: &Arc<Bench>,
    selection: &Selection,
    events: &UnboundedSender<Event>,
) -> Result<FactorOutcome, LabError> {
    let exercise = &factor.exercise;
    let smoke = Lab::new(bench, "smoke");
    let smoked = (exercise.smoke)(smoke.clone()).await;
    match judged(smoked, bench).await {
        Ok(()) => Ok(run_checks(factor, exercise, bench, selection, events).await),
        Err(Stop::Fail(failure)) => Ok(blocked(factor, with_lines(failure, &smoke), selection, events)),
        Err(Stop::Error(error)) => Err(error),
        Err(Stop::Ungraded(missing)) => Ok(ungraded(factor, exercise, &missing, selection, events)),
    }
}

/// Tells that no check of the factor runs.
pub fn blocked(
    factor: &'static Factor,
    failure: Box<Failure>,
    selection: &Selection,
    events: &UnboundedSender<Event>,
) -> FactorOutcome {
    drop(events.send(Event::FactorBlocked { factor, failure: failure.clone() }));
    let left_out = factor.checks().iter().filter(|check| !selection.takes(check)).collect();
    FactorOutcome { factor, blocked: Some(failure), checks: Vec::new(), left_out }
}

/// Tells that this machine can test nothing of the factor.
fn ungraded(
    factor: &'static Factor,
    exercise: &'static Exercise,
    missing: &Missing,
    selection: &Selection,
    events: &UnboundedSender<Event>,
) -> FactorOutcome {
    let (chosen, left_out): (Vec<_>, Vec<_>) = exercise.checks.iter().partition(|check| selection.takes(check));
    drop(events.send(Event::FactorStarted { factor, checks: chosen.clone() }));
    let finished = |check| CheckFinished {
        factor,
        check,
        stop: Some(missing.clone().into()),
        remarks: Vec::new(),
        took: Duration::ZERO,
        output: Vec::new(),
        timeline: Vec::new(),
    };
    let checks: Vec<CheckFinished> = chosen.into_iter().map(finished).collect();
    checks.iter().for_each(|finished| drop(events.send(Event::CheckFinished(finished.clone()))));
    FactorOutcome { factor, blocked: None, checks, left_out }
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
    let stop = match judged(result, &lab.bench).await {
        Ok(()) => None,
        Err(Stop::Fail(failure)) if !may_end_with(check, failure.reason) => {
            Some(LabError::new("undeclared reason code", failure.reason).into())
        }
        Err(Stop::Fail(failure)) => Some(Stop::Fail(with_lines(failure, &lab))),
        Err(stop) => Some(stop),
    };
    let took = lab.bench.clock.elapsed().saturating_sub(began);
    CheckFinished { factor, check, stop, remarks: lab.remarks(), took, output: lab.output(), timeline: lab.timeline() }
}

fn may_end_with(check: &Check, reason: &str) -> bool {
    reason == NOT_IN_APP_TOML || check.reasons.contains(&reason)
}

/// A failure counts only while everything stands that the service was promised; and where the grader itself needed what has
/// fallen, that is the reason to be told.
async fn judged(result: CheckResult, bench: &Bench) -> CheckResult {
    let result = result.map_err(|stop| blame(stop, &bench.supervisors));
    if !matches!(result, Err(Stop::Fail(_) | Stop::Error(_))) {
        return result;
    }
    match bench.servers.lost().await {
        Some(server) => Err(LabError::new(format!("{server} ended in the middle"), "nothing can be concluded").into()),
        None => result,
    }
}

/// A service whose supervisor was killed was killed with it: what it did then is no fault of its own.
pub fn blame(stop: Stop, supervisors: &Supervisors) -> Stop {
    match stop {
        Stop::Fail(_) if supervisors.lost_one() => {
            LabError::new("a supervisor of the service was killed", "nothing can be concluded").into()
        }
        stop => stop,
    }
}

fn with_lines(mut failure: Box<Failure>, lab: &Lab) -> Box<Failure> {
    if failure.log.is_empty() {
        failure.log = lab.last_lines();
    }
    failure
}
