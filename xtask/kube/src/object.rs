//! One object of Kubernetes and what all of them have.

use crate::node::{Node, Place};

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Such as `apps/v1`.
    pub api: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// Its name, as it was written; one that is made by the server (`generateName`) ends in a star.
    pub name: String,
    /// Its namespace, if it names one.
    pub namespace: Option<String>,
    /// All of it.
    pub node: Node,
    /// Whether its name follows from its content.
    pub generated: bool,
}

impl Object {
    /// The object that a document is, if it is one.
    pub fn from(node: Node) -> Option<Self> {
        let api = node.str("apiVersion")?.to_owned();
        let kind = node.str("kind")?.to_owned();
        let prefix = || node.str("metadata.generateName").map(|prefix| format!("{prefix}*"));
        let name = node.str("metadata.name").map(str::to_owned).or_else(prefix).unwrap_or_default();
        let namespace = node.str("metadata.namespace").map(str::to_owned);
        Some(Self { api, kind, name, namespace, node, generated: false })
    }

    /// `Deployment/links-web`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// Where it begins.
    pub fn place(&self) -> Place {
        self.node.place
    }

    /// The namespace that it is looked for in.
    pub fn space(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }

    /// The group of its API; that of `v1` is empty.
    pub fn group(&self) -> &str {
        self.api.split_once('/').map_or("", |(group, _)| group)
    }

    /// The label of that name.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.node.at("metadata.labels")?.get(name)?.as_str()
    }
}
