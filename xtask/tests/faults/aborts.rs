//! Runs that are ended from outside, in the middle: nothing is left, and nothing looks like a result.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::processes;
use crate::running::Running;
use crate::scene::{HANGS_WITHOUT_CONFIGURATION, Scene, python};

const HANGING_CHECK: &str = "--only missing-required-fails-fast";

#[test]
fn ctrl_c_in_a_check_leaves_nothing() {
    interrupted(&in_a_check(), Signal::INT);
}

#[test]
fn ctrl_c_in_a_build_leaves_nothing() {
    interrupted(&in_a_build(), Signal::INT);
}

#[test]
fn a_polite_end_in_a_check_leaves_nothing() {
    interrupted(&in_a_check(), Signal::TERM);
}

#[test]
fn a_closed_terminal_in_a_build_leaves_nothing() {
    interrupted(&in_a_build(), Signal::HUP);
}

#[test]
fn ctrl_c_ends_a_run_that_waits_for_another_one() {
    let middle = in_a_check();
    let first = reached(&middle);
    let mut second = Running::start(&middle.scene, middle.words);
    assert_eq!(second.wait_for("working")["stage"], "waiting");
    second.signal(Signal::INT);
    second.end().ended(130, &[r#""event":"run-aborted""#]);
    first.signal(Signal::INT);
    first.end().ended(130, &[r#""event":"run-aborted""#]);
    middle.scene.leaves_nothing();
}

#[test]
fn a_run_for_another_program_ends_with_it_and_leaves_nothing() {
    let middle = in_a_build();
    let mut running = Running::tied(&middle.scene, middle.words);
    running.until(|| waiting_for_ever(&middle.scene, middle.program).into_iter().next());
    running.let_go();
    running.end().ended(130, &[r#""event":"run-aborted""#, r#""interrupted":true"#]);
    assert_eq!(middle.scene.left(), [] as [String; 0]);
}

#[test]
fn a_kill_in_a_check_leaves_nothing() {
    let middle = in_a_check();
    killed(reached(&middle), &middle.scene);
}

#[test]
fn a_kill_in_a_build_leaves_nothing() {
    let middle = in_a_build();
    killed(reached(&middle), &middle.scene);
}

#[test]
fn a_kill_while_a_service_fills_its_temporary_folder_leaves_nothing() {
    let busy = "\
def configuration():
    import threading
    def fill():
        for n in range(10**9):
            os.makedirs(f\"{os.environ['TMPDIR']}/{n % 100}/{n}\")
    missing = not all(os.environ.get(name) for name in REQUIRED)
    [threading.Thread(target=fill, daemon=True).start() for _ in range(2) if missing]
    while missing:
        time.sleep(60)
    return os.environ
";
    let middle = Middle { scene: Scene::links(busy), words: HANGING_CHECK, program: "app.py" };
    let running = reached(&middle);
    running.until(|| depth(&middle.scene.path("tmp")).checked_sub(5));
    killed(running, &middle.scene);
}

#[test]
fn a_reader_who_leaves_ends_the_run_quietly() {
    let Middle { scene, words, .. } = in_a_check();
    let mut command = scene.command(&format!("check factor-3 {words}"));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(130));
    no_result(&scene);
    scene.leaves_nothing();
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_supervisor_is_the_graders_fault_and_leaves_nothing() {
    let Middle { scene, words, program } = in_a_check();
    let mut running = Running::start(&scene, words);
    running.wait_for("check-started");
    let supervisor = running.until(|| {
        let family = waiting_for_ever(&scene, program);
        family.into_iter().find(|process| process.command.contains("__supervise"))
    });
    kill_process(Pid::from_raw(supervisor.pid).unwrap(), Signal::KILL).unwrap();
    running.end().ended(70, &["ERROR", "supervisor"]);
    scene.leaves_nothing();
}

/// A run that goes on until it is ended.
struct Middle {
    scene: Scene,
    words: &'static str,
    /// Stands in the command line of what goes on.
    program: &'static str,
}

fn in_a_check() -> Middle {
    Middle { scene: Scene::links(HANGS_WITHOUT_CONFIGURATION), words: HANGING_CHECK, program: "app.py" }
}

fn in_a_build() -> Middle {
    let scene = Scene::links("");
    scene.write("build.py", "import os, time\nos.fork()\nos.setsid() if os.fork() == 0 else None\ntime.sleep(600)\n");
    let build = format!("build = [{:?}, \"build.py\"]", python());
    scene.app_toml(&build, "[\"app.py\"]", "[\"false\"]");
    Middle { scene, words: "", program: "build.py" }
}

/// Starts the run and returns when the program that never ends has started.
fn reached(middle: &Middle) -> Running {
    let mut running = Running::start(&middle.scene, middle.words);
    if middle.program == "app.py" {
        running.wait_for("check-started");
    }
    running.until(|| waiting_for_ever(&middle.scene, middle.program).into_iter().next());
    // What is looked for after the end must be there before it, or finding nothing would prove nothing.
    let left = middle.scene.left();
    assert!(left.iter().any(|one| one.contains("/tmp/tf-")) && left.iter().any(|one| one.contains("process")));
    running
}

/// The supervisor and its service, once the service runs: before that, the supervisor's command line has the name alone.
fn waiting_for_ever(scene: &Scene, program: &str) -> Vec<processes::Process> {
    let family: Vec<_> =
        processes::of(&scene.path("")).into_iter().filter(|process| process.command.contains(program)).collect();
    if family.iter().any(|process| !process.command.contains("__supervise")) { family } else { Vec::new() }
}

#[track_caller]
fn interrupted(middle: &Middle, signal: Signal) {
    let running = reached(middle);
    running.signal(signal);
    running.end().ended(130, &[r#""event":"run-aborted""#, r#""interrupted":true"#]);
    // Whoever waited for the command may look at once: nothing needs time to go away.
    assert_eq!(middle.scene.left(), [] as [String; 0]);
    let events = fs::read_to_string(middle.scene.results().join("events.jsonl")).unwrap();
    let last: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!(last["event"], "run-aborted");
    no_result(&middle.scene);
}

#[track_caller]
fn killed(running: Running, scene: &Scene) {
    running.signal(Signal::KILL);
    let ended = running.end();
    assert_eq!(ended.code, None);
    no_result(scene);
    scene.leaves_nothing();
}

/// How many folders lie within each other, at the deepest; a folder that is gone meanwhile has none.
fn depth(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| 1 + depth(&entry.path())).max().unwrap_or_default()
}

#[track_caller]
fn no_result(scene: &Scene) {
    for name in ["report.json", "report.json.unfinished"] {
        assert!(!scene.results().join(name).exists(), "{name} is there");
    }
}
