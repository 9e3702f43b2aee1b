//! Each rule that counts catches a wrong manifest, at its place, and nothing else finds fault with it.

use std::collections::BTreeSet;

use tools::{Example, broken, judged};

mod tools;

/// A rule, the mistake that breaks it (file, text, what stands there instead), and further rules that the same mistake breaks.
type Wrong = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const WEB: &str = "base/web.yaml";
const WORKER: &str = "base/worker.yaml";
const SERVICE: &str = "base/service.yaml";
const JOB: &str = "base/migrate.yaml";
const BASE: &str = "base/kustomization.yaml";
const PRODUCTION: &str = "overlays/production/kustomization.yaml";

const MISTAKES: &[Wrong] = &[
    ("known-kinds", WEB, "apiVersion: apps/v1", "apiVersion: apps/v1beta1", &[]),
    ("known-kinds", SERVICE, "kind: Service", "kind: Servise", &[]),
    ("known-fields", WEB, "      terminationGracePeriodSeconds", "      terminationGracePeriodSecond", &[]),
    ("known-fields", WEB, "readinessProbe:", "readinesProbe:", &["says-when-ready"]),
    ("right-types", "base/screen.yaml", "value: \"8080\"", "value: 8080", &[]),
    ("right-types", WEB, "PeriodSeconds: 30", "PeriodSeconds: thirty", &[]),
    ("required-fields", WORKER, "          image: registry.example/links:1.4.2\n", "", &["same-release"]),
    ("required-fields", JOB, "  name: links-migrate\n", "", &[]),
    ("quoted-words", WEB, "args: [\"web\"]", "args: [web, on]", &[]),
    ("keys-once", SERVICE, "      port: 80\n", "      port: 80\n      port: 81\n", &[]),
    (
        "names-once",
        "base/screen.yaml",
        "kind: Service\nmetadata:\n  name: screen",
        "kind: Service\nmetadata:\n  name: links",
        &["values-only"],
    ),
    ("image-pinned", "base/screen.yaml", "screen:1.1.0", "screen", &[]),
    ("image-pinned", "base/screen.yaml", "screen:1.1.0", "screen:latest", &[]),
    ("no-install-at-start", WEB, "args: [\"web\"]", "command: [sh, -c, 'apk add curl && links web']", &[]),
    ("no-credentials", BASE, "SCREEN_URL=http://screen", "SCREEN_URL=http://links:s3cr3t@screen", &[]),
    ("no-credentials", WEB, "args: [\"web\"]", "args: [web, 'https://u:p@h.example/x']", &[]),
    (
        "secrets-are-secret",
        WORKER,
        "              valueFrom:\n                secretKeyRef:\n                  name: links-secret\n                  key: SCREEN_API_KEY",
        "              value: not-so-secret",
        &[],
    ),
    ("contract-variables", WEB, "- name: SCREEN_API_KEY\n", "- name: SCREEN_APIKEY\n", &[]),
    ("contract-variables", BASE, "      - SCREEN_URL=http://screen\n", "", &[]),
    (
        "env-once",
        WORKER,
        "            - name: SCREEN_API_KEY",
        "            - name: DATABASE_URL",
        &["contract-variables"],
    ),
    ("handles-by-env", WORKER, "args: [\"worker\"]", "args: [worker, 'redis://cache.example:6379']", &[]),
    (
        "config-in-configmap",
        WORKER,
        "            - name: DATABASE_URL",
        "            - name: LOG_LEVEL\n              value: debug\n            - name: DATABASE_URL",
        &[],
    ),
    ("references-exist", WORKER, "name: links-config", "name: link-config", &[]),
    (
        "references-exist",
        WORKER,
        "          env:\n",
        "          env:\n            - {name: X, valueFrom: {configMapKeyRef: {name: links-config, key: SCREEN_URI}}}\n",
        &[],
    ),
    (
        "change-is-release",
        "base/service.yaml",
        "apiVersion: v1",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: links-plain\ndata:\n  WHAT: ever\n---\napiVersion: v1",
        &[],
    ),
    ("values-only", PRODUCTION, "  - ../../base\n", "  - ../../base\n  - extra.yaml\n", &[]),
    (
        "same-image",
        PRODUCTION,
        "    newTag: 1.4.2",
        "    newName: registry.example/links-production\n    newTag: 1.4.2",
        &[],
    ),
    ("no-host-path", WEB, "          emptyDir: {}", "          hostPath: {path: /srv/links}", &[]),
    ("no-affinity", SERVICE, "spec:\n", "spec:\n  sessionAffinity: ClientIP\n", &[]),
    ("service-selects-pods", SERVICE, "component: web", "component: wbe", &["*"]),
    ("target-port-listens", SERVICE, "targetPort: http", "targetPort: htpp", &[]),
    ("target-port-listens", SERVICE, "targetPort: http", "targetPort: 80", &[]),
    ("ports-agree", BASE, "PORT=8080", "PORT=8081", &[]),
    (
        "ports-agree",
        WEB,
        "              path: /readyz\n              port: http",
        "              path: /readyz\n              port: 80",
        &[],
    ),
    ("no-machine-ports", SERVICE, "spec:\n", "spec:\n  type: NodePort\n", &[]),
    ("no-machine-ports", WEB, "containerPort: 8080", "containerPort: 8080\n              hostPort: 8080", &[]),
    ("service-address", BASE, "http://screen", "http://screen:8080", &[]),
    (
        "processes-apart",
        WEB,
        "      volumes:\n",
        "        - name: worker\n          image: registry.example/links:1.4.2\n          args: [worker]\n          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}\n      volumes:\n",
        &[],
    ),
    (
        "worker-is-alone",
        WORKER,
        "args: [\"worker\"]",
        "args: [\"worker\"]\n          ports: [{containerPort: 8080}]",
        &[],
    ),
    ("web-scales", "base/screen.yaml", "replicas: 2", "replicas: 1", &[]),
    ("no-recreate", WEB, "  replicas: 2\n", "  replicas: 2\n  strategy: {type: Recreate}\n", &[]),
    ("grace-is-enough", WEB, "terminationGracePeriodSeconds: 30", "terminationGracePeriodSeconds: 20", &[]),
    ("grace-is-enough", BASE, "SHUTDOWN_GRACE_SECONDS=20", "SHUTDOWN_GRACE_SECONDS=30", &[]),
    ("says-when-ready", WEB, "path: /readyz", "path: /ready", &[]),
    ("liveness-is-not-readiness", WEB, "path: /healthz", "path: /readyz", &[]),
    ("no-log-files", WEB, "mountPath: /tmp", "mountPath: /var/log/links", &[]),
    ("same-release", JOB, "links:1.4.2", "links-tools:1.4.2", &[]),
    ("same-release", JOB, "name: links-secret", "name: links-admin", &[]),
    ("ends-somehow", JOB, "  backoffLimit: 3\n", "", &[]),
    (
        "no-migration-at-start",
        WEB,
        "      containers:\n",
        "      initContainers:\n        - name: migrate\n          image: registry.example/links:1.4.2\n          args: [migrate]\n          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}\n      containers:\n",
        &[],
    ),
    ("not-root", WEB, "runAsNonRoot: true", "runAsNonRoot: false", &[]),
    ("no-escalation", WEB, "            allowPrivilegeEscalation: false\n", "", &[]),
    ("drops-all", WEB, "drop: [\"ALL\"]", "drop: [\"NET_RAW\"]", &[]),
    ("read-only-root", JOB, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", &[]),
    ("seccomp", WEB, "type: RuntimeDefault", "type: Unconfined", &[]),
    ("no-token", WORKER, "automountServiceAccountToken: false", "automountServiceAccountToken: true", &[]),
    (
        "cron-forbids",
        "base/screen.yaml",
        "apiVersion: apps/v1",
        CRON,
        &["ends-somehow", "no-escalation", "drops-all", "read-only-root", "seccomp", "not-root", "no-token"],
    ),
    ("no-single-disk", WEB, "          emptyDir: {}\n", CLAIM, &[]),
    ("same-versions", "compose.yaml", "postgres:17", "postgres:15", &[]),
];

const CRON: &str = "apiVersion: batch/v1
kind: CronJob
metadata: {name: purge}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: purge, image: 'registry.example/screen:1.1.0'}]
---
apiVersion: apps/v1";

