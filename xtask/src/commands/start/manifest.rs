//! A package manifest that stands alone: the workshop's tables that it inherits from are appended.

use toml::{Table, Value};

use crate::trouble::Trouble;

const HEADING: &str = "
# This package is its own workspace. The tables below are the workshop's, so that every `workspace = true` above has its
# value; write the values in and remove the tables when you take the service further.
";

/// The package's manifest as it was, without the workshop's own test, and with what `workspace = true` refers to.
pub fn standalone(package: &str, workshop: &str) -> Result<String, Trouble> {
    let read = |words: &str| words.parse::<Table>().map_err(|error| Trouble::failed("cannot read a manifest", error));
    let (own, mut root) = (read(package)?, read(workshop)?);
    grader::keep_own_profiles(&mut root, &own);
    let workspace = table("workspace", Value::Table(inherited(&own, &root)))?;
    let profile = table("profile", root.get("profile").cloned().unwrap_or(Value::Table(Table::new())))?;
    Ok(format!("{}{HEADING}{workspace}\n{profile}", without_workshop_test(package)))
}

/// The part of the workshop's `[workspace]` that the package can refer to.
fn inherited(own: &Table, root: &Table) -> Table {
    let mut workspace = root.get("workspace").and_then(Value::as_table).cloned().unwrap_or_default();
    workspace.retain(|key, _| {
        matches!(key, "resolver" | "package" | "dependencies") || (key == "lints" && own.contains_key(key))
    });
    if let Some(Value::Table(known)) = workspace.get_mut("dependencies") {
        let wanted = dependencies(own);
        known.retain(|name, _| wanted.iter().any(|wanted| wanted == name));
    }
    workspace
}

fn table(name: &str, value: Value) -> Result<String, Trouble> {
    let table: Table = std::iter::once((name.to_owned(), value)).collect();
    toml::to_string(&table).map_err(|error| Trouble::failed("cannot write a manifest", error))
}

/// The names of everything the package depends on, in whatever way and on whatever system.
fn dependencies(package: &Table) -> Vec<String> {
    let systems = package.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let places = std::iter::once(package).chain(systems.filter_map(Value::as_table));
    let tables = places.flat_map(|place| {
        ["dependencies", "dev-dependencies", "build-dependencies"].map(|table| place.get(table)?.as_table())
    });
    tables.flatten().flat_map(|table| table.keys().cloned()).collect()
}

/// Drops `[[test]] name = "check"`. Done on the text, so that the manifest keeps its comments.
fn without_workshop_test(package: &str) -> String {
    let mut kept = String::new();
    let mut block = String::new();
    let mut finish = |block: &mut String| {
        let is_test = block.starts_with("[[test]]") && block.contains("name = \"check\"");
        if !is_test {
            kept.push_str(block);
        }
        block.clear();
    };
    for line in package.split_inclusive('\n') {
        if line.starts_with('[') {
            finish(&mut block);
        }
        block.push_str(line);
    }
    finish(&mut block);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSHOP: &str = r#"
[workspace]
resolver = "3"
members = ["x"]
[workspace.package]
version = "0.1.0"
[workspace.dependencies]
axum = "0.8"
later = "1"
other = "1"
[workspace.lints.rust]
missing_docs = "warn"
[profile.dev]
debug = "line-tables-only"
[profile.dev.package.axum]
opt-level = 2
[profile.dev.package.other]
opt-level = 3
"#;

    #[test]
    fn what_is_inherited_is_carried_along_and_nothing_else() {
        let package = "[package]\nname = \"a\"\nversion.workspace = true\n\n# Why.\n[[test]]\nname = \"check\"\n\n[dependencies]\naxum.workspace = true\n\n[target.'cfg(any())'.dependencies]\nlater.workspace = true\n";
        let words = standalone(package, WORKSHOP).unwrap();
        let table: Table = words.parse().unwrap();
        let workspace = table["workspace"].as_table().unwrap();
        assert_eq!(workspace["dependencies"].as_table().unwrap().keys().collect::<Vec<_>>(), ["axum", "later"]);
        assert_eq!(workspace["package"]["version"].as_str(), Some("0.1.0"));
        assert!(!workspace.contains_key("members") && !workspace.contains_key("lints"));
        assert!(words.contains("line-tables-only") && !words.contains("opt-level = 3") && !table.contains_key("test"));
        assert!(words.contains("# Why.") && words.contains("opt-level = 2"), "{words}");
    }
}
