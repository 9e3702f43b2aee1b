//! `cargo xtask watch` up to the moment in which it becomes the other program.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::workshop::{Workshop, contains};

/// Writes down what it was asked, and puts a stand-in where cargo would put the program.
const CARGO: &str = r#"#!/bin/sh
echo "cargo $*" >> calls
mkdir -p target/debug
cp watcher target/debug/workshop-watch
"#;

/// Says how it was called.
const WATCHER: &str = "#!/bin/sh\necho \"watching: $*\"\n";

fn workshop() -> Workshop {
    let workshop = Workshop::new();
    for (path, words) in [("cargo", CARGO), ("watcher", WATCHER)] {
        workshop.write(path, words);
        fs::set_permissions(workshop.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    }
    workshop
}

#[test]
fn the_program_is_compiled_and_takes_over_with_the_same_words() {
    let workshop = workshop();
    let mut xtask = workshop.xtask("watch factor-3 --manual-run --lang ko");
    let output = xtask.env("CARGO", workshop.path("cargo")).assert().success();
    let [said, beside] =
        [&output.get_output().stdout, &output.get_output().stderr].map(|bytes| String::from_utf8_lossy(bytes));
    contains(&said, &["watching: watch factor-3 --manual-run --lang ko"]);
    contains(&beside, &["컴파일합니다"]);
    let calls = fs::read_to_string(workshop.path("calls")).unwrap();
    assert_eq!(calls, "cargo build --package watch --bin workshop-watch\n");
}

#[test]
fn what_cannot_be_watched_is_said_before_anything_is_compiled() {
    let workshop = workshop();
    workshop.refuses("watch confg", &["no factor `confg`", "`config`"]);
    workshop.refuses("watch factor-1 --json", &["`--json` is no option of `watch`"]);
    workshop.refuses("watch --path nowhere", &["nowhere"]);
    assert!(!workshop.path("calls").exists());
}
