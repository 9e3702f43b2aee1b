//! Pods: which objects make them, and what is in them.

use crate::node::Node;
use crate::object::Object;

/// Kinds whose Pods run until somebody ends them.
pub const SERVERS: [&str; 4] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"];

/// The template of the Pods that an object makes; a Pod is its own.
pub fn template(object: &Object) -> Option<&Node> {
    match object.kind.as_str() {
        "Pod" => Some(&object.node),
        "CronJob" => object.node.at("spec.jobTemplate.spec.template"),
        "Job" => object.node.at("spec.template"),
        kind if SERVERS.contains(&kind) => object.node.at("spec.template"),
        _ => None,
    }
}

/// What the template says about a Pod.
pub fn spec(object: &Object) -> Option<&Node> {
    template(object)?.get("spec")
}

/// The containers of a Pod. Those that begin before the others and then go on are among them.
pub fn containers(spec: &Node) -> impl Iterator<Item = &Node> {
    let lasting = spec.list("initContainers").iter().filter(|c| c.str("restartPolicy") == Some("Always"));
    spec.list("containers").iter().chain(lasting)
}

/// All containers, also those that end before the others begin.
pub fn all_containers(spec: &Node) -> impl Iterator<Item = &Node> {
    spec.list("containers").iter().chain(spec.list("initContainers"))
}

/// The words that start a container: `command` and `args`, as far as the manifest gives them.
pub fn words(container: &Node) -> impl Iterator<Item = (&Node, &str)> {
    let all = container.list("command").iter().chain(container.list("args"));
    all.filter_map(|node| Some((node, node.as_str()?)))
}

/// An image without registry's tag and digest, its tag, and its digest.
pub fn image(reference: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, digest) = reference.split_once('@').map_or((reference, None), |(rest, digest)| (rest, Some(digest)));
    let begins = rest.rfind('/').map_or(0, |slash| slash + 1);
    match rest[begins..].find(':') {
        Some(colon) => (&rest[..begins + colon], Some(&rest[begins + colon + 1..]), digest),
        None => (rest, None, digest),
    }
}
