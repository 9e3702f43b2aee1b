//! Images and what is done with them at the start.

use std::collections::HashMap;

use grader::text::text;

use super::Context;
use crate::finding::Found;
use crate::node::Node;
use crate::pods;

/// Tags that move.
const MOVING: [&str; 9] = ["latest", "main", "master", "develop", "dev", "edge", "nightly", "stable", "head"];

/// Each image says which one it is.
pub fn pinned(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for (work, container) in context.containers() {
        let Some(image) = container.str("image") else { continue };
        let (_, tag, digest) = pods::image(image);
        if digest.is_none() && tag.is_none_or(|tag| MOVING.contains(&tag.to_ascii_lowercase().as_str())) {
            let what = text(
                format!("`{image}` is another image tomorrow"),
                format!("`{image}` 이미지는 내일이면 다른 이미지일 수 있습니다"),
            );
            all.push(Found::new(work.object, container.place("image"), what));
        }
    }
    all
}

/// Nothing is installed or downloaded when a container starts.
pub fn no_install(context: &Context) -> Vec<Found> {
    const INSTALLS: [&str; 12] = [
        "apt-get install",
        "apt install",
        "apk add",
        "yum install",
        "dnf install",
        "pip install",
        "npm install",
        "npm ci",
        "gem install",
        "curl ",
        "wget ",
        "cargo build",
    ];
    const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];
    let mut all = Vec::new();
    for (work, container) in context.containers() {
        let base = |word: &str| word.rsplit('/').next().is_some_and(|base| SHELLS.contains(&base));
        if !pods::words(container).any(|(_, word)| base(word)) {
            continue;
        }
        for (node, word) in pods::words(container) {
            if let Some(found) = INSTALLS.iter().find(|install| word.contains(*install)) {
                let found = found.trim();
                let what = text(
                    format!("runs `{found}` before the program: what it brings is in no image"),
                    format!("프로그램보다 먼저 `{found}` 명령을 실행합니다. 가져온 것이 이미지에 없습니다"),
                );
                all.push(Found::new(work.object, node.place, what));
            }
        }
    }
    all
}

/// A digest names an image for ever.
pub fn digests(context: &Context) -> Vec<Found> {
    let tagged = context.containers().filter(|(_, container)| container.str("image").is_some_and(|i| !i.contains('@')));
    let what = || text("the image has no digest", "이미지에 다이제스트가 없습니다");
    tagged.map(|(work, container)| Found::new(work.object, container.place("image"), what())).collect()
}

/// PostgreSQL and Redis have the same major version on a developer's machine and here.
pub fn same_versions(context: &Context) -> Vec<Found> {
    let Some(compose) = context.compose else { return Vec::new() };
    let services = compose.map("services").iter().filter_map(|entry| entry.value.str("image"));
    let develop: HashMap<&str, &str> = services.filter_map(backing).collect();
    let mut all = Vec::new();
    for (work, container) in context.containers() {
        let Some((name, here)) = container.str("image").and_then(backing) else { continue };
        if let Some(there) = develop.get(name).filter(|there| **there != here) {
            let what = text(
                format!("{name} {here} runs here, and {name} {there} in the compose file"),
                format!("여기서는 {name} {here} 버전, compose 파일에서는 {name} {there} 버전이 실행됩니다"),
            );
            all.push(Found::new(work.object, container.place("image"), what));
        }
    }
    all
}

/// The name and major version of a backing service's image.
fn backing(image: &str) -> Option<(&str, &str)> {
    let (name, tag, _) = pods::image(image);
    let name = name.rsplit('/').next()?;
    let major = tag?.split(['.', '-']).next()?;
    ["postgres", "redis"].contains(&name).then_some((name, major))
}

/// The image that all Pods of an object share, by container.
pub fn names(spec: &Node) -> Vec<&str> {
    spec.list("containers").iter().filter_map(|container| container.str("image")).collect()
}
