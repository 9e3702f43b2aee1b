//! Several boards on one PostgreSQL, and a PostgreSQL that goes and comes.

use std::collections::BTreeSet;

use crate::Scenario;
use crate::database::Database;
use crate::world::{Board, run, until};

pub const ALL: &[Scenario] = &[
    ("two_replicas_show_the_same_room", two),
    ("a_restart_of_postgresql_loses_nothing_and_needs_nobody", restarted),
    ("without_its_tables_a_board_says_what_to_do", unmigrated),
];

fn two(database: &Database) {
    let one = Board::start(database);
    let other = Board::again(database);
    let ann = one.join("Ann");
    let mut stream = {
        let instructor = other.instructor();
        instructor.get("/stream/room")
    };
    stream.event_with(|event| event.contains("Ann"));
    // The same events at both at once: each is stored once.
    let events: Vec<_> = (1..=30).map(|seq| run(seq, 3, Some(("a-check", "hung")))).collect();
    std::thread::scope(|scope| {
        for board in [&one, &other] {
            let (events, ann) = (&events, &ann);
            scope.spawn(move || {
                for event in events {
                    assert!([200, 201].contains(&board.report(ann, std::slice::from_ref(event)).status));
                }
            });
        }
    });
    stream.event_with(|event| event.contains("a-check"));
    assert_eq!(database.events().len(), 30);
    assert_eq!(one.metric("board_events_stored_total") + other.metric("board_events_stored_total"), 30);
    until(|| one.table() == other.table() && one.table().contains("\"30\""));
    // A room that is forgotten at one is forgotten at the other.
    one.instructor().press("/forget", "really=yes");
    until(|| !other.table().contains("Ann"));
    assert_eq!(other.report(&ann, &[run(31, 3, None)]).status, 401);
}

fn restarted(_: &Database) {
    // A server of its own: others must not be disturbed.
    let server = std::sync::Arc::new(crate::postgres::Postgres::start().unwrap());
    let database = &Database::postgres(&server);
    let board = Board::start(database);
    let ann = board.join("Ann");
    let mut acknowledged = BTreeSet::new();
    let mut report = |seq: i64| {
        let event = run(seq, 3, None);
        let status = board.report(&ann, std::slice::from_ref(&event)).status;
        if status == 201 {
            acknowledged.insert(event["id"].as_str().unwrap().to_owned());
        }
        status
    };
    assert_eq!(report(1), 201);
    server.stop();
    assert_eq!(report(2), 503, "nothing is acknowledged that is not on a disk");
    let ready = |board: &Board| crate::client::ask(board.port, "GET", "/readyz", &[], &[]).unwrap().status;
    let alive = |board: &Board| crate::client::ask(board.port, "GET", "/healthz", &[], &[]).unwrap().status;
    assert_eq!((ready(&board), alive(&board)), (503, 200), "a restart of the board would not help");
    server.go();
    let mut seq = 2;
    loop {
        seq += 1;
        if report(seq) == 201 {
            break;
        }
        assert!(seq < 30, "it does not come back");
    }
    until(|| ready(&board) == 200 && board.table().contains("\"2\""));
    let stored: BTreeSet<String> = database.events().into_iter().collect();
    assert!(acknowledged.is_subset(&stored));
}

fn unmigrated(database: &Database) {
    let output = Board::command(database, &["serve", "--port", "0"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("workshop-board migrate"), "{said}");
}
