//! A correct service in a repository of its own, and what can be wrong with the repository alone.

use std::fs;

use crate::scene::{Ended, Scene, python};
use crate::trees::{contents, git, repository, trap};

/// A correct `screen` that knows its commit, with nothing committed yet.
fn screen() -> Scene {
    let scene = Scene::empty();
    scene.write("app.py", include_str!("screen.py"));
    scene.write("build.py", include_str!("screen-build.py"));
    let python = python();
    let app = format!(
        "build = [\"{python}\", \"build.py\", \"{{target}}\"]\nrelease = [\"app.py\", \"{{target}}/VERSION\"]\n"
    );
    let web = format!("[app.screen.process]\nweb = [\"{python}\", \"{{release}}/app.py\"]\n");
    scene.write("app.toml", &format!("contract = \"jjalda/v1\"\n\n[app.screen]\n{app}\n{web}"));
    scene
}

fn committed() -> Scene {
    let scene = screen();
    repository(&scene.service());
    scene
}

fn check(scene: &Scene, id: &str) -> Ended {
    scene.grade(&format!("check factor-1 --only {id}"))
}

#[test]
fn a_correct_service_in_another_language_passes_and_its_hostile_repository_stays_as_it_is() {
    let scene = screen();
    let marker = scene.path("ran");
    trap(&scene.service(), &marker);
    let before = contents(&scene.service());
    scene.grade("check factor-1 --strict").said(0, &["passed"]);
    assert!(!marker.exists(), "the repository ran {}", fs::read_to_string(&marker).unwrap());
    assert!(contents(&scene.service()) == before, "the repository was changed");
    scene.leaves_nothing();
}

/// As `git rebase --exec` and hooks set them: what asks git in a build must be told of the clone.
#[test]
fn variables_of_git_lead_neither_the_grader_nor_a_build_to_another_repository() {
    let scene = committed();
    let other = scene.path("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("mine.txt"), "the attendee's own").unwrap();
    repository(&other);
    let before = contents(&other);
    let mut command = scene.command("check factor-1 --strict");
    command
        .env("GIT_DIR", other.join(".git"))
        .env("GIT_WORK_TREE", &other)
        .env("GIT_INDEX_FILE", other.join(".git/index"));
    Ended::of(command).said(0, &["passed"]);
    assert!(contents(&other) == before, "the other repository was changed");
    scene.leaves_nothing();
}

#[test]
fn what_waits_for_a_commit_is_named() {
    let scene = screen();
    check(&scene, "tracked-and-clean").ended(1, &["not-committed", "it is not"]);
    git(&scene.service(), &["init", "--quiet"]);
    git(&scene.service(), &["add", "--all"]);
    check(&scene, "tracked-and-clean").ended(1, &["not-committed", "it is not"]);
    repository(&scene.service());
    check(&scene, "tracked-and-clean").said(0, &["PASS"]);
    scene.write("notes.txt", "not yet");
    check(&scene, "tracked-and-clean").ended(1, &["not-committed", "?? notes.txt"]);
    scene.leaves_nothing();
}

#[test]
fn a_submodule_with_an_address_is_nothing_that_waits() {
    let scene = screen();
    scene.write(".gitmodules", "[submodule \"lib\"]\n\tpath = lib\n\turl = ../lib.git\n");
    repository(&scene.service());
    let link = "160000,0123456789012345678901234567890123456789,lib";
    git(&scene.service(), &["update-index", "--add", "--cacheinfo", link]);
    git(&scene.service(), &["commit", "--quiet", "--message", "a submodule"]);
    fs::create_dir(scene.service().join("lib")).unwrap();
    scene.grade("check factor-1 --strict").said(0, &["passed"]);
    scene.leaves_nothing();
}

#[test]
fn a_file_that_only_the_attendee_has_is_named() {
    let scene = screen();
    scene.write("app.py", &format!("{}\n", include_str!("screen.py").replace("BUILD = ", "import rules\n\nBUILD = ")));
    scene.write("rules.py", "");
    let manifest = fs::read_to_string(scene.service().join("app.toml")).unwrap();
    scene.write("app.toml", &manifest.replace("\"app.py\",", "\"app.py\", \"rules.py\","));
    repository(&scene.service());
    git(&scene.service(), &["rm", "--quiet", "--cached", "rules.py"]);
    git(&scene.service(), &["commit", "--quiet", "--message", "rules are mine"]);
    check(&scene, "clean-clone-builds").ended(1, &["clone-incomplete", "no commit has it: rules.py"]);
    scene.write(".gitignore", "rules*\n");
    scene.grade("check factor-1").blocked("program-missing", &["there is no rules.py"]);
    scene.leaves_nothing();
}

#[test]
fn a_repair_that_waits_for_a_commit_is_named() {
    let scene = screen();
    let build = fs::read_to_string(scene.service().join("build.py")).unwrap();
    scene.write("build.py", &build.replace("git(\"rev-parse\", \"HEAD\") + mark", "\"v1.0.0\""));
    repository(&scene.service());
    check(&scene, "version-identifies-commit").ended(1, &["not-the-commit", "\"build\": \"v1.0.0\""]);
    scene.write("build.py", &build);
    check(&scene, "version-identifies-commit").ended(1, &["not-the-commit", "no commit has it: build.py"]);
    git(&scene.service(), &["commit", "--quiet", "--all", "--message", "the repair"]);
    check(&scene, "version-identifies-commit").said(0, &["PASS"]);
    scene.leaves_nothing();
}

#[test]
fn a_branch_for_an_environment_is_remarked_and_not_judged() {
    let scene = committed();
    git(&scene.service(), &["checkout", "--quiet", "-b", "production"]);
    scene.write("app.py", &include_str!("screen.py").replace("A page of", "A fine page of"));
    git(&scene.service(), &["commit", "--quiet", "--all", "--message", "a sentence of its own"]);
    git(&scene.service(), &["checkout", "--quiet", "main"]);
    git(&scene.service(), &["branch", "staging"]);
    let ended = check(&scene, "no-env-forks");
    ended.said(0, &["PASS", "note:", "the branch production has source files of its own"]);
    assert!(!ended.stdout.contains("staging"), "{}", ended.stdout);
    scene.leaves_nothing();
}
