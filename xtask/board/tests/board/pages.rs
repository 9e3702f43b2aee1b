//! What pages show, and what they never show.

use crate::Scenario;
use crate::database::Database;
use crate::world::{Board, hand, run, until};

pub const ALL: &[Scenario] = &[
    ("a_nickname_is_never_markup", markup),
    ("the_projector_shows_no_names", projector),
    ("a_group_leads_to_the_chapter_and_to_the_mistake", groups),
    ("both_languages_are_complete", languages),
];

const ATTACK: &str = "<img src=x onerror=1>";

fn markup(database: &Database) {
    let board = Board::start(database);
    let eve = board.join(ATTACK);
    assert_eq!(board.report(&eve, &[run(1, 3, Some(("a-check", "hung"))), hand(2, true)]).status, 201);
    let instructor = board.instructor();
    instructor.press("/announcements", "words=%3Cscript%3Ealert(1)%3C/script%3E");
    until(|| instructor.page("/projector").contains("&lt;script&gt;"));
    for path in ["/room", "/report", "/projector", &format!("/attendees/{}", eve.id)] {
        let page = instructor.page(path);
        assert!(!page.contains("<img") && !page.contains("<script>"), "{path}");
    }
    assert!(instructor.page("/room").contains("&lt;img src=x onerror=1&gt;"));
    let mut stream = instructor.get("/stream/room");
    let first = stream.next_event().unwrap().to_string();
    assert!(first.contains("&lt;img") && !first.contains("<img"));
    assert!(!board.browser(&eve).page("/me").contains("<script>alert"));
}

fn projector(database: &Database) {
    let board = Board::start(database);
    let somebody = board.join("Unmistakable");
    assert_eq!(board.report(&somebody, &[run(1, 3, Some(("a-check", "hung"))), hand(2, true)]).status, 201);
    let instructor = board.instructor();
    until(|| instructor.page("/projector").contains("factor-3/a-check (hung)"));
    assert!(!instructor.page("/projector").contains("Unmistakable"));
    let mut stream = instructor.get("/stream/projector");
    let first = stream.next_event().unwrap().to_string();
    assert!(first.contains("1 hand up") && !first.contains("Unmistakable"), "{first}");
    assert!(instructor.page("/room").contains("Unmistakable"), "the room's page would have shown it");
}

fn groups(database: &Database) {
    let board = Board::start(database);
    let check = &grader::factors::FACTORS[3].checks()[0];
    let reason = check.reasons[0];
    for name in ["a", "b", "c"] {
        let attendee = board.join(name);
        assert_eq!(board.report(&attendee, &[run(1, 3, Some((check.id, reason)))]).status, 201);
    }
    let instructor = board.instructor();
    until(|| instructor.page("/room").contains("3 people"));
    let page = instructor.page("/room?lang=ko");
    assert!(page.contains(check.fact.ko) && page.contains("/ko/factor-03-config.html#mistakes"), "{page}");
    let mistake = format!("/mistakes/3/{}/{reason}", check.id);
    assert!(page.contains(&mistake));
    let diff = instructor.page(&mistake);
    assert!(diff.contains("<ins>+") && diff.contains("+++ b/"), "{diff}");
}

fn languages(database: &Database) {
    let board = Board::start(database);
    let instructor = board.instructor();
    let korean = |page: &str| page.contains("<html lang=\"ko\">") && page.chars().any(|c| ('가'..='힣').contains(&c));
    for path in ["/room", "/projector", "/report", "/instructor"] {
        assert!(korean(&instructor.page(&format!("{path}?lang=ko"))), "{path}");
        assert!(instructor.page(&format!("{path}?lang=en")).contains("<html lang=\"en\">"), "{path}");
    }
}
