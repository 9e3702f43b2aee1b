//! Input that is bad, huge, or right in a way that the example set is not.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking, and says what it skips")]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;
use tools::{Example, broken, judged, run};

mod tools;

/// Judges files of these names and contents.
fn files(files: &[(&str, &str)]) -> (Json, i32) {
    let folder = tempfile::tempdir().unwrap();
    for (name, words) in files {
        fs::write(folder.path().join(name), words).unwrap();
    }
    judged(folder.path())
}

#[track_caller]
fn unreadable(words: &str, line: u64, part: &str) {
    let (report, code) = files(&[("a.yaml", words)]);
    assert_eq!((code, report["result"].as_str()), (2, Some("unreadable")), "{report}");
    let why = &report["unreadable"][0];
    assert!(why["what"]["en"].as_str().unwrap().contains(part), "{why}");
    assert_eq!(why["line"].as_u64(), Some(line), "{why}");
}

#[test]
fn the_example_set_passes() {
    for part in ["", "attached", "overlays/staging"] {
        let (report, code) = judged(&tools::source().join(part));
        assert_eq!((code, broken(&report).len()), (0, 0), "{part}: {report}");
    }
}

#[test]
fn the_boards_own_manifests_pass() {
    let (report, code) = judged(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../board/k8s"));
    assert_eq!((code, broken(&report).len()), (0, 0), "{report}");
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    unreadable("kind: [", 2, "YAML");
    unreadable("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n bad: x\n", 5, "YAML");
    unreadable("apiVersion: v1\nkind: {{ .Values.kind }}\nmetadata: {name: a}\n", 2, "helm template");
    unreadable("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: '{{ .Release.Name }}'\n", 1, "helm template");
    unreadable("hello: world\n", 1, "no object of Kubernetes");
    unreadable("apiVersion: v1\nkind: !Ref x\n", 2, "tag");
}

#[test]
fn nothing_to_judge_is_no_pass() {
    let custom = "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: a}\n";
    let (report, code) = files(&[("a.yaml", custom)]);
    assert_eq!((code, &report["not_judged"]["example.org/v1 Thing"]), (4, &Json::from(1)), "{report}");
    assert_eq!(files(&[("notes.txt", "x")]).1, 4);
    assert_eq!(run(Path::new("/no/such/folder"), &[]).status.code(), Some(2));
}

#[test]
fn a_chart_is_not_judged_as_if_it_were_rendered() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Chart.yaml"), "apiVersion: v2\nname: x\nversion: 1.0.0\n").unwrap();
    let output = run(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("helm template"));
}

#[test]
fn aliases_that_explode_and_bottomless_lists_are_refused() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (one, next) in
        ["a", "b", "c", "d", "e", "f", "g", "h"].into_iter().zip(["b", "c", "d", "e", "f", "g", "h", "i"])
    {
        writeln!(bomb, "{next}: &{next} [{}]", vec![format!("*{one}"); 9].join(",")).unwrap();
    }
    let (report, code) = files(&[("a.yaml", &bomb)]);
    assert_eq!(code, 2, "{report}");
    assert!(report["unreadable"][0]["what"]["en"].as_str().unwrap().contains("aliases"), "{report}");
    let (report, code) = files(&[("a.yaml", &format!("a: {}", "[".repeat(100_000)))]);
    assert_eq!(code, 2, "{report}");
    let deep: String = (0..200).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let (report, code) = files(&[("a.yaml", &deep)]);
    assert_eq!(code, 2, "{report}");
    assert!(report["unreadable"][0]["what"]["en"].as_str().unwrap().contains("nested"), "{report}");
}

#[test]
fn thousands_of_objects_are_judged() {
    let one = fs::read_to_string(tools::source().join("base/screen.yaml")).unwrap();
    let mut words = String::new();
    for number in 0..1500 {
        write!(words, "{}\n---\n", one.replace("screen\n", &format!("screen-{number}\n"))).unwrap();
    }
    let (report, code) = files(&[("a.yaml", &words)]);
    assert_eq!((code, &report["objects"]), (0, &Json::from(3000)), "{}", report["findings"][0]);
}

#[test]
fn other_correct_styles_pass() {
    let example = Example::new();
    // The port by number, an autoscaler in place of replicas, a startup probe, and a preStop of an older cluster.
    example.edit("base/service.yaml", "targetPort: http", "targetPort: 8080");
    example.edit("base/web.yaml", "  replicas: 2\n", "");
    example.edit("overlays/staging/kustomization.yaml", "replicas:\n  - name: links-web\n    count: 2\n", "");
    example.edit("overlays/production/kustomization.yaml", "replicas:\n  - name: links-web\n    count: 4\n", "");
    let scaler = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: links-web}\nspec:\n  minReplicas: 2\n  maxReplicas: 8\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: links-web}\n";
    let service = fs::read_to_string(example.path().join("base/service.yaml")).unwrap();
    fs::write(example.path().join("base/service.yaml"), format!("{service}{scaler}")).unwrap();
    example.edit(
        "base/web.yaml",
        "            preStop:\n              sleep:\n                seconds: 5",
        "            preStop: {exec: {command: [sleep, '5']}}",
    );
    example.edit(
        "base/web.yaml",
        "          readinessProbe:",
        "          startupProbe: {httpGet: {path: /healthz, port: 8080}}\n          readinessProbe:",
    );
    let (report, code) = judged(example.path());
    assert_eq!((code, broken(&report).len()), (0, 0), "{report}");
}

