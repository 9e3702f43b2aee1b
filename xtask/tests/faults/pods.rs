//! Services that are run from their manifests: what a kubelet would do with them is told.

use crate::scene::{Ended, Scene, python};

const RUNS: &str = "check factor-5 --only manifest-really-runs";

const MANIFESTS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: links-config}
data: {PORT: \"8080\", SCREEN_URL: http://screen, PUBLIC_BASE_URL: https://jjal.example, RELEASE_ID: monday}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: links, labels: {app: links}}
spec:
  selector: {matchLabels: {app: links}}
  template:
    metadata: {labels: {app: links}}
    spec:
      terminationGracePeriodSeconds: 6
      containers:
        - name: web
          image: registry.example/links:1
          envFrom: [{configMapRef: {name: links-config}}, {secretRef: {name: links-secret}}]
          ports: [{name: http, containerPort: 8080}]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
          readinessProbe: {httpGet: {path: /readyz, port: http}}
---
apiVersion: v1
kind: Service
metadata: {name: links}
spec: {selector: {app: links}, ports: [{port: 80, targetPort: http}]}
";

#[test]
fn a_pod_that_is_told_to_end_and_ends_is_nothing_to_speak_of() {
    let ended = run("", MANIFESTS);
    ended.said(0, &["PASS", "the grader's own kubelet"]);
    assert!(!ended.stdout.contains("had to be killed"), "{}", ended.stdout);
}

#[test]
fn a_pod_that_does_not_hear_its_end_is_killed_and_that_is_told() {
    let deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)";
    run(deaf, MANIFESTS).said(0, &["PASS", "had to be killed"]);
}

#[test]
fn manifests_that_were_never_rendered_are_named_as_that() {
    let template = MANIFESTS.replace("monday", "{{ .Values.release }}");
    run("", &template).ended(1, &["no-manifests", "k8s/links.yaml:4", "Helm"]);
}

#[test]
fn manifests_that_are_no_yaml_are_named_with_their_line() {
    let broken = MANIFESTS.replace("kind: Deployment", "kind: [Deployment");
    run("", &broken).ended(1, &["no-manifests", "k8s/links.yaml:"]);
}

/// Grades a correct service with `fault` in it, run from these manifests.
fn run(fault: &str, manifests: &str) -> Ended {
    let scene = Scene::links(fault);
    let web = format!(r#"["{}", "{{release}}/app.py"]"#, python());
    scene.app_toml("", r#"["app.py"]"#, &format!("{web}\n\n[k8s]\ndir = \"k8s\""));
    scene.write("k8s/links.yaml", manifests);
    scene.lend("kube", "workshop-kube");
    let ended = scene.grade(RUNS);
    scene.leaves_nothing();
    ended
}
