//! `cargo xtask book` as a person calls it, with stand-ins for cargo and for the program that builds the books.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use super::workshop::{Workshop, contains};

/// Longer than any machine takes.
const HANG: Duration = Duration::from_secs(60);

/// Writes down what it was asked, and puts the builder where cargo would.
const CARGO: &str = r#"#!/bin/sh
echo "cargo $*" >> calls
mkdir -p target/debug
case "$*" in
    *workshop-book*) cp builder target/debug/workshop-book ;;
    *workshop-server*) cp server target/debug/workshop-server ;;
esac
"#;

/// Builds what a test looks for; fails where the test has left a file that says so.
const BUILDER: &str = r#"#!/bin/sh
echo "builder $1 $4" >> "$2/calls"
[ -e "$2/broken" ] && exit 2
case "$1" in
    build) mkdir -p "$3/en" "$3/ko" && cp "$2/book/en/index.md" "$3/en/index.html" && cp "$2/book/ko/index.md" "$3/ko/index.html" ;;
    changes) [ ! -e "$2/fresh" ] ;;
esac
"#;

/// Stays until the test says that its reader has pressed Ctrl-C.
const SERVER: &str = r#"#!/bin/sh
echo "server $*" >> calls
until [ -e over ]; do sleep 0.05; done
"#;

struct Books(Workshop);

impl Books {
    fn new() -> Self {
        let workshop = Workshop::new();
        for (path, words) in [("book/en/index.md", "one"), ("book/ko/index.md", "하나")] {
            workshop.write(path, words);
        }
        for (path, words) in [("cargo", CARGO), ("builder", BUILDER), ("server", SERVER)] {
            workshop.write(path, words);
            fs::set_permissions(workshop.path(path), fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self(workshop)
    }

    fn command(&self, words: &str) -> assert_cmd::Command {
        let mut xtask = self.0.xtask(&format!("book {words}"));
        xtask.env("CARGO", self.0.path("cargo")).current_dir(self.0.path(""));
        xtask
    }

    /// Waits until so many calls contain `part`.
    #[track_caller]
    fn until_called(&self, part: &str, times: usize) {
        let began = Instant::now();
        while fs::read_to_string(self.0.path("calls")).unwrap_or_default().matches(part).count() < times {
            assert!(began.elapsed() < HANG, "{part} was not called {times} times");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What is said, and what was called meanwhile.
    fn book(&self, words: &str, code: i32) -> (String, String) {
        self.0.write("calls", "");
        let output = self.command(words).assert().code(code);
        let output = output.get_output();
        let said = [output.stdout.clone(), output.stderr.clone()].concat();
        (String::from_utf8(said).unwrap(), fs::read_to_string(self.0.path("calls")).unwrap())
    }
}

#[test]
fn books_are_built_once_and_again_when_a_source_changes() {
    let books = Books::new();
    let (said, calls) = books.book("", 0);
    contains(&said, &["Compiling the program", "Both books are built", "cargo xtask book --open"]);
    contains(&calls, &["cargo build --package book --bin workshop-book", "builder build"]);

    let (said, calls) = books.book("--lang ko", 0);
    contains(&said, &["책이 최신 상태입니다"]);
    assert_eq!(calls, "", "nothing is compiled to read a book that is up to date");

    books.0.write("book/ko/index.md", "둘");
    assert!(books.book("", 0).1.contains("builder build"));
    assert_eq!(fs::read_to_string(books.0.path("target/workshop/book/ko/index.html")).unwrap(), "둘");
    assert!(books.book("--build", 0).1.contains("builder build"), "--build asks for it");
}

#[test]
fn a_book_that_cannot_be_built_is_tried_again() {
    let books = Books::new();
    books.0.write("broken", "");
    contains(&books.book("", 1).0, &["were not built"]);
    assert!(!books.0.path("target/workshop/book/source.hash").exists());
    fs::remove_file(books.0.path("broken")).unwrap();
    contains(&books.book("", 0).0, &["Both books are built"]);
}

#[test]
fn accepting_needs_a_person_or_a_yes() {
    let books = Books::new();
    let (said, calls) = books.book("--accept factor-03-config#rule", 2);
    contains(&said, &["--yes"]);
    assert!(calls.contains("builder changes") && !calls.contains("builder accept"), "{calls}");
    let (said, calls) = books.book("--accept factor-03-config#rule --yes", 0);
    contains(&said, &["Accepted: factor-03-config#rule"]);
    assert!(calls.contains("builder accept"), "{calls}");
    books.0.write("fresh", "");
    let (said, calls) = books.book("--accept factor-03-config#rule --yes", 0);
    contains(&said, &["as they were accepted"]);
    assert!(!calls.contains("builder accept"), "{calls}");
}

#[test]
fn options_that_exclude_each_other_are_refused() {
    let books = Books::new();
    contains(&books.book("--open --test", 2).0, &["exclude each other"]);
    contains(&books.book("--open --port 99999", 2).0, &["`99999` is not a port"]);
    contains(&books.book("--open --port 99999 --lang ko", 2).0, &["포트 번호가 아닙니다"]);
}

/// The reader's Ctrl-C; it comes even when the test fails, and nothing keeps running.
struct Over<'a>(&'a Workshop);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.write("over", "");
    }
}

#[test]
fn an_open_book_is_built_anew_when_a_page_is_saved() {
    let books = Books::new();
    let mut open = books.command("--open --port 8123 --lang ko");
    std::thread::scope(|scope| {
        let open = scope.spawn(move || open.assert());
        let over = Over(&books.0);
        books.until_called("server --books", 1);
        let calls = fs::read_to_string(books.0.path("calls")).unwrap();
        contains(&calls, &["builder build", "--books", "target/workshop/book", "--xtask", "--port=8123", "--lang ko"]);
        books.0.write("book/ko/index.md", "저장");
        books.until_called("builder build", 2);
        drop(over);
        open.join().unwrap().success();
    });
    assert_eq!(fs::read_to_string(books.0.path("target/workshop/book/ko/index.html")).unwrap(), "저장");
}
