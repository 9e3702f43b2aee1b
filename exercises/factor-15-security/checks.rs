//! Factor 15, security: whoever asks, answers or breaks in gets what they may have, and no more.
//!
//! What the checks are about is OWASP's API Security Top 10 of 2023, as far as it can be seen from outside.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/authentication.rs"]
mod authentication;
#[path = "checks/functions.rs"]
mod functions;
#[path = "checks/guesses.rs"]
mod guesses;
#[path = "checks/image.rs"]
mod image;
#[path = "checks/injection.rs"]
mod injection;
#[path = "checks/limits.rs"]
mod limits;
#[path = "checks/objects.rs"]
mod objects;
#[path = "checks/privilege.rs"]
mod privilege;
#[path = "checks/properties.rs"]
mod properties;
#[path = "checks/scene.rs"]
mod scene;
#[path = "checks/secrets.rs"]
mod secrets;
#[path = "checks/smoke.rs"]
mod smoke;
#[path = "checks/upstream.rs"]
mod upstream;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(smoke::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "object-authorization",
        "property-authorization",
        "upstream-not-trusted",
        "secrets-at-rest",
        "least-privilege",
        "image-runs-without-privileges",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 11] = [
    Check {
        id: "object-authorization",
        tier: Tier::Core,
        fact: Words {
            en: "A link is changed by its owner alone, and a private one is known to nobody else",
            ko: "링크는 소유자만 바꿀 수 있고, 비공개 링크는 다른 사람이 알 수 없습니다",
        },
        reasons: &["read-by-another", "listed-to-another", "changed-by-another", "deleted-by-another"],
        run: |lab| Box::pin(objects::object_authorization(lab)),
    },
    Check {
        id: "property-authorization",
        tier: Tier::Core,
        fact: Words {
            en: "A request sets what its sender may set, and an answer shows what the contract names",
            ko: "요청은 보낸 사람이 정할 수 있는 값만 정하고, 응답은 계약에 있는 값만 보여 줍니다",
        },
        reasons: &["owner-chosen", "record-chosen", "role-chosen", "answers-too-much"],
        run: |lab| Box::pin(properties::property_authorization(lab)),
    },
    Check {
        id: "upstream-not-trusted",
        tier: Tier::Core,
        fact: Words {
            en: "Whatever the partner answers, nothing unscreened gets through, and nobody is sent elsewhere",
            ko: "협력 서비스가 무엇을 응답하든 심사받지 않은 링크는 생기지 않고, 다른 곳을 호출하지 않습니다",
        },
        reasons: &[
            "fails-open",
            "follows-redirects",
            "wrong-answer",
            "swallows-everything",
            "fetches-target",
            "title-unbounded",
        ],
        run: |lab| Box::pin(upstream::upstream_not_trusted(lab)),
    },
    Check {
        id: "secrets-at-rest",
        tier: Tier::Full,
        fact: Words {
            en: "Whoever reads the stores finds no password, and whoever reads errors learns nothing of the inside",
            ko: "저장소를 읽어도 비밀번호를 알 수 없고, 오류 응답을 읽어도 내부를 알 수 없습니다",
        },
        reasons: &["password-readable", "same-hash", "error-tells", "header-tells", "open-cors"],
        run: |lab| Box::pin(secrets::secrets_at_rest(lab)),
    },
    Check {
        id: "least-privilege",
        tier: Tier::Full,
        fact: Words {
            en: "The Pod gives up every right that it does not need, and web owns nothing in the database",
            ko: "Pod는 필요 없는 권한을 모두 내려놓고, web은 데이터베이스에서 아무것도 소유하지 않습니다",
        },
        reasons: &[
            "no-manifests",
            "runs-as-root",
            "rights-kept",
            "writable-root",
            "secret-in-configmap",
            "owns-its-tables",
        ],
        run: |lab| Box::pin(privilege::least_privilege(lab)),
    },
    Check {
        id: "authentication",
        tier: Tier::Full,
        fact: Words {
            en: "Only a living token in the header opens something, and no answer tells who has an account",
            ko: "헤더에 담긴 유효한 토큰만 통하고, 응답으로는 누구에게 계정이 있는지 알 수 없습니다",
        },
        reasons: &[
            "open-without-token",
            "forged-token",
            "dead-token",
            "token-in-url",
            "wrong-password",
            "tells-who-exists",
        ],
        run: |lab| Box::pin(authentication::authentication(lab)),
    },
    Check {
        id: "function-authorization",
        tier: Tier::Full,
        fact: Words {
            en: "What administrators may do nobody else can, however the request is spelled",
            ko: "관리자의 기능은 요청을 어떻게 바꿔 보내도 다른 사람에게 열리지 않습니다",
        },
        reasons: &["open-to-anybody", "open-to-users", "trusts-headers", "another-spelling", "another-method"],
        run: |lab| Box::pin(functions::function_authorization(lab)),
    },
    Check {
        id: "injection",
        tier: Tier::Full,
        fact: Words {
            en: "What a visitor types stays text, and a link leads to the web and nowhere else",
            ko: "방문자가 입력한 내용은 글자로만 다뤄지고, 링크는 웹 주소로만 이어집니다",
        },
        reasons: &["query-changed", "logs-in", "stumbles", "bad-target-accepted"],
        run: |lab| Box::pin(injection::injection(lab)),
    },
    Check {
        id: "guesses-are-limited",
        tier: Tier::Full,
        fact: Words {
            en: "Guessing a password ends soon at every process, and keeps nobody else out",
            ko: "비밀번호를 계속 추측하면 어느 프로세스에서나 곧 막히고, 다른 사용자는 막히지 않습니다",
        },
        reasons: &["guesses-unlimited", "limit-per-process", "locks-everybody"],
        run: |lab| Box::pin(guesses::guesses_are_limited(lab)),
    },
    Check {
        id: "image-runs-without-privileges",
        tier: Tier::Full,
        fact: Words {
            en: "The image names a user that is not root, and runs without capabilities on a read-only file system",
            ko: "이미지는 root가 아닌 사용자를 지정하고, 권한 없이 읽기 전용 파일 시스템에서 동작합니다",
        },
        reasons: &["image-not-built", "runs-as-root", "container-not-ready"],
        run: |lab| Box::pin(image::image_runs_without_privileges(lab)),
    },
    Check {
        id: "resource-limits",
        tier: Tier::Extra,
        fact: Words {
            en: "No request is too large, too deep, too slow or too greedy to leave the others alone",
            ko: "요청이 아무리 크거나 깊거나 느리거나 욕심을 부려도 다른 요청은 처리됩니다",
        },
        reasons: &["takes-any-body", "stumbles-over-depth", "whole-table", "slow-clients-block"],
        run: |lab| Box::pin(limits::resource_limits(lab)),
    },
];
