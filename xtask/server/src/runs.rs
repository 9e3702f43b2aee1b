//! The runs that pages asked for: one per factor at a time, one after the other, and the last one of each is kept.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use grader::factors::Factor;
use grader::stop::Stop;
use grader::text::Lang;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

use crate::grading;

/// A first build says a line per crate. Beyond this many lines, what is being worked on is no longer kept.
const WORKING_LINES: usize = 5_000;

/// All runs of this server.
#[derive(Debug)]
pub struct Runs {
    xtask: PathBuf,
    stop: Stop,
    latest: Mutex<BTreeMap<u8, Arc<Run>>>,
    /// Runs disturb each other's builds and measurements, so only one goes on.
    turn: Semaphore,
}

/// One run and what it has said so far.
#[derive(Debug)]
pub struct Run {
    /// Its name, which no other run has, of another server neither.
    pub id: String,
    said: watch::Sender<Said>,
}

/// What a run has said.
#[derive(Debug, Default)]
pub struct Said {
    /// One JSON object each, as the grader wrote them.
    pub lines: Vec<Arc<str>>,
    /// Whether the last line tells how the run ended.
    pub told_its_end: bool,
    /// Whether nothing more will come.
    pub done: bool,
}

impl Runs {
    /// None yet; `xtask` will grade.
    pub fn new(xtask: PathBuf, stop: Stop) -> Self {
        Self { xtask, stop, latest: Mutex::default(), turn: Semaphore::new(1) }
    }

    /// Starts a run for the factor, unless one is waiting or going on: then it is that one.
    pub fn start(self: &Arc<Self>, factor: &'static Factor, lang: Lang) -> Arc<Run> {
        let mut latest = self.latest();
        if let Some(going) = latest.get(&factor.number).filter(|run| !run.is_done()) {
            return Arc::clone(going);
        }
        let run = Arc::new(Run::new(factor));
        latest.insert(factor.number, Arc::clone(&run));
        tokio::spawn(Arc::clone(self).go(factor, lang, Arc::clone(&run)));
        run
    }

    /// The factor's run that goes on or was the last.
    pub fn latest_of(&self, factor: &Factor) -> Option<Arc<Run>> {
        self.latest().get(&factor.number).cloned()
    }

    /// The run of this name, as long as it is its factor's last.
    pub fn find(&self, id: &str) -> Option<Arc<Run>> {
        self.latest().values().find(|run| run.id == id).cloned()
    }

    /// Whether a run waits or goes on.
    pub fn any_going(&self) -> bool {
        self.latest().values().any(|run| !run.is_done())
    }

    /// Returns when none goes on.
    pub async fn all_ended(&self) {
        let runs: Vec<Arc<Run>> = self.latest().values().cloned().collect();
        for run in runs {
            run.ended().await;
        }
    }

    async fn go(self: Arc<Self>, factor: &'static Factor, lang: Lang, run: Arc<Run>) {
        let mut stop = self.stop.clone();
        tokio::select! {
            biased;
            () = stop.asked() => run.say(aborted("the server was stopped", true)),
            _turn = self.turn.acquire() => grading::grade(&self.xtask, factor, lang, &run, self.stop.clone()).await,
        }
        run.end();
    }

    fn latest(&self) -> MutexGuard<'_, BTreeMap<u8, Arc<Run>>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run {
    fn new(factor: &Factor) -> Self {
        let id = format!("{}-{:016x}", factor.id(), fastrand::u64(..));
        Self { id, said: watch::Sender::new(Said::default()) }
    }

    /// Adds a line of the grader. What is no event is not for the page.
    pub fn say(&self, line: String) {
        let Some(kind) = kind(&line) else { return };
        self.said.send_modify(|said| {
            if kind != "working" || said.lines.len() < WORKING_LINES {
                said.lines.push(line.into());
            }
            said.told_its_end |= ["run-finished", "run-aborted"].contains(&kind.as_str());
        });
    }

    /// Follows the run from its beginning, which may be long ago.
    pub fn follow(&self) -> watch::Receiver<Said> {
        self.said.subscribe()
    }

    /// Whether a line has told how it ended.
    pub fn has_told_its_end(&self) -> bool {
        self.said.borrow().told_its_end
    }

    fn end(&self) {
        self.said.send_modify(|said| said.done = true);
    }

    fn is_done(&self) -> bool {
        self.said.borrow().done
    }

    async fn ended(&self) {
        // The sender is this run's own, so it is there.
        let _ = self.follow().wait_for(|said| said.done).await;
    }
}

/// The line for a run that ended without one of its own.
pub fn aborted(why: &str, interrupted: bool) -> String {
    json!({ "event": "run-aborted", "why": why, "interrupted": interrupted }).to_string()
}

fn kind(line: &str) -> Option<String> {
    let event: Value = serde_json::from_str(line).ok()?;
    Some(event.get("event")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        Run::new(&grader::factors::FACTORS[3])
    }

    #[test]
    fn only_events_are_kept() {
        let run = run();
        for line in ["warning: noise", "[]", "{}", r#"{"event":3}"#, r#"{"event":"run-started"}"#] {
            run.say(line.to_owned());
        }
        assert_eq!(run.follow().borrow().lines.len(), 1);
        assert!(!run.has_told_its_end());
    }

    #[test]
    fn the_memory_of_a_talkative_build_is_bounded_and_its_verdicts_are_kept() {
        let run = run();
        for n in 0..WORKING_LINES + 100 {
            run.say(format!(r#"{{"event":"working","stage":"building","detail":"line {n}"}}"#));
        }
        run.say(r#"{"event":"check-finished"}"#.to_owned());
        run.say(aborted("why", false));
        assert_eq!(run.follow().borrow().lines.len(), WORKING_LINES + 2);
        assert!(run.has_told_its_end());
    }

    #[test]
    fn no_two_runs_share_a_name() {
        assert_ne!(run().id, run().id);
    }
}
