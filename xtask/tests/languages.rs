//! Services that are not Rust: the grader sees a contract, not a language.
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::Path;

use assert_cmd::Command;

/// Grades a folder of `tests/languages`, copied away so that nothing of the workshop is near it.
fn passes(factor: &str, language: &str, needs: &str) {
    if std::process::Command::new(needs).arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "this test needs {needs}");
        return eprintln!("skipped: no {needs} on this machine");
    }
    let folder = tempfile::tempdir().expect("temporary folder is writable");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/languages").join(language);
    grader::copy(&from, folder.path()).expect("the service can be copied");
    let output = Command::cargo_bin("xtask")
        .expect("is built for this test")
        .args(["check", factor, "--strict", "--lang", "en", "--path"])
        .arg(folder.path())
        .output()
        .expect("runs");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!report.contains("FAIL"), "extra credit fails too: {report}");
}

#[test]
fn a_python_service_passes_every_check_of_factor_3() {
    passes("factor-3", "python", "python3");
}

#[test]
fn a_python_service_passes_every_check_of_factor_11() {
    passes("factor-11", "python", "python3");
}
