//! Servers that are missing, or die in the middle of a run: nothing passes, nothing is blamed on the service, nothing is left.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use crate::processes;
use crate::running::Running;
use crate::scene::{Ended, HANGS_WITHOUT_CONFIGURATION, Scene, python};

const HANGING_CHECK: &str = "--only missing-required-fails-fast";

#[test]
fn without_a_server_nothing_is_tested_and_nothing_passes() {
    let scene = with_postgres("");
    let mut command = scene.command("check factor-3");
    command.env("WORKSHOP_BACKING", "docker").env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    Ended::of(command)
        .ended(4, &["UNGRADED", "missing a container engine", "to test it", "nothing could be tested on this machine"]);
    scene.leaves_nothing();
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_that_dies_in_the_middle_is_no_fault_of_the_service() {
    let scene = with_postgres(HANGS_WITHOUT_CONFIGURATION);
    let Some((running, server)) = in_a_check(&scene) else { return };
    kill_process(Pid::from_raw(server).unwrap(), Signal::KILL).unwrap();
    running.end().ended(70, &["ERROR", "PostgreSQL ended in the middle"]);
    scene.leaves_nothing();
}

#[test]
#[cfg(target_os = "linux")]
fn a_kill_in_a_check_leaves_no_server() {
    let scene = with_postgres(HANGS_WITHOUT_CONFIGURATION);
    let Some((running, server)) = in_a_check(&scene) else { return };
    running.signal(Signal::KILL);
    let gone = || (!Path::new(&format!("/proc/{server}")).exists()).then_some(());
    running.until(gone);
    assert_eq!(running.end().code, None);
    scene.leaves_nothing();
}

/// A correct service with `fault` in it, which says that it needs a database.
fn with_postgres(fault: &str) -> Scene {
    let scene = Scene::links(fault);
    let web = format!(r#"["{}", "{{release}}/app.py"]"#, python());
    scene.app_toml(r#"needs = ["screen", "postgres"]"#, r#"["app.py"]"#, &web);
    scene.lend("backing", "workshop-backing");
    scene
}

/// Starts a check that does not end by itself; its run and the PostgreSQL server that was started for it.
/// `None`, with a line that says so, where this machine has no such server of its own.
#[cfg(target_os = "linux")]
fn in_a_check(scene: &Scene) -> Option<(Running, i32)> {
    if !has_postgres() {
        assert!(std::env::var_os("CI").is_none(), "these tests need PostgreSQL");
        eprintln!("skipped: no PostgreSQL on this machine");
        return None;
    }
    let mut command = scene.command(&format!("check factor-3 --json {HANGING_CHECK}"));
    // Long enough to find the server meanwhile, and short enough not to be waited for.
    command.env("WORKSHOP_BACKING", "local").env("WORKSHOP_HANG_GUARD_MS", "5000");
    let mut running = Running::of(command);
    running.wait_for("check-started");
    let ours = || processes::of(&scene.path("")).into_iter();
    let sidecar = running.until(|| ours().find(|process| process.command.trim().ends_with("workshop-backing")));
    let server = running
        .until(|| processes::children(sidecar.pid).into_iter().find(|process| process.command.contains("postgres")));
    Some((running, server.pid))
}

#[cfg(target_os = "linux")]
fn has_postgres() -> bool {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let on_path = Command::new("postgres").arg("--version").output().is_ok();
    on_path || versions.map(|version| version.path().join("bin/postgres")).any(|program| program.is_file())
}
