//! The complete services in Rust, Python and JavaScript: all factors grade each, in one run that shares its build and its servers.
//! What a language cannot be asked stands here, with the reason.
//!
//! The exercises' solutions are proved factor by factor. These are the only services of the workshop that all of them grade, and
//! in some of them they are another app, with other needs, than the exercise has; what breaks the one in Rust there is noticed.
#![expect(clippy::print_stderr, reason = "what could not be tested is said")]

use std::path::{Path, PathBuf};
use std::process::Command;

use grader::backing::Backing;
use grader::check::{Stop, Verdict};
use grader::event::{Event, Observer};
use grader::factors::{self, FACTORS, Factor};
use grader::outcome::{FactorOutcome, Standing};
use grader::prove::patches::Mutant;
use grader::prove::sample::everything_is_wanted;
use grader::subject::{Subject, Workspace};
use grader::{Ended, Patch, Request, Selection, grade};

const RUST: &str = "solutions/complete";

/// What breaks it, and the factor that has to notice.
const MUTANTS: [(&str, &str); 3] =
    [("factor-1", "short-links-of-one-deploy"), ("factor-1", "version-by-hand"), ("factor-14", "releases-the-partner")];

/// The factor whose subject is pipelines.
const PIPELINES: u8 = 14;

/// Each run of a pipeline builds, or installs, everything anew, and the checks of its factor run it a dozen times. Those that no
/// smaller repository runs into are these; all run each night.
const OF_PIPELINES: [&str; 2] = ["one-command-green", "deploy-gated-and-idempotent"];

/// Of the services that are not Rust's, the core checks of each factor and these are asked on every change, and all each night: a
/// build of one installs all of its packages.
const OF_IMAGES: [&str; 3] = ["image-is-self-contained", "container-gets-sigterm", "image-runs-without-privileges"];

/// What cannot be asked of a service that is run by an interpreter, and why. Everything else has to pass.
const UNGRADED: [(&str, &str); 4] = [
    ("factor-2/runs-on-bare-root", "the release holds no interpreter; factor-2/image-is-self-contained shows the same"),
    ("factor-2/build-offline-after-fetch", "the grader knows of Cargo alone how to fetch everything before"),
    ("factor-5/build-needs-no-deploy", "the same build, asked what it reaches"),
    ("factor-7/self-contained", "the release holds no interpreter, so nothing runs where there is the release alone"),
];

#[test]
fn the_service_in_rust_passes_every_factor_and_what_breaks_it_is_noticed() {
    let workspace = workspace();
    let service = workspace.root.join(RUST);
    passes_every_factor(&service, false, &[]);
    for (factor, name) in MUTANTS {
        must_fail(&service, factors::find(factor).expect("it is a factor"), name);
    }
}

#[test]
fn the_service_in_python_passes_every_factor() {
    if is_here("python3") {
        passes_every_factor(&copied("python"), true, &UNGRADED);
    }
}

#[test]
fn the_service_in_node_passes_every_factor() {
    if is_here("npm") {
        passes_every_factor(&copied("node"), true, &UNGRADED);
    }
}

fn is_here(program: &str) -> bool {
    let is_here = Command::new(program).arg("--version").output().is_ok();
    assert!(is_here || std::env::var_os("CI").is_none(), "this test needs {program}");
    if !is_here {
        eprintln!("skipped: no {program} on this machine");
    }
    is_here
}

/// A repository of its own, whose image needs no network: the packages are fetched once, by its own script.
fn copied(language: &str) -> PathBuf {
    let from = workspace().root.join("solutions/other-languages").join(language);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("complete").join(language);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("the copy of the last time can be removed");
    }
    grader::copy(&from, &folder).expect("the service can be copied");
    let vendored = Command::new(folder.join("ci/vendor")).output().expect("its script runs");
    assert!(vendored.status.success(), "ci/vendor: {}", String::from_utf8_lossy(&vendored.stderr));
    git(&folder, &["init", "--quiet"]);
    git(&folder, &["add", "--all"]);
    git(
        &folder,
        &["-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "--quiet", "--message", "links"],
    );
    folder
}

fn git(folder: &Path, words: &[&str]) {
    let done = Command::new("git").current_dir(folder).args(words).status().expect("git runs");
    assert!(done.success(), "git {words:?}");
}

fn passes_every_factor(service: &Path, mostly_core: bool, ungraded: &[(&str, &str)]) {
    let (pipelines, others): (Vec<_>, Vec<_>) = FACTORS.iter().partition(|factor| factor.number == PIPELINES);
    let runs = match (everything_is_wanted(), mostly_core) {
        (true, _) => vec![(others, all()), (pipelines, all())],
        (false, false) => vec![(others, all()), (pipelines, only(OF_PIPELINES))],
        (false, true) => {
            let core = Selection { core_only: true, ..all() };
            let of_images = others.iter().copied().filter(|factor| has_any(factor, &OF_IMAGES)).collect();
            vec![(others, core), (of_images, only(OF_IMAGES)), (pipelines, only(OF_PIPELINES))]
        }
    };
    for (factors, selection) in runs {
        graded(service, factors, selection, None).iter().for_each(|outcome| must_pass(outcome, ungraded));
    }
}

fn all() -> Selection {
    Selection { core_only: false, only: Vec::new() }
}

fn only<const N: usize>(checks: [&str; N]) -> Selection {
    Selection { core_only: false, only: checks.map(str::to_owned).into() }
}

fn has_any(factor: &Factor, checks: &[&str]) -> bool {
    factor.checks().iter().any(|check| checks.contains(&check.id))
}

fn must_pass(outcome: &FactorOutcome, ungraded: &[(&str, &str)]) {
    let factor = outcome.factor.id();
    assert!(matches!(outcome.standing(), Standing::Passed { .. }), "{factor}: {:#?}", not_passed(outcome));
    for check in &outcome.checks {
        let name = format!("{factor}/{}", check.check.id);
        match (check.verdict(), ungraded.iter().any(|(known, _)| *known == name)) {
            (Verdict::Pass, false) | (Verdict::Ungraded, true) => {}
            (Verdict::Pass, true) => panic!("{name} can be asked by now: take it out of the table"),
            // Something is missing on this machine, such as a container engine.
            (Verdict::Ungraded, false) if std::env::var_os("CI").is_none() => eprintln!("skipped: {name}"),
            // Extra credit too: it is a reference.
            _ => panic!("{name}: {:#?}", not_passed(outcome)),
        }
    }
}

fn must_fail(service: &Path, factor: &'static Factor, name: &str) {
    let file = service.join("mutants").join(name).with_extension("patch");
    let mutant = Mutant::read(&file).expect("the header is right");
    let checks: Vec<String> = mutant.fails.iter().map(|claim| claim.check.clone()).collect();
    let selection = Selection { core_only: false, only: checks };
    let outcomes = graded(service, vec![factor], selection, Some(Patch { file, slot: 0 }));
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

fn graded(
    service: &Path,
    factors: Vec<&'static Factor>,
    selection: Selection,
    patch: Option<Patch>,
) -> Vec<FactorOutcome> {
    let workspace = workspace();
    let subject = Subject::open(service, &workspace).expect("it has an app.toml");
    let request = Request {
        workspace: workspace.clone(),
        workshop: workspace,
        supervisor: PathBuf::from(env!("CARGO_BIN_EXE_xtask")),
        subject,
        patch,
        in_container: false,
        factors,
        selection,
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
