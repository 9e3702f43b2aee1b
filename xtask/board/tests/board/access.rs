//! Who may do what: codes, tokens, secrets, and other people's rows.

use serde_json::{Value, json};

use crate::Scenario;
use crate::client::ask;
use crate::database::Database;
use crate::world::{Board, SECRET, device, run, until};

pub const ALL: &[Scenario] = &[
    ("joining_twice_is_joining_once", twice),
    ("two_of_one_name_are_told_apart", namesakes),
    ("a_wrong_an_old_and_no_code_open_nothing", codes),
    ("guessing_codes_is_stopped", guessing),
    ("a_closed_door_and_a_full_room_let_in_nobody_new", closed),
    ("forged_and_foreign_tokens_write_nothing", forged),
    ("nobody_but_the_instructor_sees_the_room", others),
    ("the_secret_cannot_be_guessed", secret),
    ("another_site_presses_no_button", another_site),
    ("leaving_deletes_everything_about_oneself_alone", leaving),
    ("the_instructor_removes_one_and_forgets_all", forgetting),
];

fn twice(database: &Database) {
    let board = Board::start(database);
    let code = board.code();
    let first = board.join_with(&code, "Ann", &device("d")).json();
    board.instructor().press("/door", "do=lock");
    let second = board.join_with(&code, "Bob", &device("d")).json();
    assert_eq!(first, second);
    assert_eq!(database.rows("SELECT nickname FROM attendees"), ["Ann"]);
}

fn namesakes(database: &Database) {
    let board = Board::start(database);
    let code = board.code();
    let names = ["a", "b", "c"].map(|d| board.join_with(&code, "민수", &device(d)).json()["nickname"].clone());
    assert_eq!(names, [json!("민수"), json!("민수 2"), json!("민수 3")]);
}

fn codes(database: &Database) {
    let board = Board::start(database);
    let old = board.code();
    assert_eq!(board.join_with(&old.to_lowercase(), "Ann", &device("a")).status, 201, "small letters will do");
    board.instructor().press("/door", "do=code");
    until(|| board.code() != old);
    for code in [old.as_str(), "", "000000", "' OR 1=1 --"] {
        let answer = board.join_with(code, "Bob", &device("b"));
        assert_eq!((answer.status, answer.json()["error"].clone()), (403, json!("wrong-code")), "{code}");
    }
    let page = ask(board.port, "GET", &format!("/join/{old}"), &[], &[]).unwrap();
    assert_eq!(page.status, 403);
    for nickname in ["", "\u{202e}", "!!!"] {
        assert_eq!(board.join_with(&board.code(), nickname, &device("n")).status, 400, "{nickname:?}");
    }
    assert_eq!(board.join_with(&board.code(), "Bob", "short").status, 400);
}

fn guessing(database: &Database) {
    let board = Board::start(database);
    let code = board.code();
    let tried = (0..2000).position(|n| board.join_with(&format!("{n:06}"), "x", &device("x")).status == 429);
    assert!(tried.is_some_and(|tried| tried < 1000), "{tried:?}");
    // Whoever knows the code is let in as soon as the guessing ends.
    until(|| board.join_with(&code, "Ann", &device("a")).status == 201);
    assert!(board.metric("board_wrong_codes_total") >= 50);
    assert_eq!(database.rows("SELECT nickname FROM attendees"), ["Ann"]);
}

fn closed(database: &Database) {
    let board = Board::start(database);
    let (code, ann) = (board.code(), board.join("Ann"));
    board.instructor().press("/door", "do=lock");
    let answer = board.join_with(&code, "Bob", &device("b"));
    assert_eq!((answer.status, answer.json()["error"].clone()), (403, json!("locked")));
    assert_eq!(board.report(&ann, &[run(1, 3, None)]).status, 201, "whoever is in stays in");
    board.instructor().press("/door", "do=unlock");
    assert_eq!(board.join_with(&code, "Bob", &device("b")).status, 201);
    board.instructor().press("/capacity", "seats=2");
    let answer = board.join_with(&code, "Eve", &device("e"));
    assert_eq!((answer.status, answer.json()["error"].clone()), (403, json!("full")));
}

fn forged(database: &Database) {
    let board = Board::start(database);
    let (ann, bob) = (board.join("Ann"), board.join("Bob"));
    let signature = ann.token.split('.').nth(1).unwrap();
    let ticket = board.api("POST", "/api/v1/ticket", &ann.token, &Value::Null).json();
    let instructor = board.instructor().cookie;
    for token in [
        "",
        "x",
        ".",
        &bob.id,
        &format!("{}.{signature}", bob.id),
        &format!("{}.", bob.id),
        &ann.token[..ann.token.len() - 1],
        &ann.token.to_uppercase(),
        ticket["ticket"].as_str().unwrap(),
        instructor.split_once('=').unwrap().1,
    ] {
        let body = json!({ "format_version": 1, "now": 1, "events": [run(1, 3, None)] });
        assert_eq!(board.api("POST", "/api/v1/events", token, &body).status, 401, "{token}");
        assert_eq!(board.api("DELETE", "/api/v1/me", token, &Value::Null).status, 401, "{token}");
        assert_eq!(board.api("GET", "/api/v1/news", token, &Value::Null).status, 401, "{token}");
    }
    assert!(database.events().is_empty());
    // A token of ours for somebody who has left.
    board.api("DELETE", "/api/v1/me", &bob.token, &Value::Null);
    assert_eq!(board.report(&bob, &[run(1, 3, None)]).status, 401);
}

