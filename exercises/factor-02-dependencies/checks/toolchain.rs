//! Which compiler or interpreter: said in the repository, and as a version that stays.

use std::path::Path;

use crate::check::{CheckResult, Failure, LabError, Missing};
use crate::lab::Lab;
use crate::text::{Text, text};

/// Files that name a version of a language and of nothing else.
const FILES: [&str; 6] =
    ["rust-toolchain.toml", "rust-toolchain", ".python-version", ".nvmrc", ".node-version", ".tool-versions"];
/// Keys of manifests that do: the file, the table and the key.
const KEYS: [(&str, &str, &str); 2] =
    [("Cargo.toml", "package", "rust-version"), ("pyproject.toml", "project", "requires-python")];
/// Images that hold a compiler or an interpreter under their own name.
const IMAGES: [&str; 6] = ["rust", "python", "node", "golang", "ruby", "php"];

/// A version of the toolchain stands in the repository, and no base image is `latest`.
pub async fn toolchain_declared(lab: Lab) -> CheckResult {
    let subject = &lab.bench.subject;
    let root = lab.bench.tree.folder.join(&subject.app().root);
    let recipe =
        subject.app().image.as_ref().map(|image| read(&lab.bench.tree.folder.join(&image.dockerfile))).transpose()?;
    let bases = bases(recipe.as_deref().unwrap_or_default());
    if let Some(base) = bases.iter().find(|base| moves(base)) {
        return Err(moving(base).into());
    }
    let declared = FILES.iter().any(|name| root.join(name).is_file()) || declared_in_a_manifest(&root)?;
    match declared || bases.iter().any(|base| is_a_toolchain(base)) {
        true => Ok(()),
        false if is_known(&root) => Err(not_declared().into()),
        false => Err(unknown_language().into()),
    }
}

/// The images that a Dockerfile begins with; a stage that begins with another stage is no image.
fn bases(dockerfile: &str) -> Vec<String> {
    let mut stages = vec!["scratch".to_owned()];
    let mut bases = Vec::new();
    for line in dockerfile.lines() {
        let words: Vec<&str> = line.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        let [from, base, rest @ ..] = words.as_slice() else { continue };
        if !from.eq_ignore_ascii_case("from") {
            continue;
        }
        if !stages.iter().any(|stage| stage == base) && !base.contains('$') {
            bases.push((*base).to_owned());
        }
        if let [r#as, name] = rest
            && r#as.eq_ignore_ascii_case("as")
        {
            stages.push((*name).to_owned());
        }
    }
    bases
}

/// The tag follows the last colon behind the last slash: a registry may have a port.
fn moves(base: &str) -> bool {
    let last = base.rsplit('/').next().unwrap_or(base);
    !last.contains('@') && last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn is_a_toolchain(base: &str) -> bool {
    let last = base.rsplit('/').next().unwrap_or(base);
    IMAGES.contains(&last.split([':', '@']).next().unwrap_or(last))
}

fn declared_in_a_manifest(root: &Path) -> Result<bool, LabError> {
    for (file, table, key) in KEYS {
        if root.join(file).is_file() {
            let manifest: toml::Table =
                read(&root.join(file))?.parse().map_err(|error| LabError::new(format!("cannot read {file}"), error))?;
            if manifest.get(table).is_some_and(|table| table.get(key).is_some()) {
                return Ok(true);
            }
        }
    }
    if !root.join("package.json").is_file() {
        return Ok(false);
    }
    let package: serde_json::Value = serde_json::from_str(&read(&root.join("package.json"))?)
        .map_err(|error| LabError::new("cannot read package.json", error))?;
    Ok(package["engines"]["node"].is_string())
}

fn is_known(root: &Path) -> bool {
    ["Cargo.toml", "package.json", "requirements.txt", "pyproject.toml"].iter().any(|name| root.join(name).is_file())
}

fn read(path: &Path) -> Result<String, LabError> {
    std::fs::read_to_string(path).map_err(|error| LabError::new(format!("cannot read {}", path.display()), error))
}

fn looked() -> Text {
    text("looked for the version of the compiler or interpreter", "컴파일러나 인터프리터의 버전이 적힌 곳을 확인")
}

fn moving(base: &str) -> Failure {
    Failure::new(
        "moving-tag",
        looked(),
        text("each base image is named by a version or digest", "기본 이미지에는 버전이나 다이제스트가 있어야 합니다"),
        text(format!("FROM {base}"), format!("FROM {base}")),
    )
}

fn not_declared() -> Failure {
    Failure::new(
        "not-declared",
        looked(),
        text(
            "rust-toolchain.toml, rust-version, .python-version, engines or a base image says it",
            "rust-toolchain.toml, rust-version, .python-version, engines, 기본 이미지 가운데 한 곳에 적혀 있어야 합니다",
        ),
        text("it stands nowhere", "아무 데도 적혀 있지 않습니다"),
    )
}

fn unknown_language() -> Missing {
    Missing {
        what: text("a language whose toolchain files the grader knows", "채점기가 버전 파일을 아는 언어"),
        fix: text(
            "build with a base image of a fixed version, and name it in [app.links.image]",
            "버전이 고정된 기본 이미지로 빌드하고 [app.links.image]에 적으십시오",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_no_images_and_a_registry_may_have_a_port() {
        let dockerfile = "# FROM none\nFROM --platform=x rust:1.95 AS build\nRUN x\nFROM build\nfrom localhost:5000/base\nFROM scratch\n";
        assert_eq!(bases(dockerfile), ["rust:1.95", "localhost:5000/base"]);
        assert!(moves("localhost:5000/base") && moves("rust:latest") && moves("debian"));
        assert!(!moves("rust:1.95-slim") && !moves("debian@sha256:00"));
        assert!(is_a_toolchain("docker.io/library/rust:1.95") && !is_a_toolchain("debian:bookworm-slim"));
    }
}
