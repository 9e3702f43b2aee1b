//! Beginning and end of a process.

use grader::text::text;

use super::{Context, keeps_the_contract};
use crate::finding::Found;
use crate::node::Node;
use crate::pods;
use crate::set::Role;

/// Seconds that Kubernetes waits when a manifest does not say.
const GRACE: i64 = 30;

/// Seconds that the contract lets requests take after SIGTERM when nobody says.
const SHUTDOWN: i64 = 20;

/// The grace period holds what is done in it.
pub fn grace_is_enough(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for work in context.of(&[Role::Web, Role::Worker]) {
        let grace = work.spec.int("terminationGracePeriodSeconds").unwrap_or(GRACE);
        for container in pods::containers(work.spec) {
            let environment = context.environment(work.object, container);
            let said = environment.value("SHUTDOWN_GRACE_SECONDS").and_then(|value| value.parse().ok());
            let default =
                if keeps_the_contract(work.object) && container.str("restartPolicy").is_none() { SHUTDOWN } else { 0 };
            let (sleep, shutdown) = (pre_stop(container).unwrap_or(0), said.unwrap_or(default));
            if sleep + shutdown > grace {
                let what = text(
                    format!(
                        "is killed after {grace} s, and needs {sleep} s for preStop and {shutdown} s for its requests"
                    ),
                    format!(
                        "{grace}초 뒤에 강제로 끝나는데, preStop에 {sleep}초, 남은 요청에 {shutdown}초가 필요합니다"
                    ),
                );
                all.push(Found::new(work.object, work.spec.place("terminationGracePeriodSeconds"), what));
            }
        }
    }
    all
}

/// Seconds of a preStop that sleeps.
pub fn pre_stop(container: &Node) -> Option<i64> {
    let action = container.at("lifecycle.preStop")?;
    let words = action.list("exec.command").iter().filter_map(Node::as_str).collect::<Vec<_>>().join(" ");
    let slept = words.split_once("sleep ").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
    action.int("sleep.seconds").or(slept)
}

/// A web process says over HTTP when it can answer.
pub fn says_when_ready(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for work in context.of(&[Role::Web]).filter(|work| work.object.kind == "Deployment") {
        let Some(container) = work.spec.list("containers").first() else { continue };
        let path = container.str("readinessProbe.httpGet.path");
        let what = if path.is_none() {
            text(
                "has no readiness probe over HTTP: it gets requests before it can answer",
                "HTTP readiness 프로브가 없습니다. 응답할 수 있기도 전에 요청을 받습니다",
            )
        } else if keeps_the_contract(work.object) && path != Some("/readyz") {
            let path = path.unwrap_or_default();
            text(
                format!("asks `{path}` whether it is ready; the contract has `/readyz`"),
                format!("준비되었는지 `{path}` 경로에 묻습니다. 계약은 `/readyz`입니다"),
            )
        } else {
            continue;
        };
        all.push(Found::new(work.object, container.place("readinessProbe.httpGet.path"), what));
    }
    all
}

/// Liveness asks something else than readiness.
pub fn liveness_is_not_readiness(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for (work, container) in context.containers() {
        let path = |probe: &str| container.str(&format!("{probe}.httpGet.path"));
        if let Some(asked) = path("livenessProbe").filter(|asked| path("readinessProbe") == Some(asked)) {
            let what = text(
                format!("asks `{asked}` for both: whoever is not ready is killed"),
                format!("둘 다 `{asked}` 경로에 묻습니다. 준비되지 않은 Pod를 강제로 끝내게 됩니다"),
            );
            all.push(Found::new(work.object, container.place("livenessProbe.httpGet.path"), what));
        }
    }
    all
}

/// A web process goes on for a moment while clients still know its address.
pub fn waits_before_the_end(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for work in context.of(&[Role::Web]).filter(|work| work.object.kind == "Deployment") {
        let Some(container) = work.spec.list("containers").first() else { continue };
        if !pre_stop(container).is_some_and(|seconds| (1..=15).contains(&seconds)) {
            let what = text("has no preStop that sleeps 1 to 15 s", "1~15초 기다리는 preStop이 없습니다");
            all.push(Found::new(work.object, container.place("lifecycle"), what));
        }
    }
    all
}
