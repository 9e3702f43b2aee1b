//! Code that several apps share: a declared dependency, and neither a copy nor a folder somewhere else.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::reach::{is_manifest, leaves, leaving_dependency};
use super::sources::{is_own_source, lines, words};
use super::{submodules, tracked};
use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::text::{text, verbatim};
use crate::tree::versioned_files;

/// So many equal lines in a row are no coincidence.
const BLOCK: usize = 30;

/// Nothing leaves the repository, every submodule arrives with it, and no two apps hold the same code.
pub async fn shared_code_is_a_dependency(lab: Lab) -> CheckResult {
    let folder = &lab.bench.tree.folder;
    let files = versioned_files(folder)?;
    if let Some(place) = files.iter().find_map(|file| leaving_link(folder, file).or_else(|| outside(folder, file))) {
        return Err(leads_away(place).into());
    }
    if let Some(path) = submodules::missing(folder)? {
        return Err(not_fetched(path).into());
    }
    let roots: BTreeSet<PathBuf> = lab.bench.subject.manifest.app.values().map(|app| normal(&app.root)).collect();
    let sources = files.iter().filter(|file| is_own_source(folder, file));
    let sources: Vec<Source> = sources.filter_map(|file| Source::read(folder, file, &roots)).collect();
    match copied(&sources) {
        None => Ok(()),
        Some((first, second)) => Err(is_copy(first, second).into()),
    }
}

fn leaving_link(folder: &Path, file: &Path) -> Option<String> {
    let target = fs::read_link(folder.join(file)).ok()?;
    leaves(file, &target).then(|| format!("{} -> {}", file.display(), target.display()))
}

fn outside(folder: &Path, file: &Path) -> Option<String> {
    let manifest = is_manifest(file).then(|| words(folder, file)).flatten()?;
    let path = leaving_dependency(file, &manifest)?;
    Some(format!("{}: path \"{path}\"", file.display()))
}

/// A source file of one of the apps.
struct Source {
    app: PathBuf,
    file: PathBuf,
    lines: Vec<String>,
}

impl Source {
    fn read(folder: &Path, file: &Path, roots: &BTreeSet<PathBuf>) -> Option<Self> {
        // An app may lie in the folder of another one: the innermost has it.
        let app = roots.iter().filter(|root| file.starts_with(root)).max_by_key(|root| root.iter().count())?;
        Some(Self { app: app.clone(), file: file.to_owned(), lines: lines(folder, file)? })
    }
}

/// Two files of two apps that hold the same block.
fn copied(sources: &[Source]) -> Option<(&Path, &Path)> {
    let mut known = HashMap::<&[String], &Source>::new();
    for source in sources {
        for block in source.lines.windows(BLOCK) {
            let first = *known.entry(block).or_insert(source);
            if first.app != source.app {
                return Some((first.file.as_path(), source.file.as_path()));
            }
        }
    }
    None
}

fn normal(root: &Path) -> PathBuf {
    root.components().filter(|part| matches!(part, Component::Normal(_))).collect()
}

fn leads_away(place: String) -> Failure {
    let expected =
        text("what it needs is in it, or a dependency", "필요한 것은 저장소 안에 있거나 종속성이어야 합니다");
    Failure::new("leaves-the-repository", tracked::looked(), expected, verbatim(place))
}

fn not_fetched(path: String) -> Failure {
    let expected = text(
        "`git clone --recurse-submodules` brings every submodule along",
        "`git clone --recurse-submodules` 명령으로 서브모듈까지 모두 받을 수 있어야 합니다",
    );
    let seen = text(
        format!("it would not bring {path}: .gitmodules has no address for it that a colleague can reach"),
        format!("받을 수 없는 서브모듈: {path} (.gitmodules에 동료가 쓸 수 있는 주소가 없습니다)"),
    );
    Failure::new("submodule-missing", tracked::looked(), expected, seen)
}

fn is_copy(first: &Path, second: &Path) -> Failure {
    let (first, second) = (first.display(), second.display());
    Failure::new(
        "copied-between-apps",
        text("compared the sources of the apps that app.toml names", "app.toml에 적힌 앱들의 소스를 서로 비교"),
        text("what both need is a library", "함께 쓰는 코드는 라이브러리여야 합니다"),
        text(
            format!("{BLOCK} lines or more of {first} are in {second} too"),
            format!("{BLOCK}줄 넘게 똑같은 두 파일: {first}, {second}"),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOTS: [&str; 2] = ["", "notify"];

    /// The files of a repository with an app at its top and one in `notify`, each with so many equal lines; which two are copies?
    fn copies(files: &[(&str, usize)]) -> Option<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        let roots = ROOTS.map(PathBuf::from).into();
        let read = |(name, equal): &(&str, usize)| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let words = (0..*equal).map(|line| format!("let x{line} = {line};\n\n")).collect::<String>();
            fs::write(path, format!("// {name}\n{words}// end of {name}\n")).unwrap();
            Source::read(folder.path(), Path::new(name), &roots)
        };
        let sources: Vec<Source> = files.iter().filter_map(read).collect();
        let shown = |path: &Path| path.display().to_string();
        copied(&sources).map(|(first, second)| (shown(first), shown(second)))
    }

    #[test]
    fn a_block_in_two_apps_is_a_copy() {
        let found = copies(&[("notify/src/http.rs", BLOCK), ("src/http.rs", BLOCK)]);
        assert_eq!(found, Some(("notify/src/http.rs".to_owned(), "src/http.rs".to_owned())));
    }

    #[test]
    fn fewer_lines_and_repetition_within_an_app_are_none() {
        assert_eq!(copies(&[("notify/a.rs", BLOCK - 1), ("src/b.rs", BLOCK - 1)]), None);
        assert_eq!(copies(&[("src/a.rs", BLOCK), ("src/b.rs", BLOCK)]), None);
    }

    #[test]
    fn what_a_tool_has_generated_may_be_in_both() {
        assert_eq!(copies(&[("notify/generated.rs", BLOCK), ("src/generated.rs", BLOCK)]), None);
    }

    #[test]
    fn a_root_is_known_however_it_is_written() {
        for root in [".", "./", ""] {
            assert_eq!(normal(Path::new(root)), Path::new(""));
        }
        assert_eq!(normal(Path::new("./notify/")), Path::new("notify"));
    }
}
