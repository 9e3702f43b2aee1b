//! Factor 8, concurrency: it grows by process types and by processes, and whatever they do together is done once.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/connections.rs"]
mod connections;
#[path = "checks/foreground.rs"]
mod foreground;
#[path = "checks/idle.rs"]
mod idle;
#[path = "checks/process_types.rs"]
mod process_types;
#[path = "checks/queue.rs"]
mod queue;
#[path = "checks/scene.rs"]
mod scene;
#[path = "checks/slow.rs"]
mod slow;
#[path = "checks/smoke.rs"]
mod smoke;
#[path = "checks/updates.rs"]
mod updates;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(smoke::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "process-types-separate",
        "workers-share-the-queue",
        "no-lost-updates",
        "stays-in-foreground",
        "idle-replicas-are-quiet",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 9] = [
    Check {
        id: "process-types-separate",
        tier: Tier::Core,
        fact: Words {
            en: "web serves and worker works: without a worker no job is done, with one all are",
            ko: "web은 요청만 처리하고 작업은 worker가 합니다. 워커가 없으면 작업은 그대로 남아 있습니다",
        },
        reasons: &["works-in-web"],
        run: |lab| Box::pin(process_types::process_types_separate(lab)),
    },
    Check {
        id: "workers-share-the-queue",
        tier: Tier::Core,
        fact: Words {
            en: "Three workers share one queue: each job is done, and none is done twice",
            ko: "워커 셋이 큐 하나를 나누어 처리합니다. 빠지는 작업도, 두 번 하는 작업도 없습니다",
        },
        reasons: &["done-twice", "left-undone"],
        run: |lab| Box::pin(queue::workers_share_the_queue(lab)),
    },
    Check {
        id: "no-lost-updates",
        tier: Tier::Core,
        fact: Words {
            en: "Three processes count clicks and submissions and make links at the same time, and every number is right",
            ko: "프로세스 셋이 동시에 클릭과 제출을 세고 링크를 만들어도 숫자가 모두 맞습니다",
        },
        reasons: &[
            "second-process-ends",
            "errors-under-load",
            "clicks-wrong",
            "link-twice",
            "submissions-wrong",
            "slug-twice",
        ],
        run: |lab| Box::pin(updates::no_lost_updates(lab)),
    },
    Check {
        id: "more-workers-more-parallel",
        tier: Tier::Full,
        fact: Words {
            en: "One worker has one job in progress, and three workers have three",
            ko: "워커 하나는 한 번에 작업 하나를, 워커 셋은 작업 셋을 동시에 처리합니다",
        },
        reasons: &["more-than-one", "no-more-parallel"],
        run: |lab| Box::pin(queue::more_workers_more_parallel(lab)),
    },
    Check {
        id: "worker-needs-no-port",
        tier: Tier::Full,
        fact: Words {
            en: "A worker listens nowhere, and works without a PORT and with one that is taken",
            ko: "워커는 어떤 포트도 열지 않고, PORT가 없거나 이미 쓰이고 있어도 일합니다",
        },
        reasons: &["needs-port", "port-taken", "listens"],
        run: |lab| Box::pin(process_types::worker_needs_no_port(lab)),
    },
    Check {
        id: "stays-in-foreground",
        tier: Tier::Full,
        fact: Words {
            en: "The process that was started stays, writes no PID file, and takes everything with it when it ends",
            ko: "시작한 프로세스가 그대로 남고, PID 파일을 쓰지 않으며, 끝날 때 아무것도 남기지 않습니다",
        },
        reasons: &["did-not-stay", "pid-file", "outlives-sigterm"],
        run: |lab| Box::pin(foreground::stays_in_foreground(lab)),
    },
    Check {
        id: "one-slow-request-does-not-stop-the-rest",
        tier: Tier::Extra,
        fact: Words {
            en: "While the partner keeps one request waiting, or eight, the same process answers the others",
            ko: "협력 서비스 때문에 요청 하나가, 또는 여덟 개가 기다리는 동안에도 같은 프로세스가 다른 요청에 응답합니다",
        },
        reasons: &["stopped-by-one", "stopped-by-eight"],
        run: |lab| Box::pin(slow::one_slow_request_does_not_stop_the_rest(lab)),
    },
    Check {
        id: "connections-bounded",
        tier: Tier::Extra,
        fact: Words {
            en: "However many requests come, no process has more connections to PostgreSQL than DB_POOL_MAX allows",
            ko: "요청이 아무리 몰려도 프로세스 하나가 DB_POOL_MAX보다 많은 PostgreSQL 연결을 쓰지 않습니다",
        },
        reasons: &["too-many-connections", "turned-away"],
        run: |lab| Box::pin(connections::connections_bounded(lab)),
    },
    Check {
        id: "idle-replicas-are-quiet",
        tier: Tier::Extra,
        fact: Words {
            en: "Processes with nothing to do write nothing, however many there are",
            ko: "할 일이 없는 프로세스는 몇 개가 있든 아무것도 쓰지 않습니다",
        },
        reasons: &["writes-when-idle"],
        run: |lab| Box::pin(idle::idle_replicas_are_quiet(lab)),
    },
];
