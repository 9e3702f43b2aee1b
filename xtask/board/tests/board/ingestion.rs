//! Reports come once, twice, late, in any order and in any shape, and the board knows the same in the end.

use serde_json::{Value, json};

use crate::Scenario;
use crate::client::ask;
use crate::database::Database;
use crate::world::{Board, hand, id, run};

pub const ALL: &[Scenario] = &[
    ("duplicates_and_any_order_end_in_the_same_state", any_order),
    ("what_is_acknowledged_is_known_the_second_time", second_time),
    ("a_number_that_is_used_twice_is_told", used_twice),
    ("one_unreadable_event_holds_up_no_other", unreadable),
    ("bodies_that_are_too_large_or_no_batch_are_refused", malformed),
    ("a_newer_format_is_told_apart", newer),
    ("clocks_may_differ_by_years", clocks),
    ("a_client_that_never_stops_is_slowed_down", slowed),
];

fn story() -> Vec<Value> {
    vec![
        run(1, 3, Some(("a-check", "hung"))),
        hand(2, true),
        run(3, 3, Some(("a-check", "late"))),
        run(4, 9, Some(("b-check", "lost"))),
        hand(5, false),
        json!({ "id": id(), "seq": 6, "at": 6000, "kind": "solution", "factor": 3, "skipped": true }),
        run(7, 3, None),
        run(8, 9, Some(("c-check", "lost"))),
        hand(9, true),
    ]
}

fn any_order(database: &Database) {
    let board = Board::start(database);
    let expected = board.join("first");
    for event in story() {
        assert_eq!(board.report(&expected, &[event]).status, 201);
    }
    let known = |nickname: &str| {
        let lines = board.table();
        let lines = lines.lines().filter(|line| line.contains(&format!("\"{nickname}\"")));
        lines.map(|line| line.split_once(',').unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    let since = |nickname: &str| {
        let room = board.instructor().page("/room");
        room.contains(&format!(">{nickname}</a> <span aria-hidden=\"true\">✋"))
    };
    crate::world::until(|| known("first").len() == 2 && since("first"));
    for shuffle in 1..=6 {
        let nickname = format!("shuffled-{shuffle}");
        let attendee = board.join(&nickname);
        let mut events: Vec<Value> = [story(), vec![]].concat();
        events = [events.clone(), events.clone(), events].concat();
        // A different order each time, with every event three times.
        events.sort_by_key(|event| (event["seq"].as_u64().unwrap() * 7919 * shuffle + shuffle * 31) % 17);
        for batch in events.chunks(4) {
            assert!([200, 201].contains(&board.report(&attendee, batch).status));
        }
        crate::world::until(|| known(&nickname) == known("first") && since(&nickname));
    }
    assert_eq!(database.events().len(), 7 * 9);
}

fn second_time(database: &Database) {
    let board = Board::start(database);
    let attendee = board.join("Ann");
    let events = [run(1, 3, None), run(2, 9, None)];
    let first = board.report(&attendee, &events);
    assert_eq!(first.status, 201);
    assert_eq!(first.json()["stored"], 2);
    for _ in 0..3 {
        let again = board.report(&attendee, &events);
        assert_eq!(again.status, 200);
        let said = again.json();
        assert_eq!((&said["stored"], &said["known"]), (&json!(0), &json!(2)));
    }
    assert_eq!(database.events().len(), 2);
}

fn used_twice(database: &Database) {
    let board = Board::start(database);
    let attendee = board.join("Ann");
    assert_eq!(board.report(&attendee, &[run(1, 3, None)]).status, 201);
    let other = run(1, 9, None);
    let said = board.report(&attendee, std::slice::from_ref(&other)).json();
    assert_eq!(said["refused"][0]["id"], other["id"]);
    assert_eq!(database.events().len(), 1);
}

fn unreadable(database: &Database) {
    let board = Board::start(database);
    let attendee = board.join("Ann");
    let mut strange = run(2, 3, None);
    strange["kind"] = json!("dance");
    let mut shouting = run(3, 3, Some(("LOUD <b>", "hung")));
    shouting["seq"] = json!(3);
    let answer = board.report(&attendee, &[run(1, 3, None), strange, shouting, json!(7), run(4, 9, None)]);
    assert_eq!(answer.status, 201);
    let said = answer.json();
    assert_eq!((&said["stored"], said["refused"].as_array().unwrap().len()), (&json!(2), 3));
    assert_eq!(database.events().len(), 2);
}

fn malformed(database: &Database) {
    let board = Board::start(database);
    let attendee = board.join("Ann");
    let bearer = format!("Bearer {}", attendee.token);
    let post =
        |body: &[u8]| ask(board.port, "POST", "/api/v1/events", &[("Authorization", &bearer)], body).unwrap().status;
    for body in [
        &b""[..],
        b"{",
        b"[]",
        b"{\"format_version\":1}",
        b"\xff\xfe",
        b"{\"format_version\":1,\"now\":1,\"events\":{}}",
    ] {
        assert_eq!(post(body), 400, "{body:?}");
    }
    assert_eq!(post(&vec![b' '; 65 * 1024]), 413);
    let many: Vec<Value> = (1..=101).map(|seq| hand(seq, true)).collect();
    assert_eq!(board.report(&attendee, &many).status, 413);
    assert_eq!(board.report(&attendee, &many[..100]).status, 201);
}

fn newer(database: &Database) {
    let board = Board::start(database);
    let attendee = board.join("Ann");
    let body = json!({ "format_version": 2, "now": 1, "events": [] });
    let answer = board.api("POST", "/api/v1/events", &attendee.token, &body);
    assert_eq!((answer.status, answer.json()["error"].clone()), (400, json!("newer")));
}

fn clocks(database: &Database) {
    let board = Board::start(database);
    let here = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    // A machine that lives in 1970, one that lives in 2100, and one whose clock was set back between the event and now.
    let cases = [
        ("past", 600_000_i64, 0_i64, 600_000_i64),
        ("future", 4_102_444_800_000, 4_102_444_200_000, 600_000_i64),
        ("turned", 5, 900_000, 0),
    ];
    for (name, now, at, ago) in cases {
        let attendee = board.join(name);
        let mut event = run(1, 3, Some(("a-check", "hung")));
        event["at"] = json!(at);
        let before = here();
        let body = json!({ "format_version": 1, "now": now, "events": [event] });
        assert_eq!(board.api("POST", "/api/v1/events", &attendee.token, &body).status, 201);
        let after = here();
        let since: i64 =
            database.rows("SELECT CAST(since AS TEXT) FROM standings ORDER BY revision DESC")[0].parse().unwrap();
        assert!((before - ago..=after - ago).contains(&since), "{name}: {since}");
    }
}

fn slowed(database: &Database) {
    let board = Board::start(database);
    let (eager, calm) = (board.join("eager"), board.join("calm"));
    let mut seq = 0;
    let refused = loop {
        seq += 1;
        assert!(seq < 2000, "nothing slows it down");
        let answer = board.report(&eager, &[hand(seq, true)]);
        if answer.status == 429 {
            break answer;
        }
    };
    assert!(refused.header("retry-after").is_some());
    assert_eq!(board.report(&calm, &[hand(1, true)]).status, 201, "nobody else is slowed down");
}
