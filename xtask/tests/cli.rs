//! `cargo xtask` as a person calls it, on a small copy of the workshop.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::{Command, Stdio};

use workshop::{ESCAPE, Workshop, contains};

#[path = "cli/book.rs"]
mod book;
#[path = "cli/capstone.rs"]
mod capstone;
#[path = "cli/watch.rs"]
mod watch;
#[path = "cli/workshop.rs"]
mod workshop;

const FAILED: &str = r#"{"format_version":1,"factors":{"factor-3":{"standing":"failed",
    "last_failure":{"check":"missing-required-fails-fast","reason":"started-anyway"},"hints_shown":{"started-anyway":1}}}}"#;

#[test]
fn help_is_there_in_both_languages_for_every_command() {
    let workshop = Workshop::new();
    workshop.prints("--help", &["Usage: cargo xtask", "Examples"]);
    workshop.prints("--help --lang ko", &["사용법: cargo xtask", "종료 코드"]);
    for command in [
        "check",
        "list",
        "hint",
        "reset",
        "diff",
        "solution",
        "start",
        "checkpoint",
        "watch",
        "doctor",
        "prefetch",
        "bundle",
        "unbundle",
        "rehearse",
        "tidy",
        "test",
        "book",
        "manifests",
    ] {
        let usage = format!("cargo xtask {command}");
        workshop.prints(&format!("{command} --help"), &["Usage:", "Example", &usage]);
        workshop.prints(&format!("--lang ko help {command}"), &["사용법:", "예\n", &usage]);
    }
}

#[test]
fn slips_end_with_the_line_that_helps() {
    let workshop = Workshop::new();
    workshop.refuses("chekc factor-3", &["no command `chekc`", "`check`"]);
    workshop.refuses("check confg", &["no factor `confg`", "`config`"]);
    workshop.refuses("check factor-3 --stict", &["no option `--stict`", "`--strict`"]);
    workshop.refuses("hint factor-3 --junit x", &["`--junit` is no option of `hint`", "`check`"]);
    workshop.refuses("factor-3", &["cargo xtask check factor-3"]);
    workshop.refuses("check factor-3 --only no-secret-in-repo", &["no check", "`no-secrets-in-repo`"]);
    workshop.refuses("check factor-3 --in vm", &["`--in vm` is unknown", "`--in container`"]);
    workshop.refuses("check factor-3 --path nowhere", &["nowhere"]);
    workshop.refuses("reset", &["which factor", "cargo xtask reset factor-0"]);
    workshop.refuses("--lang ko solution", &["어느 팩터인지", "cargo xtask solution factor-0"]);
    workshop.refuses("--lang ko lst", &["`lst` 명령은 없습니다", "`list`"]);
}

#[test]
fn the_locale_decides_the_language_and_the_option_overrides_it() {
    let workshop = Workshop::new();
    let says = |variables: &[(&str, &str)], words: &str, part: &str| {
        let mut xtask = workshop.xtask(words);
        let output = xtask.envs(variables.iter().copied()).output().unwrap();
        contains(&String::from_utf8(output.stdout).unwrap(), &[part]);
    };
    says(&[("LANG", "ko_KR.UTF-8")], "", "다음 명령:");
    says(&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C.UTF-8")], "", "Next:");
    says(&[("LC_ALL", "ko_KR.UTF-8")], "--lang en", "Next:");
}

#[test]
fn the_overview_says_where_the_attendee_is_and_what_is_next() {
    let workshop = Workshop::new();
    let exercises = grader::factors::FACTORS.len();
    workshop.prints(
        "",
        &[
            &format!("0 of {exercises} passed"),
            "you are here",
            "exercises/factor-00-set-up/README.md",
            "cargo xtask check factor-0",
        ],
    );
    workshop.write(".workshop/progress.json", FAILED);
    workshop.prints(
        "",
        &["not passed yet", "factor-3/missing-required-fails-fast (started-anyway)", "cargo xtask hint factor-3"],
    );
}

#[test]
fn colours_are_for_who_wants_them() {
    let workshop = Workshop::new();
    let colored = |variables: &[(&str, &str)], words: &str| {
        let output = workshop.xtask(words).envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains(ESCAPE)
    };
    assert!(colored(&[("CLICOLOR_FORCE", "1")], ""));
    assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], ""));
    assert!(!colored(&[("CLICOLOR_FORCE", "1")], "--plain"));
}

