//! Services that are not Rust: the grader sees a contract, not a language.
//!
//! An exercise that exists in two other languages is graded in Python on every change, and in JavaScript as well each night:
//! on every change the core checks of its factor grade the complete service in JavaScript (`complete.rs`).
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::Path;

use assert_cmd::Command;
use grader::prove::sample::everything_is_wanted;

/// Grades a folder, copied away so that nothing of the workshop is near it, and returns the report and whether it passed.
/// `None` where the language is not installed.
fn graded(factor: &str, folder: &str, needs: &str) -> Option<(String, bool)> {
    // Without an image, one check of factor 9 has nothing to look at.
    let strict = if factor == "factor-9" { None } else { Some("--strict") };
    if std::process::Command::new(needs).arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "this test needs {needs}");
        eprintln!("skipped: no {needs} on this machine");
        return None;
    }
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let folder = tempfile::tempdir().expect("temporary folder is writable");
    grader::copy(&from, folder.path()).expect("the service can be copied");
    let output = Command::cargo_bin("xtask")
        .expect("is built for this test")
        .args(["check", factor, "--lang", "en"])
        .args(strict)
        .arg("--path")
        .arg(folder.path())
        .output()
        .expect("runs");
    let said = [output.stdout, output.stderr].concat();
    Some((String::from_utf8_lossy(&said).into_owned(), output.status.success()))
}

fn passes(factor: &str, folder: &str, needs: &str) {
    let Some((report, passed)) = graded(factor, folder, needs) else { return };
    assert!(passed, "{report}");
    assert!(!report.contains("FAIL"), "extra credit fails too: {report}");
}

/// A starter is graded, and fails where the one in Rust does.
fn fails_as_seeded(factor: &str, folder: &str, needs: &str) {
    let Some((report, passed)) = graded(factor, folder, needs) else { return };
    assert!(!passed, "{report}");
    let seeded = grader::factors::find(factor).expect("there is such a factor").exercise.seeded;
    for check in seeded {
        assert!(report.contains(&format!("{factor}/{check}")), "{check} does not fail: {report}");
    }
}

fn is_left_to_the_night() -> bool {
    let is_left = !everything_is_wanted();
    if is_left {
        eprintln!("left to the night: this exercise in JavaScript; with WORKSHOP_PROVE_EVERYTHING=1 it is graded now");
    }
    is_left
}

#[test]
fn a_python_service_passes_every_check_of_factor_3() {
    passes("factor-3", "xtask/tests/languages/python", "python3");
}

#[test]
fn a_python_service_passes_every_check_of_factor_11() {
    passes("factor-11", "xtask/tests/languages/python", "python3");
}

#[test]
fn factor_4_in_python_passes_and_its_starter_fails() {
    passes("factor-4", "solutions/factor-04-backing-services/other-languages/python", "python3");
    fails_as_seeded("factor-4", "exercises/factor-04-backing-services/other-languages/python", "python3");
}

#[test]
fn factor_6_in_python_passes_and_its_starter_fails() {
    passes("factor-6", "solutions/factor-06-processes/other-languages/python", "python3");
    fails_as_seeded("factor-6", "exercises/factor-06-processes/other-languages/python", "python3");
}

#[test]
fn factor_6_in_node_passes_and_its_starter_fails() {
    if is_left_to_the_night() {
        return;
    }
    passes("factor-6", "solutions/factor-06-processes/other-languages/node", "npm");
    fails_as_seeded("factor-6", "exercises/factor-06-processes/other-languages/node", "npm");
}

#[test]
fn the_starters_of_factor_3_in_python_and_node_fail() {
    fails_as_seeded("factor-3", "exercises/factor-03-config/other-languages/python", "python3");
    fails_as_seeded("factor-3", "exercises/factor-03-config/other-languages/node", "node");
}

#[test]
fn factor_9_in_python_passes_and_its_starter_fails() {
    passes("factor-9", "solutions/factor-09-disposability/other-languages/python", "python3");
    fails_as_seeded("factor-9", "exercises/factor-09-disposability/other-languages/python", "python3");
}

#[test]
fn factor_9_in_node_passes_and_its_starter_fails() {
    if is_left_to_the_night() {
        return;
    }
    passes("factor-9", "solutions/factor-09-disposability/other-languages/node", "npm");
    fails_as_seeded("factor-9", "exercises/factor-09-disposability/other-languages/node", "npm");
}
