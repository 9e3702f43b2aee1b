//! An attendee's machine and a board: what is reported, what is not, and what happens while there is no board.
//!
//! The workshop's own command, in a copy of the workshop whose exercise cannot be built: a run of it ends soon.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "board/client.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod client;
#[path = "../../server/tests/browser/copy.rs"]
mod copy;
#[path = "board/database.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod database;
#[path = "board/postgres.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod postgres;
#[path = "../../server/tests/browser/tools.rs"]
#[expect(dead_code, reason = "no browser is needed here")]
mod tools;
#[path = "board/world.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod world;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

use database::Database;
use world::{Board, until};

/// A machine with a copy of the workshop.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        static BUILT: OnceLock<()> = OnceLock::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        BUILT.get_or_init(|| tools::build(root, &[("xtask", "xtask")]));
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        copy::tracked(root, &machine.path("workshop"));
        let manifest = machine.path("workshop/exercises/factor-00-set-up/app.toml");
        let words = fs::read_to_string(&manifest).unwrap();
        let broken = words.lines().map(|line| if line.starts_with("build =") { "build = [\"false\"]" } else { line });
        fs::write(&manifest, broken.collect::<Vec<_>>().join("\n")).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn xtask(&self, words: &[&str]) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_workshop-board")).with_file_name("xtask");
        let mut command = Command::new(program);
        command.args(words).args(["--lang", "en"]).current_dir(self.path("workshop"));
        command.env("CARGO_MANIFEST_DIR", self.path("workshop/xtask")).env("CARGO_TARGET_DIR", self.path("target"));
        command.env("WORKSHOP_HOME", self.path("home")).output().unwrap()
    }

    /// What it says.
    fn says(&self, words: &[&str]) -> String {
        let output = self.xtask(words);
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    fn join(&self, board: &Board, name: &str) -> Output {
        let invitation = format!("http://localhost:{}/join/{}", board.port, board.code());
        self.xtask(&["join", &invitation, "--name", name])
    }

    /// A run, which is BLOCKED.
    fn check(&self) -> Output {
        self.xtask(&["check", "factor-0"])
    }

    fn waiting(&self) -> usize {
        fs::read_to_string(self.path("home/board-waiting.jsonl")).unwrap_or_default().lines().count()
    }
}

/// Another board on the same database, at the same address.
fn again(database: &Database, port: u16) -> Board {
    let mut board = Board::command(database, &["serve", "--while-stdin-is-open", "--port", &port.to_string()]);
    board.env("BOARD_SECRET", world::SECRET);
    Board::started(board)
}

#[test]
fn a_run_is_reported_with_its_verdict_and_nothing_else() {
    let (database, machine) = (Database::sqlite(), Machine::new());
    let board = Board::start(&database);
    assert!(machine.join(&board, "Ann").status.success());
    let checked = machine.check();
    assert_eq!(checked.status.code(), Some(3), "the exercise of this test cannot be built");
    until(|| board.table().contains("\"Ann\",\"factor-0\",\"blocked\""));
    assert_eq!(machine.waiting(), 0);
    let kept = database.rows("SELECT what FROM events").join("\n");
    let folder = machine.folder.path().to_str().unwrap();
    for private in [folder, "false", "Cargo", "error:"] {
        assert!(!kept.replace("\"whole\":false", "").replace("\"core_passed\":false", "").contains(private), "{kept}");
    }
}