#[test]
fn the_list_is_for_people_and_for_programs() {
    let workshop = Workshop::new();
    workshop.prints("list", &["0 of 15", "Three hours", "Config", "env-drives-behaviour", "core", "15  Security"]);
    let output = workshop.xtask("list --json").assert().success();
    let list: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(list["format_version"], 1);
    assert_eq!(list["factors"].as_array().unwrap().len(), 16);
    assert_eq!(list["factors"][3]["checks"][0]["check"], "factor-3/env-drives-behaviour");
    assert!(list["factors"][3]["last_run"].is_null());
    let graded = r#"{"format_version":2,"factors":{"factor-3":{"standing":"passed","last_run":7}}}"#;
    workshop.write(".workshop/progress.json", graded);
    workshop.write("book/en/factor-03-config.md", "<!-- minutes: read 10, work 25 -->\n# Factor 3\n");
    workshop.prints("list", &["1 of 15", "passed", "days ago", "35 min", "cargo xtask watch factor-0"]);
    workshop.prints("list --lang ko", &["15개 중 1개 통과", "일 전", "35분"]);
}

#[test]
fn hints_go_on_step_by_step() {
    let workshop = Workshop::new();
    workshop.prints("hint factor-3", &["has not been graded yet", "cargo xtask check factor-3"]);
    workshop.write(".workshop/progress.json", FAILED);
    workshop.prints(
        "hint factor-3",
        &["missing-required-fails-fast (started-anyway), hint 2 of 3", "cargo xtask hint factor-3 3"],
    );
    workshop.prints("hint factor-3", &["hint 3 of 3", "cargo xtask check factor-3"]);
    workshop.prints("hint factor-3 1 --lang ko", &["힌트 1/3"]);
    workshop.prints("hint factor-3 --reason exited-zero", &["(exited-zero), hint 1 of 3"]);
    workshop.refuses("hint factor-3 --reason exited-zer", &["no reason code", "`exited-zero`"]);
    let inside = workshop.xtask_in("exercises/factor-03-config/src", "hint 1").assert().success();
    contains(&String::from_utf8(inside.get_output().stdout.clone()).unwrap(), &["started-anyway), hint 1 of 3"]);
}