fn others(database: &Database) {
    let board = Board::start(database);
    let (ann, bob) = (board.join("Ann-the-first"), board.join("Bob"));
    let bobs = board.browser(&bob);
    let cookies = ["", &bobs.cookie, "instructor=x", &bobs.cookie.replace("attendee=", "instructor=")];
    let paths = [
        "/room",
        "/projector",
        "/report",
        "/report.csv",
        "/stream/room",
        "/stream/projector",
        &format!("/attendees/{}", ann.id),
        "/mistakes/3/a/b",
    ];
    for path in paths {
        for cookie in cookies {
            let answer = ask(board.port, "GET", path, &[("Cookie", cookie)], &[]).unwrap();
            assert_eq!((answer.status, answer.header("location")), (303, Some("/instructor")), "{path} {cookie}");
        }
    }
    for path in ["/door", "/pace", "/announcements", "/solutions", "/forget", &format!("/attendees/{}/remove", ann.id)]
    {
        let answer = board.form(path, &bobs.cookie, "do=lock&words=x&factor=3&really=yes");
        assert_eq!((answer.status, answer.header("location")), (303, Some("/instructor")), "{path}");
    }
    assert_eq!(database.rows("SELECT nickname FROM attendees").len(), 2);
    for page in [bobs.page("/me"), bobs.page("/me?lang=ko")] {
        assert!(!page.contains("Ann-the-first"), "{page}");
    }
    let mut stream = bobs.get("/stream/me");
    assert!(!stream.next_event().unwrap().to_string().contains("Ann-the-first"));
}

fn secret(database: &Database) {
    let board = Board::start(database);
    let wrong = |n: usize| board.form("/instructor", "", &format!("word=guess{n}")).status;
    let statuses: Vec<u16> = (0..200).map(wrong).collect();
    assert_eq!(statuses[0], 403);
    assert!(statuses.contains(&429), "guessing goes on for ever");
    until(|| board.form("/instructor", "", &format!("word={}", SECRET.replace(' ', "+"))).status == 303);
}

fn another_site(database: &Database) {
    let board = Board::start(database);
    let cookie = board.instructor().cookie;
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    for site in
        [("Sec-Fetch-Site", "cross-site"), ("Origin", "http://evil.example"), ("Origin", "null"), ("X-Nothing", "")]
    {
        let headers = [kind, ("Cookie", cookie.as_str()), site];
        assert_eq!(ask(board.port, "POST", "/door", &headers, b"do=lock").unwrap().status, 403, "{site:?}");
    }
    let answer = ask(board.port, "GET", "/instructor", &[], &[]).unwrap();
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
}

fn leaving(database: &Database) {
    let board = Board::start(database);
    let (ann, bob) = (board.join("Ann"), board.join("Bob"));
    for attendee in [&ann, &bob] {
        assert_eq!(board.report(attendee, &[run(1, 3, None)]).status, 201);
    }
    assert_eq!(board.api("DELETE", "/api/v1/me", &ann.token, &Value::Null).status, 204);
    for sql in ["SELECT nickname FROM attendees", "SELECT attendee FROM events", "SELECT attendee FROM standings"] {
        assert_eq!(database.rows(sql).len(), 1, "{sql}");
    }
    until(|| !board.table().contains("Ann") && board.table().contains("Bob"));
}

fn forgetting(database: &Database) {
    let board = Board::start(database);
    let (ann, bob) = (board.join("Ann"), board.join("Bob"));
    for attendee in [&ann, &bob] {
        assert_eq!(board.report(attendee, &[run(1, 3, None)]).status, 201);
    }
    let instructor = board.instructor();
    instructor.press("/announcements", "words=hello");
    instructor.press(&format!("/attendees/{}/remove", ann.id), "");
    assert_eq!(database.rows("SELECT nickname FROM attendees"), ["Bob"]);
    let code = board.code();
    instructor.press("/forget", "really=yes");
    for sql in [
        "SELECT nickname FROM attendees",
        "SELECT id FROM events",
        "SELECT attendee FROM standings",
        "SELECT words FROM announcements",
    ] {
        assert!(database.rows(sql).is_empty(), "{sql}");
    }
    until(|| board.code() != code && !board.table().contains("Bob"));
    drop(board);
    // By a command, and only with a yes.
    let board = Board::again(database);
    board.join("Eve");
    drop(board);
    assert_eq!(Board::command(database, &["forget"]).status().unwrap().code(), Some(2));
    assert_eq!(database.rows("SELECT nickname FROM attendees"), ["Eve"]);
    assert!(Board::command(database, &["forget", "--yes"]).status().unwrap().success());
    assert!(database.rows("SELECT nickname FROM attendees").is_empty());
}
