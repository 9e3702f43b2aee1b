//! Factor 11, logs: a stream of events on stdout, written as they happen, which somebody else collects.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/ends.rs"]
mod ends;
#[path = "checks/event.rs"]
mod event;
#[path = "checks/injection.rs"]
mod injection;
#[path = "checks/order.rs"]
mod order;
#[path = "checks/places.rs"]
mod places;
#[path = "checks/requests.rs"]
mod requests;
#[path = "checks/secrets.rs"]
mod secrets;
#[path = "checks/stream.rs"]
mod stream;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(crate::links::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "events-on-stdout",
        "unbuffered",
        "no-log-files",
        "one-event-one-line",
        "time-level-order",
        "last-words",
        "no-secrets",
        "reader-dies",
        "read-only-still-logs",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 9] = [
    Check {
        id: "events-on-stdout",
        tier: Tier::Core,
        fact: Words {
            en: "Every request leaves an event on stdout that says which one it was and how it was answered",
            ko: "요청마다 어떤 요청에 어떻게 응답했는지 stdout에 이벤트를 남깁니다",
        },
        reasons: &["no-events", "stderr-only", "status-missing"],
        run: |lab| Box::pin(stream::events_on_stdout(lab)),
    },
    Check {
        id: "unbuffered",
        tier: Tier::Core,
        fact: Words {
            en: "An event can be read as soon as it happened, even if the process is killed right after",
            ko: "이벤트는 일어난 즉시 읽을 수 있고, 직후에 강제로 종료되어도 사라지지 않습니다",
        },
        reasons: &["held-back", "lost-under-load"],
        run: |lab| Box::pin(stream::unbuffered(lab)),
    },
    Check {
        id: "no-log-files",
        tier: Tier::Core,
        fact: Words {
            en: "The service keeps no log file: where the stream goes is up to the platform",
            ko: "서비스는 로그 파일을 만들지 않고, 로그를 어디로 보낼지는 플랫폼에 맡깁니다",
        },
        reasons: &["log-file"],
        run: |lab| Box::pin(places::no_log_files(lab)),
    },
    Check {
        id: "one-event-one-line",
        tier: Tier::Full,
        fact: Words {
            en: "Whatever a visitor sends, one event stays one line, and no visitor writes events or fields of his own",
            ko: "방문자가 무엇을 보내든 이벤트 하나는 한 줄이고, 방문자가 이벤트나 필드를 지어낼 수 없습니다",
        },
        reasons: &["no-events", "event-forged", "control-characters", "field-forged", "line-does-not-parse"],
        run: |lab| Box::pin(injection::one_event_one_line(lab)),
    },
    Check {
        id: "time-level-order",
        tier: Tier::Full,
        fact: Words {
            en: "Events carry time and level, come in the order of their time, and LOG_LEVEL limits them",
            ko: "이벤트에 시각과 레벨이 있고 시간순으로 나오며, LOG_LEVEL보다 덜 중요한 이벤트는 나오지 않습니다",
        },
        reasons: &["no-events", "time-missing", "level-missing", "out-of-order", "level-ignored", "refuses-to-start"],
        run: |lab| Box::pin(order::time_level_order(lab)),
    },
    Check {
        id: "last-words",
        tier: Tier::Full,
        fact: Words {
            en: "Nothing is lost at the end: the last events, the farewell, and why a start failed",
            ko: "끝날 때 마지막 이벤트와 종료 알림을 빠짐없이 남기고, 시작에 실패하면 이유를 남깁니다",
        },
        reasons: &["lines-lost", "no-farewell", "failed-start-unexplained"],
        run: |lab| Box::pin(ends::last_words(lab)),
    },
    Check {
        id: "no-secrets",
        tier: Tier::Full,
        fact: Words {
            en: "The log holds no key, token or session, not even at the level debug",
            ko: "debug 레벨에서도 키, 토큰, 세션이 로그에 나오지 않습니다",
        },
        reasons: &["secret-in-log", "no-events", "refuses-to-start"],
        run: |lab| Box::pin(secrets::no_secrets(lab)),
    },
    Check {
        id: "reader-dies",
        tier: Tier::Extra,
        fact: Words {
            en: "When whoever reads the log is gone, requests are still answered",
            ko: "로그를 읽던 쪽이 사라져도 요청에는 계속 응답합니다",
        },
        reasons: &["no-events", "answers-lost", "process-died"],
        run: |lab| Box::pin(ends::reader_dies(lab)),
    },
    Check {
        id: "read-only-still-logs",
        tier: Tier::Extra,
        fact: Words {
            en: "On a read-only file system the service starts and its events still come",
            ko: "읽기 전용 파일 시스템에서도 시작하고 이벤트를 남깁니다",
        },
        reasons: &["refuses-to-start", "no-events"],
        run: |lab| Box::pin(places::read_only_still_logs(lab)),
    },
];
