//! The complete service: every factor grades it, and what breaks it there is noticed.
//!
//! The exercises' solutions are proved factor by factor. This one is the only service of the workshop that all of them grade, and
//! in some of them it is another app, with other needs, than the exercise has.
#![expect(clippy::print_stderr, reason = "what could not be tested is said")]

use std::path::{Path, PathBuf};

use grader::backing::Backing;
use grader::check::{Stop, Verdict};
use grader::event::{Event, Observer};
use grader::factors::{self, FACTORS, Factor};
use grader::outcome::{FactorOutcome, Standing};
use grader::prove::patches::Mutant;
use grader::prove::sample::everything_is_wanted;
use grader::subject::{Subject, Workspace};
use grader::{Ended, Patch, Request, Selection, grade};

const COMPLETE: &str = "solutions/complete";

/// The factor whose subject is pipelines.
const PIPELINES: u8 = 14;

/// What breaks it, and the factor that has to notice.
const MUTANTS: [(&str, &str); 3] =
    [("factor-1", "short-links-of-one-deploy"), ("factor-1", "version-by-hand"), ("factor-14", "releases-the-partner")];

#[test]
fn the_complete_service_passes_every_factor_and_what_breaks_it_is_noticed() {
    passes_every_factor(COMPLETE);
    for (factor, name) in MUTANTS {
        must_fail(factors::find(factor).expect("it is a factor"), name);
    }
}

/// A service in any language, in a folder with an `app.toml`.
fn passes_every_factor(folder: &str) {
    // One after the other: each builds in the same folder, and some are alone on the machine anyway.
    let (pipelines, others): (Vec<_>, Vec<_>) =
        FACTORS.iter().filter(|factor| factor.exercise.is_some()).partition(|factor| factor.number == PIPELINES);
    must_pass(graded(folder, others, Vec::new(), None));
    must_pass(graded(folder, pipelines, of_pipelines(), None));
}

/// A pipeline builds all of it once more, and its checks run a dozen. Those that no other repository runs into are these; all
/// run each night.
fn of_pipelines() -> Vec<String> {
    match everything_is_wanted() {
        true => Vec::new(),
        false => ["one-command-green", "deploy-gated-and-idempotent"].map(str::to_owned).into(),
    }
}

fn must_pass(outcomes: Vec<FactorOutcome>) {
    for outcome in outcomes {
        let id = outcome.factor.id();
        for check in outcome.checks.iter().filter(|check| check.verdict() == Verdict::Ungraded) {
            assert!(std::env::var_os("CI").is_none(), "{id}/{} could not be tested", check.check.id);
            eprintln!("skipped: {id}/{}", check.check.id);
        }
        assert!(matches!(outcome.standing(), Standing::Passed { .. }), "{id}: {:#?}", not_passed(&outcome));
        // Extra credit too: it is a reference.
        let failed = outcome.checks.iter().find(|check| check.verdict() == Verdict::Fail);
        assert!(failed.is_none(), "{id}: {:#?}", not_passed(&outcome));
    }
}

fn must_fail(factor: &'static Factor, name: &str) {
    let file = workspace().root.join(COMPLETE).join("mutants").join(name).with_extension("patch");
    let mutant = Mutant::read(&file).expect("the header is right");
    let checks: Vec<String> = mutant.fails.iter().map(|claim| claim.check.clone()).collect();
    let outcomes = graded(COMPLETE, vec![factor], checks, Some(Patch { file, slot: 0 }));
    let outcome = outcomes.first().expect("one factor was graded");
    for claim in &mutant.fails {
        let reason =
            outcome.checks.iter().find(|check| check.check.id == claim.check).and_then(|check| reason(&check.stop));
        assert_eq!(reason, Some(claim.reason.as_str()), "{name}: {:#?}", not_passed(outcome));
    }
}

fn reason(stop: &Option<Stop>) -> Option<&'static str> {
    match stop {
        Some(Stop::Fail(failure)) => Some(failure.reason),
        _ => None,
    }
}

/// Everything that says why, for whoever has to mend it.
fn not_passed(outcome: &FactorOutcome) -> Vec<String> {
    let blocked = outcome.blocked.iter().map(|why| format!("BLOCKED: {why:?}"));
    let checks = outcome.checks.iter().filter(|check| check.stop.is_some());
    blocked.chain(checks.map(|check| format!("{}: {:?}", check.check.id, check.stop))).collect()
}

fn graded(folder: &str, factors: Vec<&'static Factor>, only: Vec<String>, patch: Option<Patch>) -> Vec<FactorOutcome> {
    let workspace = workspace();
    let subject = Subject::open(&workspace.root.join(folder), &workspace).expect("it has an app.toml");
    let request = Request {
        workspace: workspace.clone(),
        workshop: workspace,
        supervisor: PathBuf::from(env!("CARGO_BIN_EXE_xtask")),
        subject,
        patch,
        in_container: false,
        factors,
        selection: Selection { core_only: false, only },
        strict: false,
        seed: None,
        run_id: "complete".to_owned(),
        builds: None,
        known_waits: None,
        backing: Backing::default(),
    };
    match grade(&request, &mut Silent) {
        Ended::Finished(outcome) => outcome.factors,
        Ended::Interrupted => panic!("interrupted"),
        Ended::Failed(error) => panic!("the grader failed: {error:?}"),
    }
}

fn workspace() -> Workspace {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default();
    // The program lies in `<target>/debug`.
    let target = Path::new(env!("CARGO_BIN_EXE_xtask")).ancestors().nth(2).map(Path::to_owned).unwrap_or_default();
    Workspace { root, target }
}

/// The outcome says it all.
struct Silent;

impl Observer for Silent {
    fn observe(&mut self, _event: &Event) -> std::io::Result<()> {
        Ok(())
    }
}
