//! Every report as its reader sees it: hand-made runs in, snapshots out.
//!
//! `UPDATE_EXPECT=1 cargo test -p grader report` rewrites `tests/snapshots`; look at each change as a reader would.

use std::io::{self, Write};
use std::path::PathBuf;

use expect_test::{ExpectFile, expect_file};

use self::support::{BrokenPipe, Folder, Sink, name_in, tree};
use super::{Html, JUnit, JsonLines, Many, RunFiles, Terminal, TerminalOptions};
use crate::check::Speaker;
use crate::event::{Event, Observer};
use crate::text::Lang;

mod events;
mod support;

#[test]
fn terminal_passed() {
    terminal(plain(Lang::En), &events::passed(), expect_file!["../../tests/snapshots/terminal-passed.en.txt"]);
    terminal(plain(Lang::Ko), &events::passed(), expect_file!["../../tests/snapshots/terminal-passed.ko.txt"]);
}

#[test]
fn terminal_failed() {
    terminal(plain(Lang::En), &events::failed(), expect_file!["../../tests/snapshots/terminal-failed.en.txt"]);
    terminal(plain(Lang::Ko), &events::failed(), expect_file!["../../tests/snapshots/terminal-failed.ko.txt"]);
}

#[test]
fn terminal_failed_but_core_is_open() {
    let flags = "--path ../my-node-service".to_owned();
    let options = TerminalOptions { flags, ..plain(Lang::En) };
    terminal(options, &events::failed_full(), expect_file!["../../tests/snapshots/terminal-failed-full.en.txt"]);
    terminal(
        plain(Lang::Ko),
        &events::failed_full(),
        expect_file!["../../tests/snapshots/terminal-failed-full.ko.txt"],
    );
}

