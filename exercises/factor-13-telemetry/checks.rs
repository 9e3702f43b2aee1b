//! Factor 13, telemetry: the platform sees how it is, how much it does and where a request went, and looking hurts nobody.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/exposition.rs"]
mod exposition;
#[path = "checks/health.rs"]
mod health;
#[path = "checks/ill.rs"]
mod ill;
#[path = "checks/numbers.rs"]
mod numbers;
#[path = "checks/scene.rs"]
mod scene;
#[path = "checks/smoke.rs"]
mod smoke;
#[path = "checks/spans.rs"]
mod spans;
#[path = "checks/traceparent.rs"]
mod traceparent;
#[path = "checks/traces.rs"]
mod traces;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(smoke::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "liveness-depends-on-nothing",
        "cardinality-bounded",
        "trace-continues",
        "trace-crosses-the-queue",
        "spans-exported",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 8] = [
    Check {
        id: "liveness-depends-on-nothing",
        tier: Tier::Core,
        fact: Words {
            en: "/healthz says 200 and asks nobody, whatever has failed around the service",
            ko: "주변에서 무엇이 고장 나도 /healthz는 아무에게도 묻지 않고 200으로 응답합니다",
        },
        reasons: &["liveness-depends", "liveness-asks"],
        run: |lab| Box::pin(health::liveness_depends_on_nothing(lab)),
    },
    Check {
        id: "cardinality-bounded",
        tier: Tier::Core,
        fact: Words {
            en: "However many visitors come with words of their own, the time series stay as many",
            ko: "방문자가 아무리 많은 말을 지어내도 시계열은 늘어나지 않습니다",
        },
        reasons: &["visitor-in-label", "series-grow", "no-metrics", "not-readable"],
        run: |lab| Box::pin(numbers::cardinality_bounded(lab)),
    },
    Check {
        id: "trace-continues",
        tier: Tier::Core,
        fact: Words {
            en: "A request is one trace, from the caller through the service to its partner",
            ko: "요청 하나는 호출한 쪽에서 서비스를 거쳐 협력 서비스까지 하나의 트레이스입니다",
        },
        reasons: &["no-traceparent", "new-trace", "echoed", "flags-changed", "shared-trace", "malformed-passed-on"],
        run: |lab| Box::pin(traces::trace_continues(lab)),
    },
    Check {
        id: "readiness-flips-and-returns",
        tier: Tier::Full,
        fact: Words {
            en: "/readyz follows the database, there and back, and nobody else",
            ko: "/readyz는 데이터베이스만 따라 바뀌고, 돌아오면 함께 돌아옵니다",
        },
        reasons: &[
            "partner-decides",
            "ready-without-database",
            "failing-not-named",
            "shows-secret",
            "never-ready-again",
        ],
        run: |lab| Box::pin(health::readiness_flips_and_returns(lab)),
    },
    Check {
        id: "metrics-count-right",
        tier: Tier::Full,
        fact: Words {
            en: "/metrics counts every request once, with its route and status, the failed ones too",
            ko: "/metrics는 실패한 요청까지 모두 경로와 상태 코드별로 한 번씩 셉니다",
        },
        reasons: &["no-metrics", "not-readable", "wrong-numbers", "no-route", "histogram-disagrees"],
        run: |lab| Box::pin(numbers::metrics_count_right(lab)),
    },
    Check {
        id: "telemetry-never-hurts",
        tier: Tier::Full,
        fact: Words {
            en: "With a collector that is ill, the service starts, serves as fast, and ends",
            ko: "수집기가 고장 나도 서비스는 시작하고, 그대로 빠르게 응답하고, 제때 끝납니다",
        },
        reasons: &["does-not-start", "requests-suffer", "does-not-end"],
        run: |lab| Box::pin(ill::telemetry_never_hurts(lab)),
    },
    Check {
        id: "trace-crosses-the-queue",
        tier: Tier::Extra,
        fact: Words {
            en: "What the worker does later belongs to the trace of the request that asked for it",
            ko: "워커가 나중에 하는 일도 그 일을 부탁한 요청의 트레이스에 이어집니다",
        },
        reasons: &["trace-ends-at-queue"],
        run: |lab| Box::pin(traces::trace_crosses_the_queue(lab)),
    },
    Check {
        id: "spans-exported",
        tier: Tier::Extra,
        fact: Words {
            en: "Spans reach the collector under the service's name, that of the last request too",
            ko: "스팬은 서비스의 이름으로 수집기에 도착하고, 마지막 요청의 스팬도 빠지지 않습니다",
        },
        reasons: &["not-exported", "no-server-span", "wrong-service-name", "no-route-in-span", "last-span-lost"],
        run: |lab| Box::pin(spans::spans_exported(lab)),
    },
];
