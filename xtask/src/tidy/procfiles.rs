//! A `Procfile` and the `app.toml` beside it name the same process types with the same commands.

use std::collections::BTreeMap;
use std::path::Path;

use grader::manifest::Manifest;

use super::{Finding, Project};
use crate::trouble::Trouble;

/// Whoever starts a release by its `Procfile` starts what the grader starts.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let mut found = Vec::new();
    for path in project.files.iter().filter(|path| Path::new(path).ends_with("Procfile")) {
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        let named = types(&project.text(path).unwrap_or_default());
        match Manifest::read(&project.root.join(folder)) {
            Ok(manifest) if declared(&manifest) == named => {}
            Ok(_) => found.push(Finding::new(path, "names other process types or commands than `app.toml`")),
            Err(why) => found.push(Finding::new(path, format!("has no `app.toml` beside it: {why}"))),
        }
    }
    Ok(found)
}

/// The lines `type: command`.
fn types(procfile: &str) -> BTreeMap<String, String> {
    let lines = procfile.lines().filter_map(|line| line.split_once(':'));
    lines.map(|(name, command)| (name.trim().to_owned(), command.trim().to_owned())).collect()
}

/// The process types of `links`, as they are started in the folder of a release.
fn declared(manifest: &Manifest) -> BTreeMap<String, String> {
    let processes = manifest.app.get("links").map(|app| &app.process).into_iter().flatten();
    processes.map(|(name, argv)| (name.clone(), argv.join(" ").replace("{release}/", "./"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(worker: &str) -> Manifest {
        let process = format!("web = [\"{{release}}/links\", \"web\"]\nworker = [\"{{release}}/links\", \"{worker}\"]");
        let words =
            format!("contract = \"jjalda/v1\"\n[app.links]\nrelease = [\"links\"]\n[app.links.process]\n{process}");
        Manifest::parse(&words).unwrap()
    }

    #[test]
    fn a_procfile_that_agrees_is_left_alone_and_another_word_is_found() {
        let named = types("web: ./links web\nworker:  ./links worker\n");
        assert_eq!(declared(&manifest("worker")), named);
        assert_ne!(declared(&manifest("work")), named);
    }
}
