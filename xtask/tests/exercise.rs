//! `cargo test -p factor-03-config` is a way to grade: it fails on the starter and shows the report.
//!
//! One exercise is enough: tidy sees to it that the others' tests are the same, and the matrix grades every starter.
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::Path;
use std::process::Command;

use grader::{factors, pristine};

#[test]
fn the_test_of_an_exercise_fails_on_its_starter_and_shows_the_report() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let factor = factors::find("factor-3").unwrap();
    let folder = root.join("exercises").join(factor.folder());
    let starter = pristine::parse(factor.exercise.pristine).unwrap();
    let untouched = starter.iter().all(|file| pristine::read(&folder, &file.path).is_ok_and(|now| now == *file));
    if !untouched {
        assert!(std::env::var_os("CI").is_none(), "{} differs from its starter", factor.id());
        eprintln!("skipped: {} has been edited", factor.id());
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["test", "--package", &factor.folder(), "--test", "check"])
        .current_dir(root)
        .env("WORKSHOP_HOME", home.path())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success(), "{said}");
    assert!(said.contains(&format!("FAIL {}/", factor.id())), "{said}");
}
