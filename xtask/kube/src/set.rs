//! One environment: the objects that are applied together, and quick ways to find one.

use std::collections::HashMap;

use crate::node::Node;
use crate::object::Object;
use crate::pods;

/// The objects of one environment.
#[derive(Default)]
pub struct Set {
    /// Its name: the folder of an overlay.
    pub name: String,
    /// In the order in which they were written.
    pub objects: Vec<Object>,
    /// The same, rendered after every value of every ConfigMap was changed; where we can render.
    pub changed: Option<Vec<Object>>,
    by_name: HashMap<(String, String, String), usize>,
}

/// An object that makes Pods.
pub struct Workload<'s> {
    /// The object.
    pub object: &'s Object,
    /// What it says about its Pods.
    pub spec: &'s Node,
    /// What its Pods are for.
    pub role: Role,
}

/// What Pods are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Answers requests: a Service leads to it.
    Web,
    /// Runs the same image as a web process, and nobody calls it.
    Worker,
    /// Runs to its end: a Job or a CronJob.
    OneOff,
    /// Anything else.
    Other,
}

impl Set {
    /// Of these objects.
    pub fn new(name: String, objects: Vec<Object>, changed: Option<Vec<Object>>) -> Self {
        let key = |object: &Object| (object.kind.clone(), object.space().to_owned(), object.name.clone());
        let by_name = objects.iter().enumerate().map(|(index, object)| (key(object), index)).collect();
        Self { name, objects, changed, by_name }
    }

    /// All of a kind.
    pub fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Object> {
        self.objects.iter().filter(move |object| object.kind == kind)
    }

    /// The one of this name, where `near` would look for it.
    pub fn find(&self, kind: &str, near: &Object, name: &str) -> Option<&Object> {
        let key = (kind.to_owned(), near.space().to_owned(), name.to_owned());
        self.by_name.get(&key).map(|index| &self.objects[*index])
    }

    /// Everything that makes Pods, with what they are for.
    pub fn workloads(&self) -> Vec<Workload<'_>> {
        let selected = Selected::of(self);
        let makes = |object| pods::spec(object).map(|spec| (object, spec));
        let makers: Vec<(&Object, &Node)> = self.objects.iter().filter_map(makes).collect();
        let is_web = |object: &Object| pods::SERVERS.contains(&object.kind.as_str()) && selected.has(object);
        let images = |spec: &Node| -> Vec<String> {
            let all = spec.list("containers").iter().filter_map(|container| container.str("image"));
            all.map(|image| pods::image(image).0.to_owned()).collect()
        };
        let ours: std::collections::HashSet<String> =
            makers.iter().filter(|(object, _)| is_web(object)).flat_map(|(_, spec)| images(spec)).collect();
        let role = |object: &Object, spec| match object.kind.as_str() {
            "Job" | "CronJob" => Role::OneOff,
            _ if object.label("app.kubernetes.io/component") == Some("worker") => Role::Worker,
            _ if is_web(object) => Role::Web,
            "Deployment" if images(spec).iter().any(|image| ours.contains(image)) => Role::Worker,
            _ => Role::Other,
        };
        makers.into_iter().map(|(object, spec)| Workload { object, spec, role: role(object, spec) }).collect()
    }
}

/// Which Pods Services lead to. Services are kept by one of their labels, so that thousands of both stay quick.
pub struct Selected<'s> {
    by_label: HashMap<(&'s str, &'s str, &'s str), Vec<&'s Object>>,
}

impl<'s> Selected<'s> {
    /// Of all Services of a set.
    pub fn of(set: &'s Set) -> Self {
        let mut by_label: HashMap<_, Vec<_>> = HashMap::new();
        for service in set.of_kind("Service") {
            let first = service.node.map("spec.selector").iter().find(|entry| entry.key != POD_NAME);
            if let Some((key, value)) = first.and_then(|entry| Some((entry.key.as_str(), entry.value.as_str()?))) {
                by_label.entry((service.space(), key, value)).or_default().push(service);
            }
        }
        Self { by_label }
    }

    /// The Services that lead to the Pods of an object.
    pub fn services(&self, object: &Object) -> Vec<&'s Object> {
        let labels = pods::template(object).map_or(&[][..], |template| template.map("metadata.labels"));
        let near = labels
            .iter()
            .filter_map(|label| self.by_label.get(&(object.space(), label.key.as_str(), label.value.as_str()?)));
        near.flatten().copied().filter(|service| selects(service.node.map("spec.selector"), object)).collect()
    }

    fn has(&self, object: &Object) -> bool {
        !self.services(object).is_empty()
    }
}

/// The label with which a StatefulSet tells its Pods apart; no template has it.
pub const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";

/// Whether the labels of an object's Pods are those that are looked for.
pub fn selects(selector: &[crate::node::Entry], object: &Object) -> bool {
    let labels = pods::template(object).and_then(|template| template.at("metadata.labels"));
    let has = |wanted: &crate::node::Entry| match wanted.value.as_str() {
        Some(name) if wanted.key == POD_NAME => is_pod_of(name, object),
        value => labels.and_then(|labels| labels.get(&wanted.key)).and_then(Node::as_str) == value,
    };
    !selector.is_empty() && selector.iter().all(has)
}

/// Whether a StatefulSet calls one of its Pods so: its own name and a number.
fn is_pod_of(pod: &str, object: &Object) -> bool {
    let number = pod.strip_prefix(&object.name).and_then(|rest| rest.strip_prefix('-'));
    object.kind == "StatefulSet" && number.is_some_and(|number| number.parse::<u32>().is_ok())
}
