//! Submodules that do not arrive with a plain `git clone --recurse-submodules`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::check::LabError;
use crate::git::git;

/// What the index calls a submodule.
const LINK: &str = "160000 ";

/// The first submodule that a colleague would not get, by its path. Nothing is fetched: what is declared decides.
pub fn missing(folder: &Path) -> Result<Option<String>, LabError> {
    let listing = git(folder, &["ls-files", "-z", "--stage", "--", "."])?;
    let listing = String::from_utf8_lossy(&listing).into_owned();
    let links = listing.split('\0').filter(|entry| entry.starts_with(LINK)).filter_map(|entry| entry.split_once('\t'));
    let links: Vec<&str> = links.map(|(_, path)| path).collect();
    if links.is_empty() {
        return Ok(None);
    }
    let declared = declared(folder);
    let arrives = |path: &str| {
        declared.values().any(|module| module.get("path").is_some_and(|known| known == path) && is_fetched(module))
    };
    Ok(links.into_iter().find(|path| !arrives(path)).map(str::to_owned))
}

type Module = BTreeMap<String, String>;

/// What `.gitmodules` says, by the names in it.
fn declared(folder: &Path) -> BTreeMap<String, Module> {
    let mut modules = BTreeMap::<String, Module>::new();
    // Git takes no link for this file either.
    if !folder.join(".gitmodules").symlink_metadata().is_ok_and(|known| known.is_file()) {
        return modules;
    }
    // What git cannot read names no address, to a colleague neither.
    let question = ["config", "--null", "--no-includes", "--file", ".gitmodules", "--list"];
    let listing = git(folder, &question).unwrap_or_default();
    for entry in String::from_utf8_lossy(&listing).split('\0') {
        let Some((name, value)) = entry.split_once('\n') else { continue };
        let Some((module, key)) = name.rsplit_once('.') else { continue };
        modules.entry(module.to_owned()).or_default().insert(key.to_owned(), value.to_owned());
    }
    modules
}

/// A relative address is one beside the repository's own, wherever that was cloned from; a folder is on one machine only.
fn is_fetched(module: &Module) -> bool {
    let says = |key: &str| module.get(key).map(String::as_str).unwrap_or_default();
    let is_folder = ["/", "~", "file:"].iter().any(|start| says("url").starts_with(start));
    !says("url").is_empty() && !is_folder && says("update") != "none"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is missing in a repository with a submodule at `lib` and this in its `.gitmodules`.
    fn missing_with(declared: Option<&str>) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"]).unwrap();
        let link = "160000,0123456789012345678901234567890123456789,lib";
        git(folder.path(), &["update-index", "--add", "--cacheinfo", link]).unwrap();
        if let Some(words) = declared {
            std::fs::write(folder.path().join(".gitmodules"), format!("[submodule \"lib\"]\n{words}\n")).unwrap();
        }
        missing(folder.path()).unwrap()
    }

    #[test]
    fn a_declared_submodule_with_an_address_arrives() {
        for url in ["https://git.example/lib.git", "git@git.example:lib.git", "../lib.git"] {
            assert_eq!(missing_with(Some(&format!("path = lib\nurl = {url}"))), None, "{url}");
        }
    }

    #[test]
    fn all_others_are_missing() {
        for words in [
            None,
            Some("path = other\nurl = https://git.example/lib.git"),
            Some("path = lib"),
            Some("path = lib\nurl = /srv/lib"),
            Some("path = lib\nurl = file:///srv/lib"),
            Some("path = lib\nurl = https://git.example/lib.git\nupdate = none"),
            Some("path = lib\nurl = https://git.example/lib.git\n[broken"),
        ] {
            assert_eq!(missing_with(words).as_deref(), Some("lib"), "{words:?}");
        }
    }
}
