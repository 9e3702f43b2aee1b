//! `prove --soak`: the same cases again and again beside a load. A verdict that changes is a race, of a check or of a service.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use grader::lab::chance::fresh_seed;
use grader::outcome::ExitCode;
use grader::prove::cases::Case;
use grader::prove::schedule::{interrupted, prove_all};
use grader::prove::{Proof, Proved};

use super::show;
use crate::cli::Soak;
use crate::session::Session;
use crate::trouble::Trouble;

/// What came of the rounds so far.
#[derive(Default)]
struct Tally {
    rounds: usize,
    checks: usize,
    /// The cases that did not hold, each with the seed of its round.
    changed: Vec<(String, u64)>,
}

/// Proves the cases so many times. Every round has a seed of its own, which repeats its random values.
pub fn run(session: &mut Session, proof: &Proof, cases: &[Case], soak: Soak) -> Result<ExitCode, Trouble> {
    let _load = Load::start(soak.load);
    let mut tally = Tally::default();
    let mut ended = false;
    while tally.rounds < soak.rounds && !ended {
        let seed = proof.seed.unwrap_or_else(fresh_seed);
        session.say(session.messages().soak_round(tally.rounds + 1, soak.rounds, seed))?;
        let proved = round(session, &Proof { seed: Some(seed), ..proof.clone() }, cases)?;
        ended = interrupted(&proved);
        tally.add(&proved, seed, ended);
    }
    session.say(session.messages().soaked(tally.rounds, tally.checks, tally.changed.len()))?;
    for (case, seed) in &tally.changed {
        session.say(format!("  cargo xtask prove {} --seed {seed}", named(case)))?;
    }
    Ok(match (ended, tally.changed.is_empty()) {
        (true, _) => ExitCode::Interrupted,
        (false, true) => ExitCode::Passed,
        (false, false) => ExitCode::Failed,
    })
}

fn round(session: &mut Session, proof: &Proof, cases: &[Case]) -> Result<Vec<Proved>, Trouble> {
    let (mut shown, mut done) = (Ok(()), 0);
    let proved = prove_all(proof, cases, |case| {
        done += 1;
        if shown.is_ok() {
            shown = show(session, case, (done, cases.len()), 0);
        }
    });
    shown?;
    Ok(proved)
}

/// `factor-9 --only mutant/no-key`.
fn named(case: &str) -> String {
    case.split_once('/').map_or_else(|| case.to_owned(), |(factor, case)| format!("{factor} --only {case}"))
}

impl Tally {
    /// Adds a round. What a person interrupted has changed nothing.
    fn add(&mut self, proved: &[Proved], seed: u64, ended: bool) {
        self.rounds += usize::from(!ended);
        self.checks += proved.iter().map(|case| case.checks).sum::<usize>();
        let wrong = proved.iter().filter(|case| !case.contradictions.is_empty());
        let changed = wrong.filter(|case| !interrupted(std::slice::from_ref(case)));
        self.changed.extend(changed.map(|case| (case.name.clone(), seed)));
    }
}

/// Threads that do nothing but take the cores' time, until it is dropped.
struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(number: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let spin = |_| {
            let stop = Arc::clone(&stop);
            thread::spawn(move || while !stop.load(Ordering::Relaxed) {})
        };
        Self { threads: (0..number).map(spin).collect(), stop }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A thread that only counts the time cannot panic.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use grader::lab::clock::Waits;

    use super::*;

    fn proved(name: &str, contradictions: &[&str]) -> Proved {
        let contradictions = contradictions.iter().map(|&why| why.to_owned()).collect();
        let (took, waits, name) = (Duration::ZERO, Waits::default(), name.to_owned());
        Proved { name, contradictions, untested: Vec::new(), rejected: Vec::new(), checks: 9, took, waits }
    }

    #[test]
    fn a_case_that_does_not_hold_is_named_with_the_seed_of_its_round() {
        let mut tally = Tally::default();
        tally.add(&[proved("factor-9/solution", &[]), proved("factor-9/mutant/a", &["it passes"])], 7, false);
        tally.add(&[proved("factor-9/solution", &["interrupted"])], 8, true);
        assert_eq!((tally.rounds, tally.checks), (1, 27));
        assert_eq!(tally.changed, [("factor-9/mutant/a".to_owned(), 7)]);
        assert_eq!(named(&tally.changed[0].0), "factor-9 --only mutant/a");
    }

    #[test]
    fn the_load_ends_with_the_soak() {
        let load = Load::start(2);
        let stop = Arc::clone(&load.stop);
        drop(load);
        assert_eq!(Arc::strong_count(&stop), 1, "both threads have ended");
    }
}