#[test]
fn a_repair_repeats_the_chosen_checks_and_a_pass_goes_beyond_them() {
    let last = |events: &[Event]| {
        let options = TerminalOptions { selection: "--core".to_owned(), ..plain(Lang::En) };
        shown(options, events).lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(last(&events::failed()), "Repair it, then: cargo xtask check factor-3 --core");
    assert_eq!(last(&events::core_only()), "Next: cargo xtask check factor-3");
}

#[test]
fn terminal_failed_verbose() {
    let options = TerminalOptions { verbose: true, ..plain(Lang::En) };
    terminal(options, &events::failed(), expect_file!["../../tests/snapshots/terminal-failed-verbose.en.txt"]);
}

#[test]
fn terminal_ungraded() {
    terminal(plain(Lang::En), &events::ungraded(), expect_file!["../../tests/snapshots/terminal-ungraded.en.txt"]);
    terminal(plain(Lang::Ko), &events::ungraded(), expect_file!["../../tests/snapshots/terminal-ungraded.ko.txt"]);
}

#[test]
fn terminal_ungraded_under_strict() {
    let events = events::strictly(events::ungraded());
    terminal(plain(Lang::En), &events, expect_file!["../../tests/snapshots/terminal-strict.en.txt"]);
    terminal(plain(Lang::Ko), &events, expect_file!["../../tests/snapshots/terminal-strict.ko.txt"]);
}

#[test]
fn terminal_core_only() {
    terminal(plain(Lang::En), &events::core_only(), expect_file!["../../tests/snapshots/terminal-core.en.txt"]);
    terminal(plain(Lang::Ko), &events::core_only(), expect_file!["../../tests/snapshots/terminal-core.ko.txt"]);
}

#[test]
fn terminal_blocked() {
    terminal(plain(Lang::En), &events::blocked(), expect_file!["../../tests/snapshots/terminal-blocked.en.txt"]);
    terminal(plain(Lang::Ko), &events::blocked(), expect_file!["../../tests/snapshots/terminal-blocked.ko.txt"]);
}

#[test]
fn terminal_error() {
    terminal(plain(Lang::En), &events::error(), expect_file!["../../tests/snapshots/terminal-error.en.txt"]);
    terminal(plain(Lang::Ko), &events::error(), expect_file!["../../tests/snapshots/terminal-error.ko.txt"]);
}

#[test]
fn terminal_of_several_factors_ends_with_a_table() {
    terminal(plain(Lang::En), &events::several(), expect_file!["../../tests/snapshots/terminal-several.en.txt"]);
    terminal(plain(Lang::Ko), &events::several(), expect_file!["../../tests/snapshots/terminal-several.ko.txt"]);
}

#[test]
fn terminal_aborted() {
    terminal(
        plain(Lang::En),
        &events::interrupted(),
        expect_file!["../../tests/snapshots/terminal-interrupted.en.txt"],
    );
    terminal(
        plain(Lang::Ko),
        &events::interrupted(),
        expect_file!["../../tests/snapshots/terminal-interrupted.ko.txt"],
    );
    terminal(plain(Lang::En), &events::disk_full(), expect_file!["../../tests/snapshots/terminal-aborted.en.txt"]);
    terminal(plain(Lang::Ko), &events::disk_full(), expect_file!["../../tests/snapshots/terminal-aborted.ko.txt"]);
}

#[test]
fn a_long_log_keeps_the_first_errors_of_a_build_and_the_last_words_of_a_service() {
    let build = shown(plain(Lang::En), &[events::talkative(Speaker::Build)]);
    assert!(
        build.contains("[build] line 1\n") && build.ends_with("[build] line 24\n    (6 more: see the details)\n"),
        "{build}"
    );
    let service = shown(plain(Lang::En), &[events::talkative(Speaker::Stdout)]);
    assert!(service.contains("(6 more: see the details)\n    [stdout] line 7\n"), "{service}");
    assert!(service.ends_with("[stdout] line 30\n"), "{service}");
}

#[test]
fn a_run_that_is_aborted_before_it_starts_has_no_details() {
    let why = "cannot create the folder of the run".to_owned();
    let shown = shown(plain(Lang::En), &[Event::RunAborted { why, interrupted: false }]);
    assert!(shown.ends_with("This run has no result.\n\nNext: cargo xtask doctor\n"), "{shown}");
}

#[test]
fn terminal_narrow() {
    let narrow = |lang| TerminalOptions { width: 44, ..plain(lang) };
    terminal(narrow(Lang::En), &events::failed(), expect_file!["../../tests/snapshots/terminal-narrow.en.txt"]);
    terminal(narrow(Lang::Ko), &events::failed(), expect_file!["../../tests/snapshots/terminal-narrow.ko.txt"]);
}

/// Escape characters are written as `␛`, so that the snapshot can be read.
#[test]
fn terminal_in_colour_with_a_live_line() {
    let runs = PathBuf::from("/workshop/target/workshop/runs");
    let options = TerminalOptions { color: true, live: true, links: true, runs, ..plain(Lang::Ko) };
    let shown = shown(options, &events::failed()).replace('\x1b', "␛").replace('\r', "␍\n");
    expect_file!["../../tests/snapshots/terminal-colour.ko.txt"].assert_eq(&shown);
}

#[test]
fn no_line_is_wider_than_the_terminal_unless_it_can_be_pasted() {
    for (width, lang) in
        [(40, Lang::En), (56, Lang::En), (72, Lang::En), (50, Lang::Ko), (56, Lang::Ko), (80, Lang::Ko)]
    {
        let shown = shown(TerminalOptions { width, ..plain(lang) }, &events::failed());
        // Paths, commands and what the service wrote are whole, so that they can be pasted.
        let whole = |line: &str| ["target/", "[std", "cargo xtask", "factor-3/"].iter().any(|part| line.contains(part));
        let too_wide = |line: &&str| crate::text::columns(line) > width && !whole(line);
        assert_eq!(shown.lines().skip(1).find(too_wide), None, "{width}");
    }
}

#[test]
fn json_lines() {
    let json = |events: &[Event]| observed(JsonLines::new, events);
    expect_file!["../../tests/snapshots/events-failed.jsonl"].assert_eq(&json(&events::failed()));
    expect_file!["../../tests/snapshots/events-strict.jsonl"].assert_eq(&json(&events::strictly(events::ungraded())));
    expect_file!["../../tests/snapshots/events-blocked.jsonl"].assert_eq(&json(&events::blocked()));
    expect_file!["../../tests/snapshots/events-aborted.jsonl"].assert_eq(&json(&events::disk_full()));
}

#[test]
fn every_json_line_is_one_object_and_the_last_one_is_the_result() {
    for events in [events::passed(), events::failed(), events::error(), events::blocked()] {
        let lines = observed(JsonLines::new, &events);
        let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["format_version"], 1);
        assert_eq!(lines.last().unwrap()["event"], "run-finished");
        assert_eq!(lines.len(), events.len());
    }
}

#[test]
fn junit() {
    junit_of(Lang::En, &events::failed(), expect_file!["../../tests/snapshots/junit-failed.en.xml"]);
    junit_of(Lang::Ko, &events::failed(), expect_file!["../../tests/snapshots/junit-failed.ko.xml"]);
    junit_of(Lang::En, &events::ungraded(), expect_file!["../../tests/snapshots/junit-ungraded.en.xml"]);
    junit_of(Lang::Ko, &events::blocked(), expect_file!["../../tests/snapshots/junit-blocked.ko.xml"]);
    junit_of(Lang::En, &events::error(), expect_file!["../../tests/snapshots/junit-error.en.xml"]);
    junit_of(Lang::En, &events::disk_full(), expect_file!["../../tests/snapshots/junit-aborted.en.xml"]);
}

#[test]
fn a_junit_file_is_red_until_the_run_has_finished() {
    let folder = Folder::new("junit-started");
    let file = folder.0.join("junit.xml");
    JUnit::new(&file, Lang::En).observe(&events::passed()[0]).unwrap();
    assert!(std::fs::read_to_string(&file).unwrap().contains("<error type=\"grader\" message=\"no result: "));
}

