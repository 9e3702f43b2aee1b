//! Machines that have no room, or folders that cannot be written: the grader's trouble, never the service's.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::scene::{Ended, Scene};

const NO_SPACE: &str = "No space left on device";

#[test]
fn a_disk_without_room_for_the_copy_is_named() {
    let scene = Scene::links("");
    fs::write(scene.service().join("data.bin"), vec![7; 4 << 20]).unwrap();
    let Some(ended) = with_little_room(&scene, "target", "check factor-3") else { return };
    ended.ended(70, &["cannot copy", NO_SPACE, "This run has no result", "cargo xtask doctor"]);
    scene.leaves_nothing();
}

#[test]
fn a_disk_without_room_for_the_release_is_named() {
    let scene = Scene::links("");
    fs::write(scene.service().join("data.bin"), vec![7; 4 << 20]).unwrap();
    let words = fs::read_to_string(scene.service().join("app.toml")).unwrap();
    scene.write("app.toml", &words.replace("\"app.py\"]", "\"app.py\", \"data.bin\"]"));
    let Some(ended) = with_little_room(&scene, "tmp", "check factor-3") else { return };
    ended.ended(70, &["cannot copy data.bin into the release", NO_SPACE, "This run has no result"]);
    scene.leaves_nothing();
}

#[test]
fn a_disk_that_the_build_fills_is_not_the_services_fault() {
    let scene = Scene::links("");
    scene.write(
        "build.py",
        "import os, sys\nos.makedirs(sys.argv[1])\nopen(sys.argv[1] + '/links', 'wb').write(b'x' * (4 << 20))\n",
    );
    let build = format!("build = [{:?}, \"build.py\", \"{{target}}\"]", crate::scene::python());
    scene.app_toml(&build, "[\"app.py\"]", "[\"false\"]");
    let Some(ended) = with_little_room(&scene, "target", "check factor-3") else { return };
    ended.ended(70, &["cannot build", NO_SPACE, "This run has no result"]);
    scene.leaves_nothing();
}

#[test]
fn a_folder_that_cannot_hold_results_is_named() {
    let scene = Scene::links("");
    // A file where a folder is needed stops root as well, whom no permission stops.
    fs::create_dir(scene.path("target/workshop")).unwrap();
    fs::write(scene.path("target/workshop/runs"), "in the way").unwrap();
    scene.check("").ended(70, &["cannot make the folder of the run", "target/workshop/runs"]);
    scene.leaves_nothing();
}

#[test]
fn a_target_folder_that_cannot_be_written_is_named() {
    let scene = Scene::links("");
    let read_only = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"";
    let Some(ended) = in_own_mounts(&scene, &OWN_MOUNTS, "check factor-3", read_only, "target") else { return };
    ended.ended(70, &["cannot make the folder of the run", "Read-only file system", "target"]);
    scene.leaves_nothing();
}

#[test]
fn a_report_file_that_cannot_be_written_is_named() {
    let scene = Scene::links("");
    scene
        .check("--junit no/such/results.xml")
        .ended(70, &["no/such/results.xml: No such file", "This run has no result"]);
    scene
        .check("--html no/such/report.html")
        .ended(70, &["no/such/report.html: No such file", "This run has no result"]);
    scene.leaves_nothing();
}

#[test]
#[cfg(target_os = "linux")]
fn a_standard_output_that_takes_nothing_is_reported_on_the_other() {
    let scene = Scene::links("");
    let mut command = scene.command("check factor-3");
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(70) && said.contains(NO_SPACE), "{}: {said}", output.status);
    scene.leaves_nothing();
}

#[test]
fn a_temporary_folder_that_is_missing_is_named() {
    let scene = Scene::links("");
    let mut command = scene.command("check factor-3");
    // A file where a folder is needed stops root as well, whom no permission stops.
    let missing = scene.service().join("app.toml/tmp");
    command.env("TMPDIR", &missing);
    Ended::of(command).ended(70, &["cannot create", "Not a directory", "This run has no result"]);
    scene.leaves_nothing();
}

#[test]
fn a_machine_without_git_says_so() {
    let scene = Scene::links("");
    let mut command = scene.command("check factor-3");
    command.env("PATH", scene.path("home"));
    Ended::of(command).ended(70, &["cannot run git (is it installed?)", "This run has no result"]);
    scene.leaves_nothing();
}

/// As root, or as somebody who is root in a namespace alone.
const OWN_MOUNTS: [&str; 2] = ["-m", "-Urm"];

#[test]
fn a_check_that_needs_namespaces_is_ungraded_where_there_are_none() {
    // Only in a user namespace of its own: elsewhere the setting would be the machine's.
    let forbid = "echo 0 > /proc/sys/user/max_user_namespaces";
    for (words, code) in [("check factor-3", 0), ("check factor-3 --strict", 4)] {
        let scene = Scene::links("");
        let Some(ended) = in_own_mounts(&scene, &["-Urm"], words, forbid, "target") else { return };
        ended.said(code, &["? UNGRADED", "a network of its own", "max_user_namespaces = 0", "cargo xtask doctor"]);
        scene.leaves_nothing();
    }
}

/// Grades with a file system of one megabyte in `folder`.
fn with_little_room(scene: &Scene, folder: &str, words: &str) -> Option<Ended> {
    in_own_mounts(scene, &OWN_MOUNTS, words, "mount -t tmpfs -o size=1m none \"$1\"", folder)
}

/// Grades among mounts of its own, or says why the test is left out; on a build server that is a failure.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn in_own_mounts(scene: &Scene, ways: &[&str], words: &str, mount: &str, folder: &str) -> Option<Ended> {
    let folder = scene.path(folder);
    let Some(unshare) = ways.iter().find(|flags| can_mount(flags, mount, &folder)) else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "this machine allows no mounts, and a build server must test them"
        );
        eprintln!("skipped: this machine allows no mounts of its own (unshare -Urm)");
        return None;
    };
    let xtask = scene.command(words);
    let mut command = mounted(unshare, mount, &folder);
    command.arg(xtask.get_program()).args(xtask.get_args());
    scene.surround(&mut command);
    Some(Ended::of(command))
}

fn can_mount(unshare: &str, mount: &str, folder: &Path) -> bool {
    mounted(unshare, mount, folder).arg("true").output().is_ok_and(|output| output.status.success())
}

/// Runs the words that are added, with `folder` mounted over.
fn mounted(unshare: &str, mount: &str, folder: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args([unshare, "sh", "-c", &format!("{mount} && shift && exec \"$@\""), "sh"]).arg(folder);
    command
}
