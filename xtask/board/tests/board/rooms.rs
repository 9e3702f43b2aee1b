//! What an instructor does with a room: hands, announcements, pace, the report.

use serde_json::{Value, json};

use crate::Scenario;
use crate::database::Database;
use crate::world::{Board, hand, run, until};

pub const ALL: &[Scenario] = &[
    ("hands_go_up_in_order_and_down_by_either_side", hands),
    ("announcements_and_solutions_reach_attendees", announcements),
    ("the_pace_is_kept_over_a_restart", pace),
    ("the_report_is_complete_without_a_server", report),
    ("a_board_that_comes_back_knows_everything", restart),
];

fn hands(database: &Database) {
    let board = Board::start(database);
    let (ann, bob) = (board.join("Ann"), board.join("Bob"));
    let instructor = board.instructor();
    let up = || {
        let page = instructor.page("/room");
        let (_, hands) = page.split_once("id=\"hands\"").unwrap();
        let (hands, _) = hands.split_once("</ol>").unwrap();
        ["Ann", "Bob"].into_iter().filter(|name| hands.contains(&format!("{name}</a>"))).collect::<Vec<_>>()
    };
    let mut late = hand(1, true);
    late["at"] = json!(0);
    assert_eq!(board.report(&ann, &[hand(999, true)]).status, 201);
    assert_eq!(board.report(&bob, &[late]).status, 201);
    until(|| up().len() == 2);
    let page = instructor.page("/room");
    let (_, hands) = page.split_once("id=\"hands\"").unwrap();
    assert!(hands.find("Bob</a>") < hands.find("Ann</a>"), "whoever waited longest comes first");
    instructor.press(&format!("/attendees/{}/hand", ann.id), "");
    until(|| up() == ["Bob"]);
    assert_eq!(board.report(&bob, &[hand(2, false)]).status, 201);
    until(|| up().is_empty());
    let browser = board.browser(&ann);
    browser.press("/me/hand", "up=yes");
    until(|| up() == ["Ann"] && browser.page("/me").contains("Your hand is up"));
    browser.press("/me/hand", "up=no");
    until(|| up().is_empty());
}

fn announcements(database: &Database) {
    let board = Board::start(database);
    let ann = board.join("Ann");
    let instructor = board.instructor();
    instructor.press("/announcements", "words=Lunch+at+noon");
    instructor.press("/solutions", "factor=3");
    let news = || board.api("GET", "/api/v1/news", &ann.token, &Value::Null).json()["announcements"].clone();
    until(|| news().as_array().unwrap().len() == 2);
    assert_eq!(news()[0]["words"], "Lunch at noon");
    assert_eq!(news()[1]["factor"], 3);
    let said = board.report(&ann, &[run(1, 3, None)]).json();
    assert_eq!(said["announcements"], news(), "a report is answered with the news");
    assert!(board.browser(&ann).page("/me").contains("cargo xtask solution factor-3"));
    for body in ["words=", "words=%20%20", "factor=16"] {
        let path = if body.starts_with("factor") { "/solutions" } else { "/announcements" };
        assert_eq!(board.form(path, &instructor.cookie, body).status, 400, "{body}");
    }
}

fn pace(database: &Database) {
    let board = Board::start(database);
    let instructor = board.instructor();
    // Each step is made from the one that is shown.
    for (step, shown) in [("begin:three-hours", "step 1 of 6"), ("next", "step 2 of 6"), ("next", "step 3 of 6")] {
        instructor.press("/pace", &format!("do={step}"));
        until(|| instructor.page("/projector").contains(shown));
    }
    instructor.press("/pace", "do=longer");
    assert!(instructor.page("/projector").contains("<strong>3. Config</strong>"));
    drop(board);
    let board = Board::again(database);
    let page = board.instructor().page("/projector");
    assert!(page.contains("step 3 of 6"), "{page}");
    board.instructor().press("/pace", "do=stop");
    until(|| !board.instructor().page("/projector").contains("step 3 of 6"));
}

fn report(database: &Database) {
    let board = Board::start(database);
    let ann = board.join("Ann, \"the\" first");
    assert_eq!(board.report(&ann, &[run(1, 3, Some(("a-check", "hung"))), run(2, 3, None)]).status, 201);
    until(|| board.table().contains("factor-3"));
    let table = board.table();
    drop(board);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day");
    assert!(Board::command(database, &["report", path.to_str().unwrap()]).status().unwrap().success());
    assert_eq!(std::fs::read_to_string(path.join("report.csv")).unwrap(), table);
    assert!(table.contains("\"Ann, \"\"the\"\" first\",\"factor-3\",\"passed\",\"true\",\"2\""), "{table}");
    let page = std::fs::read_to_string(path.join("report.html")).unwrap();
    assert!(page.contains("factor-3/a-check (hung)") && page.contains("2 runs"), "{page}");
}

fn restart(database: &Database) {
    let mut board = Board::start(database);
    let ann = board.join("Ann");
    assert_eq!(board.report(&ann, &[run(1, 3, Some(("a-check", "hung"))), hand(2, true)]).status, 201);
    until(|| board.table().contains("factor-3"));
    let (code, table) = (board.code(), board.table());
    board.signal(rustix::process::Signal::TERM);
    let ended = board.ended();
    assert!(ended.success(), "{ended}");
    let board = Board::again(database);
    assert_eq!((board.code(), board.table()), (code, table));
    assert_eq!(board.report(&ann, &[run(3, 3, None)]).status, 201, "a token outlives the board");
}
