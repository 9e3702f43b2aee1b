//! The Pods of an environment, with everything filled in that manifests say: what a kubelet would start.

use serde_json::{Value as Json, json};

use crate::env::{Environment, Source};
use crate::node::Node;
use crate::pods;
use crate::rules::is_versioned;
use crate::set::{Role, Set, Workload};

/// All Pods and the Services that lead to them. Values of Secrets are never in it, only their names.
pub fn environment(set: &Set, workloads: &[Workload]) -> Json {
    let pods: Vec<Json> = workloads.iter().map(|work| pod(set, work)).collect();
    let services: Vec<Json> = set
        .of_kind("Service")
        .map(|service| {
            json!({ "name": service.name, "namespace": service.space(), "type": service.node.str("spec.type").unwrap_or("ClusterIP"),
                "selector": service.node.at("spec.selector").map(Node::json), "ports": raw(&service.node, "spec.ports") })
        })
        .collect();
    let config_maps: Vec<Json> = set
        .of_kind("ConfigMap")
        .map(|map| json!({ "name": map.name, "namespace": map.space(), "edits_refused": is_versioned(map) }))
        .collect();
    json!({ "name": set.name, "pods": pods, "services": services, "config_maps": config_maps })
}

fn pod(set: &Set, work: &Workload) -> Json {
    let (object, spec) = (work.object, work.spec);
    let containers = |field: &str| -> Vec<Json> {
        spec.list(field).iter().map(|container| self::container(set, work, container)).collect()
    };
    let role = match work.role {
        Role::Web => "web",
        Role::Worker => "worker",
        Role::OneOff => "one-off",
        Role::Other => "other",
    };
    json!({
        "kind": object.kind,
        "name": object.name,
        "namespace": object.space(),
        "role": role,
        "labels": pods::template(object).and_then(|template| template.at("metadata.labels")).map(Node::json),
        "template": pods::template(object).map(Node::json),
        "replicas": object.node.int("spec.replicas").unwrap_or(1),
        "restart_policy": spec.str("restartPolicy").unwrap_or("Always"),
        "backoff_limit": object.node.int("spec.backoffLimit"),
        "grace_seconds": spec.int("terminationGracePeriodSeconds").unwrap_or(30),
        "service_links": spec.bool("enableServiceLinks").unwrap_or(true),
        "security": spec.at("securityContext").map(Node::json),
        "volumes": raw(spec, "volumes"),
        "init_containers": containers("initContainers"),
        "containers": containers("containers"),
    })
}

fn raw(node: &Node, path: &str) -> Json {
    node.at(path).map_or_else(|| json!([]), Node::json)
}

fn container(set: &Set, work: &Workload, container: &Node) -> Json {
    let environment = Environment::of(set, work.object, container);
    let variables: Vec<Json> = environment
        .variables
        .iter()
        .map(|variable| {
            let (name, config) = (&variable.name, &variable.config);
            match &variable.source {
                Source::Value(value) => match expanded(value, &environment, &variable.name) {
                    Some(value) => json!({ "name": name, "value": value, "config_map": config }),
                    None => json!({ "name": name, "template": value, "config_map": config }),
                },
                Source::Secret { name: secret, key } => {
                    json!({ "name": name, "secret": { "name": secret, "key": key } })
                }
                Source::Field(field) => json!({ "name": name, "field": field }),
                Source::Elsewhere => json!({ "name": name, "unknown": true }),
            }
        })
        .collect();
    let whole = |secret: bool| -> Vec<&String> {
        environment.unknown.iter().filter(|(is_secret, _)| *is_secret == secret).map(|(_, name)| name).collect()
    };
    let optional = |path: &str| container.at(path).map(Node::json);
    json!({
        "name": container.str("name"),
        "image": container.str("image"),
        "command": optional("command"),
        "args": optional("args"),
        "working_dir": container.str("workingDir"),
        "env": variables,
        "env_from_secrets": whole(true),
        "env_from_config_maps": whole(false),
        "ports": raw(container, "ports"),
        "startup_probe": optional("startupProbe"),
        "readiness_probe": optional("readinessProbe"),
        "liveness_probe": optional("livenessProbe"),
        "pre_stop": optional("lifecycle.preStop"),
        "security": optional("securityContext"),
        "mounts": raw(container, "volumeMounts"),
        "restart_policy": container.str("restartPolicy"),
    })
}

/// `$(NAME)` of a variable that was set before is its value, `$$` is `$`, and anything else stays. `None` where that value is in
/// no manifest.
fn expanded(value: &str, environment: &Environment, until: &str) -> Option<String> {
    let mut words = String::new();
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        words.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            words.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            let before = environment.variables.iter().take_while(|variable| variable.name != until);
            match before.into_iter().find(|variable| variable.name == name).map(|variable| &variable.source) {
                Some(Source::Value(value)) => words.push_str(&expanded(value, environment, name)?),
                Some(_) => return None,
                None => words.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            words.push('$');
        }
    }
    words.push_str(rest);
    Some(words)
}
