//! Pipelines of services that are not Rust: each adapter makes its mistakes for real, and what no adapter knows is UNGRADED.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::scene::{Ended, Scene, python};
use crate::trees::{contents, git, repository};

/// The scripts of the reference solution; what a release starts and what a commit must pass differs by language.
const COMMON: &str = include_str!("../../../solutions/factor-14-automation/ci/common");
const DEPLOY: &str = include_str!("../../../solutions/factor-14-automation/ci/deploy");
const ROLLBACK: &str = include_str!("../../../solutions/factor-14-automation/ci/rollback");
const NO_SECRETS: &str = include_str!("../../../solutions/factor-14-automation/ci/no-secrets");

/// What makes one language's service.
struct Kit {
    program: String,
    file: &'static str,
    gates: &'static [&'static str],
}

fn python_kit() -> Kit {
    Kit {
        program: python().to_owned(),
        file: "app.py",
        gates: &[
            "if grep -qvE '^#|==' requirements.txt; then exit 1; fi",
            "PROGRAM -m compileall -q .",
            "PROGRAM -m unittest discover -q",
        ],
    }
}

/// A machine without Node cannot try it.
fn node_kit() -> Option<Kit> {
    if Command::new("npm").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "this test needs npm");
        eprintln!("skipped: no npm on this machine");
        return None;
    }
    Some(Kit {
        program: "node".to_owned(),
        file: "screen.mjs",
        gates: &["npm ci --offline --ignore-scripts --no-audit", "node --check screen.mjs", "node --test"],
    })
}

impl Kit {
    /// The service with its pipeline, whose gates are these, all in one commit.
    fn scene(&self, gates: &[&str]) -> Scene {
        let scene = Scene::empty();
        scene.write("app.py", include_str!("screen.py"));
        scene.write("screen.mjs", include_str!("screen.mjs"));
        scene.write("requirements.txt", "# for deploys\nredis==8.1.0\n");
        scene.write("package.json", "{\"name\": \"screen\", \"version\": \"1.0.0\", \"type\": \"module\"}\n");
        let lock = "{\"name\": \"screen\", \"version\": \"1.0.0\", \"lockfileVersion\": 3, \"requires\": true,";
        scene.write(
            "package-lock.json",
            &format!("{lock} \"packages\": {{\"\": {{\"name\": \"screen\", \"version\": \"1.0.0\"}}}}}}\n"),
        );
        scene.write("VERSION", "a commit\n");
        scene.write(
            "test_hosts.py",
            "import unittest\n\n\nclass Hosts(unittest.TestCase):\n    def test_hosts(self):\n        pass\n",
        );
        scene.write("app.toml", &self.app_toml());
        let starts = format!("exec {} \"$1/app/{}\" web", self.program, self.file);
        self.scripts(&scene, &starts, gates);
        repository(&scene.service());
        scene
    }

    fn app_toml(&self) -> String {
        let Self { program, file, .. } = self;
        format!(
            "contract = \"jjalda/v1\"\n\n[app.screen]\nrelease = [\"{file}\", \"VERSION\"]\n\n[app.screen.process]\n\
             web = [\"{program}\", \"{{release}}/{file}\"]\n\n[pipeline]\nrun = [\"./ci/pipeline\"]\n\
             deploy = [\"./ci/deploy\"]\nrollback = [\"./ci/rollback\"]\n"
        )
    }

