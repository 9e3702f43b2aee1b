//! ConfigMaps and Secrets that a kustomization makes, and the names that follow from their content.

use std::collections::BTreeMap;
use std::path::Path;

use grader::text::text;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Input, No, note};
use crate::node::{Entry, Node, Place, Value};
use crate::object::Object;

/// What a generator may say here.
const KNOWN: [&str; 6] = ["name", "namespace", "behavior", "literals", "envs", "files"];

/// Makes, merges or replaces what the generators of a kustomization name.
pub fn generate(
    input: &mut Input,
    folder: &Path,
    wish: &Node,
    objects: &mut Vec<Object>,
    change: bool,
) -> Result<(), No> {
    for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
        for generator in wish.list(field) {
            if let Some(entry) = generator.entries().iter().find(|entry| !KNOWN.contains(&entry.key.as_str())) {
                return Err(No::Beyond(format!("{field}.{}", entry.key)));
            }
            if kind == "Secret" && !generator.list("files").is_empty() {
                return Err(No::Beyond("secretGenerator.files".to_owned()));
            }
            let data = data(input, folder, generator, change && kind == "ConfigMap")?;
            place(input, generator, kind, data, objects)?;
        }
    }
    Ok(())
}

fn place(input: &mut Input, wish: &Node, kind: &str, data: Vec<Entry>, objects: &mut Vec<Object>) -> Result<(), No> {
    let name = wish.str("name").unwrap_or_default();
    let known = objects.iter_mut().find(|object| object.kind == kind && object.name == name && object.generated);
    match (wish.str("behavior").unwrap_or("create"), known) {
        ("merge", Some(object)) => {
            let field = field(kind);
            if object.node.get(field).is_none() {
                object.node.set(field, Node { place: wish.place, value: Value::Map(Vec::new()) });
            }
            if let Some(old) = object.node.get_mut(field) {
                data.into_iter().for_each(|entry| set(old, entry));
            }
        }
        ("replace", Some(object)) => {
            object.node.set(field(kind), Node { place: wish.place, value: Value::Map(data) });
        }
        ("create", None) => objects.push(create(wish, kind, name, data)),
        (behavior, _) => {
            let why = text(
                format!("says `behavior: {behavior}` of `{name}`, which fits no generator of the base"),
                format!("`{name}`의 `behavior: {behavior}` 값이 base의 생성기와 맞지 않습니다"),
            );
            return Err(note(input, wish, why));
        }
    }
    Ok(())
}

/// Data of a Secret is written as text; its names and types are the same.
fn field(kind: &str) -> &'static str {
    if kind == "Secret" { "stringData" } else { "data" }
}

fn set(map: &mut Node, entry: Entry) {
    let entries = map.entries_mut();
    entries.retain(|known| known.key != entry.key);
    entries.push(entry);
}

fn create(wish: &Node, kind: &str, name: &str, data: Vec<Entry>) -> Object {
    let at = wish.place;
    let map = |entries| Node { place: at, value: Value::Map(entries) };
    let mut metadata = map(Vec::new());
    metadata.set("name", Node::text_at(at, name));
    let mut node = map(Vec::new());
    node.set("apiVersion", Node::text_at(at, "v1"));
    node.set("kind", Node::text_at(at, kind));
    node.set("metadata", metadata);
    node.set(field(kind), map(data));
    Object { api: "v1".into(), kind: kind.into(), name: name.into(), namespace: None, node, generated: true }
}

