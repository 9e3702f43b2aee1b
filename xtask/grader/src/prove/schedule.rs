//! Runs the cases of a proof two at a time: while one builds, the other is graded.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::lab::clock::Waits;
use crate::prove::cases::{Case, Kind};
use crate::prove::{Proof, Proved};

/// Builds take turns, so more than two at a time would only wait.
const SLOTS: u8 = 2;

/// Proves every case and tells `done` about each as it ends. The solution of a factor runs before its other cases.
///
/// Stops early when a case was interrupted.
pub fn prove_all(proof: &Proof, cases: &[Case], mut done: impl FnMut(&Proved)) -> Vec<Proved> {
    let mut proved = Vec::new();
    for group in cases.chunk_by(|one, other| one.factor.number == other.factor.number) {
        let (solutions, others): (Vec<&Case>, Vec<&Case>) =
            group.iter().partition(|case| matches!(case.kind, Kind::Solution));
        let mut waits = None;
        for case in solutions {
            let solution = proof.prove(case, 0, None);
            done(&solution);
            waits = Some(solution.waits.clone());
            proved.push(solution);
        }
        if interrupted(&proved) {
            break;
        }
        proved.extend(side_by_side(proof, &others, waits.as_ref(), &mut done));
    }
    proved
}

fn side_by_side(proof: &Proof, cases: &[&Case], known: Option<&Waits>, done: &mut impl FnMut(&Proved)) -> Vec<Proved> {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, results) = channel();
    thread::scope(|scope| {
        for slot in 0..SLOTS {
            let (sender, next, stop) = (sender.clone(), &next, &stop);
            scope.spawn(move || work(proof, cases, slot, known, next, stop, &sender));
        }
        drop(sender);
        results.into_iter().inspect(|proved| done(proved)).collect()
    })
}

fn work(
    proof: &Proof,
    cases: &[&Case],
    slot: u8,
    known: Option<&Waits>,
    next: &AtomicUsize,
    stop: &AtomicBool,
    results: &Sender<Proved>,
) {
    while !stop.load(Ordering::Relaxed) {
        let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
        let proved = proof.prove(case, slot, known.cloned());
        if interrupted(std::slice::from_ref(&proved)) {
            stop.store(true, Ordering::Relaxed);
        }
        drop(results.send(proved));
    }
}

/// Whether a person ended the proof.
pub fn interrupted(proved: &[Proved]) -> bool {
    proved.iter().any(|case| case.contradictions.iter().any(|why| why == "interrupted"))
}
