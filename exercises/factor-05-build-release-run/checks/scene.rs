//! What the checks of this factor share: a deploy that is started from files of its own, and the files themselves.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::files::files_below;
use crate::lab::service::Service;
use crate::links::scene::serving;
use crate::links::{Deploy, System, answers_the_basics};
use crate::text::{Text, text};

/// What runtimes keep for the next start, and nobody takes for a part of the release.
const CACHES: [&str; 1] = ["__pycache__"];

/// Friendly conditions. A service that writes into its release must not do so in the one that all checks share.
pub async fn smoke(lab: Lab) -> CheckResult {
    let system = System::fresh(&lab).await?;
    system.migrate(&lab).await?;
    let start = system.web(&lab).release(lab.copied_release()?);
    answers_the_basics(&lab, &system, start).await?.end().await;
    Ok(())
}

/// Starts a deploy from the files in `release`, under friendly conditions.
pub async fn deployed(lab: &Lab, system: &System, deploy: &Deploy, release: &Path) -> CheckResult<Service> {
    let start = system.web(lab).environment(&deploy.environment()).release(release.to_owned());
    serving(lab, start).await
}

/// The files of a folder, as far as two looks at them can differ.
#[derive(Debug, PartialEq, Eq)]
pub struct Files(BTreeMap<PathBuf, (u32, u64)>);

impl Files {
    /// What lies below `folder` now.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn of(folder: &Path) -> Result<Self, LabError> {
        let mut files = BTreeMap::new();
        for path in files_below(folder)? {
            let failed = |error: std::io::Error| LabError::new(format!("cannot read {}", path.display()), error);
            let mode = path.metadata().map_err(failed)?.permissions().mode();
            let mut hash = DefaultHasher::new();
            std::fs::read(&path).map_err(failed)?.hash(&mut hash);
            let name = path.strip_prefix(folder).unwrap_or(&path).to_owned();
            if !name.iter().any(|part| CACHES.iter().any(|cache| part == *cache)) {
                files.insert(name, (mode, hash.finish()));
            }
        }
        Ok(Self(files))
    }

    /// The first file that is another one later, in words.
    pub fn change_to(&self, later: &Self) -> Option<Text> {
        let changed = self.0.iter().find(|(name, file)| later.0.get(*name) != Some(file));
        if let Some((name, _)) = changed {
            let shown = name.display();
            return Some(match later.0.contains_key(name) {
                true => text(format!("{shown} was changed"), format!("{shown} 파일이 바뀌었습니다")),
                false => text(format!("{shown} is gone"), format!("{shown} 파일이 없어졌습니다")),
            });
        }
        let added = later.0.keys().find(|name| !self.0.contains_key(*name))?.display();
        Some(text(format!("{added} was added"), format!("{added} 파일이 새로 생겼습니다")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_is_seen_and_caches_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, words: &str| std::fs::write(folder.path().join(name), words).unwrap();
        write("program", "1");
        write("words", "1");
        let before = Files::of(folder.path()).unwrap();
        let seen = || before.change_to(&Files::of(folder.path()).unwrap()).map(|change| change.en);
        std::fs::create_dir(folder.path().join("__pycache__")).unwrap();
        write("__pycache__/a.pyc", "1");
        assert_eq!(seen(), None);
        write("more", "1");
        assert_eq!(seen().unwrap(), "more was added");
        write("words", "2");
        assert_eq!(seen().unwrap(), "words was changed");
        std::fs::remove_file(folder.path().join("program")).unwrap();
        assert_eq!(seen().unwrap(), "program is gone");
    }
}
