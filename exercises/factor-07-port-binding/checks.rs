//! Factor 7, port binding: a service brings its own HTTP server and binds the port it is given; one app serves another that way.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/chain.rs"]
mod chain;
#[path = "checks/kubernetes.rs"]
mod kubernetes;
#[path = "checks/platform.rs"]
mod platform;
#[path = "checks/ports.rs"]
mod ports;
#[path = "checks/reach.rs"]
mod reach;
#[path = "checks/scene.rs"]
mod scene;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(scene::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "binds-given-port",
        "reachable-beyond-loopback",
        "two-on-one-host",
        "service-links-immune",
        "app-as-backing-service",
        "k8s-service-wires-up",
        "port-conflict-is-fatal",
        "k8s-chain-runs",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 9] = [
    Check {
        id: "binds-given-port",
        tier: Tier::Core,
        fact: Words {
            en: "Each app listens on the port that it was given, and on no other",
            ko: "앱마다 지정받은 포트에서만 연결을 받습니다",
        },
        reasons: &["another-port", "further-port"],
        run: |lab| Box::pin(ports::binds_given_port(lab)),
    },
    Check {
        id: "reachable-beyond-loopback",
        tier: Tier::Core,
        fact: Words {
            en: "Each app can be reached from outside its machine, too",
            ko: "앱마다 실행 중인 컴퓨터 바깥에서도 연결할 수 있습니다",
        },
        reasons: &["loopback-only", "turned-away"],
        run: |lab| Box::pin(reach::reachable_beyond_loopback(lab)),
    },
    Check {
        id: "two-on-one-host",
        tier: Tier::Core,
        fact: Words {
            en: "Two instances of an app run side by side on one host",
            ko: "한 호스트에서 같은 앱을 둘 실행해도 나란히 동작합니다",
        },
        reasons: &["second-did-not-start", "disturbs-the-other"],
        run: |lab| Box::pin(ports::two_on_one_host(lab)),
    },
    Check {
        id: "service-links-immune",
        tier: Tier::Full,
        fact: Words {
            en: "The variables that Kubernetes makes of Services change nothing",
            ko: "Kubernetes가 Service마다 만드는 환경 변수가 있어도 달라지지 않습니다",
        },
        reasons: &["did-not-start", "another-port", "another-partner"],
        run: |lab| Box::pin(platform::service_links_immune(lab)),
    },
    Check {
        id: "app-as-backing-service",
        tier: Tier::Full,
        fact: Words {
            en: "`screen` is attached to `links` by its address alone, moved by it, and missed when it is gone",
            ko: "`links`는 주소 하나로 `screen`에 연결되고, 주소만 바꾸면 옮겨 가며, 없으면 없다고 답합니다",
        },
        reasons: &["partner-not-there", "handle-ignored", "not-unavailable", "took-itself-down"],
        run: |lab| Box::pin(chain::app_as_backing_service(lab)),
    },
    Check {
        id: "self-contained",
        tier: Tier::Full,
        fact: Words {
            en: "The release answers HTTP by itself: no other server stands in front of it",
            ko: "릴리즈가 스스로 HTTP에 응답합니다. 앞에 다른 서버를 두지 않습니다",
        },
        reasons: &["front-server", "needs-the-machine"],
        run: |lab| Box::pin(reach::self_contained(lab)),
    },
    Check {
        id: "k8s-service-wires-up",
        tier: Tier::Full,
        fact: Words {
            en: "In the manifests each Service leads to a port on which its Pods listen",
            ko: "매니페스트의 Service가 모두 Pod가 실제로 여는 포트로 이어집니다",
        },
        reasons: &[
            "no-manifests",
            "no-service",
            "selects-nothing",
            "dead-target-port",
            "ports-disagree",
            "machine-port",
            "wrong-service-port",
            "calls-no-service",
        ],
        run: |lab| Box::pin(kubernetes::service_wires_up(lab)),
    },
    Check {
        id: "port-conflict-is-fatal",
        tier: Tier::Extra,
        fact: Words {
            en: "Where its port is taken, an app ends with an error that names the port",
            ko: "포트를 이미 누가 쓰고 있으면 그 포트를 알리고 오류로 끝납니다",
        },
        reasons: &["moved-elsewhere", "hung", "exited-zero", "port-not-named"],
        run: |lab| Box::pin(ports::port_conflict_is_fatal(lab)),
    },
    Check {
        id: "k8s-chain-runs",
        tier: Tier::Extra,
        fact: Words {
            en: "Run as the manifests say, `links` makes links by way of the Service of `screen`",
            ko: "매니페스트대로 실행하면 `links`가 `screen`의 Service를 거쳐 링크를 만듭니다",
        },
        reasons: &["no-manifests", "screen-not-ready", "links-not-ready", "not-connected", "not-through-screen"],
        run: |lab| Box::pin(kubernetes::chain_runs(lab)),
    },
];
