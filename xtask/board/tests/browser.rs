//! The board in a real browser, with attendees who join by the real command.
//!
//! What is tested stands in `browser/*.test.mjs`; this prepares the world in which those run. Needs what the tests of the books
//! need; without it, this is skipped, except on the build server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../server/tests/browser/tools.rs"]
mod tools;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use tools::Tools;

const SECRET: &str = "a-secret-of-these-tests";

#[test]
fn the_board_works_in_a_browser() {
    let Some(tools) = Tools::found() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let home = tempfile::tempdir().unwrap();
    tools::build(root, &[("xtask", "xtask")]);
    tools.install_packages(&root.join("xtask/server/browser"));
    let mut board = board(root, &home);
    let port = port(&mut board);
    let tests = tests(&tools, root, &home, port).status().unwrap();
    kill_process(Pid::from_raw(board.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
    let ended = board.wait().unwrap();
    assert!(tests.success(), "see above");
    assert!(ended.success(), "the board ended with {ended}");
}

fn board(root: &Path, home: &TempDir) -> Child {
    let mut board = Command::new(env!("CARGO_BIN_EXE_workshop-board"));
    board.args(["serve", "--port", "0", "--while-stdin-is-open", "--home"]).arg(home.path().join("board"));
    board.arg("--workshop").arg(root).env("BOARD_SECRET", SECRET);
    board.env_remove("DATABASE_URL").stdin(Stdio::piped()).stdout(Stdio::piped());
    board.spawn().unwrap()
}

fn tests(tools: &Tools, root: &Path, home: &TempDir, port: u16) -> Command {
    let folder = root.join("xtask/board/browser");
    let mut node = Command::new(&tools.node);
    node.current_dir(&folder).args(["--test", "--test-reporter=spec", "board.test.mjs"]);
    node.env("WORKSHOP_URL", format!("http://localhost:{port}"))
        .env("WORKSHOP_BOOKS", home.path())
        .env("WORKSHOP_CHROMIUM", &tools.chromium)
        .env("BOARD_SECRET", SECRET)
        .env("BOARD_XTASK", program("xtask"))
        .env("TMPDIR", home.path());
    node
}

/// Beside the board lie the other programs.
fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_workshop-board")).with_file_name(name)
}

/// The line that names the address.
fn port(board: &mut Child) -> u16 {
    let mut lines = BufReader::new(board.stdout.take().unwrap()).lines();
    let said = lines.by_ref().map_while(Result::ok).find(|line| line.contains("\"listening\"")).unwrap();
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    said["address"].as_str().unwrap().rsplit_once(':').unwrap().1.parse().unwrap()
}

#[track_caller]
fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
