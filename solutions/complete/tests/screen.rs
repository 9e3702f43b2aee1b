//! What the pipeline asks before it releases anything: verdicts, and cursors that lead where they came from.

use jjalda::screen::Screen;
use jjalda::store::Cursor;

#[test]
fn a_denied_host_is_denied_and_no_other() {
    let screen =
        Screen { denied_hosts: vec!["bad.example".to_owned()], api_keys: Vec::new(), release_id: String::new() };
    assert_eq!(screen.judged("bad.example").0, "deny");
    assert_eq!(screen.judged("good.example").0, "allow");
}

#[test]
fn a_cursor_survives_the_way_to_the_client_and_back() {
    let cursor = Cursor { made: 1_732_700_000_123_456, slug: "tteok-4k2m9x".to_owned() };
    assert_eq!(cursor.to_string().parse(), Ok(cursor));
    for nonsense in ["", "tteok-4k2m9x", "x.tteok", "99999999999999999999.l"] {
        assert_eq!(nonsense.parse::<Cursor>(), Err(()), "{nonsense}");
    }
}