const CLAIM: &str = "          persistentVolumeClaim: {claimName: files}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
";

#[test]
fn every_mistake_is_caught_for_its_reason_and_for_no_other() {
    let mut wrong = Vec::new();
    for (rule, file, from, to, also) in MISTAKES {
        let example = Example::new();
        std::fs::write(example.path().join("overlays/production/extra.yaml"), EXTRA).unwrap();
        example.edit(file, from, to);
        if *rule == "change-is-release" {
            example.edit(
                WORKER,
                "name: links-config",
                "name: links-config\n            - configMapRef: {name: links-plain}",
            );
        }
        let part = if *rule == "same-versions" { "attached" } else { "" };
        let (report, code) = judged(&example.path().join(part));
        let found = broken(&report);
        let others =
            found.iter().filter(|found| *found != rule && !also.contains(&found.as_str()) && !also.contains(&"*"));
        if code != 1 || !found.iter().any(|found| found == rule) || others.count() > 0 {
            wrong.push(format!("{rule} in {file}: exit {code}, {found:?}, {}", report["unreadable"]));
        }
        let placed = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == *rule);
        if placed.clone().any(|finding| !finding["line"].is_u64()) {
            wrong.push(format!("{rule} says no line"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const EXTRA: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: only-here}
data: {}
";

#[test]
fn no_rule_is_without_a_mistake_that_it_catches() {
    let (report, _) = judged(&tools::source());
    let caught: BTreeSet<&str> = MISTAKES.iter().map(|(rule, ..)| *rule).collect();
    let rules = report["rules"].as_array().unwrap().iter().filter(|rule| rule["level"] == "required");
    let rules: Vec<&str> = rules.map(|rule| rule["rule"].as_str().unwrap()).collect();
    let without: Vec<&&str> = rules.iter().filter(|rule| !caught.contains(*rule)).collect();
    assert!(without.is_empty() && rules.len() == caught.len(), "{without:?}");
}
