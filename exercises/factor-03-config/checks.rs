//! Factor 3, config: everything that differs between deploys comes from the environment, and nothing else does.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/behaviour.rs"]
mod behaviour;
#[path = "checks/isolation.rs"]
mod isolation;
#[path = "checks/observed.rs"]
mod observed;
#[path = "checks/secrets.rs"]
mod secrets;
#[path = "checks/shapes.rs"]
mod shapes;
#[path = "checks/startup.rs"]
mod startup;
#[path = "checks/transcript.rs"]
mod transcript;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(crate::links::smoke(lab)),
    poisoned_at_build: &["PUBLIC_BASE_URL", "SCREEN_API_KEY", "SCREEN_URL"],
    seeded: &[
        "env-drives-behaviour",
        "missing-required-fails-fast",
        "no-secrets-in-repo",
        "config-files-do-not-win",
        "variables-are-orthogonal",
        "no-hidden-fallback",
        "no-config-in-artefact",
        "malformed-value-rejected",
        "config-errors-redact",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 9] = [
    Check {
        id: "env-drives-behaviour",
        tier: Tier::Core,
        fact: Words {
            en: "Two deploys of one build follow their own environment variables",
            ko: "같은 빌드를 두 곳에 배포하면 각자의 환경 변수를 따릅니다",
        },
        reasons: &[
            "base-url-ignored",
            "screen-url-partly-used",
            "key-ignored",
            "release-id-ignored",
            "refuses-to-start",
        ],
        run: |lab| Box::pin(behaviour::env_drives_behaviour(lab)),
    },
    Check {
        id: "missing-required-fails-fast",
        tier: Tier::Core,
        fact: Words {
            en: "Without a required variable the service stops at once and says which one is missing",
            ko: "필수 환경 변수가 없으면 무엇이 없는지 알리고 바로 멈춥니다",
        },
        reasons: &["started-anyway", "hung", "exited-zero", "variable-not-named", "leaked-value"],
        run: |lab| Box::pin(startup::missing_required_fails_fast(lab)),
    },
    Check {
        id: "no-secrets-in-repo",
        tier: Tier::Core,
        fact: Words {
            en: "The repository could be published today without giving away a secret",
            ko: "오늘 저장소를 공개해도 새어 나갈 비밀 값이 없습니다",
        },
        reasons: &["canary-in-tree", "secret-pattern-in-tree"],
        run: |lab| Box::pin(secrets::no_secrets_in_repo(lab)),
    },
    Check {
        id: "config-files-do-not-win",
        tier: Tier::Full,
        fact: Words {
            en: "Files that lie around do not override the environment",
            ko: "주변에 놓인 설정 파일이 환경 변수를 이기지 못합니다",
        },
        reasons: &["file-wins", "refuses-to-start"],
        run: |lab| Box::pin(behaviour::config_files_do_not_win(lab)),
    },
    Check {
        id: "variables-are-orthogonal",
        tier: Tier::Full,
        fact: Words {
            en: "Each variable has its own effect and no other; no variable names an environment",
            ko: "변수마다 제 역할만 하고, 환경 이름에 따라 달라지는 동작이 없습니다",
        },
        reasons: &["variable-moves-others", "environment-name-matters", "refuses-to-start"],
        run: |lab| Box::pin(behaviour::variables_are_orthogonal(lab)),
    },
    Check {
        id: "no-hidden-fallback",
        tier: Tier::Full,
        fact: Words {
            en: "The service contacts no address that its configuration does not name",
            ko: "설정에 없는 주소에는 어떤 경우에도 연결하지 않습니다",
        },
        reasons: &["contacted-fallback", "name-looked-up"],
        run: |lab| Box::pin(isolation::no_hidden_fallback(lab)),
    },
    Check {
        id: "no-config-in-artefact",
        tier: Tier::Full,
        fact: Words {
            en: "Nothing of a deploy is compiled into the release",
            ko: "배포 설정이 빌드 결과물에 들어 있지 않습니다",
        },
        reasons: &["build-value-in-release", "canary-in-release"],
        run: |lab| Box::pin(secrets::no_config_in_artefact(lab)),
    },
    Check {
        id: "malformed-value-rejected",
        tier: Tier::Extra,
        fact: Words {
            en: "A malformed value stops the start and the message names the variable, not the value",
            ko: "잘못된 값이면 시작하지 않고, 값이 아니라 변수 이름을 알립니다",
        },
        reasons: &["started-anyway", "hung", "exited-zero", "variable-not-named", "leaked-value"],
        run: |lab| Box::pin(startup::malformed_value_rejected(lab)),
    },
    Check {
        id: "config-errors-redact",
        tier: Tier::Extra,
        fact: Words {
            en: "When the partner fails, no secret reaches a log line or an answer",
            ko: "협력 서비스가 실패해도 로그와 응답에 비밀 값이 나오지 않습니다",
        },
        reasons: &["secret-in-log", "secret-in-response", "refuses-to-start"],
        run: |lab| Box::pin(secrets::config_errors_redact(lab)),
    },
];
