//! The complete services in Python and in Node: all factors grade them, in a folder of their own, and what their language cannot be
//! asked stands here.
#![expect(clippy::print_stderr, reason = "what could not be tested is said")]

use std::path::{Path, PathBuf};
use std::process::Command;

use grader::factors::FACTORS;
use grader::prove::sample::everything_is_wanted;
use serde_json::Value;

/// The factor whose subject is pipelines.
const PIPELINES: &str = "factor-14";

/// Each run of a pipeline installs all packages anew, and the checks run it a dozen times. Those that no smaller repository runs
/// into are these; all run each night.
const OF_PIPELINES: [&str; 2] = ["one-command-green", "deploy-gated-and-idempotent"];

/// What cannot be asked of a service that is not Rust's, and why. Everything else has to pass.
const UNGRADED: [(&str, &str); 4] = [
    ("factor-2/runs-on-bare-root", "the release holds no interpreter; factor-2/image-is-self-contained shows the same"),
    ("factor-2/build-offline-after-fetch", "the grader knows of Cargo alone how to fetch everything before"),
    ("factor-5/build-needs-no-deploy", "the same build, asked what it reaches"),
    ("factor-7/self-contained", "the release holds no interpreter, so nothing runs where there is the release alone"),
];

#[test]
fn the_service_in_python_passes_every_factor() {
    let python = "import sys; print(sys.executable)";
    passes_every_factor("python", "python3", &["-c", python]);
}

#[test]
fn the_service_in_node_passes_every_factor() {
    passes_every_factor("node", "node", &["-p", "process.execPath"]);
}

fn passes_every_factor(language: &str, program: &str, ask_its_path: &[&str]) {
    let Ok(said) = Command::new(program).args(ask_its_path).output() else {
        assert!(std::env::var_os("CI").is_none(), "this test needs {program}");
        eprintln!("skipped: no {program} on this machine");
        return;
    };
    let interpreter = PathBuf::from(String::from_utf8_lossy(&said.stdout).trim());
    let service = copied(language);
    for factor in FACTORS.iter().filter(|factor| factor.exercise.is_some()).map(|factor| factor.id()) {
        match factor == PIPELINES && !everything_is_wanted() {
            true => OF_PIPELINES
                .map(Some)
                .iter()
                .for_each(|only| must_pass(&graded(&service, &interpreter, &factor, *only), &factor)),
            false => must_pass(&graded(&service, &interpreter, &factor, None), &factor),
        }
    }
}

/// A repository of its own, whose image needs no network: the packages are fetched once, by its own script.
fn copied(language: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../solutions/other-languages").join(language);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("other-languages").join(language);
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

/// The lines that say how each check ended, and the last one.
fn graded(service: &Path, interpreter: &Path, factor: &str, only: Option<&str>) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["check", factor, "--json", "--path"]).arg(service);
    command.args(only.into_iter().flat_map(|check| ["--only", check]));
    // Version managers put a script of their own before the interpreter, which is no part of the service: neither the bash that it
    // calls nor the second program that then listens.
    let own = interpreter.parent().into_iter().map(Path::to_owned);
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env("PATH", std::env::join_paths(own.chain(std::env::split_paths(&path))).expect("PATH is one"));
    let output = command.output().expect("runs");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let events = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    events.filter(|event| event["event"] == "check-finished" || event["event"] == "run-finished").collect()
}

fn must_pass(events: &[Value], factor: &str) {
    let (last, checks) = events.split_last().expect("the run ends");
    let failed: Vec<&Value> =
        checks.iter().filter(|check| check["verdict"] == "FAIL" || check["verdict"] == "ERROR").collect();
    // Extra credit too: it is a reference.
    assert!(failed.is_empty() && last["exit_code"] == 0 && !checks.is_empty(), "{factor}: {last} {failed:#?}");
    for check in checks {
        let name = check["check"].as_str().unwrap_or_default();
        let is_known = UNGRADED.iter().any(|(known, _)| *known == name);
        match (check["verdict"].as_str(), is_known) {
            (Some("PASS"), false) | (Some("UNGRADED"), true) => {}
            (Some("PASS"), true) => panic!("{name} can be asked by now: take it out of the table"),
            _ => {
                // Something is missing on this machine, such as a container engine.
                assert!(std::env::var_os("CI").is_none(), "{name} could not be tested: {check}");
                eprintln!("skipped: {name}");
            }
        }
    }
}
