//! Copies of source files that differ from each other by an environment's name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::branches;
use super::sources::{is_own_source, lines};
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::text::text;
use crate::tree::versioned_files;

/// Two files of which this much is equal are one file and its copy.
const ALIKE: f64 = 0.6;
/// How many lines are compared as one. With more, three changes in a file of sixty lines would hide that it is a copy.
const SHINGLE: usize = 3;
/// What environments are called.
const ENVIRONMENTS: [&str; 14] = [
    "dev",
    "develop",
    "development",
    "test",
    "test1",
    "test2",
    "qa",
    "uat",
    "stage",
    "staging",
    "stg",
    "prd",
    "prod",
    "production",
];
/// No source file is a copy of another one for another environment.
pub async fn no_env_forks(lab: Lab) -> CheckResult {
    let folder = &lab.bench.tree.folder;
    let mut alike: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for file in versioned_files(folder)?.into_iter().filter(|file| is_own_source(folder, file)) {
        alike.entry(without_environment(&file)).or_default().push(file);
    }
    for files in alike.values() {
        for (number, first) in files.iter().enumerate() {
            for second in &files[number + 1..] {
                if resemble(folder, first, second) {
                    return Err(copied(first, second).into());
                }
            }
        }
    }
    branches::remark_on_environments(&lab)?;
    Ok(())
}

/// The path without the names of environments: `src-prod/http.rs` and `src/http.rs` have one.
fn without_environment(file: &Path) -> PathBuf {
    let part = |part: std::path::Component<'_>| {
        let words = part.as_os_str().to_string_lossy().to_lowercase();
        let words: Vec<&str> = words.split(['-', '_', '.']).filter(|word| !is_environment(word)).collect();
        words.join(".")
    };
    file.components().map(part).filter(|part| !part.is_empty()).collect()
}

/// Whether this is what an environment is called.
pub fn is_environment(word: &str) -> bool {
    ENVIRONMENTS.contains(&word)
}

fn resemble(folder: &Path, first: &Path, second: &Path) -> bool {
    let (Some(first), Some(second)) = (shingles(folder, first), shingles(folder, second)) else { return false };
    let common = first.intersection(&second).count();
    let all = first.union(&second).count();
    common as f64 >= ALIKE * all as f64
}

/// Each run of lines; `None` for what is too short to be anybody's copy.
fn shingles(folder: &Path, file: &Path) -> Option<BTreeSet<Vec<String>>> {
    let lines = lines(folder, file).filter(|lines| lines.len() >= SHINGLE)?;
    Some(lines.windows(SHINGLE).map(<[String]>::to_vec).collect())
}

fn copied(first: &Path, second: &Path) -> Failure {
    let (first, second) = (first.display(), second.display());
    Failure::new(
        "copied-for-environment",
        text("compared the source files in the repository", "저장소의 소스 파일을 서로 비교"),
        text("no file is there once for each environment", "환경마다 따로 복사한 파일이 없어야 합니다"),
        text(
            format!("{first} and {second} are nearly the same"),
            format!("두 파일이 거의 같습니다: {first}, {second}"),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a file of sixty lines resembles its copy, in which these lines are changed.
    fn is_copy(changed: &[usize]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let files = ["http.rs", "http_prod.rs"].map(Path::new);
        let line = |number: usize, word: &str| format!("let line_{number} = {word};\n");
        let first: String = (0..60).map(|number| line(number, "theirs")).collect();
        let word = |number| if changed.contains(&number) { "ours" } else { "theirs" };
        let second: String = (0..60).map(|number| line(number, word(number))).collect();
        std::fs::write(folder.path().join(files[0]), first).unwrap();
        std::fs::write(folder.path().join(files[1]), second).unwrap();
        resemble(folder.path(), files[0], files[1])
    }

    #[test]
    fn a_few_changes_make_no_other_file() {
        assert!(is_copy(&[]));
        assert!(is_copy(&[10, 30, 50]));
        assert!(!is_copy(&(0..60).step_by(3).collect::<Vec<_>>()));
    }

    #[test]
    fn only_the_name_of_an_environment_makes_two_paths_alike() {
        for (first, second, alike) in [
            ("src/http.rs", "src-prod/http.rs", true),
            ("screen-dev/src/http.rs", "screen-prod/src/http.rs", true),
            ("http.prod.rs", "http.staging.rs", true),
            ("prod/http.rs", "http.rs", true),
            ("src/http.rs", "src/https.rs", false),
            ("product/http.rs", "http.rs", false),
        ] {
            let same = without_environment(first.as_ref()) == without_environment(second.as_ref());
            assert_eq!(same, alike, "{first} and {second}");
        }
    }
}
