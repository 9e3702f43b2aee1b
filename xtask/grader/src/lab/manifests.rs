//! The subject's Kubernetes manifests, judged and resolved by a program of its own (`workshop-kube`).

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use serde::Deserialize;
use serde_json::Value;

use crate::check::{CheckResult, Failure, LabError, Missing, Stop};
use crate::lab::Lab;
use crate::programs;
use crate::text::{Text, text};

/// The reason of a check whose manifests are missing or cannot be read.
pub const NO_MANIFESTS: &str = "no-manifests";

/// What the manifests come to.
#[derive(Clone, Debug, Deserialize)]
pub struct Manifests {
    /// What breaks a rule, required ones first.
    pub findings: Vec<Finding>,
    /// What a kubelet would start, for each environment (overlay).
    #[serde(rename = "resolved")]
    pub environments: Vec<Environment>,
    unreadable: Vec<Unreadable>,
}

/// Something that breaks a rule.
#[derive(Clone, Debug, Deserialize)]
pub struct Finding {
    /// The rule, in kebab case.
    pub rule: String,
    /// `required` or `advice`.
    pub level: String,
    /// The file, as the report names it.
    pub file: Option<String>,
    /// Its line, from 1.
    pub line: Option<usize>,
    /// Such as `Deployment/links-web`.
    pub object: String,
    what: Both,
    fix: Option<Both>,
}

#[derive(Clone, Debug, Deserialize)]
struct Unreadable {
    file: Option<String>,
    line: Option<usize>,
    what: Both,
}

#[derive(Clone, Debug, Deserialize)]
struct Both {
    en: String,
    ko: String,
}

/// The objects that are applied together.
#[derive(Clone, Debug, Deserialize)]
pub struct Environment {
    /// The folder of the overlay; empty where there is one environment alone.
    pub name: String,
    /// What makes Pods.
    pub pods: Vec<Pod>,
    /// What leads to them.
    pub services: Vec<ClusterService>,
    /// The ConfigMaps.
    pub config_maps: Vec<ConfigMap>,
}

/// A ConfigMap.
#[derive(Clone, Debug, Deserialize)]
pub struct ConfigMap {
    /// Its name, as applied.
    pub name: String,
    /// Whether the platform refuses to edit it in place: it is immutable, and its name has a version.
    pub edits_refused: bool,
}

/// An object that makes Pods, with everything filled in that manifests say.
#[derive(Clone, Debug, Deserialize)]
pub struct Pod {
    /// Such as `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// `web`, `worker`, `one-off` or `other`.
    pub role: String,
    /// The labels of its Pods.
    #[serde(default)]
    pub labels: Option<BTreeMap<String, String>>,
    /// The Pod template, as it is applied.
    pub template: Value,
    /// `Always`, `OnFailure` or `Never`.
    pub restart_policy: String,
    /// How often a Job is tried again.
    pub backoff_limit: Option<u32>,
    /// How many seconds it has from the beginning of its end.
    pub grace_seconds: u64,
    /// Whether its containers get a variable for each Service.
    pub service_links: bool,
    /// What runs first.
    pub init_containers: Vec<Container>,
    /// What runs.
    pub containers: Vec<Container>,
}

/// A container.
#[derive(Clone, Debug, Deserialize)]
pub struct Container {
    /// Its name.
    pub name: Option<String>,
    /// Its image.
    pub image: Option<String>,
    /// What is run instead of the image's entry point.
    pub command: Option<Vec<String>>,
    /// The arguments instead of the image's.
    pub args: Option<Vec<String>>,
    /// Its variables, in order.
    pub env: Vec<Variable>,
    /// Secrets that are in no manifest and bring all their keys.
    pub env_from_secrets: Vec<String>,
    /// ConfigMaps that are in no manifest.
    pub env_from_config_maps: Vec<String>,
    /// Its ports.
    pub ports: Vec<ContainerPort>,
    /// What is done before it is told to end.
    pub pre_stop: Option<Value>,
    /// What it may do.
    pub security: Option<Value>,
    /// Asked until it succeeds once.
    pub startup_probe: Option<Value>,
    /// Asked before traffic comes.
    pub readiness_probe: Option<Value>,
    /// Asked while it lives.
    pub liveness_probe: Option<Value>,
}

