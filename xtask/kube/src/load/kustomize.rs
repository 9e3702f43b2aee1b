//! Renders the simple part of kustomize, in which environments differ in values only: resources, a namespace, images, replicas,
//! and ConfigMaps and Secrets that are named after their content. Whatever else a kustomization asks for is left to kubectl.

use std::path::{Path, PathBuf};

use grader::text::text;

use super::{Input, Stop, program, shown};
use crate::limits;
use crate::node::{Node, Value};
use crate::object::Object;
use crate::pods;
use crate::set::Set;

mod generate;

const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What is rendered here; a generator or a field beside these is kubectl's.
const KNOWN: [&str; 9] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "namespace",
    "images",
    "replicas",
    "configMapGenerator",
    "secretGenerator",
];

/// Kinds that lie in no namespace.
const CLUSTER: [&str; 12] = [
    "Namespace",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "PersistentVolume",
    "StorageClass",
    "PriorityClass",
    "IngressClass",
    "RuntimeClass",
    "APIService",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
];

/// The kustomization of a folder, if it has one.
pub fn file(folder: &Path) -> Option<PathBuf> {
    NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// The folders below `overlays` that have a kustomization.
pub fn overlays(folder: &Path) -> Vec<PathBuf> {
    let inside = std::fs::read_dir(folder.join("overlays")).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = inside.map(|entry| entry.path()).filter(|path| file(path).is_some()).collect();
    found.sort();
    found
}

/// Why a kustomization is not rendered here.
enum No {
    /// It is wrong, or a file cannot be read; that was noted.
    Noted,
    /// It asks for this.
    Beyond(String),
}

/// Renders a folder into one environment: here where that is enough, else with kubectl.
pub fn read(input: &mut Input, folder: &Path) -> Result<(), Stop> {
    let name = folder.file_name().map_or_else(|| shown(folder), |name| name.to_string_lossy().into_owned());
    match render(input, folder, false, 0) {
        Ok(objects) => {
            let changed = render(input, folder, true, 0).ok();
            input.sets.push(Set::new(name, objects, changed));
            Ok(())
        }
        Err(No::Noted) => Ok(()),
        Err(No::Beyond(what)) => with_kubectl(input, folder, &what),
    }
}

fn with_kubectl(input: &mut Input, folder: &Path, what: &str) -> Result<(), Stop> {
    let at = shown(folder);
    let command = ["kubectl", "kustomize", "."].map(str::to_owned);
    match program::output(&command, folder) {
        Ok(words) => {
            input.rendered(&format!("{at} (kubectl kustomize)"), words);
            Ok(())
        }
        Err(_) if !exists("kubectl") => {
            let why = text(
                format!("{at} uses `{what}` of kustomize, which only kubectl renders, and kubectl is not installed"),
                format!(
                    "{at} 폴더는 kustomize의 `{what}` 기능을 씁니다. kubectl만 렌더링할 수 있는데 설치되어 있지 않습니다"
                ),
            );
            Err(Stop::Missing(why, "https://kubernetes.io/docs/tasks/tools/"))
        }
        Err(why) => Err(Stop::Refused(why)),
    }
}

fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// All objects of a folder. With `change`, each value of each ConfigMap is another one than it is.
fn render(input: &mut Input, folder: &Path, change: bool, depth: usize) -> Result<Vec<Object>, No> {
    let Some(path) = file(folder) else { return Err(No::Beyond("resources".to_owned())) };
    let Some(wish) = input.file(&path).into_iter().next() else { return Err(No::Noted) };
    if let Some(entry) = wish.entries().iter().find(|entry| !KNOWN.contains(&entry.key.as_str())) {
        return Err(No::Beyond(entry.key.clone()));
    }
    if depth > limits::BASES {
        return Err(note(input, &wish, text("leads through its own folder again", "자기 폴더로 다시 돌아옵니다")));
    }
    let mut objects = Vec::new();
    for resource in wish.list("resources") {
        objects.extend(resources(input, folder, resource, change, depth)?);
    }
    generate::generate(input, folder, &wish, &mut objects, change)?;
    transform(&wish, &mut objects)?;
    if depth == 0 {
        generate::name(&mut objects);
    }
    Ok(objects)
}

fn resources(input: &mut Input, folder: &Path, resource: &Node, change: bool, depth: usize) -> Result<Vec<Object>, No> {
    let name = resource.as_str().unwrap_or_default();
    let path = clean(&folder.join(name));
    if path.is_dir() {
        return render(input, &path, change, depth + 1);
    }
    if !path.is_file() {
        if name.contains("://") || name.contains("github.com") {
            return Err(No::Beyond(format!("resources: {name}")));
        }
        let why =
            text(format!("names the resource `{name}`, which is not there"), format!("`{name}` 리소스가 없습니다"));
        return Err(note(input, resource, why));
    }
    let nodes = input.file(&path);
    let mut objects = input.objects(nodes);
    if change {
        objects.iter_mut().filter(|object| object.kind == "ConfigMap").for_each(generate::change_values);
    }
    Ok(objects)
}

fn note(input: &mut Input, node: &Node, why: grader::text::Text) -> No {
    input.unreadable.push((node.place, why));
    No::Noted
}

/// `a/b/../c` as `a/c`, so that a file is known by one name.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        let up = matches!(part, std::path::Component::ParentDir);
        if !(up && clean.file_name().is_some() && clean.pop()) {
            clean.push(part);
        }
    }
    clean
}

