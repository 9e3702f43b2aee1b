//! Factor 9, disposability: it starts fast and tells the truth about it, ends gracefully, and survives sudden death.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/atomic.rs"]
mod atomic;
#[path = "checks/bounded.rs"]
mod bounded;
#[path = "checks/container.rs"]
mod container;
#[path = "checks/draining.rs"]
mod draining;
#[path = "checks/friendly.rs"]
mod friendly;
#[path = "checks/scene.rs"]
mod scene;
#[path = "checks/starting.rs"]
mod starting;
#[path = "checks/worker.rs"]
mod worker;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(friendly::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "inflight-completes",
        "ready-is-true",
        "worker-kill9",
        "worker-hands-back",
        "drain-is-bounded",
        "new-work-while-draining",
        "web-kill9-atomic",
        "starts-fast",
        "container-gets-sigterm",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 9] = [
    Check {
        id: "inflight-completes",
        tier: Tier::Core,
        fact: Words {
            en: "Asked to end (SIGTERM), the service answers every request in hand and then ends by itself",
            ko: "종료 요청(SIGTERM)을 받으면 처리 중인 요청에 모두 응답한 뒤 스스로 끝납니다",
        },
        reasons: &["cut-off", "wrong-answer", "not-persisted", "never-exited", "exit-code"],
        run: |lab| Box::pin(draining::inflight_completes(lab)),
    },
    Check {
        id: "ready-is-true",
        tier: Tier::Core,
        fact: Words {
            en: "/readyz says 200 when the next request will work, and at no other time",
            ko: "/readyz는 다음 요청이 성공할 때만 200으로 응답합니다",
        },
        reasons: &[
            "ready-without-database",
            "ready-without-schema",
            "first-request-fails",
            "never-ready",
            "liveness-depends",
            "never-listened",
        ],
        run: |lab| Box::pin(starting::ready_is_true(lab)),
    },
    Check {
        id: "worker-kill9",
        tier: Tier::Core,
        fact: Words {
            en: "A worker may be killed at any moment: each of its jobs is done, and every attempt has the same key",
            ko: "워커를 언제 강제로 종료해도 작업은 모두 끝나고, 다시 시도할 때도 같은 키를 씁니다",
        },
        reasons: &["job-lost", "half-done", "key-missing", "key-changed"],
        run: |lab| Box::pin(worker::worker_kill9(lab)),
    },
    Check {
        id: "worker-hands-back",
        tier: Tier::Full,
        fact: Words {
            en: "A worker that is asked to end finishes its job or hands it back at once",
            ko: "워커는 종료 요청을 받으면 하던 작업을 끝내거나 바로 되돌려 놓습니다",
        },
        reasons: &["not-handed-back", "not-done", "never-exited", "done-twice", "key-changed"],
        run: |lab| Box::pin(worker::worker_hands_back(lab)),
    },
    Check {
        id: "drain-is-bounded",
        tier: Tier::Full,
        fact: Words {
            en: "The end comes within SHUTDOWN_GRACE_SECONDS, whoever is still connected",
            ko: "누가 연결되어 있든 SHUTDOWN_GRACE_SECONDS 안에 끝납니다",
        },
        reasons: &["no-drain", "blocked-by-client", "sits-out-grace"],
        run: |lab| Box::pin(bounded::drain_is_bounded(lab)),
    },
    Check {
        id: "new-work-while-draining",
        tier: Tier::Full,
        fact: Words {
            en: "While it ends, whoever comes is refused or answered, never left in between",
            ko: "끝나는 동안 새로 온 요청은 거절하거나 끝까지 응답하고, 중간에 내버려 두지 않습니다",
        },
        reasons: &["no-drain", "dropped", "left-hanging", "wrong-status"],
        run: |lab| Box::pin(draining::new_work_while_draining(lab)),
    },
    Check {
        id: "web-kill9-atomic",
        tier: Tier::Full,
        fact: Words {
            en: "The service may be killed at any moment of a request: what is there afterwards is whole",
            ko: "요청을 처리하다가 언제 강제로 종료되어도, 남은 데이터는 온전합니다",
        },
        reasons: &["answered-but-lost", "link-without-job", "job-without-link", "cannot-repeat"],
        run: |lab| Box::pin(atomic::web_kill9_atomic(lab)),
    },
    Check {
        id: "starts-fast",
        tier: Tier::Extra,
        fact: Words {
            en: "A start takes as long with many links as with none",
            ko: "링크가 많아도 없을 때만큼 빨리 시작합니다",
        },
        reasons: &["slow-start", "reads-everything"],
        run: |lab| Box::pin(starting::starts_fast(lab)),
    },
    Check {
        id: "container-gets-sigterm",
        tier: Tier::Extra,
        fact: Words {
            en: "In a container the first process hears SIGTERM too",
            ko: "컨테이너에서도 첫 번째 프로세스가 SIGTERM을 듣습니다",
        },
        reasons: &["image-not-built", "container-not-ready", "killed-after-grace", "cut-off"],
        run: |lab| Box::pin(container::container_gets_sigterm(lab)),
    },
];
