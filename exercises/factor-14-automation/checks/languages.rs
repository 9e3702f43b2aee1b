//! What a check has to know of a language to make a mistake in it: where its tests lie, where a program begins, and how a
//! dependency gets past the lock file.

use std::path::Path;

use crate::check::{LabError, Missing};
use crate::lab::Lab;
use crate::lab::checkout::Checkout;
use crate::text::text;
use crate::tree::versioned_files;

/// A language for which there is an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// With Cargo.
    Rust,
    /// With `unittest` or pytest.
    Python,
    /// With its own test runner.
    Node,
}

/// Files of a commit: path and content.
pub type Files = Vec<(String, String)>;

/// The language of the service, if it is a known one.
pub fn spoken(lab: &Lab, checkout: &Checkout) -> Option<Language> {
    let has = |name: &str| checkout.own_file(name).is_some();
    let command = lab.bench.subject.app().process.get("web").map(Vec::as_slice).unwrap_or_default();
    let runs = |program: &str, ends: &[&str]| {
        let mut words = command.iter().map(|word| word.rsplit('/').next().unwrap_or(word));
        words.any(|word| word.starts_with(program) || ends.iter().any(|end| word.ends_with(end)))
    };
    match () {
        () if has("Cargo.toml") => Some(Language::Rust),
        () if runs("python", &[".py"]) => Some(Language::Python),
        // Each of the other runners wants tests of its own form.
        () if runs("node", &[".js", ".mjs", ".cjs"]) && !has_other_runner(checkout) => Some(Language::Node),
        () => None,
    }
}

fn has_other_runner(checkout: &Checkout) -> bool {
    let package = read(checkout, "package.json").unwrap_or_default();
    ["jest", "mocha", "vitest", "ava"].iter().any(|name| package.contains(&format!("\"{name}\"")))
}

impl Language {
    /// A test called `word`, which passes or fails, where the service's own tests lie.
    ///
    /// # Errors
    ///
    /// Git refuses.
    pub fn test(self, checkout: &Checkout, word: &str, passes: bool) -> Result<(String, String), LabError> {
        let right = if passes { 4 } else { 5 };
        let tests = tests_of(&checkout.root, self)?;
        let (before, after) = tests.unwrap_or_else(|| self.usual_place());
        let path = format!("{before}{word}{after}");
        let content = match self {
            Language::Rust => format!("#[test]\nfn {word}() {{\n    assert_eq!(2 + 2, {right});\n}}\n"),
            Language::Python => format!(
                "import unittest\n\n\nclass {}(unittest.TestCase):\n    def test_{word}(self):\n        self.assertEqual(2 + 2, {right})\n",
                capital(word)
            ),
            Language::Node => {
                let is_module = after.ends_with(".mjs") || (after.ends_with(".js") && is_module(checkout));
                let import = |name: &str, from: &str| match is_module {
                    true => format!("import {name} from \"{from}\";\n"),
                    false => format!("const {name} = require(\"{from}\");\n"),
                };
                let imports = import("assert", "node:assert") + &import("test", "node:test");
                format!("{imports}\ntest(\"{word}\", () => {{\n  assert.equal(2 + 2, {right});\n}});\n")
            }
        };
        Ok((path, content))
    }

    /// The file with which the program begins.
    pub fn entry(self, lab: &Lab, checkout: &Checkout) -> Option<String> {
        if self == Language::Rust {
            let usual = ["src/main.rs", "src/lib.rs"].into_iter().find(|name| checkout.own_file(name).is_some());
            return usual.map(str::to_owned);
        }
        let command = lab.bench.subject.app().process.get("web")?;
        let names = command.iter().filter_map(|word| word.strip_prefix("{release}/"));
        names.into_iter().find(|name| checkout.own_file(name).is_some()).map(str::to_owned)
    }

