//! Advice: said, and never failed.

use grader::text::Words;

use super::{Level, Rule, config, images, jobs, lifecycle, network, scale, security};

/// In the order in which a report names it.
pub static ADVICE: &[Rule] = &[
    Rule {
        id: "no-localhost",
        factors: &[4],
        level: Level::Advice,
        fact: Words {
            en: "No backing service is expected inside the Pod",
            ko: "Pod 안에 백엔드 서비스가 있다고 여기지 않습니다",
        },
        fix: Words { en: "Name the Service or the host.", ko: "Service나 호스트의 이름을 쓰십시오." },
        run: config::no_localhost,
    },
    Rule {
        id: "image-digest",
        factors: &[14],
        level: Level::Advice,
        fact: Words {
            en: "A digest names an image for ever",
            ko: "이미지를 다이제스트로 적어 언제나 같은 이미지를 씁니다",
        },
        fix: Words {
            en: "Let the pipeline write the digest.", ko: "파이프라인이 다이제스트를 쓰게 하십시오."
        },
        run: images::digests,
    },
    Rule {
        id: "web-is-deployment",
        factors: &[6],
        level: Level::Advice,
        fact: Words { en: "Web processes are all alike", ko: "web 프로세스는 모두 같습니다" },
        fix: Words { en: "Use a Deployment.", ko: "Deployment를 쓰십시오." },
        run: scale::web_is_deployment,
    },
    Rule {
        id: "named-ports",
        factors: &[7],
        level: Level::Advice,
        fact: Words { en: "Services name ports by name", ko: "Service는 포트를 이름으로 가리킵니다" },
        fix: Words {
            en: "Name the `containerPort`, and use the name.",
            ko: "`containerPort`에 이름을 붙이고 그 이름을 쓰십시오.",
        },
        run: network::named_ports,
    },
    Rule {
        id: "no-service-links",
        factors: &[7],
        level: Level::Advice,
        fact: Words { en: "No variables are made of Services", ko: "Service마다 변수가 생기지 않습니다" },
        fix: Words { en: "Set `enableServiceLinks: false`.", ko: "`enableServiceLinks: false`로 두십시오." },
        run: network::no_service_links,
    },
    Rule {
        id: "waits-before-the-end",
        factors: &[9],
        level: Level::Advice,
        fact: Words {
            en: "A web process goes on while clients still know its address",
            ko: "클라이언트가 아직 주소를 아는 동안 web 프로세스가 계속 응답합니다",
        },
        fix: Words {
            en: "Add `lifecycle: {preStop: {sleep: {seconds: 5}}}`.",
            ko: "`lifecycle: {preStop: {sleep: {seconds: 5}}}` 설정을 더하십시오.",
        },
        run: lifecycle::waits_before_the_end,
    },
    Rule {
        id: "cleans-up",
        factors: &[12],
        level: Level::Advice,
        fact: Words { en: "Finished Jobs go away", ko: "끝난 Job은 사라집니다" },
        fix: Words { en: "Set `ttlSecondsAfterFinished`.", ko: "`ttlSecondsAfterFinished` 값을 정하십시오." },
        run: jobs::cleans_up,
    },
    Rule {
        id: "resources",
        factors: &[15],
        level: Level::Advice,
        fact: Words {
            en: "Each container says what it needs", ko: "컨테이너마다 얼마나 필요한지 적혀 있습니다"
        },
        fix: Words { en: "Set `resources.requests`.", ko: "`resources.requests` 값을 정하십시오." },
        run: security::resources,
    },
];
