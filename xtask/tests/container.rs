//! `--in container`: the same checks on a release that runs in a container of the base image.
#![expect(clippy::print_stderr, reason = "a skipped test says so")]
#![expect(clippy::unwrap_used, reason = "what cannot be had is a failure with a place")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use grader::factors::{FACTORS, Factor};
use grader::prove::sample::everything_is_wanted;
use tempfile::TempDir;

/// Only a hang takes this long.
const HANG: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(20);

/// The factors whose checks ask the most different things of a container; the others' solutions run in one where everything is
/// wanted. Factor 2: what no container can test is UNGRADED, and nothing else is. 3: a service alone. 6: instances with folders
/// of their own, Redis and PostgreSQL outside, and a read-only root. 9: signals, exit codes, kills, and a worker beside `web`.
const DIFFERENT: [u8; 4] = [2, 3, 6, 9];

/// `cargo xtask check` with a home and a temporary folder of its own.
struct World(TempDir);

impl World {
    fn new() -> Self {
        Self(tempfile::Builder::new().prefix("in-container-").tempdir().unwrap())
    }

    fn check(&self, words: &[&str]) -> Command {
        let mut check = Command::new(env!("CARGO_BIN_EXE_xtask"));
        check.args(["check", "--in", "container", "--lang", "en"]).args(words).stdin(Stdio::null());
        check.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap());
        check.env("TMPDIR", self.0.path()).env("WORKSHOP_HOME", self.0.path());
        check
    }

    /// The exit code and all that was said.
    fn ended(&self, words: &[&str]) -> (Option<i32>, String) {
        let output = self.check(words).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), said)
    }

    /// Processes and containers that work for this world: its path is among their arguments.
    fn left(&self) -> Vec<String> {
        let path = self.0.path().display().to_string();
        let list = |program: &str, words: &[&str]| {
            let output = Command::new(program).args(words).output().unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let processes = list("ps", &["-axo", "pid,args"]);
        let containers = list("docker", &["ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Command}}"]);
        processes.lines().chain(containers.lines()).filter(|line| line.contains(&path)).map(str::to_owned).collect()
    }
}

fn has_engine() -> bool {
    let image = Command::new("docker").args(["image", "inspect", "debian:bookworm-slim"]).output();
    let there = image.is_ok_and(|output| output.status.success());
    assert!(there || std::env::var_os("CI").is_none(), "this test needs a Docker engine with the base image");
    if !there {
        eprintln!("skipped: no Docker engine with the base image on this machine");
    }
    there
}

fn is_chosen(factor: &&Factor) -> bool {
    everything_is_wanted() || DIFFERENT.contains(&factor.number)
}

#[test]
fn solutions_pass_every_check() {
    if !has_engine() {
        return;
    }
    for factor in FACTORS.iter().filter(is_chosen) {
        let world = World::new();
        let (code, said) = world.ended(&[&factor.id(), "--solution"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(!said.contains("FAIL"), "{said}");
        let untested: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("  ? factor-")).collect();
        let by_nature = ["2/runs-on-bare-root", "7/self-contained"]
            .iter()
            .filter(|check| check.starts_with(&format!("{}/", factor.number)));
        assert!(untested.iter().eq(by_nature), "{said}");
        assert!(world.left().is_empty(), "{:?}", world.left());
    }
}

#[test]
fn what_only_this_machine_has_is_not_there() {
    if !has_engine() {
        return;
    }
    // Python is no part of the base image, and the release does not bring it along.
    let service = tempfile::tempdir().unwrap();
    grader::copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/languages/python"), service.path()).unwrap();
    let world = World::new();
    let (code, said) = world.ended(&["factor-3", "--path", service.path().to_str().unwrap()]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("BLOCKED") && said.contains("No such file"), "{said}");
}

#[test]
fn without_an_engine_nothing_can_be_tested() {
    let world = World::new();
    let nowhere = format!("unix://{}", world.0.path().join("nowhere.sock").display());
    let output = world.check(&["factor-3", "--solution", "--strict"]).env("DOCKER_HOST", nowhere).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("UNGRADED") && said.contains("container engine") && said.contains("docker"), "{said}");
    assert!(!said.contains("PASS"), "{said}");
}

#[test]
fn a_killed_grader_leaves_no_container() {
    if !has_engine() {
        return;
    }
    let world = World::new();
    let mut grader = world.check(&["factor-3", "--solution"]).stdout(Stdio::null()).spawn().unwrap();
    until("somebody attends", || {
        world.left().iter().any(|line| line.contains("__attend") && line.contains("attend.sock"))
    });
    grader.kill().unwrap();
    grader.wait().unwrap();
    until("nothing is left", || world.left().is_empty());
}

fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < HANG, "it never happened: {what}");
        sleep(PAUSE);
    }
}
