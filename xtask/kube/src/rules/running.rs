//! The rules that count, of what runs: processes, their beginning and end, and what they may do.

use grader::text::Words;

use super::{Level, Rule, jobs, lifecycle, network, scale, security};

/// In the order in which a report names them.
pub static RUNNING: &[Rule] = &[
    Rule {
        id: "processes-apart",
        factors: &[8],
        level: Level::Required,
        fact: Words {
            en: "Each process type can be scaled alone", ko: "프로세스 유형마다 따로 늘릴 수 있습니다"
        },
        fix: Words {
            en: "Give each process type a Deployment of its own.",
            ko: "프로세스 유형마다 Deployment를 따로 두십시오.",
        },
        run: scale::processes_apart,
    },
    Rule {
        id: "worker-is-alone",
        factors: &[8],
        level: Level::Required,
        fact: Words { en: "A worker listens nowhere", ko: "워커는 아무 포트도 열지 않습니다" },
        fix: Words {
            en: "Remove its ports, and correct the Service's selector.",
            ko: "포트를 지우고 Service의 셀렉터를 고치십시오.",
        },
        run: network::worker_is_alone,
    },
    Rule {
        id: "web-scales",
        factors: &[8],
        level: Level::Required,
        fact: Words { en: "There are at least two web processes", ko: "web 프로세스가 둘 이상입니다" },
        fix: Words {
            en: "Set `replicas` to 2, or `minReplicas` of an autoscaler.",
            ko: "`replicas`나 오토스케일러의 `minReplicas` 값을 2 이상으로 두십시오.",
        },
        run: scale::web_scales,
    },
    Rule {
        id: "no-recreate",
        factors: &[8, 9],
        level: Level::Required,
        fact: Words {
            en: "A new release begins before the old one ends",
            ko: "이전 릴리즈가 끝나기 전에 새 릴리즈가 시작됩니다",
        },
        fix: Words { en: "Use the strategy RollingUpdate.", ko: "RollingUpdate 전략을 쓰십시오." },
        run: scale::no_recreate,
    },
    Rule {
        id: "grace-is-enough",
        factors: &[9],
        level: Level::Required,
        fact: Words {
            en: "The grace period holds preStop and the program's own limit",
            ko: "종료 유예 시간 안에 preStop과 프로그램의 종료가 모두 끝납니다",
        },
        fix: Words {
            en: "Raise `terminationGracePeriodSeconds`, or lower one of the other two.",
            ko: "`terminationGracePeriodSeconds` 값을 늘리거나 나머지 둘 중 하나를 줄이십시오.",
        },
        run: lifecycle::grace_is_enough,
    },
    Rule {
        id: "says-when-ready",
        factors: &[9],
        level: Level::Required,
        fact: Words {
            en: "A web process says over HTTP when it can answer",
            ko: "web 프로세스는 응답할 수 있는지를 HTTP로 알립니다",
        },
        fix: Words {
            en: "Add a `readinessProbe` with `httpGet` of `/readyz`.",
            ko: "`/readyz` 경로를 `httpGet`으로 묻는 `readinessProbe`를 더하십시오.",
        },
        run: lifecycle::says_when_ready,
    },
    Rule {
        id: "liveness-is-not-readiness",
        factors: &[9, 13],
        level: Level::Required,
        fact: Words {
            en: "Liveness asks something else than readiness",
            ko: "liveness와 readiness는 서로 다른 것을 묻습니다",
        },
        fix: Words {
            en: "Ask `/healthz` for liveness: it depends on nothing.",
            ko: "liveness는 아무것에도 기대지 않는 `/healthz` 경로에 물으십시오.",
        },
        run: lifecycle::liveness_is_not_readiness,
    },
    Rule {
        id: "no-log-files",
        factors: &[11],
        level: Level::Required,
        fact: Words { en: "Logs go to standard output", ko: "로그는 표준 출력으로 나갑니다" },
        fix: Words {
            en: "Write events to standard output; the platform collects them.",
            ko: "이벤트를 표준 출력에 쓰십시오. 모으는 일은 플랫폼이 합니다.",
        },
        run: scale::no_log_files,
    },
    Rule {
        id: "same-release",
        factors: &[12],
        level: Level::Required,
        fact: Words {
            en: "A one-off runs the app's image with the app's config",
            ko: "일회성 작업은 앱의 이미지와 설정으로 실행됩니다",
        },
        fix: Words {
            en: "Name the same image, ConfigMap and Secret as the Deployment does.",
            ko: "Deployment와 같은 이미지, ConfigMap, Secret을 쓰십시오.",
        },
        run: jobs::same_release,
    },
    Rule {
        id: "ends-somehow",
        factors: &[12],
        level: Level::Required,
        fact: Words { en: "A one-off that fails ends", ko: "실패한 일회성 작업은 언젠가 끝납니다" },
        fix: Words {
            en: "Set `backoffLimit`, and `restartPolicy: Never` or `OnFailure`.",
            ko: "`backoffLimit`, 그리고 `restartPolicy: Never`나 `OnFailure` 값을 정하십시오.",
        },
        run: jobs::ends_somehow,
    },
    Rule {
        id: "no-migration-at-start",
        factors: &[12],
        level: Level::Required,
        fact: Words {
            en: "The schema is changed once, not by every Pod",
            ko: "스키마는 Pod마다가 아니라 한 번만 바꿉니다",
        },
        fix: Words { en: "Migrate in a Job.", ko: "마이그레이션은 Job으로 하십시오." },
        run: jobs::no_migration_at_start,
    },
    Rule {
        id: "cron-forbids",
        factors: &[12],
        level: Level::Required,
        fact: Words {
            en: "A CronJob does not overtake itself",
            ko: "CronJob은 앞의 작업이 끝나기 전에 또 시작하지 않습니다",
        },
        fix: Words { en: "Set `concurrencyPolicy: Forbid`.", ko: "`concurrencyPolicy: Forbid`로 정하십시오." },
        run: jobs::cron_forbids,
    },
    Rule {
        id: "not-root",
        factors: &[15],
        level: Level::Required,
        fact: Words { en: "Nobody runs as root", ko: "어떤 컨테이너도 root로 실행되지 않습니다" },
        fix: Words {
            en: "Set `runAsNonRoot: true`, and a number as USER in the image.",
            ko: "`runAsNonRoot: true`로 두고, 이미지의 USER에는 번호를 쓰십시오.",
        },
        run: security::not_root,
    },
    Rule {
        id: "no-escalation",
        factors: &[15],
        level: Level::Required,
        fact: Words { en: "Nobody gains rights", ko: "어떤 컨테이너도 권한을 더 얻지 못합니다" },
        fix: Words {
            en: "Set `allowPrivilegeEscalation: false`.",
            ko: "`allowPrivilegeEscalation: false`로 두십시오.",
        },
        run: security::no_escalation,
    },
    Rule {
        id: "drops-all",
        factors: &[15],
        level: Level::Required,
        fact: Words {
            en: "Nobody keeps special rights of the kernel",
            ko: "어떤 컨테이너도 커널의 특별한 권한을 갖지 않습니다",
        },
        fix: Words {
            en: "Set `capabilities: {drop: [\"ALL\"]}`; `add` what is needed.",
            ko: "`capabilities: {drop: [\"ALL\"]}`로 두고 필요한 것만 `add`로 더하십시오.",
        },
        run: security::drops_all,
    },
    Rule {
        id: "read-only-root",
        factors: &[15, 6],
        level: Level::Required,
        fact: Words {
            en: "Nobody writes into its own image", ko: "어떤 컨테이너도 자기 이미지에 쓰지 않습니다"
        },
        fix: Words {
            en: "Set `readOnlyRootFilesystem: true`; mount an `emptyDir` for temporary files.",
            ko: "`readOnlyRootFilesystem: true`로 두고, 임시 파일에는 `emptyDir`을 마운트하십시오.",
        },
        run: security::read_only,
    },
    Rule {
        id: "seccomp",
        factors: &[15],
        level: Level::Required,
        fact: Words { en: "Unusual system calls are refused", ko: "흔치 않은 시스템 호출은 거절됩니다" },
        fix: Words {
            en: "Set `seccompProfile: {type: RuntimeDefault}`.",
            ko: "`seccompProfile: {type: RuntimeDefault}`로 두십시오.",
        },
        run: security::seccomp,
    },
    Rule {
        id: "no-token",
        factors: &[15],
        level: Level::Required,
        fact: Words {
            en: "Who does not talk to the cluster holds no key to it",
            ko: "클러스터 API를 쓰지 않는 Pod는 API 토큰을 갖지 않습니다",
        },
        fix: Words {
            en: "Set `automountServiceAccountToken: false`.",
            ko: "`automountServiceAccountToken: false`로 두십시오.",
        },
        run: security::no_token,
    },
];