#[test]
fn without_a_name_the_current_factor_is_meant() {
    let workshop = Workshop::new();
    workshop.prints("hint", &["factor-0 has not been graded yet"]);
    workshop.write(".workshop/progress.json", r#"{"format_version":1,"factors":{"factor-0":{"standing":"passed"}}}"#);
    workshop.prints("hint", &["factor-3 has not been graded yet"]);
    workshop.prints("diff", &["factor-3"]);
    // Which check is unknown can only be said once the factor is known.
    workshop.refuses("check --only no-secret-in-repo", &["no check", "`no-secrets-in-repo`"]);
    // The warm-up is skipped by whoever has begun elsewhere.
    workshop.write(".workshop/progress.json", r#"{"format_version":1,"factors":{"factor-3":{"standing":"passed"}}}"#);
    workshop.prints("hint", &["factor-11 has not been graded yet"]);
}

#[test]
fn the_latest_run_decides_what_a_hint_is_about() {
    let workshop = Workshop::new();
    workshop.write(".workshop/progress.json", FAILED);
    let report = |checks: &str| format!(r#"{{"factors":[{{"factor":"factor-3","checks":[{checks}]}}]}}"#);
    let failed = report(r#"{"check":"factor-3/no-secrets-in-repo","failure":{"reason":"canary-in-tree"}}"#);
    workshop.write("target/workshop/runs/latest/report.json", &failed);
    workshop.prints("hint factor-3", &["factor-3/no-secrets-in-repo (canary-in-tree), hint 1 of 3"]);
    workshop.write("target/workshop/runs/latest/report.json", &report(r#"{"check":"factor-3/a"}"#));
    workshop.prints("hint factor-3", &["Nothing failed in the last run"]);
}

#[test]
fn progress_of_a_newer_workshop_is_left_alone() {
    let workshop = Workshop::new();
    let newer = r#"{"format_version":9}"#;
    workshop.write(".workshop/progress.json", newer);
    let output = workshop.xtask("solution factor-3 --anyway").assert().success();
    contains(&String::from_utf8(output.get_output().stderr.clone()).unwrap(), &["newer workshop (format 9)"]);
    assert_eq!(fs::read_to_string(workshop.path(".workshop/progress.json")).unwrap(), newer);
}

#[test]
fn the_progress_may_live_elsewhere() {
    let workshop = Workshop::new();
    workshop.xtask("solution factor-3 --anyway").env("WORKSHOP_HOME", workshop.path("home")).assert().success();
    assert!(workshop.path("home/progress.json").is_file() && !workshop.path(".workshop").exists());
}

#[test]
fn reset_restores_what_is_edited_and_keeps_a_backup() {
    let workshop = Workshop::new();
    workshop.prints("reset factor-3", &["nothing to reset"]);
    let delivered = fs::read_to_string(workshop.exercise("src/main.rs")).unwrap();
    workshop.write("exercises/factor-03-config/src/main.rs", "mine");
    workshop.write("exercises/factor-03-config/src/new.rs", "new");
    workshop.write("exercises/factor-03-config/notes.txt", "notes");
    fs::remove_file(workshop.exercise(".env")).unwrap();

    let asked = workshop.xtask("reset factor-3").assert().code(2);
    contains(&String::from_utf8(asked.get_output().stderr.clone()).unwrap(), &["--yes"]);
    assert_eq!(fs::read_to_string(workshop.exercise("src/main.rs")).unwrap(), "mine");

    workshop
        .prints("reset factor-3 --yes", &["changed  src/main.rs", "added    src/new.rs", "removed  .env", "backups"]);
    assert_eq!(fs::read_to_string(workshop.exercise("src/main.rs")).unwrap(), delivered);
    assert!(!workshop.exercise("src/new.rs").exists() && workshop.exercise(".env").is_file());
    assert_eq!(fs::read_to_string(workshop.exercise("notes.txt")).unwrap(), "notes");
    let backup = fs::read_dir(workshop.path("target/workshop/backups")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read_to_string(backup.join("src/main.rs")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(backup.join("src/new.rs")).unwrap(), "new");
    workshop.prints("reset factor-3", &["nothing to reset"]);
}

#[test]
fn diff_shows_what_changed_since_the_starter() {
    let workshop = Workshop::new();
    workshop.prints("diff factor-3", &["no differences"]);
    let mine = fs::read_to_string(workshop.exercise("src/main.rs")).unwrap() + "// mine\n";
    workshop.write("exercises/factor-03-config/src/main.rs", &mine);
    workshop.prints("diff factor-3", &["--- starter/src/main.rs", "+++ yours/src/main.rs", "+// mine"]);
}

#[test]
fn the_solution_opens_after_core_or_by_a_recorded_decision() {
    let workshop = Workshop::new();
    workshop.refuses("solution factor-3", &["opens when its core checks pass", "--anyway"]);
    workshop.prints("solution factor-3 --anyway", &["solutions/factor-03-config", "skipped"]);
    let progress = fs::read_to_string(workshop.path(".workshop/progress.json")).unwrap();
    contains(&progress, &["\"solution\": \"skipped\""]);
    workshop.prints("solution factor-3 --diff", &["--- yours/src/main.rs", "+++ solution/src/main.rs", "repaired"]);

    workshop.write(".workshop/progress.json", r#"{"format_version":1,"factors":{"factor-3":{"core_passed":true}}}"#);
    workshop.prints("solution factor-3", &["solutions/factor-03-config"]);
    contains(&fs::read_to_string(workshop.path(".workshop/progress.json")).unwrap(), &["\"solution\": \"opened\""]);
}

#[test]
fn start_makes_a_repository_that_stands_alone() {
    let workshop = Workshop::new();
    workshop.prints("start factor-3", &["work/factor-3", "cargo xtask check factor-3 --path work/factor-3"]);
    let own = workshop.path("work/factor-3");
    let git = |words: &[&str]| {
        let output = Command::new("git").current_dir(&own).args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(git(&["rev-list", "--count", "HEAD"]).trim(), "1");
    assert_eq!(git(&["status", "--porcelain"]), "");
    let tracked = git(&["ls-files"]);
    contains(&tracked, &[".env", ".gitignore", "Cargo.lock", "README.ko.md", "app.toml", "src/main.rs"]);
    assert!(!tracked.contains("check.rs"), "{tracked}");
    for readme in ["README.md", "README.ko.md"] {
        let words = fs::read_to_string(own.join(readme)).unwrap();
        let own_check = "cargo xtask check factor-3 --path work/factor-3";
        assert_eq!(words.matches("cargo xtask check").count(), words.matches(own_check).count(), "{words}");
        contains(&words, &[own_check, "cargo xtask hint factor-3`"]);
    }
    let metadata = Command::new("cargo")
        .current_dir(&own)
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let updated =
        Command::new("cargo").current_dir(&own).args(["update", "--workspace", "--offline"]).output().unwrap();
    assert!(
        updated.status.success() && git(&["status", "--porcelain"]).is_empty(),
        "the lock file is as cargo wants it"
    );
    workshop.refuses("start factor-3", &["is not empty", "--path"]);
}

#[test]
fn start_brings_the_same_task_in_another_language() {
    let workshop = Workshop::new();
    workshop.prints("start factor-6 --in-language python", &["cargo xtask check factor-6 --path work/factor-6"]);
    let own = workshop.path("work/factor-6");
    let store = fs::read_to_string(own.join("links/store.py")).unwrap();
    contains(&store, &["TODO(factor 6)"]);
    contains(&fs::read_to_string(own.join("README.md")).unwrap(), &["# Factor 6: Processes", "--path work/factor-6`"]);
    for absent in ["Cargo.toml", "Cargo.lock", "src", "other-languages"] {
        assert!(!own.join(absent).exists(), "{absent}");
    }
    workshop.prints("start factor-6 --path work/rust", &["work/rust"]);
    assert!(workshop.path("work/rust/src/store.rs").exists() && !workshop.path("work/rust/other-languages").exists());
    workshop.refuses("start factor-6 --in-language cobol --path work/c", &["cobol", "node, python"]);
    workshop.refuses("start factor-11 --in-language python --path work/c", &["there is no starter of factor-11"]);
    assert!(!workshop.path("work/c").exists(), "a language that is not there leaves nothing behind");
}

#[test]
fn doctor_says_what_is_missing_without_a_network() {
    let workshop = Workshop::new();
    workshop.prints("doctor", &["Rust", "git", "memory", "This machine is"]);
    workshop.prints("doctor --lang ko", &["이 컴퓨터는"]);
    // Whether there is an engine here decides whether there is something to say about images.
    let nowhere = format!("unix://{}", workshop.path("nowhere.sock").display());
    let output = workshop.xtask("doctor --json").env("DOCKER_HOST", nowhere).assert().success();
    let report: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let ids: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap()).collect();
    let looked = "system rust linker git crates book disk temp target memory cpu open-files drive events clock loopback proxy scanner \
                  sandbox hangul";
    // The program that starts servers is not compiled in this workshop, so doctor says so instead of what it would find.
    let of_programs = ["backing", "containers"];
    assert_eq!(ids, looked.split_whitespace().chain(of_programs).collect::<Vec<_>>());

    workshop.refuses("doctor --fix", &["asks first", "--yes"]);
    workshop.refuses("doctor --fix --json", &["--json, --fix exclude each other"]);
    let broken = workshop.xtask("doctor").env("PATH", "").assert().code(1);
    contains(&String::from_utf8(broken.get_output().stdout.clone()).unwrap(), &["MISSING", "Fix:", "not ready"]);
}

#[test]
fn prefetch_goes_through_all_parts_and_names_those_that_failed() {
    let workshop = Workshop::new();
    // A Cargo that writes down what it is asked for and cannot compile the book.
    workshop.write("cargo", "#!/bin/sh\necho \"$*\" >> \"$0.calls\"\ncase \"$*\" in *book*) exit 101 ;; esac\n");
    let cargo = workshop.path("cargo");
    fs::set_permissions(&cargo, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut prefetch = workshop.xtask("prefetch --without-images");
    let output = prefetch.env("CARGO", &cargo).env("CARGO_HOME", workshop.path("downloads")).assert().code(1);
    let said = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    contains(
        &said,
        &["could not be downloaded", "Not everything is here: cargo fetch --locked, book.", "goes on where it stopped"],
    );
    let calls = fs::read_to_string(workshop.path("cargo.calls")).unwrap();
    contains(
        &calls,
        &["fetch --locked", "--package backing", "--package server", "--package room", "--package factor-03-config"],
    );
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let workshop = Workshop::new();
    for words in ["list", "--help", "hint factor-3", "doctor", ""] {
        let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
        xtask
            .current_dir(workshop.path(""))
            .args(words.split_whitespace())
            .env("CARGO_MANIFEST_DIR", workshop.path("xtask"));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = xtask.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert!(output.status.success(), "{words:?} ends with {}", output.status);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
    }
}

#[test]
fn the_program_starts_itself_for_nothing_at_once() {
    Workshop::new().xtask("__nothing").assert().success().stdout("").stderr("");
}