#[test]
fn the_token_is_for_its_owner_alone_and_leaving_deletes_everything() {
    use std::os::unix::fs::PermissionsExt;
    let (database, machine) = (Database::sqlite(), Machine::new());
    let board = Board::start(&database);
    assert!(machine.join(&board, "Ann").status.success());
    let mode = fs::metadata(machine.path("home/board.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    machine.check();
    assert_eq!(database.events().len(), 1);
    let said = machine.says(&["join", "--leave"]);
    assert!(said.contains("has deleted what it knew"), "{said}");
    assert!(database.events().is_empty() && !machine.path("home/board.json").exists());
    machine.check();
    assert_eq!((database.events().len(), machine.waiting()), (0, 0), "whoever has left reports nothing");
}

#[test]
fn without_a_board_reports_wait_and_arrive_in_their_order() {
    let (database, machine) = (Database::sqlite(), Machine::new());
    let board = Board::start(&database);
    let port = board.port;
    assert!(machine.join(&board, "Ann").status.success());
    drop(board);
    let checked = machine.check();
    assert_eq!(checked.status.code(), Some(3), "the verdict is the same without a board");
    let said = machine.says(&["hand"]);
    assert!(said.contains("Raise your real hand"), "{said}");
    machine.says(&["hand", "--down"]);
    assert_eq!((machine.waiting(), database.events().len()), (3, 0));
    let board = again(&database, port);
    let said = machine.says(&["join"]);
    assert!(said.contains("You are in the room"), "{said}");
    assert_eq!(machine.waiting(), 0);
    let kinds = database.rows("SELECT what FROM events ORDER BY seq");
    let order = ["\"graded\"", "\"raised\":true", "\"raised\":false"];
    assert!(kinds.len() == 3 && kinds.iter().zip(order).all(|(kind, expected)| kind.contains(expected)), "{kinds:?}");
    until(|| board.table().contains("blocked"));
}

#[test]
fn a_board_that_never_answers_changes_no_verdict() {
    let (database, machine) = (Database::sqlite(), Machine::new());
    let board = Board::start(&database);
    assert!(machine.join(&board, "Ann").status.success());
    // It takes connections and says nothing, like a laptop that has just gone to sleep.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let membership = machine.path("home/board.json");
    let words = fs::read_to_string(&membership).unwrap();
    let elsewhere = format!("localhost:{}", silent.local_addr().unwrap().port());
    fs::write(&membership, words.replace(&format!("localhost:{}", board.port), &elsewhere)).unwrap();
    let checked = machine.check();
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert_eq!(checked.status.code(), Some(3));
    assert!(said.contains("1 report waits to be sent"), "{said}");
    assert_eq!(machine.waiting(), 1);
}

#[test]
fn what_is_no_board_and_what_it_refuses_is_told() {
    let (database, machine) = (Database::sqlite(), Machine::new());
    let board = Board::start(&database);
    let invitation = |code: &str| format!("http://localhost:{}/join/{code}", board.port);
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (words, says) in [
        (vec!["join", "http://example.invalid"], "is no invitation"),
        (vec!["join", "https://example.invalid/join/ABC234"], "by http alone"),
        (vec!["join", &invitation("WRONG1"), "--name", "Ann"], "current one is on the projector"),
        (vec!["join", &invitation(&board.code()), "--name", "!!!"], "cannot show this nickname"),
        (vec!["join", &format!("http://localhost:{gone}/join/ABC234"), "--name", "Ann"], "cannot be reached"),
        (vec!["join", &invitation(&board.code())], "the room needs a name"),
        (vec!["join"], "has joined no room"),
        (vec!["hand"], "has joined no room"),
    ] {
        let said = machine.says(&words);
        assert!(said.contains(says), "{words:?}: {said}");
    }
    assert!(!machine.path("home/board.json").exists());
}

#[test]
fn whoever_was_removed_is_told_and_can_come_back() {
    let (database, machine) = (Database::sqlite(), Machine::new());
    let board = Board::start(&database);
    machine.join(&board, "Ann");
    board.instructor().press("/forget", "really=yes");
    let said = machine.says(&["hand"]);
    assert!(said.contains("does not know this machine any more"), "{said}");
    until(|| machine.join(&board, "Ann").status.success());
    // What had waited is told to the room that it was meant for.
    assert!(machine.says(&["join"]).contains("as Ann"));
    assert_eq!(database.events().len(), 1);
}

#[test]
fn another_room_is_not_told_what_was_meant_for_this_one() {
    let (first, second, machine) = (Database::sqlite(), Database::sqlite(), Machine::new());
    let board = Board::start(&first);
    machine.join(&board, "Ann");
    drop(board);
    machine.says(&["hand"]);
    assert_eq!(machine.waiting(), 1);
    let mut other = Board::command(&second, &["serve", "--port", "0", "--while-stdin-is-open"]);
    other.env("BOARD_SECRET", "the secret of another instructor");
    let board = Board::started(other);
    let code = second.rows("SELECT code FROM room").remove(0);
    let invitation = format!("http://localhost:{}/join/{code}", board.port);
    assert!(machine.xtask(&["join", &invitation, "--name", "Ann"]).status.success());
    machine.says(&["join"]);
    assert_eq!((machine.waiting(), second.events().len()), (0, 0));
}

#[track_caller]
fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
