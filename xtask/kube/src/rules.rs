//! The rules: plain functions in a table. What each finds is a fact about the manifests, never a taste.

use grader::text::Words;

use crate::env::Environment;
use crate::finding::Found;
use crate::node::Node;
use crate::object::Object;
use crate::pods;
use crate::set::{Role, Set, Workload};

mod advice;
mod config;
mod environments;
mod images;
mod jobs;
mod lifecycle;
mod network;
mod running;
mod scale;
mod security;
mod table;
mod types;

pub use config::is_versioned;

/// How much a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Whoever breaks it fails.
    Required,
    /// Said, and never failed.
    Advice,
}

/// One rule.
pub struct Rule {
    /// A fact in kebab case.
    pub id: &'static str,
    /// The factors that it belongs to; none are rules of Kubernetes itself.
    pub factors: &'static [u8],
    /// How much it counts.
    pub level: Level,
    /// The fact.
    pub fact: Words,
    /// What mends a manifest that breaks it.
    pub fix: Words,
    /// Finds what breaks it.
    pub run: fn(&Context) -> Vec<Found>,
}

/// What a rule may look at.
pub struct Context<'s> {
    /// The environment that is judged.
    pub set: &'s Set,
    /// The environments before it.
    pub before: &'s [Set],
    /// What comparing all objects with their types found.
    pub typed: Vec<Found>,
    /// The workloads of `set`.
    pub workloads: &'s [Workload<'s>],
    /// The compose file beside the manifests, if there is one.
    pub compose: Option<&'s Node>,
}

impl<'s> Context<'s> {
    /// Objects that make Pods of these roles.
    fn of(&self, roles: &'static [Role]) -> impl Iterator<Item = &Workload<'s>> {
        self.workloads.iter().filter(move |workload| roles.contains(&workload.role))
    }

    /// Every container of every Pod, those that run first included.
    fn containers(&self) -> impl Iterator<Item = (&Workload<'s>, &'s Node)> {
        self.workloads.iter().flat_map(|work| pods::all_containers(work.spec).map(move |container| (work, container)))
    }

    fn environment(&self, object: &Object, container: &Node) -> Environment {
        Environment::of(self.set, object, container)
    }
}

/// What breaks each rule of one environment.
pub fn judge(context: &Context) -> Vec<Found> {
    let mut broken = Vec::new();
    for rule in all() {
        broken.extend((rule.run)(context).into_iter().map(|found| Found { rule: rule.id, ..found }));
    }
    broken
}

/// All rules: those of Kubernetes itself, those of the factors, and advice.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    types::KUBERNETES.iter().chain(table::DEPLOYED).chain(running::RUNNING).chain(advice::ADVICE)
}

/// The rule of that name.
pub fn named(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// Whether a process belongs to the workshop's contract: it carries the name of its app.
fn keeps_the_contract(object: &Object) -> bool {
    let app = object.label("app.kubernetes.io/name").or_else(|| object.label("app"));
    app == Some("links")
}
