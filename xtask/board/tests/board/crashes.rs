//! What is acknowledged is there, whatever happens to the board, its disk or its network.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::process::Signal;
use serde_json::json;

use crate::Scenario;
use crate::database::Database;
use crate::world::{Attendee, Board, run, until};

pub const ALL: &[Scenario] = &[
    ("kill_9_under_load_loses_nothing_that_was_acknowledged", killed),
    ("an_end_in_order_answers_what_was_accepted", ended),
];

pub const SQLITE: &[Scenario] =
    &[("a_full_disk_acknowledges_nothing_and_recovers", full_disk), ("the_secret_is_for_its_owner_alone", secret)];

/// Attendees who report without a pause, until the board is gone. What was acknowledged is written down.
fn under_load(board: &Board, people: &[Attendee], acknowledged: &Mutex<BTreeSet<String>>, end: impl FnOnce()) {
    let gone = AtomicBool::new(false);
    thread::scope(|scope| {
        for attendee in people {
            let gone = &gone;
            scope.spawn(move || {
                for seq in 1.. {
                    let event = run(seq, 3, Some(("a-check", "hung")));
                    let Ok(answer) = board.try_report(attendee, std::slice::from_ref(&event)) else { break };
                    if [200, 201].contains(&answer.status) {
                        acknowledged.lock().unwrap().insert(event["id"].as_str().unwrap().to_owned());
                    }
                    if gone.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
        end();
        gone.store(true, Ordering::Relaxed);
    });
}

fn killed(database: &Database) {
    let mut board = Board::start(database);
    let acknowledged = Mutex::new(BTreeSet::new());
    for round in 0..4 {
        let people: Vec<_> = (0..12).map(|n| board.join(&format!("p{round}-{n}"))).collect();
        let known = acknowledged.lock().unwrap().len();
        under_load(&board, &people, &acknowledged, || {
            until(|| acknowledged.lock().unwrap().len() > known + 40 + 25 * round);
            board.signal(Signal::KILL);
        });
        drop(board);
        board = Board::again(database);
        all_there(database, &acknowledged);
    }
}

fn ended(database: &Database) {
    let mut board = Board::start(database);
    let people: Vec<_> = (0..12).map(|n| board.join(&format!("p{n}"))).collect();
    let acknowledged = Mutex::new(BTreeSet::new());
    under_load(&board, &people, &acknowledged, || {
        until(|| acknowledged.lock().unwrap().len() > 100);
        board.signal(Signal::TERM);
    });
    let ended = board.ended();
    assert!(ended.success(), "{ended}");
    all_there(database, &acknowledged);
}

#[track_caller]
fn all_there(database: &Database, acknowledged: &Mutex<BTreeSet<String>>) {
    let stored: BTreeSet<String> = database.events().into_iter().collect();
    let acknowledged = acknowledged.lock().unwrap();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged events are lost", lost.len(), acknowledged.len());
}

/// The board on a file system of its own that holds almost nothing.
fn full_disk(database: &Database) {
    let disk = database.home.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    if !own_file_systems_are_allowed() {
        return;
    }
    let program = Board::command(database, &["serve", "--port", "0", "--while-stdin-is-open"]);
    let script = format!("mount -t tmpfs -o size=2m board {0} && exec \"$@\" --home {0}", disk.display());
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"]).arg(program.get_program());
    command.args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let board = Board::started(command);
    let people: Vec<_> = (0..40).map(|n| board.join(&format!("p{n}"))).collect();
    let mut acknowledged = 0;
    let mut refused = 0;
    'full: for seq in 1.. {
        for attendee in &people {
            let events: Vec<_> = (0..50).map(|n| run(seq * 50 + n, 3, Some(("a-check", "hung")))).collect();
            let answer = board.report(attendee, &events);
            match answer.status {
                201 => acknowledged += 50,
                503 => refused += 1,
                429 => {}
                other => panic!("{other}"),
            }
            if refused == 3 {
                break 'full;
            }
        }
    }
    let stored = board.metric("board_events_stored_total");
    assert_eq!(stored, acknowledged, "what was refused is not counted, and what was acknowledged is");
    assert_eq!(board.instructor().get("/room").status, 200, "what is known can still be seen");
    // Somebody leaves, which makes room again.
    let room =
        people.iter().any(|attendee| board.api("DELETE", "/api/v1/me", &attendee.token, &json!(null)).status == 204);
    if room {
        until(|| board.report(&people[39], &[run(1_000_000, 3, None)]).status == 201);
    }
}

fn own_file_systems_are_allowed() -> bool {
    let mut probe = Command::new("unshare");
    probe.args(["--user", "--map-root-user", "--mount", "true"]);
    let allowed = probe.stderr(std::process::Stdio::null()).status().is_ok_and(|status| status.success());
    assert!(allowed || std::env::var_os("CI").is_none_or(|ci| ci != "true"), "the build server allows no file systems");
    if !allowed {
        use std::io::Write;
        let mut stderr = std::io::stderr();
        writeln!(stderr, "skipped: no test on a full disk, this machine allows no file systems").unwrap();
    }
    allowed
}

fn secret(database: &Database) {
    use std::os::unix::fs::PermissionsExt;
    let mut command = Board::command(database, &["serve", "--port", "0", "--while-stdin-is-open"]);
    command.env_remove("BOARD_SECRET");
    drop(Board::started(command));
    let mode = std::fs::metadata(database.home.path().join("secret")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
