//! The rules that count, of what is deployed: images, config and the ways to it.

use grader::text::Words;

use super::{Level, Rule, config, environments, images, network, scale};

/// In the order in which a report names them.
pub static DEPLOYED: &[Rule] = &[
    Rule {
        id: "image-pinned",
        factors: &[2, 5],
        level: Level::Required,
        fact: Words { en: "Each image says which one it is", ko: "이미지마다 어느 것인지 분명합니다" },
        fix: Words {
            en: "Give it a tag with a version, or a digest.", ko: "버전이 든 태그나 다이제스트를 쓰십시오."
        },
        run: images::pinned,
    },
    Rule {
        id: "no-install-at-start",
        factors: &[2],
        level: Level::Required,
        fact: Words {
            en: "Nothing is installed when a container starts",
            ko: "컨테이너가 시작될 때 아무것도 설치하지 않습니다",
        },
        fix: Words { en: "Put it into the image.", ko: "이미지에 넣으십시오." },
        run: images::no_install,
    },
    Rule {
        id: "no-credentials",
        factors: &[3, 5, 15],
        level: Level::Required,
        fact: Words {
            en: "No credential stands where everybody reads it",
            ko: "누구나 읽는 곳에 인증 정보가 없습니다",
        },
        fix: Words {
            en: "Keep it in a Secret that is made outside the repository, and name it with `secretKeyRef`.",
            ko: "저장소 밖에서 만드는 Secret에 두고 `secretKeyRef`로 가리키십시오.",
        },
        run: config::no_credentials,
    },
    Rule {
        id: "secrets-are-secret",
        factors: &[3, 5, 15],
        level: Level::Required,
        fact: Words {
            en: "What the contract calls a secret comes from a Secret",
            ko: "계약이 비밀 값으로 정한 것은 Secret에서 옵니다",
        },
        fix: Words {
            en: "Take it from a Secret with `secretKeyRef`.",
            ko: "`secretKeyRef`로 Secret에서 가져오십시오.",
        },
        run: config::secrets_are_secret,
    },
    Rule {
        id: "contract-variables",
        factors: &[3],
        level: Level::Required,
        fact: Words {
            en: "Every variable that the contract requires is given",
            ko: "계약에 필요한 변수를 모두 줍니다",
        },
        fix: Words {
            en: "Add it to the ConfigMap, or take it from the Secret.",
            ko: "ConfigMap에 더하거나 Secret에서 가져오십시오.",
        },
        run: config::contract_variables,
    },
    Rule {
        id: "env-once",
        factors: &[3],
        level: Level::Required,
        fact: Words {
            en: "No variable is set twice in one container",
            ko: "한 컨테이너에서 같은 변수를 두 번 정하지 않습니다",
        },
        fix: Words {
            en: "Remove one of them: the last one wins.", ko: "하나를 지우십시오. 마지막 값이 이깁니다."
        },
        run: config::env_once,
    },
    Rule {
        id: "handles-by-env",
        factors: &[4],
        level: Level::Required,
        fact: Words {
            en: "Backing services are named by variables alone",
            ko: "백엔드 서비스는 환경 변수로만 가리킵니다",
        },
        fix: Words { en: "Move the address into a variable.", ko: "주소를 환경 변수로 옮기십시오." },
        run: config::handles_by_env,
    },
    Rule {
        id: "config-in-configmap",
        factors: &[5],
        level: Level::Required,
        fact: Words {
            en: "What differs between deploys stands in a ConfigMap",
            ko: "배포마다 다른 값은 ConfigMap에 있습니다",
        },
        fix: Words {
            en: "Move the value into the ConfigMap, and take it from there with `envFrom` or `configMapKeyRef`.",
            ko: "값을 ConfigMap으로 옮기고 `envFrom`이나 `configMapKeyRef`로 가져오십시오.",
        },
        run: config::deploys_differ_in_config,
    },
    Rule {
        id: "references-exist",
        factors: &[5],
        level: Level::Required,
        fact: Words {
            en: "Every ConfigMap and key that a Pod names exists",
            ko: "Pod가 가리키는 ConfigMap과 키가 모두 있습니다",
        },
        fix: Words {
            en: "Look for a slip in the name or in the key.", ko: "이름이나 키에 오타가 있는지 보십시오."
        },
        run: config::references_exist,
    },
    Rule {
        id: "change-is-release",
        factors: &[5],
        level: Level::Required,
        fact: Words { en: "A change of config is a new release", ko: "설정을 바꾸면 새 릴리즈가 됩니다" },
        fix: Words {
            en: "Let a `configMapGenerator` name the ConfigMap after its content, or make it `immutable` with a version in its name.",
            ko: "`configMapGenerator`로 내용에서 이름을 만들거나, 이름에 버전을 넣고 `immutable`로 두십시오.",
        },
        run: config::change_is_release,
    },
    Rule {
        id: "values-only",
        factors: &[5, 10],
        level: Level::Required,
        fact: Words { en: "Environments differ in values only", ko: "환경끼리는 값만 다릅니다" },
        fix: Words {
            en: "Move what differs into the base, and its value into the overlay.",
            ko: "다른 부분은 base로 옮기고 overlay에는 값만 두십시오.",
        },
        run: environments::only_values,
    },
    Rule {
        id: "same-image",
        factors: &[10],
        level: Level::Required,
        fact: Words {
            en: "All environments run the same image", ko: "모든 환경이 같은 이미지를 실행합니다"
        },
        fix: Words {
            en: "Build one image, and let only its tag be ahead.",
            ko: "이미지는 하나만 빌드하고, 태그만 앞서 나가게 하십시오.",
        },
        run: environments::same_image,
    },
    Rule {
        id: "same-versions",
        factors: &[10],
        level: Level::Required,
        fact: Words {
            en: "Backing services have the same major version as for development",
            ko: "백엔드 서비스의 주 버전이 개발할 때와 같습니다",
        },
        fix: Words {
            en: "Write the same major version in both places.", ko: "양쪽에 같은 주 버전을 쓰십시오."
        },
        run: images::same_versions,
    },
    Rule {
        id: "no-host-path",
        factors: &[6],
        level: Level::Required,
        fact: Words {
            en: "No Deployment keeps files on a machine",
            ko: "어떤 Deployment도 노드에 파일을 두지 않습니다",
        },
        fix: Words {
            en: "Keep the data in a backing service; for temporary files take an `emptyDir`.",
            ko: "데이터는 백엔드 서비스에 두십시오. 임시 파일에는 `emptyDir`을 쓰십시오.",
        },
        run: scale::no_host_path,
    },
    Rule {
        id: "no-single-disk",
        factors: &[6],
        level: Level::Required,
        fact: Words {
            en: "No web process needs a disk that one machine holds",
            ko: "한 노드만 쓰는 디스크에 기대는 web 프로세스가 없습니다",
        },
        fix: Words {
            en: "Keep the data in a backing service.", ko: "데이터는 백엔드 서비스에 두십시오."
        },
        run: scale::no_single_disk,
    },
    Rule {
        id: "no-affinity",
        factors: &[6],
        level: Level::Required,
        fact: Words {
            en: "Any process may answer any request", ko: "어느 프로세스든 모든 요청에 응답할 수 있습니다"
        },
        fix: Words {
            en: "Remove `sessionAffinity`, and keep sessions in a backing service.",
            ko: "`sessionAffinity`를 지우고 세션은 백엔드 서비스에 두십시오.",
        },
        run: network::no_affinity,
    },
    Rule {
        id: "service-selects-pods",
        factors: &[7],
        level: Level::Required,
        fact: Words { en: "Each Service selects Pods", ko: "Service마다 고르는 Pod가 있습니다" },
        fix: Words {
            en: "Compare its selector with the labels of the Pod template.",
            ko: "셀렉터를 Pod 템플릿의 레이블과 비교하십시오.",
        },
        run: network::service_selects,
    },
    Rule {
        id: "target-port-listens",
        factors: &[7],
        level: Level::Required,
        fact: Words {
            en: "Each Service leads to a port that its Pods open",
            ko: "Service는 Pod가 여는 포트로 이어집니다",
        },
        fix: Words {
            en: "Compare `targetPort` with the name or number of the `containerPort`.",
            ko: "`targetPort` 값을 `containerPort`의 이름이나 번호와 비교하십시오.",
        },
        run: network::target_port,
    },
    Rule {
        id: "ports-agree",
        factors: &[7],
        level: Level::Required,
        fact: Words {
            en: "`PORT`, `containerPort` and the probes agree",
            ko: "`PORT`, `containerPort`, 프로브의 포트가 같습니다",
        },
        fix: Words {
            en: "Write the same number, or the port's name, in all places.",
            ko: "모든 곳에 같은 번호나 포트 이름을 쓰십시오.",
        },
        run: network::ports_agree,
    },
    Rule {
        id: "no-machine-ports",
        factors: &[7],
        level: Level::Required,
        fact: Words { en: "No port of a machine is taken", ko: "노드의 포트를 차지하지 않습니다" },
        fix: Words { en: "Use a Service of the type ClusterIP.", ko: "ClusterIP 타입의 Service를 쓰십시오." },
        run: network::no_machine_ports,
    },
    Rule {
        id: "service-address",
        factors: &[7],
        level: Level::Required,
        fact: Words {
            en: "Who calls a Service uses the Service's port",
            ko: "Service를 부를 때는 Service의 포트를 씁니다",
        },
        fix: Words {
            en: "Write the Service's `port`, not the container's.",
            ko: "컨테이너 포트가 아니라 Service의 `port` 값을 쓰십시오.",
        },
        run: network::service_address,
    },
];
