//! Both books as they are, and a small one on which every directive is used.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use book::html::escaped;
use book::lint;
use book::project::{Finding, Project};
use tempfile::TempDir;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn lines(found: &[Finding]) -> String {
    found.iter().map(|finding| format!("{finding}\n")).collect()
}

/// What `cargo xtask book --test` says first, as a test.
#[test]
fn the_books_keep_their_rules() {
    let project = Project { root: workspace() };
    let out = tempfile::tempdir().unwrap();
    let mut found = lint::sources(&project).unwrap();
    book::build::books(&project, out.path()).unwrap();
    found.extend(lint::rendered(out.path()).unwrap());
    assert!(found.is_empty(), "`cargo xtask book --test` finds:\n{}", lines(&found));
}

const EN: &str = r#"<!-- minutes: read 10, work 25 -->

# A page {#page}

> [!NOTE]
> A note, and [a link](other.md#other).

{{#check factor-3}}

{{#checks factor-3}}

{{#mistakes factor-3}}

```rust
{{#include ../../solutions/factor-03-config/src/main.rs}}
```

{{#quiz a-quiz}}
Which **one**?

- [ ] This `one`.
  No.
- [x] That one.
  Yes.
{{/quiz}}
"#;

const OTHER: &str = "# Other {#other}\n\n{{#tracks}}\n";

/// A book of two pages in the real theme, with the real exercises beside it.
struct Small {
    folder: TempDir,
}

impl Small {
    fn new() -> Self {
        let small = Self { folder: tempfile::tempdir().unwrap() };
        let root = workspace();
        for name in ["exercises", "solutions", "CONTRIBUTING.md"] {
            std::os::unix::fs::symlink(root.join(name), small.folder.path().join(name)).unwrap();
        }
        copy(&root.join("book/theme"), &small.folder.path().join("book/theme"));
        fs::copy(root.join("book/book.toml"), small.folder.path().join("book/book.toml")).unwrap();
        small.write("allowed-terms.txt", "");
        let track = "[[track]]\nid = \"a\"\nen = \"One hour\"\nko = \"한 시간\"\nminutes = 60\npages = [\"index\", \"other\"]\n";
        small.write("tracks.toml", track);
        for lang in ["en", "ko"] {
            small.write(&format!("{lang}/SUMMARY.md"), "# Summary\n\n[A page](index.md)\n\n- [Other](other.md)\n");
            small.write(&format!("{lang}/index.md"), EN);
            small.write(&format!("{lang}/other.md"), OTHER);
        }
        for page in ["index", "other"] {
            book::accept::Wish::read(&small.project(), page).unwrap().accept(&small.project()).unwrap();
        }
        small
    }

    fn project(&self) -> Project {
        Project { root: self.folder.path().to_owned() }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join("book").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Builds and returns where.
    fn built(&self) -> PathBuf {
        let out = self.folder.path().join("built");
        book::build::books(&self.project(), &out).unwrap();
        out
    }

    fn findings(&self) -> String {
        lines(&lint::sources(&self.project()).unwrap())
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &to) } else { fs::copy(&path, &to).map(drop).unwrap() }
    }
}

#[test]
fn every_directive_becomes_html_in_the_readers_language() {
    let small = Small::new();
    assert_eq!(small.findings(), "");
    let out = small.built();
    assert_eq!(lines(&lint::rendered(&out).unwrap()), "");
    let page = |path: &str| fs::read_to_string(out.join(path)).unwrap();
    let (en, ko) = (page("en/index.html"), page("ko/index.html"));
    let fact = &grader::factors::find("factor-3").unwrap().checks()[0].fact;
    for (html, words) in [
        (&en, ["Estimated time: 10 min to read, 25 min", "Check my answer", "</svg>Note</p>", fact.en, "한국어</a>"]),
        (&ko, ["예상 시간: 읽기 10분, 실습 25분", "정답 확인", "</svg>알아두기</p>", fact.ko, "English</a>"]),
    ] {
        for part in words.map(escaped).iter().chain(&["data-check=\"factor-3\"".to_owned(), "fn main()".to_owned()]) {
            assert!(html.contains(part) || html.contains(&part.replace("&lt;", "<").replace("&gt;", ">")), "{part}");
        }
        assert!(!html.contains("data-diff") && html.contains("language-diff"));
        for theme in ["rust", "coal", "ayu"] {
            assert!(!html.contains(&format!("mdbook-theme-{theme}\"")), "{theme}");
        }
    }
    assert!(!ko.contains("Toggle") && !ko.contains("Keyboard") && !page("ko/book.js").contains("'Copied!'"));
    assert!(page("ko/other.html").contains("35분") && page("en/other.html").contains("35 min"));
    let index = page("en/searchindex.js");
    assert!(index.contains("Which one?") && !index.contains("--- a/src"), "diffs are no search results");
}

#[test]
fn what_authors_forget_is_found_with_its_place() {
    let small = Small::new();
    for (page, change, expected) in [
        ("en/index.md", ("src/main.rs", "src/mian.rs"), "en/index.md:15: cannot read"),
        ("en/index.md", ("main.rs}}", "main.rs:nowhere}}"), "no `ANCHOR: nowhere`"),
        ("ko/index.md", ("factor-3}}", "factor-16}}"), "ko/index.md:8: knows no factor `factor-16`"),
        ("ko/index.md", ("{{#checks factor-3}}", "{{#chekcs factor-3}}"), "knows no directive `chekcs`"),
        ("ko/index.md", ("{#page}", ""), "has no id"),
        ("ko/index.md", ("Which **one**?", "체크합니다"), "says `체크`; the term list says 검사"),
        ("ko/index.md", ("Which", "Whose"), "ko/index.md#page: changed in Korean"),
        ("en/index.md", ("Which", "Whose"), "en/index.md#page: changed in English"),
        ("en/index.md", ("work 25", "work 255"), "track `a` takes 265 min, but has 60"),
    ] {
        small.write(page, &EN.replacen(change.0, change.1, 1));
        let found = small.findings();
        assert!(found.contains(expected), "{change:?}: {found}");
        small.write(page, EN);
    }
    assert_eq!(small.findings(), "");
}

#[test]
fn a_page_in_one_language_or_in_no_summary_is_found() {
    let small = Small::new();
    small.write("en/lonely.md", "# Lonely {#lonely}\n");
    assert!(small.findings().contains("en/lonely.md: stands in no SUMMARY.md"));
    small.write("ko/SUMMARY.md", "# Summary\n\n[A page](index.md)\n");
    assert!(small.findings().contains("names other pages"));
}

#[test]
fn links_to_nowhere_are_found_in_the_built_book() {
    let small = Small::new();
    small.write("ko/index.md", &EN.replace("other.md#other", "other.md#gone"));
    let found = lines(&lint::rendered(&small.built()).unwrap());
    assert!(found.contains("ko/index.html: links other.html#gone, which has no such id"), "{found}");
}

#[test]
fn an_old_book_stays_when_the_new_one_cannot_be_built() {
    let small = Small::new();
    let out = small.built();
    small.write("ko/index.md", "# {{#\n\n{{#nothing}}\n");
    assert!(book::build::books(&small.project(), &out).is_err());
    assert!(fs::read_to_string(out.join("ko/index.html")).unwrap().contains("예상 시간"));
    let left: Vec<_> = fs::read_dir(small.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("new-")), "{left:?}");
}
