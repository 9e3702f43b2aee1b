//! The factor matrix: one test per starter, solution, variant, mutant and do-nothing service.
//!
//! Of a factor whose folders are as they were when all of its cases were proved, a sample stands for the others; with
//! `WORKSHOP_PROVE_EVERYTHING=1`, or where cases are named, nothing does. The solutions run first: what one needed for each wait,
//! beside another one, decides how long a wrong service of its factor is waited for.
#![expect(clippy::print_stderr, reason = "what is left out is said")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use grader::backing::Backing;
use grader::factors::{FACTORS, Factor};
use grader::lab::clock::Waits;
use grader::prove::cases::{Case, Kind, of_factor};
use grader::prove::lock::Lock;
use grader::prove::{Depth, Proof, sample};
use grader::subject::Workspace;
use libtest_mimic::{Arguments, Failed, Trial};

/// Builds take turns; with more than two cases at a time the others only wait.
const THREADS: usize = 2;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(arguments.test_threads.unwrap_or(THREADS).min(THREADS));
    let proof = proof();
    // Whoever names a case wants it.
    let everything = sample::everything_is_wanted() || arguments.filter.is_some();
    let (solutions, others): (Vec<Case>, Vec<Case>) =
        cases(&proof.workspace, everything).into_iter().partition(|case| matches!(case.kind, Kind::Solution));
    let known = Arc::new(Mutex::new(BTreeMap::new()));
    let solutions = solutions.into_iter().map(|case| trial(&proof, case, &known)).collect();
    let conclusion = libtest_mimic::run(&arguments, solutions);
    if conclusion.has_failed() {
        // Nothing can be said about wrong services while the right one does not pass.
        conclusion.exit();
    }
    let others = others.into_iter().map(|case| trial(&proof, case, &known)).collect();
    libtest_mimic::run(&arguments, others).exit();
}

fn proof() -> Proof {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default();
    let program = PathBuf::from(env!("CARGO_BIN_EXE_xtask"));
    // The program lies in `<target>/debug`.
    let target = program.ancestors().nth(2).map(Path::to_owned).unwrap_or_default();
    let backing = Backing::default();
    Proof {
        workspace: Workspace { root, target },
        program,
        depth: Depth::Quick,
        checks: Vec::new(),
        seed: None,
        backing,
    }
}

fn cases(workspace: &Workspace, everything: bool) -> Vec<Case> {
    let lock = Lock::read(&workspace.root).unwrap_or_else(|why| panic!("{why}"));
    FACTORS
        .iter()
        .flat_map(|factor| {
            let why_all = if everything {
                Some("that is wanted".to_owned())
            } else {
                sample::insufficient(factor, workspace, &lock)
            };
            chosen(factor, workspace, why_all)
        })
        .collect()
}

/// The cases of a factor, after a line that says how many of them run and why.
fn chosen(factor: &'static Factor, workspace: &Workspace, why_all: Option<String>) -> Vec<Case> {
    let all = of_factor(factor, workspace).unwrap_or_else(|why| panic!("{why}"));
    let (id, number) = (factor.id(), all.len());
    if let Some(why) = why_all {
        eprintln!("{id}: all {number} cases, since {why}");
        return all;
    }
    let sample = sample::of(all);
    eprintln!("{id}: {} of {number} cases, since all were proved and nothing has changed", sample.len());
    sample
}

fn trial(proof: &Proof, case: Case, known: &Arc<Mutex<BTreeMap<u8, Waits>>>) -> Trial {
    let (proof, known) = (proof.clone(), Arc::clone(known));
    Trial::test(case.name(), move || {
        let waits = known.lock().map_err(|_| "another case panicked")?.get(&case.factor.number).cloned();
        let slot = slots::take();
        let proved = proof.prove(&case, slot.number, waits);
        if matches!(case.kind, Kind::Solution) {
            known.lock().map_err(|_| "another case panicked")?.insert(case.factor.number, proved.waits);
        }
        if !proved.contradictions.is_empty() {
            return Err(Failed::from(proved.contradictions.join("\n")));
        }
        untested(&case.name(), &proved.untested)
    })
}

/// What the machine lacks is said in one line; the build server lacks nothing.
fn untested(case: &str, checks: &[String]) -> Result<(), Failed> {
    if checks.is_empty() {
        return Ok(());
    }
    let line = format!("skipped in {case}: {}", checks.join("; "));
    if std::env::var("CI").is_ok_and(|value| value == "true") {
        return Err(Failed::from(line));
    }
    eprintln!("{line}");
    Ok(())
}

/// Two patched copies of each solution, one per case that runs at the same time.
mod slots {
    use std::sync::Mutex;

    static FREE: Mutex<Vec<u8>> = Mutex::new(Vec::new());
    static MADE: Mutex<u8> = Mutex::new(0);

    pub struct Slot {
        pub number: u8,
    }

    pub fn take() -> Slot {
        if let Some(number) = FREE.lock().ok().and_then(|mut free| free.pop()) {
            return Slot { number };
        }
        let mut made = MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *made += 1;
        Slot { number: *made - 1 }
    }

    impl Drop for Slot {
        fn drop(&mut self) {
            if let Ok(mut free) = FREE.lock() {
                free.push(self.number);
            }
        }
    }
}
