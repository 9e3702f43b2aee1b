//! A run executes what lies in the workshop: whatever is no page of this server starts none.

use crate::client::{OUR_PAGE, ask, ask_as};
use crate::world::World;

const RUNS: &str = "/api/checks/factor-3/runs";

/// Refused, and nothing was started; a page of ours may do it afterwards.
#[track_caller]
fn starts_nothing(status: u16, method: &str, path: &str, headers: &[(&str, &str)]) {
    let world = World::with_books();
    assert_eq!(ask_as(world.port, method, path, headers).status, status);
    assert!(world.latest("factor-3").is_null());
    world.start("factor-3");
    world.until_noted("begins factor-3");
    assert_eq!(world.notes().len(), 1, "the refused request started a run as well");
}

#[test]
fn a_page_of_another_site_starts_nothing() {
    let world = World::with_books();
    let host = format!("localhost:{}", world.port);
    for site in ["cross-site", "same-site", "none"] {
        let answer = ask(world.port, "POST", RUNS, &[("Sec-Fetch-Site", site), ("Origin", &format!("http://{host}"))]);
        assert_eq!(answer.status, 403, "{site}");
    }
    for origin in ["http://example.com", "null", "http://localhost:1"] {
        assert_eq!(ask(world.port, "POST", RUNS, &[("Origin", origin)]).status, 403, "{origin}");
    }
    assert_eq!(ask(world.port, "POST", RUNS, &[]).status, 403, "neither header");
    assert!(world.latest("factor-3").is_null() && world.notes().is_empty());
    let ours = ask(world.port, "POST", RUNS, &[("Origin", &format!("http://{host}"))]);
    assert_eq!(ours.status, 202, "a browser that does not know Sec-Fetch-Site");
}

#[test]
fn another_name_for_this_machine_starts_nothing() {
    starts_nothing(403, "POST", RUNS, &[("Host", "rebound.example.com"), OUR_PAGE]);
}

#[test]
fn another_port_starts_nothing() {
    starts_nothing(403, "POST", RUNS, &[("Host", "localhost:1"), OUR_PAGE]);
}

#[test]
fn no_name_starts_nothing() {
    starts_nothing(403, "POST", RUNS, &[OUR_PAGE]);
}

#[test]
fn another_name_reads_nothing() {
    let world = World::with_books();
    for path in ["/en/", "/api/checks/factor-3", "/api/reload"] {
        assert_eq!(ask_as(world.port, "GET", path, &[("Host", "rebound.example.com")]).status, 403, "{path}");
        assert_eq!(world.get(path).status, 200, "{path}");
    }
}

#[test]
fn reading_starts_nothing() {
    let world = World::with_books();
    for path in [RUNS, "/api/checks/factor-3", "/api/runs/factor-3/events"] {
        for method in ["GET", "HEAD"] {
            let status = ask(world.port, method, path, &[OUR_PAGE]).status;
            assert!([200, 404, 405].contains(&status), "{method} {path}: {status}");
        }
    }
    assert!(world.latest("factor-3").is_null());
    world.start("factor-3");
    world.until_noted("begins factor-3");
    assert_eq!(world.notes().len(), 1);
}

#[test]
fn what_cannot_be_graded_is_not_found() {
    let world = World::with_books();
    for factor in ["factor-16", "config", "--all", "factor-3%2F..", "%2D%2Dhelp"] {
        let answer = ask(world.port, "POST", &format!("/api/checks/{factor}/runs"), &[OUR_PAGE]);
        assert_eq!(answer.status, 404, "{factor}");
    }
    assert_eq!(world.get("/api/runs/factor-3-0/events").status, 404);
    assert!(world.notes().is_empty());
}