#[test]
fn lists_json_and_single_variables_are_read() {
    let map = r#"{"apiVersion": "v1", "kind": "List", "items": [
	{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c-v1"}, "immutable": true, "data": {"A": "1"}}]}"#;
    let job = "apiVersion: batch/v1
kind: Job
metadata: {name: j}
spec:
  backoffLimit: 1
  template:
    spec:
      restartPolicy: OnFailure
      automountServiceAccountToken: false
      securityContext: &context {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: j
          image: registry.example/j@sha256:0123
          env:
            - {name: B, valueFrom: {configMapKeyRef: {name: c-v1, key: A}}}
            - {name: C, value: '$(B)-$(NO)-$$(B)'}
          securityContext: {<<: *context, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.json"), map).unwrap();
    fs::write(folder.path().join("b.yaml"), job).unwrap();
    let (report, code) = judged(folder.path());
    assert_eq!((code, broken(&report).len()), (0, 0), "{report}");
    let output = run(folder.path(), &["--pods"]);
    let pods: Json = serde_json::from_slice(&output.stdout).unwrap();
    let env = &pods["environments"][0]["pods"][0]["containers"][0]["env"];
    assert_eq!((&env[0]["value"], &env[1]["value"]), (&"1".into(), &"1-$(NO)-$(B)".into()));
}

#[test]
fn pods_are_resolved_without_secrets() {
    let output = run(&tools::source(), &["--pods"]);
    let pods: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&pods["format_version"], output.status.code()), (&Json::from(1), Some(0)));
    let production = &pods["environments"][0];
    let web = production["pods"].as_array().unwrap().iter().find(|pod| pod["name"] == "links-web").unwrap();
    assert_eq!((&web["role"], &web["replicas"], &web["grace_seconds"]), (&"web".into(), &4.into(), &30.into()));
    let env = web["containers"][0]["env"].as_array().unwrap();
    let of = |name: &str| env.iter().find(|variable| variable["name"] == name).unwrap();
    assert_eq!(of("PUBLIC_BASE_URL")["value"], "https://jjal.example");
    assert_eq!(of("DATABASE_URL")["secret"]["name"], "links-secret");
}

/// What a set of that shape may be told all the same: it belongs to somebody else's system, and follows other factors.
#[track_caller]
fn nothing_false(name: &str, facts: &[&str]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes").join(name);
    let (report, _) = judged(&file);
    assert_eq!(report["unreadable"].as_array().unwrap().len(), 0, "{report}");
    assert_eq!(broken(&report), facts, "{report}");
}

#[test]
fn an_ingress_controller_is_read_without_false_errors() {
    nothing_false(
        "ingress-controller.yaml",
        &[
            "drops-all",
            "ends-somehow",
            "no-escalation",
            "no-token",
            "not-root",
            "read-only-root",
            "seccomp",
            "web-scales",
        ],
    );
}

#[test]
fn a_certificate_controller_is_read_without_false_errors() {
    nothing_false("certificate-controller.yaml", &[]);
}

#[test]
fn a_delivery_controller_is_read_without_false_errors() {
    nothing_false("delivery-controller.yaml", &["drops-all", "no-escalation", "read-only-root", "seccomp"]);
}

/// Where an up-to-date kubectl is: the simple kustomizations are rendered as it renders them, names with hashes included.
#[test]
fn kustomizations_are_rendered_as_kubectl_does() {
    let folder = tools::source().join("overlays/staging");
    let Ok(output) = Command::new("kubectl").arg("kustomize").arg(&folder).output() else {
        return skipped("kubectl is not installed");
    };
    if !output.status.success() {
        return skipped(&format!("this kubectl is too old: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let rendered = tempfile::tempdir().unwrap();
    fs::write(rendered.path().join("all.yaml"), &output.stdout).unwrap();
    let pods = |path: &Path| -> Vec<String> {
        let output = run(path, &["--pods"]);
        let json: Json = serde_json::from_slice(&output.stdout).unwrap();
        let all = json["environments"][0]["pods"]
            .as_array()
            .unwrap()
            .iter()
            .chain(json["environments"][0]["services"].as_array().unwrap());
        let mut all: Vec<String> = all.map(|pod| sorted(pod).to_string()).collect();
        all.sort();
        all
    };
    assert_eq!(pods(&folder), pods(rendered.path()));
}

/// On the build server nothing may be missing.
fn skipped(why: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{why}");
    println!("skipped: {why}");
}

/// kubectl sorts the names of variables in a ConfigMap.
fn sorted(pod: &Json) -> Json {
    let mut pod = pod.clone();
    for container in pod["containers"].as_array_mut().into_iter().flatten() {
        if let Some(env) = container["env"].as_array_mut() {
            env.sort_by_key(ToString::to_string);
        }
    }
    pod
}