#[test]
fn a_junit_path_that_cannot_be_written_fails_at_once() {
    let mut junit = JUnit::new("/no/such/folder/junit.xml", Lang::En);
    assert!(junit.observe(&events::passed()[0]).is_err());
}

#[test]
fn html() {
    html_of(Lang::En, &events::failed(), expect_file!["../../tests/snapshots/html-failed.en.html"]);
    html_of(Lang::Ko, &events::failed(), expect_file!["../../tests/snapshots/html-failed.ko.html"]);
    html_of(Lang::En, &events::ungraded(), expect_file!["../../tests/snapshots/html-ungraded.en.html"]);
    html_of(Lang::Ko, &events::blocked(), expect_file!["../../tests/snapshots/html-blocked.ko.html"]);
    html_of(Lang::En, &events::disk_full(), expect_file!["../../tests/snapshots/html-aborted.en.html"]);
}

#[test]
fn a_page_says_that_there_is_no_result_until_the_run_has_finished() {
    let folder = Folder::new("html-started");
    let file = folder.0.join("report.html");
    Html::new(&file, Lang::En).observe(&events::passed()[0]).unwrap();
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page.contains("no result") && !page.contains("PASS"), "{page}");
}

#[test]
fn run_files() {
    files(&events::failed(), expect_file!["../../tests/snapshots/files-failed.txt"]);
    files(&events::ungraded(), expect_file!["../../tests/snapshots/files-ungraded.txt"]);
    files(&events::blocked(), expect_file!["../../tests/snapshots/files-blocked.txt"]);
}

#[test]
fn an_aborted_run_leaves_no_result_not_even_an_older_one() {
    let folder = Folder::new("files-aborted");
    std::fs::write(folder.0.join("report.json"), "{\"overall\":\"passed\"}").unwrap();
    let mut files = RunFiles::new(&folder.0, Lang::En).unwrap();
    observe_all(&mut files, &events::passed());
    assert!(folder.0.join("report.json").exists());
    files.observe(&events::interrupted().pop().unwrap()).unwrap();
    let names: Vec<String> = tree(&folder.0).into_iter().map(|file| name_in(&folder.0, &file)).collect();
    assert!(names.contains(&"events.jsonl".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("report.json")), "{names:?}");
}

#[test]
fn every_observer_sees_an_event_that_one_of_them_could_not_write() {
    let sink = Sink::default();
    let broken = JUnit::new("/no/such/folder/junit.xml", Lang::En);
    let mut many = Many(vec![Box::new(broken), Box::new(JsonLines::new(Box::new(sink.clone())))]);
    assert!(many.observe(&events::passed()[0]).is_err());
    assert!(sink.words().contains("run-started"));
}

#[test]
fn a_reader_that_left_can_be_told_from_other_errors() {
    let terminal = Terminal::new(Box::new(BrokenPipe), plain(Lang::En));
    let mut many = Many(vec![Box::new(terminal), Box::new(JsonLines::new(Box::new(BrokenPipe)))]);
    let error = many.observe(&events::passed()[0]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

fn plain(lang: Lang) -> TerminalOptions {
    TerminalOptions::plain(lang)
}

#[track_caller]
fn terminal(options: TerminalOptions, events: &[Event], expected: ExpectFile) {
    expected.assert_eq(&shown(options, events));
}

fn shown(options: TerminalOptions, events: &[Event]) -> String {
    observed(|sink| Terminal::new(sink, options), events)
}

fn observed<O: Observer>(make: impl FnOnce(Box<dyn Write + Send>) -> O, events: &[Event]) -> String {
    let sink = Sink::default();
    observe_all(&mut make(Box::new(sink.clone())), events);
    sink.words()
}

fn observe_all(observer: &mut dyn Observer, events: &[Event]) {
    events.iter().for_each(|event| observer.observe(event).unwrap());
}

fn html_of(lang: Lang, events: &[Event], expected: ExpectFile) {
    let folder = Folder::new("html");
    let file = folder.0.join("report.html");
    observe_all(&mut Html::new(&file, lang), events);
    expected.assert_eq(&std::fs::read_to_string(&file).unwrap());
}

fn junit_of(lang: Lang, events: &[Event], expected: ExpectFile) {
    let folder = Folder::new("junit");
    let file = folder.0.join("junit.xml");
    observe_all(&mut JUnit::new(&file, lang), events);
    expected.assert_eq(&std::fs::read_to_string(file).unwrap());
}

/// All files of a run in one snapshot, each under its name.
fn files(events: &[Event], expected: ExpectFile) {
    let folder = Folder::new("files");
    observe_all(&mut RunFiles::new(&folder.0, Lang::En).unwrap(), events);
    let shown = |file: &PathBuf| {
        let name = name_in(&folder.0, file);
        // These two have snapshots of their own.
        let own = ["events.jsonl", "junit.xml"].contains(&name.as_str());
        let words = if own { "…\n".to_owned() } else { std::fs::read_to_string(file).unwrap() };
        format!("──── {name}\n{words}")
    };
    expected.assert_eq(&tree(&folder.0).iter().map(shown).collect::<String>());
}
