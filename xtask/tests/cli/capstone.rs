//! `start capstone` and `checkpoint`: repositories of one's own that stand alone, and build.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::workshop::{Workshop, contains};

#[test]
fn start_capstone_makes_a_service_that_builds_and_brings_the_contract() {
    let workshop = Workshop::with(&["exercises/capstone", "CONTRACT.md", "CONTRACT.ko.md"]);
    workshop.prints("start capstone", &["work/capstone", "cargo xtask check --all --path work/capstone"]);
    let own = workshop.path("work/capstone");
    is_a_clean_repository(
        &own,
        &["CONTRACT.md", "CONTRACT.ko.md", "Cargo.lock", "README.ko.md", "app.toml", "src/main.rs"],
    );
    for (readme, words) in [("README.md", "# Your capstone"), ("README.ko.md", "# 나의 캡스톤")] {
        let known = fs::read_to_string(own.join(readme)).unwrap();
        contains(&known, &[words, "cargo xtask check --all --path work/capstone", "cargo xtask checkpoint 8"]);
    }
    builds(&own);
    workshop.refuses("start capstone", &["is not empty", "--path"]);
    workshop.refuses("start capstone --in-language python", &["begins in Rust", "app.toml"]);
    workshop.refuses("start capstone here --path there", &["DIR", "--path"]);
    workshop.prints("start capstone elsewhere --lang ko", &["캡스톤", "elsewhere"]);
    assert!(workshop.path("elsewhere/app.toml").exists());
}

#[test]
fn checkpoint_writes_the_complete_service_beside_ones_own() {
    let workshop = Workshop::with(&["solutions/complete", "CONTRACT.md", "CONTRACT.ko.md"]);
    workshop.prints("checkpoint 8", &["factors 1 to 8", "cargo xtask check --all --path work/checkpoint-8"]);
    let own = workshop.path("work/checkpoint-8");
    is_a_clean_repository(&own, &["CONTRACT.md", "ci/pipeline", "k8s/base/web.yaml", "migrations", "src/worker.rs"]);
    assert!(!own.join("mutants").exists(), "what breaks it is the workshop's own");
    contains(&fs::read_to_string(own.join("README.md")).unwrap(), &["factors 1 to 8", "later factors", "`links`"]);
    builds(&own);
    workshop.refuses("checkpoint 8", &["is not empty"]);
    workshop.refuses("checkpoint", &["from 1 to 15", "cargo xtask checkpoint 8"]);
    workshop.refuses("checkpoint 0", &["from 1 to 15"]);
    workshop.refuses("checkpoint eight", &["no factor `eight`"]);
    workshop.prints("checkpoint config there --lang ko", &["1부터 3까지", "there"]);
}

/// One commit, and nothing beside it.
#[track_caller]
fn is_a_clean_repository(folder: &Path, files: &[&str]) {
    let git = |words: &[&str]| {
        let output = Command::new("git").current_dir(folder).args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(git(&["rev-list", "--count", "HEAD"]).trim(), "1");
    assert_eq!(git(&["status", "--porcelain"]), "");
    contains(&git(&["ls-files"]), files);
}

/// With what this machine has downloaded, and with what the workshop has compiled.
#[track_caller]
fn builds(folder: &Path) {
    let target = Path::new(env!("CARGO_BIN_EXE_xtask")).ancestors().nth(2).unwrap();
    let mut cargo = Command::new("cargo");
    let built = cargo.current_dir(folder).args(["build", "--offline", "--locked"]).env("CARGO_TARGET_DIR", target);
    let built = built.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}