/// A port that a container declares.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerPort {
    /// Its name.
    pub name: Option<String>,
    /// Its number.
    pub container_port: u16,
}

/// A variable, with one of the sources.
#[derive(Clone, Debug, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Option<String>,
    /// Its value, in which `$(NAME)` stands for variables that only the cluster knows.
    pub template: Option<String>,
    /// The Secret that holds it.
    pub secret: Option<SecretKey>,
    /// What the platform fills in, such as `status.podIP`.
    pub field: Option<String>,
    /// The ConfigMap that the value comes from.
    pub config_map: Option<String>,
}

/// A key of a Secret.
#[derive(Clone, Debug, Deserialize)]
pub struct SecretKey {
    /// The Secret.
    pub name: String,
    /// The key in it.
    pub key: String,
}

/// A Service.
#[derive(Clone, Debug, Deserialize)]
pub struct ClusterService {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The labels that its Pods have.
    pub selector: Option<BTreeMap<String, String>>,
    /// Its ports.
    pub ports: Vec<ServicePort>,
}

/// A port of a Service.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePort {
    /// Its name.
    pub name: Option<String>,
    /// What its clients use.
    pub port: u16,
    /// The port of the Pod: a number, or a name. Without it, the same as `port`.
    pub target_port: Option<Value>,
}

impl Lab {
    /// The subject's manifests.
    ///
    /// # Errors
    ///
    /// A failure with the reason [`NO_MANIFESTS`] where there are none or they cannot be read, and UNGRADED where a program is
    /// missing that renders them.
    pub async fn manifests(&self) -> CheckResult<Manifests> {
        self.manifests_in(&self.bench.tree.folder).await
    }

    /// The manifests of a changed copy of the subject's folder.
    ///
    /// # Errors
    ///
    /// Those of [`Lab::manifests`].
    pub async fn manifests_in(&self, folder: &Path) -> CheckResult<Manifests> {
        let Some(kubernetes) = &self.bench.subject.manifest.k8s else {
            return Err(none("app.toml has no [k8s]", "app.toml에 [k8s]가 없습니다"));
        };
        let program =
            programs::KUBE.built(self.bench.site(), &mut |stage, detail| self.bench.news(stage, detail)).await?;
        let mut command = tokio::process::Command::new(&program);
        command.current_dir(folder).arg(&kubernetes.dir).args(["--json", "--pods", "--plain", "--lang", "en"]);
        if !kubernetes.render.is_empty() {
            command.arg("--").args(&kubernetes.render);
        }
        let reading = command.stdin(Stdio::null()).kill_on_drop(true).output();
        let Some(output) = self.until("manifests", reading).await else {
            return Err(none("rendering them does not come to an end", "렌더링이 끝나지 않습니다"));
        };
        let output = output.map_err(|error| LabError::new(format!("cannot start {}", program.display()), error))?;
        match serde_json::from_slice::<Manifests>(&output.stdout) {
            Ok(manifests) => manifests.readable(),
            Err(_) => Err(refused(&output)),
        }
    }
}

