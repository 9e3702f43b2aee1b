//! Factor 10, dev/prod parity: the same kinds of services in the same versions, and one behaviour everywhere.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/conversation.rs"]
mod conversation;
#[path = "checks/dev_env.rs"]
mod dev_env;
#[path = "checks/dev_up.rs"]
mod dev_up;
#[path = "checks/fallback.rs"]
mod fallback;
#[path = "checks/hangul.rs"]
mod hangul;
#[path = "checks/images.rs"]
mod images;
#[path = "checks/limits.rs"]
mod limits;
#[path = "checks/oracle.rs"]
mod oracle;
#[path = "checks/paging.rs"]
mod paging;
#[path = "checks/profiles.rs"]
mod profiles;
#[path = "checks/real_services.rs"]
mod real_services;
#[path = "checks/scene.rs"]
mod scene;
#[path = "checks/schema.rs"]
mod schema;
#[path = "checks/search.rs"]
mod search;
#[path = "checks/smoke.rs"]
mod smoke;
#[path = "checks/versions.rs"]
mod versions;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(smoke::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "dev-without-url-refuses",
        "dev-uses-real-services",
        "search-semantics",
        "same-versions",
        "debug-equals-release",
        "types-and-limits",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 8] = [
    Check {
        id: "dev-without-url-refuses",
        tier: Tier::Core,
        fact: Words {
            en: "Without DATABASE_URL the service does not start, on a developer's machine either",
            ko: "DATABASE_URL이 없으면 개발자 컴퓨터에서도 시작하지 않습니다",
        },
        reasons: &["started-anyway", "hung", "exited-zero", "variable-not-named"],
        run: |lab| Box::pin(fallback::dev_without_url_refuses(lab)),
    },
    Check {
        id: "dev-uses-real-services",
        tier: Tier::Core,
        fact: Words {
            en: "With the developers' own settings everything is kept by PostgreSQL, and nothing in a file or in memory",
            ko: "개발용 설정으로 실행해도 데이터는 모두 PostgreSQL에 있고, 파일이나 메모리에는 없습니다",
        },
        reasons: &["does-not-run", "not-asked", "kept-in-file", "data-lost"],
        run: |lab| Box::pin(real_services::dev_uses_real_services(lab)),
    },
    Check {
        id: "search-semantics",
        tier: Tier::Core,
        fact: Words {
            en: "The search finds what the contract says, whatever characters are looked for, and pages lose nothing",
            ko: "어떤 글자를 찾아도 검색 결과가 계약과 같고, 쪽을 넘겨도 빠지거나 겹치는 링크가 없습니다",
        },
        reasons: &["case-matters", "wildcards-live", "forms-differ", "characters-break", "pages-lose-links"],
        run: |lab| Box::pin(search::search_semantics(lab)),
    },
    Check {
        id: "same-versions",
        tier: Tier::Full,
        fact: Words {
            en: "Development, tests and production name the same backing services in the same version",
            ko: "개발, 테스트, 운영 환경에 적힌 백엔드 서비스의 종류와 버전이 같습니다",
        },
        reasons: &["unreadable", "floating-tag", "version-unknown", "versions-differ"],
        run: |lab| Box::pin(versions::same_versions(lab)),
    },
    Check {
        id: "debug-equals-release",
        tier: Tier::Full,
        fact: Words {
            en: "Neither the build profile nor the name of the environment changes any answer",
            ko: "빌드 프로필이나 환경 이름이 달라져도 모든 응답이 같습니다",
        },
        reasons: &["environment-name-matters", "release-not-built", "release-differs"],
        run: |lab| Box::pin(profiles::debug_equals_release(lab)),
    },
    Check {
        id: "types-and-limits",
        tier: Tier::Extra,
        fact: Words {
            en: "Counters pass two billion, times are in UTC everywhere, and lengths are refused where the contract says",
            ko: "카운터는 20억을 넘어서고, 시각은 어디서나 UTC이며, 길이는 계약대로 제한합니다",
        },
        reasons: &["time-not-utc", "wrongly-refused", "wrongly-accepted", "counter-ends"],
        run: |lab| Box::pin(limits::types_and_limits(lab)),
    },
    Check {
        id: "schema-by-migrations-only",
        tier: Tier::Extra,
        fact: Words {
            en: "Tables come from `migrate` alone, and it makes the same ones everywhere",
            ko: "테이블은 `migrate`만 만들고, 어디서 실행해도 똑같이 만듭니다",
        },
        reasons: &["tables-at-boot", "schemas-differ"],
        run: |lab| Box::pin(schema::schema_by_migrations_only(lab)),
    },
    Check {
        id: "dev-up-in-one-step",
        tier: Tier::Extra,
        fact: Words {
            en: "In a fresh clone one command starts the backing services, and the developers' settings fit them",
            ko: "새로 받은 저장소에서 명령 하나로 백엔드 서비스가 뜨고, 개발용 설정이 그대로 맞습니다",
        },
        reasons: &["services-do-not-come-up", "settings-do-not-fit"],
        run: |lab| Box::pin(dev_up::dev_up_in_one_step(lab)),
    },
];
