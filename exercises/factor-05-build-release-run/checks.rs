//! Factor 5, build, release, run: built once, released with a name and a configuration, and run without being changed.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/build.rs"]
mod build;
#[path = "checks/edits.rs"]
mod edits;
#[path = "checks/manifests.rs"]
mod manifests;
#[path = "checks/pods.rs"]
mod pods;
#[path = "checks/release.rs"]
mod release;
#[path = "checks/rollback.rs"]
mod rollback;
#[path = "checks/run.rs"]
mod run;
#[path = "checks/scene.rs"]
mod scene;
#[path = "checks/tools.rs"]
mod tools;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(scene::smoke(lab)),
    // What a build takes of a deploy is there while it is built, and missing where the check builds it once more.
    poisoned_at_build: &["PUBLIC_BASE_URL", "SCREEN_API_KEY", "SCREEN_URL"],
    seeded: &[
        "run-changes-nothing",
        "release-has-unique-id",
        "rollback-is-exact",
        "k8s-config-in-configmap",
        "k8s-release-is-immutable",
        "manifest-really-runs",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 8] = [
    Check {
        id: "run-changes-nothing",
        tier: Tier::Core,
        fact: Words {
            en: "It runs from files that nobody may write to, without compilers and without a network",
            ko: "읽기 전용 파일만으로, 컴파일러와 네트워크 없이 실행됩니다",
        },
        reasons: &["writes-into-release", "needs-writable-release", "needs-build-tools", "reaches-out"],
        run: |lab| Box::pin(run::run_changes_nothing(lab)),
    },
    Check {
        id: "release-has-unique-id",
        tier: Tier::Core,
        fact: Words {
            en: "One build becomes releases with names of their own, which `/version` and the log tell",
            ko: "한 빌드로 만든 릴리즈마다 이름이 있고, `/version`과 로그에서 알 수 있습니다",
        },
        reasons: &["release-id-ignored", "build-id-changes", "id-not-logged"],
        run: |lab| Box::pin(release::release_has_unique_id(lab)),
    },
    Check {
        id: "build-needs-no-deploy",
        tier: Tier::Full,
        fact: Words {
            en: "The build knows no deploy: it needs none of its variables and reaches nothing of it",
            ko: "빌드는 어느 배포도 모릅니다. 배포의 환경 변수도, 배포가 쓰는 서비스도 필요 없습니다",
        },
        reasons: &["build-needs-deploy", "build-reaches-out"],
        run: |lab| Box::pin(build::build_needs_no_deploy(lab)),
    },
    Check {
        id: "rollback-is-exact",
        tier: Tier::Full,
        fact: Words {
            en: "After a newer release, the older one runs again exactly as before",
            ko: "새 릴리즈를 실행한 뒤 이전 릴리즈로 돌아가면 전과 똑같이 동작합니다",
        },
        reasons: &["release-changed", "answers-differ"],
        run: |lab| Box::pin(rollback::rollback_is_exact(lab)),
    },
    Check {
        id: "k8s-config-in-configmap",
        tier: Tier::Full,
        fact: Words {
            en: "Pods take their configuration from ConfigMaps and their secrets from Secrets, and all of it is there",
            ko: "Pod는 설정을 ConfigMap에서, 비밀 값을 Secret에서 가져오며 빠진 것이 없습니다",
        },
        reasons: &[
            "no-manifests",
            "manifest-not-valid",
            "dangling-reference",
            "secret-in-configmap",
            "literal-value",
            "variable-missing",
        ],
        run: |lab| Box::pin(manifests::config_in_configmap(lab)),
    },
    Check {
        id: "k8s-release-is-immutable",
        tier: Tier::Full,
        fact: Words {
            en: "A change of config is a new release, and each release names its image",
            ko: "설정을 바꾸면 새 릴리즈가 되고, 릴리즈마다 이미지가 정해져 있습니다",
        },
        reasons: &[
            "no-manifests",
            "image-not-pinned",
            "environments-differ",
            "config-edit-unnoticed",
            "rendering-differs",
        ],
        run: |lab| Box::pin(manifests::release_is_immutable(lab)),
    },
    Check {
        id: "manifest-really-runs",
        tier: Tier::Full,
        fact: Words {
            en: "The program becomes ready with what its manifests give it, and with nothing else",
            ko: "매니페스트가 주는 것만으로 프로그램이 준비 상태가 됩니다",
        },
        reasons: &["no-manifests", "not-made", "not-started", "not-ready", "not-left-alive", "release-unnamed"],
        run: |lab| Box::pin(pods::manifest_really_runs(lab)),
    },
    Check {
        id: "run-is-cheap",
        tier: Tier::Extra,
        fact: Words {
            en: "Starting it builds nothing, and what runs is what was built",
            ko: "시작할 때 아무것도 빌드하지 않고, 빌드한 것이 그대로 실행됩니다",
        },
        reasons: &["builds-at-start", "runs-what-was-not-built"],
        run: |lab| Box::pin(run::run_is_cheap(lab)),
    },
];