impl Manifests {
    /// Fails for the first required finding of one of these rules, with the reason beside it.
    ///
    /// # Errors
    ///
    /// That failure.
    pub fn must_hold(&self, rules: &[(&str, &'static str)]) -> CheckResult {
        for (rule, reason) in rules {
            if let Some(finding) = self.findings.iter().find(|found| found.rule == *rule && found.level == "required") {
                return Err(finding.failure(reason).into());
            }
        }
        Ok(())
    }

    fn readable(self) -> CheckResult<Self> {
        match self.unreadable.first() {
            Some(why) => {
                let place = place(why.file.as_deref(), why.line);
                Err(none(&format!("{place}: {}", why.what.en), &format!("{place}: {}", why.what.ko)))
            }
            None if self.environments.iter().all(|environment| environment.pods.is_empty()) => {
                Err(none("no object in them makes Pods", "Pod를 만드는 오브젝트가 없습니다"))
            }
            None => Ok(self),
        }
    }
}

impl Finding {
    /// The failure that it is.
    pub fn failure(&self, reason: &'static str) -> Failure {
        let place = place(self.file.as_deref(), self.line);
        let (fix_en, fix_ko) = self.fix.as_ref().map_or(("", ""), |fix| (&*fix.en, &*fix.ko));
        Failure::new(
            reason,
            read_them(),
            text(format!("{} ({fix_en})", self.rule), format!("{} ({fix_ko})", self.rule)),
            text(format!("{place}: {}", self.what.en), format!("{place}: {}", self.what.ko)),
        )
    }
}

impl Environment {
    /// What serves HTTP for an app: the Pod with its label `app.kubernetes.io/name` (or `app`), else one that a Service leads to.
    pub fn web(&self, app: &str) -> Option<&Pod> {
        let mut serving = self.pods.iter().filter(|pod| pod.role == "web");
        serving.clone().find(|pod| pod.app() == Some(app)).or_else(|| serving.next())
    }

    /// What runs to its end.
    pub fn jobs(&self) -> impl Iterator<Item = &Pod> {
        self.pods.iter().filter(|pod| pod.role == "one-off")
    }
}

impl Pod {
    /// The app that its Pods belong to, by their labels.
    pub fn app(&self) -> Option<&str> {
        let labels = self.labels.as_ref()?;
        labels.get("app.kubernetes.io/name").or_else(|| labels.get("app")).map(String::as_str)
    }
}

impl Container {
    /// Whether it cannot write into its image.
    pub fn has_read_only_root(&self) -> bool {
        self.security.as_ref().is_some_and(|security| security["readOnlyRootFilesystem"] == true)
    }
}

impl ClusterService {
    /// Whether it leads to the Pods of `pod`.
    pub fn selects(&self, pod: &Pod) -> bool {
        let (Some(wanted), Some(labels)) = (&self.selector, &pod.labels) else { return false };
        self.namespace == pod.namespace
            && !wanted.is_empty()
            && wanted.iter().all(|(key, value)| labels.get(key) == Some(value))
    }
}

/// What a check did that looked at the manifests alone.
pub fn read_them() -> Text {
    text(
        "rendered the Kubernetes manifests and read them as the API server would",
        "Kubernetes 매니페스트를 렌더링해 API 서버처럼 읽음",
    )
}

fn place(file: Option<&str>, line: Option<usize>) -> String {
    let file = file.unwrap_or("k8s");
    line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"))
}

fn none(en: &str, ko: &str) -> Stop {
    let expected = text("they say what the platform shall run", "플랫폼이 실행할 것을 알 수 있어야 합니다");
    Failure::new(NO_MANIFESTS, read_them(), expected, text(en, ko)).into()
}

/// Why there was nothing to judge.
#[derive(Deserialize)]
struct Refused {
    why: Both,
}

/// The program's exit codes are the workshop's own: see `outcome::ExitCode`.
fn refused(output: &std::process::Output) -> Stop {
    let why = serde_json::from_slice::<Refused>(&output.stdout).map(|refused| refused.why);
    match (why, output.status.code()) {
        (Ok(Both { en, ko }), Some(4)) => Missing {
            what: text(en, ko),
            fix: text(
                "install kubectl: https://kubernetes.io/docs/tasks/tools/",
                "kubectl을 설치하십시오: https://kubernetes.io/docs/tasks/tools/",
            ),
        }
        .into(),
        (Ok(Both { en, ko }), _) => none(&en, &ko),
        (Err(_), _) => {
            let said = String::from_utf8_lossy(&output.stderr);
            LabError::new("workshop-kube", format!("did not survive the manifests ({}): {said}", output.status)).into()
        }
    }
}
