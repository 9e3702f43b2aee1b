//! Factor 14, automation: the pipeline is the program under test. It is given good and bad commits, and judged by its exit
//! code and by what lies in the store of releases afterwards.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/defects.rs"]
mod defects;
#[path = "checks/deploy.rs"]
mod deploy;
#[path = "checks/described.rs"]
mod described;
#[path = "checks/digest.rs"]
mod digest;
#[path = "checks/gates.rs"]
mod gates;
#[path = "checks/green.rs"]
mod green;
#[path = "checks/languages.rs"]
mod languages;
#[path = "checks/ledger.rs"]
mod ledger;
#[path = "checks/rollback.rs"]
mod rollback;
#[path = "checks/store.rs"]
mod store;
#[path = "checks/workflow.rs"]
mod workflow;
#[path = "checks/yard.rs"]
mod yard;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(crate::graded::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "red-on-failing-test",
        "store-is-append-only",
        "red-on-each-defect",
        "deploy-gated-and-idempotent",
        "rollback-works",
        "workflow-calls-the-same",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 9] = [
    Check {
        id: "one-command-green",
        tier: Tier::Core,
        fact: Words {
            en: "One command makes a release of a clean clone, with nobody at the keyboard, and the release runs",
            ko: "새로 clone 한 저장소에서 명령 하나로, 사람 손을 거치지 않고 릴리즈가 만들어지고 그 릴리즈가 동작합니다",
        },
        reasons: &["no-pipeline", "not-green", "no-release", "release-incomplete", "does-not-run"],
        run: |lab| Box::pin(green::one_command_green(lab)),
    },
    Check {
        id: "red-on-failing-test",
        tier: Tier::Core,
        fact: Words {
            en: "A failing test stops the pipeline before anything is released",
            ko: "테스트가 실패하면 아무것도 릴리즈하지 않고 파이프라인이 멈춥니다",
        },
        reasons: &["green-anyway", "released-anyway", "never-green"],
        run: |lab| Box::pin(gates::red_on_failing_test(lab)),
    },
    Check {
        id: "store-is-append-only",
        tier: Tier::Core,
        fact: Words {
            en: "Each run adds a release that names its commit, and changes no earlier one",
            ko: "실행할 때마다 커밋을 밝힌 릴리즈가 하나 더해지고, 앞선 릴리즈는 바뀌지 않습니다",
        },
        reasons: &["overwritten", "wrong-commit", "never-green"],
        run: |lab| Box::pin(ledger::store_is_append_only(lab)),
    },
    Check {
        id: "red-on-broken-build",
        tier: Tier::Full,
        fact: Words {
            en: "Code that cannot be built stops the pipeline before anything is released",
            ko: "빌드할 수 없는 코드이면 아무것도 릴리즈하지 않고 파이프라인이 멈춥니다",
        },
        reasons: &["green-anyway", "released-anyway", "never-green"],
        run: |lab| Box::pin(gates::red_on_broken_build(lab)),
    },
    Check {
        id: "red-on-each-defect",
        tier: Tier::Full,
        fact: Words {
            en: "A committed secret, a manifest that leads nowhere and an outdated lock file each stop the pipeline",
            ko: "커밋된 비밀 값, 없는 포트를 가리키는 매니페스트, 오래된 잠금 파일이 저마다 파이프라인을 멈춥니다",
        },
        reasons: &["secret-passes", "manifest-passes", "lock-passes", "never-green"],
        run: |lab| Box::pin(defects::red_on_each_defect(lab)),
    },
    Check {
        id: "deploy-gated-and-idempotent",
        tier: Tier::Full,
        fact: Words {
            en: "A release goes into service once it has answered, one that never does stays out, and twice is like once",
            ko: "응답을 확인한 릴리즈만 서비스에 들어가고, 응답하지 않는 릴리즈는 들어가지 않으며, 두 번 배포해도 한 번과 같습니다",
        },
        reasons: &["not-deployed", "repeat-fails", "broken-went-live", "says-deployed", "left-running", "never-green"],
        run: |lab| Box::pin(deploy::deploy_gated_and_idempotent(lab)),
    },
    Check {
        id: "rollback-works",
        tier: Tier::Full,
        fact: Words {
            en: "One command brings back the release that was in service before, on a machine that can build nothing",
            ko: "아무것도 빌드할 수 없는 컴퓨터에서도, 직전에 서비스하던 릴리즈로 명령 하나로 되돌아갑니다",
        },
        reasons: &["wrong-release", "needs-tools", "first-rolled-back", "never-green"],
        run: |lab| Box::pin(rollback::rollback_works(lab)),
    },
    Check {
        id: "workflow-calls-the-same",
        tier: Tier::Extra,
        fact: Words {
            en: "The workflow file runs the same command on every push and pull request, and no step may fail unnoticed",
            ko: "워크플로 파일이 push와 pull request마다 같은 명령을 실행하고, 실패를 그냥 넘기는 단계가 없습니다",
        },
        reasons: &["no-workflow", "not-triggered", "another-command", "gate-open", "literal-secret"],
        run: |lab| Box::pin(workflow::workflow_calls_the_same(lab)),
    },
    Check {
        id: "environment-as-code",
        tier: Tier::Extra,
        fact: Words {
            en: "What machines are made of can be read by a program, and no step is left to a README",
            ko: "환경을 적은 파일을 프로그램이 읽을 수 있고, README에만 적힌 단계가 없습니다",
        },
        reasons: &["does-not-render", "steps-in-readme"],
        run: |lab| Box::pin(described::environment_as_code(lab)),
    },
];
