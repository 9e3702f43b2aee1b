//! What may differ between environments.

use std::collections::HashMap;

use grader::text::text;

use super::Context;
use crate::finding::Found;
use crate::node::{Node, Place, Value};
use crate::object::Object;
use crate::pods;
use crate::set::Set;

/// Environments differ in values only: data, replicas, images, namespaces, labels, hosts and resources.
pub fn only_values(context: &Context) -> Vec<Found> {
    let Some(first) = context.before.first() else { return Vec::new() };
    let (ours, theirs) = (index(context.set), index(first));
    let mut all = Vec::new();
    for object in first.objects.iter().filter(|object| !ours.contains_key(&key(object))) {
        let (there, here) = (&first.name, &context.set.name);
        let what = text(
            format!("exists in `{there}`, and not in `{here}`"),
            format!("`{there}`에는 있고 `{here}`에는 없습니다"),
        );
        all.push(Found::new(object, object.place(), what));
    }
    for object in &context.set.objects {
        let Some(other) = theirs.get(&key(object)) else {
            let name = &first.name;
            let what =
                text(format!("exists here, and not in `{name}`"), format!("여기에는 있고 `{name}`에는 없습니다"));
            all.push(Found::new(object, object.place(), what));
            continue;
        };
        let mut differences = Vec::new();
        differ(&object.node, &other.node, "", &mut differences);
        all.extend(differences.into_iter().map(|(place, path)| {
            let name = &first.name;
            let what = text(
                format!("`{path}` is another one than in `{name}`, and is no mere value"),
                format!("`{path}` 부분이 `{name}`의 것과 다릅니다. 값만 다른 것이 아닙니다"),
            );
            Found::new(object, place, what)
        }));
    }
    all
}

fn key(object: &Object) -> (String, String) {
    let name = if object.generated {
        object.name.rsplit_once('-').map_or(&*object.name, |(name, _)| name)
    } else {
        &object.name
    };
    (object.kind.clone(), name.to_owned())
}

fn index(set: &Set) -> HashMap<(String, String), &Object> {
    set.objects.iter().map(|object| (key(object), object)).collect()
}

/// Paths below which everything is a value.
fn is_value(path: &str) -> bool {
    const ENDS: [&str; 13] = [
        ".data",
        ".stringData",
        ".replicas",
        ".minReplicas",
        ".maxReplicas",
        ".image",
        ".namespace",
        ".labels",
        ".annotations",
        ".host",
        ".resources",
        ".hosts",
        ".storage",
    ];
    // The name of a generated ConfigMap follows from its values.
    let named =
        ["Ref.name", ".configMap.name", ".secret.secretName", "metadata.name"].iter().any(|end| path.ends_with(end));
    named || ENDS.iter().any(|end| path.ends_with(end))
}

fn differ(one: &Node, other: &Node, path: &str, found: &mut Vec<(Place, String)>) {
    if is_value(path) {
        return;
    }
    match (&one.value, &other.value) {
        (Value::Map(ours), Value::Map(theirs)) => {
            for entry in ours {
                let path = format!("{path}.{}", entry.key);
                match other.get(&entry.key) {
                    Some(their) => differ(&entry.value, their, &path, found),
                    None if !is_value(&path) => found.push((entry.place, path[1..].to_owned())),
                    None => {}
                }
            }
            let only = theirs.iter().filter(|entry| one.get(&entry.key).is_none());
            let missing = only.map(|entry| format!("{path}.{}", entry.key)).filter(|path| !is_value(path));
            found.extend(missing.map(|path| (one.place, path[1..].to_owned())));
        }
        (Value::List(ours), Value::List(theirs)) if ours.len() == theirs.len() => {
            ours.iter().zip(theirs).for_each(|(our, their)| {
                // A variable with a value of its own is a value: a deploy is told apart by exactly these.
                let path = format!("{path}[]");
                if our.get("value").is_some() && our.str("name") == their.str("name") && path.ends_with(".env[]") {
                    return;
                }
                differ(our, their, &path, found);
            });
        }
        _ if one.json() != other.json() => found.push((one.place, path.trim_start_matches('.').to_owned())),
        _ => {}
    }
}

/// Each environment runs the same image; one may be a release ahead.
pub fn same_image(context: &Context) -> Vec<Found> {
    let Some(first) = context.before.first() else { return Vec::new() };
    let theirs = index(first);
    let mut all = Vec::new();
    for work in context.workloads {
        let Some(spec) = theirs.get(&key(work.object)).and_then(|other| pods::spec(other)) else { continue };
        for (ours, their) in pods::all_containers(work.spec).zip(pods::all_containers(spec)) {
            let name = |node: &Node| node.str("image").map(|image| pods::image(image).0.to_owned());
            if name(ours) != name(their) {
                let (image, there) = (name(ours).unwrap_or_default(), &first.name);
                let what = text(
                    format!("runs `{image}`, which `{there}` does not run"),
                    format!("`{there}`에서는 쓰지 않는 `{image}` 이미지를 실행합니다"),
                );
                all.push(Found::new(work.object, ours.place("image"), what));
            }
        }
    }
    all
}