    fn scripts(&self, scene: &Scene, starts: &str, gates: &[&str]) {
        let gates: Vec<String> = gates.iter().map(|gate| gate.replace("PROGRAM", &self.program)).collect();
        let publish = "commit=$(git rev-parse HEAD)\nid=$(date -u +%s%N)-${commit:0:12}\nnew=$store/.new-$id\nmkdir -p \"$new/app\"\n\
             cp FILE \"$new/app/\"\nprintf %s \"$commit\" >\"$new/app/VERSION\"\n\
             printf '{\"id\": \"%s\", \"commit\": \"%s\", \"built_at\": \"%s\", \"sha256\": \"%s\"}' \"$id\" \"$commit\" \
             \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\" \"$(digest \"$new/app\")\" >\"$new/release.json\"\nmv \"$new\" \"$store/$id\"\n"
            .replace("FILE", self.file);
        let pipeline = format!(
            "#!/usr/bin/env bash\nset -euo pipefail\ncd \"$(dirname \"$0\")/..\"\n. ci/common\nci/no-secrets\n{}\n{publish}",
            gates.join("\n")
        );
        let common = COMMON.replace("exec \"$1/app/$program\" web", starts);
        assert_ne!(common, COMMON, "the reference starts its releases in another way now");
        let scripts = [
            ("common", &*common),
            ("pipeline", &pipeline),
            ("deploy", DEPLOY),
            ("rollback", ROLLBACK),
            ("no-secrets", NO_SECRETS),
        ];
        for (name, words) in scripts {
            let path = format!("ci/{name}");
            scene.write(&path, words);
            fs::set_permissions(scene.service().join(path), fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
}

fn check(scene: &Scene, words: &str) -> Ended {
    scene.grade(&format!("check factor-14 {words}"))
}

/// One world after the other: a test that holds one while it waits for another could wait for ever.
fn is_right_and_each_gate_counts(kit: &Kit) {
    passes_and_is_left_alone(kit);
    let [lock, _build, tests] = kit.gates else { panic!("three gates") };
    without_tests(kit, lock);
    let scene = kit.scene(&[tests]);
    check(&scene, "--only red-on-each-defect").ended(1, &["lock-passes"]);
    scene.leaves_nothing();
}

fn passes_and_is_left_alone(kit: &Kit) {
    let scene = kit.scene(kit.gates);
    let before = contents(&scene.service());
    // What is extra credit is not required: there is no workflow file.
    check(&scene, "").said(0, &["passed", "no-workflow"]);
    assert!(contents(&scene.service()) == before, "the repository was changed");
    scene.leaves_nothing();
}

fn without_tests(kit: &Kit, lock: &str) {
    let scene = kit.scene(&[lock]);
    check(&scene, "--only red-on-failing-test").ended(1, &["green-anyway", "failing test in"]);
    check(&scene, "--only red-on-broken-build").ended(1, &["green-anyway", kit.file]);
    scene.leaves_nothing();
}

#[test]
fn a_pipeline_in_python_passes_and_each_of_its_gates_is_needed() {
    is_right_and_each_gate_counts(&python_kit());
}

#[test]
fn a_pipeline_in_node_passes_and_each_of_its_gates_is_needed() {
    let Some(kit) = node_kit() else { return };
    is_right_and_each_gate_counts(&kit);
}

#[test]
fn a_language_without_an_adapter_is_ungraded_where_one_is_needed() {
    let scene = python_kit().scene(&[]);
    let script = format!("#!{}\n{}", python(), include_str!("screen.py"));
    scene.write("screen", &script);
    fs::set_permissions(scene.service().join("screen"), fs::Permissions::from_mode(0o755)).unwrap();
    let words = fs::read_to_string(scene.service().join("app.toml")).unwrap();
    let web = format!("\"{}\", \"{{release}}/app.py\"", python());
    scene.write("app.toml", &words.replace(&web, "\"{release}/screen\"").replace("\"app.py\"", "\"screen\""));
    git(&scene.service(), &["add", "--all"]);
    check(&scene, "--only red-on-failing-test").said(4, &["UNGRADED", "it knows Rust"]);
    scene.leaves_nothing();
}

/// What is graded is what was committed; whoever has just repaired the script is told so.
#[test]
fn a_repair_that_waits_for_a_commit_is_named() {
    let kit = python_kit();
    let scene = kit.scene(&["exit 3"]);
    kit.scripts(&scene, "exec true", &[]);
    let ended = check(&scene, "--only one-command-green");
    ended.ended(1, &["not-green", "exit code 3", "not in the clone, since no commit has it: ci/common, ci/pipeline"]);
    scene.leaves_nothing();
}

/// Whoever waits for an answer that nobody can give is ended, together with all that it started.
#[test]
fn a_pipeline_without_an_end_is_ended() {
    let scene = python_kit().scene(&["sleep 7777 &", "wait"]);
    let mut command = scene.command("check factor-14 --only one-command-green");
    command.env("WORKSHOP_HANG_GUARD_MS", "500");
    Ended::of(command).ended(1, &["not-green", "does it wait for somebody?"]);
    scene.leaves_nothing();
}