fn transform(wish: &Node, objects: &mut [Object]) -> Result<(), No> {
    if let Some(space) = wish.get("namespace") {
        // A binding names the namespaces of others too.
        if objects.iter().any(|object| object.kind.ends_with("RoleBinding") || object.kind.ends_with("Configuration")) {
            return Err(No::Beyond("namespace".to_owned()));
        }
        for object in objects.iter_mut().filter(|object| !CLUSTER.contains(&object.kind.as_str())) {
            if let Some(metadata) = object.node.get_mut("metadata") {
                metadata.set("namespace", space.clone());
            }
            object.namespace = space.as_str().map(str::to_owned);
        }
    }
    for wanted in wish.list("replicas") {
        let name = wanted.str("name").unwrap_or_default();
        let of = |object: &&mut Object| object.name == name && pods::SERVERS.contains(&object.kind.as_str());
        for object in objects.iter_mut().filter(of) {
            if let (Some(spec), Some(count)) = (object.node.get_mut("spec"), wanted.get("count")) {
                spec.set("replicas", count.clone());
            }
        }
    }
    for wanted in wish.list("images") {
        objects.iter_mut().for_each(|object| images(&mut object.node, wanted));
    }
    Ok(())
}

/// Exchanges an image wherever a container names it.
fn images(node: &mut Node, wanted: &Node) {
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| images(item, wanted)),
        Value::Map(entries) => {
            for entry in entries.iter_mut() {
                let containers = ["containers", "initContainers"].contains(&entry.key.as_str());
                if containers && let Value::List(items) = &mut entry.value.value {
                    items.iter_mut().for_each(|container| exchange(container, wanted));
                } else {
                    images(&mut entry.value, wanted);
                }
            }
        }
        _ => {}
    }
}

fn exchange(container: &mut Node, wanted: &Node) {
    let Some(now) = container.get_mut("image") else { return };
    let Some(words) = now.as_str() else { return };
    let (name, _, _) = pods::image(words);
    if Some(name) != wanted.str("name") {
        return;
    }
    let rest = &words[name.len()..];
    let name = wanted.str("newName").unwrap_or(name);
    // A tag such as 1.4 was perhaps written as a number.
    let tag = wanted.get("newTag").map(|tag| tag.as_str().map_or_else(|| tag.json().to_string(), str::to_owned));
    let image = match (wanted.str("digest"), tag) {
        (Some(digest), _) => format!("{name}@{digest}"),
        (_, Some(tag)) => format!("{name}:{tag}"),
        _ => format!("{name}{rest}"),
    };
    *now = Node::text_at(wanted.place, image);
}
