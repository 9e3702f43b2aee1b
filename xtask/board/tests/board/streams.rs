//! Pages follow the room: at once, all that changed, and nothing that others should not see.

use std::io::Write;
use std::net::TcpStream;

use crate::Scenario;
use crate::database::Database;
use crate::world::{Board, hand, run, until};

pub const ALL: &[Scenario] = &[
    ("a_verdict_reaches_the_screen", verdict),
    ("a_page_that_comes_back_gets_the_whole_picture", whole),
    ("an_attendee_gets_numbers_and_its_own_row", aggregate),
    ("readers_that_never_read_harm_nobody", stalled),
    ("a_thousand_attendees_are_all_there", thousand),
];

fn verdict(database: &Database) {
    let board = Board::start(database);
    let ann = board.join("Ann");
    let instructor = board.instructor();
    let mut stream = instructor.get("/stream/room");
    stream.event_with(|event| event.contains("Ann"));
    assert_eq!(board.report(&ann, &[run(1, 3, Some(("a-check", "hung")))]).status, 201);
    let event = stream.event_with(|event| event.contains("a-check"));
    // Only what changed: the row and what the room fails with.
    let parts: Vec<&str> = event["put"].as_array().unwrap().iter().map(|part| part[0].as_str().unwrap()).collect();
    assert!(parts.iter().all(|part| ["groups", &format!("a-{}", ann.id)].contains(part)), "{parts:?}");
    board.api("DELETE", "/api/v1/me", &ann.token, &serde_json::Value::Null);
    let event = stream.event_with(|event| event.contains("gone\":[\"a-"));
    assert_eq!(event["gone"][0], format!("a-{}", ann.id));
}

fn whole(database: &Database) {
    let board = Board::start(database);
    let ann = board.join("Ann");
    let instructor = board.instructor();
    drop(instructor.get("/stream/room"));
    assert_eq!(board.report(&ann, &[hand(1, true)]).status, 201);
    until(|| instructor.get("/stream/room").next_event().unwrap().to_string().contains("1 hand up"));
    let first = instructor.get("/stream/room").next_event().unwrap();
    assert!(first["put"].as_array().unwrap().len() >= 5, "{first}");
}

fn aggregate(database: &Database) {
    let board = Board::start(database);
    let (ann, bob) = (board.join("Ann"), board.join("Bob"));
    let browser = board.browser(&bob);
    let mut stream = browser.get("/stream/me");
    stream.event_with(|event| event.contains("0 of 2 passed"));
    assert_eq!(board.report(&ann, &[run(1, 3, None)]).status, 201);
    let event = stream.event_with(|event| event.contains("1 of 2 passed"));
    let (text, parts) = (event.to_string(), event["put"].as_array().unwrap().len());
    assert_eq!((parts, text.contains("Ann")), (1, false), "{text}");
    // A whole room's wireless network carries this: 300 bytes, or nearly.
    assert!(text.len() < 400, "{} bytes: {text}", text.len());
}

fn stalled(database: &Database) {
    let board = Board::start(database);
    let people: Vec<_> = (0..40).map(|n| board.join(&format!("somebody-{n}"))).collect();
    let cookie = board.instructor().cookie;
    let before = board.memory();
    let asleep: Vec<TcpStream> = (0..300)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", board.port)).unwrap();
            let request = format!("GET /stream/room HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n");
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    until(|| board.metric("board_watching") == 300);
    for seq in 1..=20 {
        for attendee in &people {
            let failed = Some(("a-check-with-a-rather-long-name", if seq % 2 == 0 { "hung" } else { "late" }));
            assert_eq!(board.report(attendee, &[run(seq, 3, failed)]).status, 201);
        }
    }
    let instructor = board.instructor();
    let mut awake = instructor.get("/stream/room");
    awake.event_with(|event| event.contains("somebody-39"));
    let grown = board.memory().saturating_sub(before);
    assert!(grown < 128, "{grown} MiB for readers that never read");
    drop(asleep);
    until(|| board.metric("board_watching") <= 1);
}

fn thousand(database: &Database) {
    let board = Board::start(database);
    let code = board.code();
    let join = |n: usize| loop {
        let answer = board.join_with(&code, &format!("p{n}"), &crate::world::device(&format!("p{n}")));
        match answer.status {
            201 => break answer.json()["token"].as_str().unwrap().to_owned(),
            // A flood at the door is asked to come again.
            429 | 503 => std::thread::yield_now(),
            other => panic!("{other}"),
        }
    };
    std::thread::scope(|scope| {
        for part in 0..8 {
            let (join, board) = (&join, &board);
            scope.spawn(move || {
                for n in (part..1000).step_by(8) {
                    let token = join(n);
                    let body = serde_json::json!({ "format_version": 1, "now": 5000, "events": [run(1, 3, None)] });
                    assert_eq!(board.api("POST", "/api/v1/events", &token, &body).status, 201);
                }
            });
        }
    });
    until(|| board.table().matches("factor-3").count() == 1000);
    let first = board.instructor().get("/stream/room").next_event().unwrap();
    let rows = first["put"].as_array().unwrap().iter().filter(|part| part[1] == "rows").count();
    assert_eq!(rows, 1000);
}
