//! Lock files of three languages, asked for real, and services that would like the grader to read what is not theirs.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::scene::{Ended, Scene};

const CARGO: &str =
    "[package]\nname = \"locked\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n";
const NODE: &str = r#"{"name":"locked","version":"1.0.0","dependencies":{"left-pad":"^1.3.0"}}"#;
const NODE_LOCK: &str = r#"{"name":"locked","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{
"":{"name":"locked","version":"1.0.0","dependencies":{"left-pad":"^1.3.0"}},
"node_modules/left-pad":{"version":"1.3.0","resolved":"https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz",
"integrity":"sha512-XI5MPzVNApjAyhQzphX8BkmKsKUxD4LdyK24iZeQGinBN9yTQT3bFlCBy/aVx2HrNcqQGsdot8ghrjyrvMCoEA=="}}}"#;
const SECRET: &str = "sk-not-for-the-grader";

fn locked(scene: &Scene) -> Ended {
    scene.grade("check factor-2 --only lockfile-complete")
}

/// A Rust package beside the service, with one dependency that this workshop has downloaded anyway.
fn with_cargo(dependency: &str) -> Scene {
    let scene = Scene::links("");
    scene.write("Cargo.toml", CARGO);
    scene.write("src/main.rs", "fn main() {}\n");
    let cargo = Command::new("cargo").args(["generate-lockfile", "--offline"]).current_dir(scene.service()).output();
    assert!(cargo.is_ok_and(|ended| ended.status.success()), "cargo cannot lock nothing at all");
    scene.write("Cargo.toml", &format!("{CARGO}{dependency}\n"));
    scene
}

#[test]
fn cargo_tells_a_whole_lock_file_from_a_stale_one() {
    let scene = with_cargo("fastrand = \"2\"");
    locked(&scene).ended(1, &["lock-incomplete", "fastrand 2."]);
    let cargo = Command::new("cargo").args(["generate-lockfile", "--offline"]).current_dir(scene.service()).output();
    assert!(cargo.is_ok_and(|ended| ended.status.success()), "fastrand is not on this machine");
    locked(&scene).said(0, &["PASS"]);
    scene.write(".gitignore", "Cargo.lock\n");
    locked(&scene).ended(1, &["lock-ignored"]);
    fs::remove_file(scene.service().join(".gitignore")).unwrap();
    fs::remove_file(scene.service().join("Cargo.lock")).unwrap();
    locked(&scene).ended(1, &["no-lock-file", "there is no Cargo.lock"]);
    scene.leaves_nothing();
}

#[test]
fn npm_tells_a_whole_lock_file_from_a_stale_one() {
    if Command::new("npm").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "this test needs npm");
        return eprintln!("skipped: no npm on this machine");
    }
    let scene = Scene::links("");
    scene.write("package.json", NODE);
    locked(&scene).ended(1, &["no-lock-file", "there is no package-lock.json"]);
    scene.write("package-lock.json", NODE_LOCK);
    locked(&scene).said(0, &["PASS"]);
    scene.write("package.json", &NODE.replace("^1.3.0\"", "^1.3.0\",\"is-odd\":\"^3.0.0\""));
    locked(&scene).ended(1, &["lock-incomplete", "is-odd"]);
    scene.leaves_nothing();
}

#[test]
fn requirements_are_exact_and_hold_what_was_installed() {
    let scene = Scene::links("");
    scene.write("requirements.txt", "# none of its own\n-r more.txt\n");
    scene.write("more.txt", "redis>=8\n");
    locked(&scene).ended(1, &["not-pinned", "more.txt says `redis>=8`"]);
    scene.write("more.txt", "redis==8.1.0 \\\n    --hash=sha256:00\n");
    locked(&scene).said(0, &["PASS"]);
    // What `pip install --target` leaves behind, as a part of the release.
    scene.write("site/async_timeout-5.0.1.dist-info/METADATA", "Name: async-timeout\n");
    let words = fs::read_to_string(scene.service().join("app.toml")).unwrap();
    scene.write("app.toml", &words.replace("\"app.py\"]", "\"app.py\", \"site\"]"));
    locked(&scene).ended(1, &["lock-incomplete", "async-timeout 5.0.1"]);
    scene.leaves_nothing();
}

#[test]
fn another_language_is_not_tested_and_not_blamed() {
    let scene = Scene::links("");
    scene.write("go.mod", "module links\n");
    locked(&scene).ended(4, &["UNGRADED", "Cargo.toml, package.json and requirements.txt"]);
    scene.leaves_nothing();
}

#[test]
fn a_requirement_file_outside_of_the_clone_is_not_read() {
    let scene = Scene::links("");
    fs::write(scene.path("outside.txt"), SECRET).unwrap();
    symlink(scene.path("outside.txt"), scene.service().join("link.txt")).unwrap();
    symlink(scene.path(""), scene.service().join("folder")).unwrap();
    for name in ["link.txt", "folder/outside.txt", "../../../outside.txt", scene.path("outside.txt").to_str().unwrap()]
    {
        scene.write("requirements.txt", &format!("-r {name}\n"));
        let ended = locked(&scene);
        ended.ended(70, &["is no file of the repository"]);
        assert!(!ended.stdout.contains(SECRET), "{}", ended.stdout);
    }
    scene.leaves_nothing();
}

#[test]
fn a_lock_file_that_is_a_link_is_none() {
    let scene = with_cargo("");
    fs::rename(scene.service().join("Cargo.lock"), scene.path("Cargo.lock")).unwrap();
    symlink(scene.path("Cargo.lock"), scene.service().join("Cargo.lock")).unwrap();
    locked(&scene).ended(1, &["no-lock-file"]);
    scene.leaves_nothing();
}

#[test]
fn a_tool_is_seen_whatever_the_language_and_the_interpreter_is_none() {
    let quiet = Scene::links("");
    quiet.grade("check factor-2 --only no-tool-is-called").said(0, &["PASS"]);
    quiet.grade("check factor-2 --only runs-with-empty-path").said(0, &["PASS"]);
    quiet.leaves_nothing();
    let calling = Scene::links("import subprocess\ndef before_listening():\n    subprocess.run(['uname'])\n");
    calling.grade("check factor-2 --only no-tool-is-called").ended(1, &["called-at-start", "it ran uname"]);
    calling.leaves_nothing();
}
