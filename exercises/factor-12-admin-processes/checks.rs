//! Factor 12, admin processes: what is done once is a process of its own, out of the same release and with the same config.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/again.rs"]
mod again;
#[path = "checks/age.rs"]
mod age;
#[path = "checks/doors.rs"]
mod doors;
#[path = "checks/exit_codes.rs"]
mod exit_codes;
#[path = "checks/formation.rs"]
mod formation;
#[path = "checks/kubernetes.rs"]
mod kubernetes;
#[path = "checks/migrating.rs"]
mod migrating;
#[path = "checks/same.rs"]
mod same;
#[path = "checks/scene.rs"]
mod scene;
#[path = "checks/smoke.rs"]
mod smoke;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(smoke::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "migrate-is-one-off",
        "web-does-not-migrate",
        "exit-codes-are-honest",
        "same-release-same-config",
        "idempotent-and-concurrent",
        "runs-while-serving",
        "k8s-job",
        "interrupted-migrate-recovers",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 9] = [
    Check {
        id: "migrate-is-one-off",
        tier: Tier::Core,
        fact: Words {
            en: "migrate is a process of its own: it brings the schema and ends",
            ko: "migrate는 스키마를 준비하고 스스로 끝나는 별도의 프로세스입니다",
        },
        reasons: &["nothing-migrated", "needs-port", "listens", "never-ends", "failed"],
        run: |lab| Box::pin(migrating::migrate_is_one_off(lab)),
    },
    Check {
        id: "web-does-not-migrate",
        tier: Tier::Core,
        fact: Words {
            en: "Neither web nor worker changes the schema, and web is ready once migrate has run",
            ko: "web과 worker는 스키마를 바꾸지 않고, web은 migrate를 실행한 뒤에 준비됩니다",
        },
        reasons: &["changes-schema", "ready-without-schema"],
        run: |lab| Box::pin(migrating::web_does_not_migrate(lab)),
    },
    Check {
        id: "exit-codes-are-honest",
        tier: Tier::Core,
        fact: Words {
            en: "A one-off that cannot do what it was asked says so with its exit code and on stderr",
            ko: "일회성 프로세스는 맡은 일을 하지 못하면 종료 코드와 stderr로 알립니다",
        },
        reasons: &["exited-zero", "hung", "silent", "changed-something", "failed-anyway"],
        run: |lab| Box::pin(exit_codes::exit_codes_are_honest(lab)),
    },
    Check {
        id: "same-release-same-config",
        tier: Tier::Full,
        fact: Words {
            en: "One-offs run the program of the release, on the database that the deploy names",
            ko: "일회성 프로세스는 릴리즈의 프로그램으로, 배포가 지정한 데이터베이스에서 실행됩니다",
        },
        reasons: &["other-database", "missing-config-ignored", "variable-not-named", "other-program"],
        run: |lab| Box::pin(same::same_release_same_config(lab)),
    },
    Check {
        id: "idempotent-and-concurrent",
        tier: Tier::Full,
        fact: Words {
            en: "migrate may run twice, and several of it at once: there is one schema, and the rows stay",
            ko: "migrate를 두 번 실행하거나 여럿을 동시에 실행해도 스키마는 하나이고 행은 그대로입니다",
        },
        reasons: &["nothing-migrated", "second-run-failed", "rows-touched", "concurrent-run-failed", "schemas-differ"],
        run: |lab| Box::pin(again::idempotent_and_concurrent(lab)),
    },
    Check {
        id: "runs-while-serving",
        tier: Tier::Full,
        fact: Words {
            en: "backfill-previews and purge run beside a web in use, do what is left to do, and disturb nobody",
            ko: "backfill-previews와 purge는 사용 중인 web 옆에서 아무도 방해하지 않고 남은 일만 합니다",
        },
        reasons: &["request-failed", "one-off-failed", "still-missing", "done-again", "purged-too-much", "not-purged"],
        run: |lab| Box::pin(formation::runs_while_serving(lab)),
    },
    Check {
        id: "k8s-job",
        tier: Tier::Full,
        fact: Words {
            en: "On Kubernetes a Job of the same release migrates, and no Pod does so when it starts",
            ko: "Kubernetes에서는 같은 릴리즈의 Job이 마이그레이션하고, Pod는 시작할 때 하지 않습니다",
        },
        reasons: &[
            "no-manifests",
            "no-job",
            "a-shell",
            "migrates-at-start",
            "other-release",
            "never-gives-up",
            "overtakes-itself",
            "job-fails",
            "web-not-ready",
        ],
        run: |lab| Box::pin(kubernetes::k8s_job(lab)),
    },
    Check {
        id: "interrupted-migrate-recovers",
        tier: Tier::Extra,
        fact: Words {
            en: "migrate may be killed at any moment: started again, it brings the whole schema",
            ko: "migrate를 언제 강제로 종료해도, 다시 실행하면 스키마가 온전히 준비됩니다",
        },
        reasons: &["nothing-migrated", "cannot-recover", "half-a-schema"],
        run: |lab| Box::pin(again::interrupted_migrate_recovers(lab)),
    },
    Check {
        id: "no-admin-over-http",
        tier: Tier::Extra,
        fact: Words {
            en: "Nobody maintains the service or looks inside it over HTTP",
            ko: "HTTP로는 아무도 서비스를 관리하거나 들여다볼 수 없습니다",
        },
        reasons: &["changed-over-http", "open-door"],
        run: |lab| Box::pin(doors::no_admin_over_http(lab)),
    },
];
