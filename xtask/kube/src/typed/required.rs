//! Fields without which the API server refuses an object. The types fill them with nothing instead of missing them.

use grader::text::text;

use super::Wrong;
use crate::node::Node;
use crate::object::Object;
use crate::pods;

/// The fields of a kind; a dot leads into a map.
const FIELDS: [(&str, &[&str]); 13] = [
    ("Deployment", &["spec.selector", "spec.template"]),
    ("StatefulSet", &["spec.selector", "spec.template"]),
    ("DaemonSet", &["spec.selector", "spec.template"]),
    ("ReplicaSet", &["spec.selector"]),
    ("Job", &["spec.template"]),
    ("CronJob", &["spec.schedule", "spec.jobTemplate.spec.template"]),
    ("Pod", &["spec"]),
    ("Service", &["spec"]),
    ("HorizontalPodAutoscaler", &["spec.maxReplicas", "spec.scaleTargetRef.name", "spec.scaleTargetRef.kind"]),
    ("PersistentVolumeClaim", &["spec.accessModes", "spec.resources"]),
    ("RoleBinding", &["roleRef.kind", "roleRef.name"]),
    ("ClusterRoleBinding", &["roleRef.kind", "roleRef.name"]),
    ("CustomResourceDefinition", &["spec.group", "spec.names.kind", "spec.scope", "spec.versions"]),
];

/// What is missing.
pub fn missing(object: &Object) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if object.name.is_empty() {
        wrong.push(lacks(&object.node, "metadata.name"));
    }
    let fields = FIELDS.iter().find(|(kind, _)| *kind == object.kind).map_or(&[][..], |(_, fields)| fields);
    all_of(&object.node, fields, &mut wrong);
    if object.kind == "Service" {
        object.node.list("spec.ports").iter().for_each(|port| all_of(port, &["port"], &mut wrong));
    }
    if let Some(spec) = pods::spec(object) {
        pod(spec, &mut wrong);
    }
    wrong
}

fn pod(spec: &Node, wrong: &mut Vec<Wrong>) {
    if spec.list("containers").is_empty() {
        wrong.push(lacks(spec, "containers"));
    }
    for container in spec.list("containers").iter().chain(spec.list("initContainers")) {
        all_of(container, &["name", "image"], wrong);
        container.list("ports").iter().for_each(|port| all_of(port, &["containerPort"], wrong));
        container.list("env").iter().for_each(|env| all_of(env, &["name"], wrong));
        container.list("volumeMounts").iter().for_each(|mount| all_of(mount, &["name", "mountPath"], wrong));
    }
    spec.list("volumes").iter().for_each(|volume| all_of(volume, &["name"], wrong));
}

fn all_of(node: &Node, fields: &[&str], wrong: &mut Vec<Wrong>) {
    wrong.extend(fields.iter().filter(|field| node.at(field).is_none()).map(|field| lacks(node, field)));
}

fn lacks(node: &Node, field: &str) -> Wrong {
    let what = text(format!("the field `{field}` is missing"), format!("`{field}` 필드가 없습니다"));
    Wrong { rule: "required-fields", place: node.place(field), what }
}