    /// What somebody commits who declares a dependency and forgets the lock file; `None` where nothing is locked.
    pub fn unlocked(self, checkout: &Checkout, word: &str) -> Option<Files> {
        match self {
            Language::Rust => {
                let manifest = read(checkout, "Cargo.toml").filter(|manifest| manifest.contains("[package]"))?;
                let own = format!("[package]\nname = \"{word}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
                Some(vec![
                    ("Cargo.toml".to_owned(), format!("{manifest}\n[dependencies.{word}]\npath = \"{word}\"\n")),
                    (format!("{word}/Cargo.toml"), own),
                    (format!("{word}/src/lib.rs"), String::new()),
                ])
            }
            Language::Node => {
                checkout.own_file("package-lock.json")?;
                let mut package: serde_json::Value = serde_json::from_str(&read(checkout, "package.json")?).ok()?;
                package["dependencies"][word] = format!("file:./{word}").into();
                let package = serde_json::to_string_pretty(&package).ok()?;
                let own = format!("{{\n  \"name\": \"{word}\",\n  \"version\": \"1.0.0\"\n}}\n");
                Some(vec![("package.json".to_owned(), package + "\n"), (format!("{word}/package.json"), own)])
            }
            Language::Python => {
                let requirements = read(checkout, "requirements.txt")?;
                let mut pins = requirements.lines().filter_map(|line| Some((line, line.split_once("==")?.0.trim())));
                let (line, name) = pins.next()?;
                Some(vec![("requirements.txt".to_owned(), requirements.replacen(line, name, 1))])
            }
        }
    }

    fn usual_place(self) -> (String, String) {
        let (before, after) = match self {
            Language::Rust => ("tests/", ".rs"),
            Language::Python => ("test_", ".py"),
            Language::Node => ("test/", ".test.js"),
        };
        (before.to_owned(), after.to_owned())
    }
}

/// What stands before and behind the name of a test in the path of one that is there already.
fn tests_of(root: &Path, language: Language) -> Result<Option<(String, String)>, LabError> {
    let mut files = versioned_files(root)?.into_iter().map(|path| path.display().to_string());
    Ok(match language {
        Language::Rust => None,
        Language::Python => files.find_map(|path| {
            let (folder, name) = split(&path);
            let matches = name.starts_with("test_") && name.ends_with(".py");
            matches.then(|| (format!("{folder}test_"), ".py".to_owned()))
        }),
        Language::Node => files.find_map(|path| {
            let (folder, name) = split(&path);
            let ends = [".test.js", ".test.mjs", ".test.cjs"].into_iter().find(|end| name.ends_with(end))?;
            (!path.contains("node_modules/")).then(|| (folder.to_owned(), ends.to_owned()))
        }),
    })
}

fn split(path: &str) -> (&str, &str) {
    path.rfind('/').map_or(("", path), |slash| path.split_at(slash + 1))
}

fn is_module(checkout: &Checkout) -> bool {
    let package = read(checkout, "package.json").unwrap_or_default();
    serde_json::from_str::<serde_json::Value>(&package).is_ok_and(|package| package["type"] == "module")
}

fn read(checkout: &Checkout, name: &str) -> Option<String> {
    std::fs::read_to_string(checkout.own_file(name)?).ok()
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// Says that the grader knows no way to make a mistake in this language.
pub fn no_adapter() -> Missing {
    Missing {
        what: text(
            "a language in which the grader can write a test: it knows Rust, Python, and Node with its own test runner",
            "채점기가 테스트를 써 넣을 수 있는 언어: Rust, Python, 그리고 자체 테스트 실행기를 쓰는 Node만 알고 있습니다",
        ),
        fix: text(
            "commit a failing test to a clone, run the pipeline there, and look at its exit code and at the store",
            "clone 한 저장소에 실패하는 테스트를 커밋하고 파이프라인을 실행한 뒤, 종료 코드와 릴리즈 보관소를 직접 확인하십시오",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout(files: &[(&str, &str)]) -> (tempfile::TempDir, Checkout) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        crate::git::git(&root, &["init", "--quiet"]).unwrap();
        for (name, content) in files {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        (folder, Checkout { repository: root.clone(), root: root.clone(), tree: root })
    }

    #[test]
    fn a_test_lies_beside_those_that_are_there() {
        let (_folder, clone) = checkout(&[("tests/unit/test_screen.py", ""), ("web/a.test.mjs", "")]);
        let path = |language: Language| language.test(&clone, "word", true).unwrap().0;
        assert_eq!(path(Language::Python), "tests/unit/test_word.py");
        assert_eq!(path(Language::Node), "web/word.test.mjs");
        assert_eq!(path(Language::Rust), "tests/word.rs");
        let (_folder, clone) = checkout(&[("web.py", "")]);
        assert_eq!(Language::Python.test(&clone, "word", true).unwrap().0, "test_word.py");
    }

    #[test]
    fn a_node_test_is_written_in_the_form_of_its_modules() {
        let (_folder, clone) = checkout(&[("package.json", "{\"type\": \"module\"}")]);
        assert!(Language::Node.test(&clone, "word", true).unwrap().1.starts_with("import assert"));
        let (_folder, clone) = checkout(&[]);
        assert!(Language::Node.test(&clone, "word", true).unwrap().1.contains("require(\"node:test\")"));
    }

    #[test]
    fn a_dependency_is_declared_and_the_lock_file_stays() {
        let (_folder, clone) = checkout(&[
            ("Cargo.toml", "[package]\nname = \"a\"\n\n[dependencies]\nserde = \"1\"\n"),
            ("requirements.txt", "# locked\nflask==3.1.0\npsycopg==3.2.1\n"),
            ("package.json", "{\"dependencies\": {\"pg\": \"8\"}}"),
            ("package-lock.json", "{}"),
        ]);
        let rust = Language::Rust.unlocked(&clone, "word").unwrap();
        let manifest: toml::Table = rust[0].1.parse().unwrap();
        assert_eq!(manifest["dependencies"].as_table().unwrap().len(), 2);
        assert_eq!(Language::Python.unlocked(&clone, "word").unwrap()[0].1, "# locked\nflask\npsycopg==3.2.1\n");
        let node = Language::Node.unlocked(&clone, "word").unwrap();
        assert!(node[0].1.contains("file:./word") && node[0].1.contains("\"pg\""));
        let (_folder, nothing) = checkout(&[]);
        assert!(Language::Node.unlocked(&nothing, "word").is_none());
    }
}
