//! The environment of a container, as a kubelet would put it together.

use std::collections::HashMap;

use crate::node::{Node, Place};
use crate::object::Object;
use crate::set::Set;

/// Where a variable's value comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// It is written in a manifest. References to other variables are still in it.
    Value(String),
    /// A Secret holds it.
    Secret {
        /// Its name.
        name: String,
        /// The key in it.
        key: String,
    },
    /// The platform fills it in when the Pod starts.
    Field(String),
    /// What it refers to is in no manifest.
    Elsewhere,
}

/// A variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value's source.
    pub source: Source,
    /// Where its value stands.
    pub place: Place,
    /// The ConfigMap that it comes from.
    pub config: Option<String>,
}

/// All variables of a container, in the order in which they are set, each once.
#[derive(Debug, Default)]
pub struct Environment {
    /// The variables.
    pub variables: Vec<Variable>,
    /// Whole Secrets and ConfigMaps that are in no manifest: they may hold any variable.
    pub unknown: Vec<(bool, String)>,
    index: HashMap<String, usize>,
}

impl Environment {
    /// Of a container of `object`.
    pub fn of(set: &Set, object: &Object, container: &Node) -> Self {
        let mut all = Self::default();
        for from in container.list("envFrom") {
            let prefix = from.str("prefix").unwrap_or_default();
            all.whole(set, object, from, prefix);
        }
        for variable in container.list("env") {
            if let Some(name) = variable.str("name") {
                let (source, place, config) = source(set, object, variable);
                all.set(Variable { name: name.to_owned(), source, place, config });
            }
        }
        all
    }

    /// The variable of that name.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.index.get(name).map(|index| &self.variables[*index])
    }

    /// The value, where a manifest says it.
    pub fn value(&self, name: &str) -> Option<&str> {
        match &self.get(name)?.source {
            Source::Value(value) => Some(value),
            _ => None,
        }
    }

    fn whole(&mut self, set: &Set, object: &Object, from: &Node, prefix: &str) {
        if let Some(name) = from.str("configMapRef.name") {
            match set.find("ConfigMap", object, name) {
                Some(map) => {
                    for entry in map.node.map("data") {
                        let source = Source::Value(entry.value.as_str().unwrap_or_default().to_owned());
                        let (name, config) = (format!("{prefix}{}", entry.key), Some(name.to_owned()));
                        self.set(Variable { name, source, place: entry.place, config });
                    }
                }
                None => self.unknown.push((false, name.to_owned())),
            }
        }
        if let Some(name) = from.str("secretRef.name") {
            let Some(secret) = set.find("Secret", object, name) else {
                self.unknown.push((true, name.to_owned()));
                return;
            };
            for entry in secret.node.map("data").iter().chain(secret.node.map("stringData")) {
                let source = Source::Secret { name: name.to_owned(), key: entry.key.clone() };
                self.set(Variable { name: format!("{prefix}{}", entry.key), source, place: from.place, config: None });
            }
        }
    }

    fn set(&mut self, variable: Variable) {
        match self.index.get(&variable.name) {
            Some(index) => self.variables[*index] = variable,
            None => {
                self.index.insert(variable.name.clone(), self.variables.len());
                self.variables.push(variable);
            }
        }
    }
}

fn source(set: &Set, object: &Object, variable: &Node) -> (Source, Place, Option<String>) {
    let Some(from) = variable.get("valueFrom") else {
        let value = variable.get("value").map_or(Some(""), Node::as_str);
        // A number is no value: that is said elsewhere.
        let source = value.map_or(Source::Elsewhere, |value| Source::Value(value.to_owned()));
        return (source, variable.place("value"), None);
    };
    if let (Some(name), Some(key)) = (from.str("secretKeyRef.name"), from.str("secretKeyRef.key")) {
        let source = Source::Secret { name: name.to_owned(), key: key.to_owned() };
        return (source, from.place, None);
    }
    if let (Some(name), Some(key)) = (from.str("configMapKeyRef.name"), from.str("configMapKeyRef.key")) {
        let map = set.find("ConfigMap", object, name);
        let entry = map.and_then(|map| map.node.map("data").iter().find(|entry| entry.key == key));
        let config = Some(name.to_owned());
        return match entry.and_then(|entry| Some((entry.value.as_str()?, entry.place))) {
            Some((value, place)) => (Source::Value(value.to_owned()), place, config),
            None => (Source::Elsewhere, from.place, config),
        };
    }
    let field = from.str("fieldRef.fieldPath").or_else(|| from.str("resourceFieldRef.resource"));
    (field.map_or(Source::Elsewhere, |field| Source::Field(field.to_owned())), from.place, None)
}
