//! The search in both built books, on a table of queries, in Node: the same script that browsers load.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use book::project::Project;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// `None` on a machine without Node; a build server must have it.
fn node(arguments: &[PathBuf]) -> Option<Output> {
    match Command::new("node").args(arguments).output() {
        Ok(output) => Some(output),
        Err(why) => {
            assert!(std::env::var("CI").is_err(), "Node is missing: {why}");
            println!("skipped: Node is missing ({why})");
            None
        }
    }
}

#[track_caller]
fn succeeds(arguments: &[PathBuf]) {
    let Some(output) = node(arguments) else { return };
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    println!("{said}");
    assert!(output.status.success(), "{said}");
}

#[test]
fn particles_are_told_from_parts_of_words() {
    succeeds(&[here("tests/search/stems.js"), here("../../book/theme/search-cjk.js")]);
}

#[test]
fn the_search_finds_what_readers_look_for() {
    let out = tempfile::tempdir().unwrap();
    book::build::books(&Project { root: here("../..").canonicalize().unwrap() }, out.path()).unwrap();
    let queries = here("tests/search-queries.tsv");
    succeeds(&[here("tests/search/measure.js"), out.path().to_owned(), here("../../book/theme/search-cjk.js"), queries]);
}