fn data(input: &mut Input, folder: &Path, wish: &Node, change: bool) -> Result<Vec<Entry>, No> {
    let mut found: Vec<Entry> = Vec::new();
    let suffix = if change { "-changed" } else { "" };
    let mut add = |key: &str, value: &str, at: Place| {
        let value = Node::text_at(at, format!("{value}{suffix}"));
        found.push(Entry { key: key.to_owned(), place: at, value });
    };
    for literal in wish.list("literals") {
        let Some((key, value)) = literal.as_str().and_then(|words| words.split_once('=')) else {
            let why = text("has a literal that is no `NAME=value`", "`이름=값` 형태가 아닌 literal이 있습니다");
            return Err(note(input, literal, why));
        };
        add(key, unquoted(value), literal.place);
    }
    for (file, lines) in
        wish.list("envs").iter().map(|f| (f, true)).chain(wish.list("files").iter().map(|f| (f, false)))
    {
        let words = file.as_str().unwrap_or_default();
        let (key, name) = if lines { ("", words) } else { words.split_once('=').unwrap_or((base(words), words)) };
        let Ok(content) = std::fs::read_to_string(folder.join(name)) else {
            let why = text(
                format!("names the file `{name}`, which cannot be read"),
                format!("`{name}` 파일을 읽을 수 없습니다"),
            );
            return Err(note(input, file, why));
        };
        if !lines {
            add(key, &content, file.place);
            continue;
        }
        for line in content.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let Some((key, value)) = line.split_once('=') else { return Err(No::Beyond("envs".to_owned())) };
            add(key, value, file.place);
        }
    }
    Ok(found)
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// kustomize takes one pair of quotes away.
fn unquoted(value: &str) -> &str {
    let inner = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.unwrap_or(value)
}

/// Another text for each value, as after an edit.
pub fn change_values(object: &mut Object) {
    if let Some(data) = object.node.get_mut("data") {
        for entry in data.entries_mut() {
            let changed = format!("{}-changed", entry.value.as_str().unwrap_or_default());
            entry.value = Node::text_at(entry.place, changed);
        }
    }
}

/// Gives generated objects the name that follows from their content, and says it to all who refer to them.
pub fn name(objects: &mut [Object]) {
    let mut names = BTreeMap::new();
    for object in objects.iter_mut().filter(|object| object.generated) {
        let full = format!("{}-{}", object.name, hash(object));
        let old = std::mem::replace(&mut object.name, full.clone());
        let place = object.place();
        if let Some(metadata) = object.node.get_mut("metadata") {
            metadata.set("name", Node::text_at(place, full.clone()));
        }
        names.insert((object.kind == "Secret", old), full);
    }
    objects.iter_mut().for_each(|object| refer(&mut object.node, &names));
}

type Names = BTreeMap<(bool, String), String>;

fn refer(node: &mut Node, names: &Names) {
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| refer(item, names)),
        Value::Map(entries) => {
            for entry in entries.iter_mut() {
                let field = match entry.key.as_str() {
                    "configMapRef" | "configMapKeyRef" | "configMap" => Some((false, "name")),
                    "secretRef" | "secretKeyRef" => Some((true, "name")),
                    "secret" => {
                        Some((true, if entry.value.get("secretName").is_some() { "secretName" } else { "name" }))
                    }
                    _ => None,
                };
                if let Some((secret, field)) = field
                    && let Some(name) = entry.value.get_mut(field)
                    && let Some(full) = name.as_str().and_then(|old| names.get(&(secret, old.to_owned())))
                {
                    *name = Node::text_at(name.place, full.clone());
                }
                refer(&mut entry.value, names);
            }
        }
        _ => {}
    }
}

/// As kustomize does it: the first ten digits of a hash of the content, without those that could be read as words. The name
/// is no part of it: kustomize leaves it empty there.
fn hash(object: &Object) -> String {
    let texts = |field: &str| -> BTreeMap<String, String> {
        let entries = object.node.map(field).iter();
        entries.map(|entry| (entry.key.clone(), entry.value.as_str().unwrap_or_default().to_owned())).collect()
    };
    let content = match object.kind.as_str() {
        "Secret" => {
            let data: BTreeMap<_, _> =
                texts("stringData").into_iter().map(|(key, value)| (key, base64(value.as_bytes()))).collect();
            json!({ "data": data, "kind": "Secret", "name": "", "type": "Opaque" })
        }
        _ => json!({ "data": texts("data"), "kind": "ConfigMap", "name": "" }),
    };
    // Go writes these three as escapes.
    let content = content.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let digits: String = Sha256::digest(content.as_bytes()).iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    let kind = |digit| match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    digits.chars().map(kind).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut words = String::new();
    for part in bytes.chunks(3) {
        let all = part.iter().fold(0_u32, |all, byte| (all << 8) | u32::from(*byte)) << (8 * (3 - part.len()));
        for digit in 0..4 {
            let known = digit <= part.len();
            let index = (all >> (18 - 6 * digit)) & 63;
            words.push(if known { char::from(DIGITS[index as usize]) } else { '=' });
        }
    }
    words
}
