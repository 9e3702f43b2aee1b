//! Where a repository reaches for files that it does not hold: by its links, and by what its manifests declare.

use std::path::{Component, Path};

/// Where `package.json` names what it needs.
const OF_NODE: [&str; 4] = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// What manifests are called; those of pip have names of their own.
const MANIFESTS: [&str; 4] = ["Cargo.toml", "pyproject.toml", "package.json", "go.mod"];

/// Whether this file declares what is needed, in a way that is known here.
pub fn is_manifest(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    MANIFESTS.contains(&name) || is_requirements(name)
}

fn is_requirements(name: &str) -> bool {
    name.starts_with("requirements") && name.ends_with(".txt")
}

/// The first folder outside of the repository that this manifest depends on, as it is written there.
pub fn leaving_dependency(file: &Path, words: &str) -> Option<String> {
    declared(file, words).into_iter().find(|path| leaves(file, Path::new(path)))
}

/// Whether something at `file` that names `target` leaves the folder, by its words alone: what is there is nobody's business.
pub fn leaves(file: &Path, target: &Path) -> bool {
    let mut depth = file.components().count() as i64 - 1;
    target.components().any(|part| {
        match part {
            Component::Normal(_) => depth += 1,
            Component::ParentDir => depth -= 1,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => depth = i64::MIN / 2,
        }
        depth < 0
    })
}

/// The paths that a manifest depends on, if it is one.
fn declared(file: &Path, words: &str) -> Vec<String> {
    match file.file_name().and_then(|name| name.to_str()).unwrap_or_default() {
        "Cargo.toml" | "pyproject.toml" => words.parse().map(|table: toml::Table| in_toml(&table)).unwrap_or_default(),
        "package.json" => serde_json::from_str(words).map(|package| in_package(&package)).unwrap_or_default(),
        "go.mod" => words.lines().filter_map(|line| Some(line.split_once("=>")?.1)).filter_map(first_path).collect(),
        name if is_requirements(name) => {
            words.lines().map(|line| line.split(" #").next().unwrap_or_default()).filter_map(first_path).collect()
        }
        _ => Vec::new(),
    }
}

/// Every `path`, however deep: dependencies are listed by platform, by profile and for the workspace.
fn in_toml(table: &toml::Table) -> Vec<String> {
    let of_entry = |(name, value): (&String, &toml::Value)| match value {
        toml::Value::String(path) if name == "path" => vec![path.clone()],
        // What other tools note there is no dependency.
        toml::Value::Table(_) if name == "metadata" => Vec::new(),
        toml::Value::Table(table) => in_toml(table),
        toml::Value::Array(tables) => tables.iter().filter_map(toml::Value::as_table).flat_map(in_toml).collect(),
        _ => Vec::new(),
    };
    table.iter().flat_map(of_entry).collect()
}

fn in_package(package: &serde_json::Value) -> Vec<String> {
    let tables = OF_NODE.iter().filter_map(|name| package[name].as_object());
    let declared = tables.flat_map(serde_json::Map::values).filter_map(serde_json::Value::as_str);
    declared.filter_map(|wanted| as_path(wanted.trim_start_matches("link:").trim_start_matches("portal:"))).collect()
}

/// The first word that is a path, as in `-e ../shared` or `shared @ file:///srv/shared`.
fn first_path(line: &str) -> Option<String> {
    line.split([' ', '\t', '=']).find_map(as_path)
}

fn as_path(word: &str) -> Option<String> {
    let path = word.strip_prefix("file:").map(|path| path.strip_prefix("//").unwrap_or(path)).unwrap_or(word);
    path.starts_with(['.', '/']).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn leaves_by(file: &str, words: &str, path: Option<&str>) {
        assert_eq!(leaving_dependency(Path::new(file), words).as_deref(), path, "{file}: {words}");
    }

    #[test]
    fn a_path_leaves_when_it_climbs_higher_than_it_is_deep() {
        for (file, target, is_outside) in [
            ("a", "b", false),
            ("a", "../b", true),
            ("a/b", "../c", false),
            ("a/b", "../../c", true),
            ("a/b", "c/../../../d", true),
            ("a", "/a", true),
        ] {
            assert_eq!(leaves(Path::new(file), Path::new(target)), is_outside, "{file} -> {target}");
        }
    }

    #[test]
    fn cargo_may_declare_a_path_in_many_places() {
        for table in [
            "[dependencies]\nshared = { path = \"../shared\" }",
            "[dependencies.shared]\npath = \"../shared\"",
            "[target.'cfg(unix)'.build-dependencies]\nshared = { version = \"1\", path = \"../shared\" }",
            "[workspace.dependencies]\nshared.path = \"../shared\"",
            "[patch.crates-io]\nshared = { path = \"../shared\" }",
            "[[bin]]\nname = \"x\"\npath = \"../shared\"",
        ] {
            leaves_by("Cargo.toml", table, Some("../shared"));
            leaves_by("apps/Cargo.toml", table, None);
        }
        leaves_by("Cargo.toml", "[package.metadata.other]\npath = \"../shared\"", None);
        leaves_by("Cargo.toml", "path = [", None);
    }

    #[test]
    fn other_languages_have_their_own_ways_to_write_it() {
        leaves_by("package.json", r#"{"dependencies":{"a":"^1.0.0","shared":"file:../shared"}}"#, Some("../shared"));
        leaves_by("package.json", r#"{"devDependencies":{"shared":"link:/srv/shared"}}"#, Some("/srv/shared"));
        leaves_by("package.json", r#"{"dependencies":{"shared":"file:shared","b":"workspace:*"}}"#, None);
        leaves_by("requirements-dev.txt", "redis==8.1.0\n-e ../shared # ours\n", Some("../shared"));
        leaves_by("requirements.txt", "shared @ file:///srv/shared\n", Some("/srv/shared"));
        leaves_by("requirements.txt", "./shared\nredis==8.1.0 --hash=sha256:00 # ../not\n", None);
        leaves_by("pyproject.toml", "[tool.uv.sources]\nshared = { path = \"../shared\" }", Some("../shared"));
        leaves_by("go.mod", "replace example.com/shared => ../shared\n", Some("../shared"));
        leaves_by("go.mod", "replace example.com/shared v1.0.0 => ./shared\n", None);
    }
}
