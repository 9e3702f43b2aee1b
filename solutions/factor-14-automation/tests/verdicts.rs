//! What the pipeline asks before it releases anything.

use solution_14_automation::http::judged;

#[test]
fn a_denied_host_is_denied_and_no_other() {
    let denied = ["bad.example".to_owned()];
    assert_eq!(judged("bad.example", &denied).0, "deny");
    assert_eq!(judged("good.example", &denied).0, "allow");
}
