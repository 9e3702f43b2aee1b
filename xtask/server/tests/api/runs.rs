//! Runs: one per factor, one after the other, to be followed from anywhere.

use std::fs;

use serde_json::json;

use crate::client::{Sent, ask};
use crate::world::World;

fn kinds(events: &[Sent]) -> Vec<&str> {
    events.iter().map(|sent| sent.data["event"].as_str().unwrap_or(&sent.name)).collect()
}

#[test]
fn a_run_is_followed_to_its_end() {
    let world = World::with_books();
    world.go_on("factor-3");
    let run = world.start("factor-3");
    let events = world.follow(&run).events();
    assert_eq!(kinds(&events), ["run-started", "check-finished", "run-finished", "done"]);
    let ids: Vec<&str> = events.iter().map(|sent| sent.id.as_str()).collect();
    assert_eq!(ids, ["0", "1", "2", ""]);
    let arguments = json!(["__while-stdin-is-open", "check", "factor-3", "--json", "--lang", "ko"]);
    assert_eq!(events[0].data["arguments"], arguments);
    assert_eq!(world.latest("factor-3"), run);
}

#[test]
fn events_come_as_they_happen() {
    let world = World::with_books();
    let mut page = world.follow(&world.start("factor-3"));
    assert_eq!(page.next_event().unwrap().data["event"], "run-started");
    // Only now may the grader go on: what came before did not wait for it.
    world.go_on("factor-3");
    assert_eq!(kinds(&page.events()), ["check-finished", "run-finished", "done"]);
}

#[test]
fn a_page_that_was_reloaded_goes_on_where_it_left_off() {
    let world = World::with_books();
    world.go_on("factor-3");
    let run = world.start("factor-3");
    assert_eq!(world.follow(&run).events().len(), 4);
    let path = format!("/api/runs/{run}/events");
    let rest = ask(world.port, "GET", &path, &[("Last-Event-ID", "1")]).events();
    assert_eq!(kinds(&rest), ["run-finished", "done"]);
    assert_eq!(kinds(&world.get(&format!("{path}?from=1")).events()), ["check-finished", "run-finished", "done"]);
    assert_eq!(kinds(&ask(world.port, "GET", &path, &[("Last-Event-ID", "99")]).events()), ["done"]);
}

#[test]
fn a_second_wish_for_a_run_that_goes_on_is_the_same_run() {
    let world = World::with_books();
    let first = world.start("factor-3");
    assert_eq!(world.start("factor-3"), first);
    world.go_on("factor-3");
    world.follow(&first).events();
    let next = world.start("factor-3");
    assert_ne!(next, first);
    world.follow(&next).events();
    assert_eq!(world.notes(), ["begins factor-3", "ends factor-3", "begins factor-3", "ends factor-3"]);
    assert_eq!(world.get(&format!("/api/runs/{first}/events")).status, 404, "the last run alone is kept");
}

#[test]
fn runs_of_two_factors_go_one_after_the_other() {
    let world = World::with_books();
    world.go_on("factor-11");
    let first = world.start("factor-3");
    let mut page = world.follow(&first);
    page.next_event().unwrap();
    let second = world.start("factor-11");
    assert_eq!(world.start("factor-11"), second, "one that waits is not started twice");
    world.go_on("factor-3");
    assert_eq!(kinds(&world.follow(&second).events()).last(), Some(&"done"));
    assert_eq!(world.notes(), ["begins factor-3", "ends factor-3", "begins factor-11", "ends factor-11"]);
}

#[test]
fn a_grader_that_ends_without_a_result_is_quoted() {
    let world = World::with_books();
    world.write("complaint", "app.toml: there is no app called links");
    let events = world.follow(&world.start("factor-3")).events();
    assert_eq!(kinds(&events), ["run-aborted", "done"]);
    assert_eq!(events[0].data["why"], "app.toml: there is no app called links");
    assert_eq!(events[0].data["interrupted"], false);
}

#[test]
fn a_grader_that_says_nothing_at_all_ended_too() {
    let world = World::with_books();
    world.write("grader", "#!/bin/sh\nexit 70\n");
    let events = world.follow(&world.start("factor-3")).events();
    assert_eq!(events[0].data["why"], "the grader ended with exit status: 70");
}

#[test]
fn a_grader_that_is_missing_is_named() {
    let world = World::with_books();
    fs::remove_file(world.path("grader")).unwrap();
    let events = world.follow(&world.start("factor-3")).events();
    assert_eq!(kinds(&events), ["run-aborted", "done"]);
    assert!(events[0].data["why"].as_str().unwrap().contains("grader: No such file"));
}
