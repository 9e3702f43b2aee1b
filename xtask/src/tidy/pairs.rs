//! Neither language is ahead of the other.

use super::{Finding, Project};
use crate::trouble::Trouble;

/// What stands in English stands in Korean too, and the other way round.
pub fn rule(project: &Project) -> Result<Vec<Finding>, Trouble> {
    let alone = |path: &&String| counterpart(path).is_some_and(|other| !project.has(&other));
    let lonely = project.files.iter().filter(alone);
    Ok(lonely
        .map(|path| Finding::new(path, format!("has no counterpart {}", counterpart(path).unwrap_or_default())))
        .collect())
}

/// Where the same text stands in the other language, for files that come in pairs.
fn counterpart(path: &str) -> Option<String> {
    for (one, other) in [("README.md", "README.ko.md"), ("README.ko.md", "README.md")] {
        let named = |rest: &&str| rest.is_empty() || rest.ends_with('/');
        if let Some(rest) = path.strip_suffix(one).filter(named) {
            return Some(format!("{rest}{other}"));
        }
    }
    for (one, other) in [("book/en/", "book/ko/"), ("book/ko/", "book/en/")] {
        if let Some(rest) = path.strip_prefix(one) {
            return Some(format!("{other}{rest}"));
        }
    }
    let (folder, file) = path.rsplit_once('/')?;
    let texts = ["hints", "help", "messages"].contains(&folder.rsplit('/').next()?);
    let (language, kind) = file.split_once('.')?;
    match (texts, language) {
        (true, "en") => Some(format!("{folder}/ko.{kind}")),
        (true, "ko") => Some(format!("{folder}/en.{kind}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn pair(path: &str, other: Option<&str>) {
        assert_eq!(counterpart(path).as_deref(), other, "{path}");
    }

    #[test]
    fn pairs_are_found_in_both_directions() {
        pair("README.md", Some("README.ko.md"));
        pair("exercises/factor-03-config/README.ko.md", Some("exercises/factor-03-config/README.md"));
        pair("book/ko/factor-03-config.md", Some("book/en/factor-03-config.md"));
        pair("exercises/factor-03-config/hints/en.md", Some("exercises/factor-03-config/hints/ko.md"));
        pair("CONTRIBUTING.md", None);
        pair("xtask/src/en.rs", None);
    }
}
