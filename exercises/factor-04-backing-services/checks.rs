//! Factor 4, backing services: a resource is attached, exchanged and lost by its handle alone.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/addresses.rs"]
mod addresses;
#[path = "checks/database.rs"]
mod database;
#[path = "checks/detached.rs"]
mod detached;
#[path = "checks/failover.rs"]
mod failover;
#[path = "checks/frozen.rs"]
mod frozen;
#[path = "checks/mail.rs"]
mod mail;
#[path = "checks/outage.rs"]
mod outage;
#[path = "checks/partner.rs"]
mod partner;
#[path = "checks/scene.rs"]
mod scene;
#[path = "checks/sessions.rs"]
mod sessions;
#[path = "checks/smoke.rs"]
mod smoke;
#[path = "checks/url.rs"]
mod url;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(smoke::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "swap-redis",
        "swap-app-service",
        "url-fully-honoured",
        "swap-mail",
        "outage-and-return",
        "frozen-is-bounded",
        "failover-same-address",
        "no-localhost-special-case",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 10] = [
    Check {
        id: "swap-app-service",
        tier: Tier::Core,
        fact: Words {
            en: "SCREEN_URL alone, with its path, decides which partner service is asked",
            ko: "어느 협력 서비스에 물을지는 경로를 포함한 SCREEN_URL 값만으로 정해집니다",
        },
        reasons: &["wrong-path", "still-the-old-one"],
        run: |lab| Box::pin(partner::swap_app_service(lab)),
    },
    Check {
        id: "swap-redis",
        tier: Tier::Core,
        fact: Words {
            en: "Sessions live in the Redis database that REDIS_URL names, and nowhere else",
            ko: "세션은 REDIS_URL이 가리키는 Redis 데이터베이스에만 있습니다",
        },
        reasons: &["still-the-old-one", "kept-elsewhere", "lost-on-return", "not-attached"],
        run: |lab| Box::pin(sessions::swap_redis(lab)),
    },
    Check {
        id: "swap-database",
        tier: Tier::Core,
        fact: Words {
            en: "Links live in the database that DATABASE_URL names, and come back with it",
            ko: "링크는 DATABASE_URL이 가리키는 데이터베이스에 있고, 그 데이터베이스를 다시 연결하면 돌아옵니다",
        },
        reasons: &["still-the-old-one", "not-attached", "lost-on-return"],
        run: |lab| Box::pin(database::swap_database(lab)),
    },
    Check {
        id: "url-fully-honoured",
        tier: Tier::Full,
        fact: Words {
            en: "Every part of DATABASE_URL counts and is decoded, also @, / and Hangul in its password",
            ko: "비밀번호에 @나 /, 한글이 들어 있어도 DATABASE_URL의 모든 부분을 디코딩해 그대로 씁니다",
        },
        reasons: &["not-attached", "part-lost", "ready-all-the-same"],
        run: |lab| Box::pin(url::url_fully_honoured(lab)),
    },
    Check {
        id: "swap-mail",
        tier: Tier::Full,
        fact: Words {
            en: "Mail is handed to the server that SMTP_URL names, and whoever is told 202 has it on its way",
            ko: "메일은 SMTP_URL이 가리키는 서버에 넘기고, 202로 응답했다면 이미 넘긴 것입니다",
        },
        reasons: &["not-attached", "wrong-letter", "answers-without-it"],
        run: |lab| Box::pin(mail::swap_mail(lab)),
    },
    Check {
        id: "outage-and-return",
        tier: Tier::Full,
        fact: Words {
            en: "A resource that goes away costs a 503, and when it is back nobody has to restart anything",
            ko: "리소스가 사라지면 503으로 응답하고, 돌아오면 재시작하지 않아도 다시 동작합니다",
        },
        reasons: &[
            "not-attached",
            "process-exited",
            "no-answer",
            "answers-without-it",
            "liveness-depends",
            "never-came-back",
        ],
        run: |lab| Box::pin(outage::outage_and_return(lab)),
    },
    Check {
        id: "frozen-is-bounded",
        tier: Tier::Full,
        fact: Words {
            en: "A resource that falls silent stops nobody else, and whoever waits for it is told so in the end",
            ko: "리소스가 응답 없이 멈춰도 다른 요청은 막히지 않고, 기다리던 요청도 결국 오류 응답을 받습니다",
        },
        reasons: &["not-attached", "never-answered", "answers-without-it", "never-came-back", "blocks-others"],
        run: |lab| Box::pin(frozen::frozen_is_bounded(lab)),
    },
    Check {
        id: "failover-same-address",
        tier: Tier::Extra,
        fact: Words {
            en: "When something else answers behind the same address, the service hears what that one says",
            ko: "같은 주소에서 다른 것이 응답하기 시작하면 새 응답을 그대로 따릅니다",
        },
        reasons: &["still-the-old-one", "never-came-back"],
        run: |lab| Box::pin(failover::failover_same_address(lab)),
    },
    Check {
        id: "no-localhost-special-case",
        tier: Tier::Extra,
        fact: Words {
            en: "A resource on this machine is spoken to like one on any other",
            ko: "같은 컴퓨터에 있는 리소스도 다른 곳에 있는 리소스와 똑같이 대합니다",
        },
        reasons: &["not-attached", "special-case"],
        run: |lab| Box::pin(addresses::no_localhost_special_case(lab)),
    },
    Check {
        id: "start-detached",
        tier: Tier::Extra,
        fact: Words {
            en: "It may be started before its resources, and finds them when they come",
            ko: "리소스보다 먼저 시작해도 되고, 리소스가 나타나면 찾아서 씁니다",
        },
        reasons: &["ready-while-detached", "neither-up-nor-down", "never-attached"],
        run: |lab| Box::pin(detached::start_detached(lab)),
    },
];
