//! The state alone: inputs in, wishes out.

use std::time::Duration;

use grader::check::{Failure, LabError, Stop, Tier};
use grader::event::{CheckFinished, RunStarted};
use grader::factors::{FACTORS, Factor};
use grader::outcome::FactorOutcome;
use grader::text::text;

use super::*;

fn factor() -> &'static Factor {
    &FACTORS[3]
}

fn state() -> State {
    State::new(3, false, false, false)
}

/// A state whose first run has begun.
fn begun() -> State {
    let mut state = state();
    assert_eq!(state.begin(), [Wish::Grade(Scope::Core)]);
    state
}

/// The checks of this tier and before end; the first with a failure if `fails`, the others pass.
fn outcome(whole: bool, fails: bool) -> Outcome {
    let ran = |tier: Tier| whole || tier == Tier::Core;
    let failure = Failure::new("base-url-ignored", text("", ""), text("", ""), text("", ""));
    let finished = |(index, check)| CheckFinished {
        factor: factor(),
        check,
        stop: (fails && index == 0).then(|| Stop::from(failure.clone())),
        remarks: Vec::new(),
        took: Duration::ZERO,
        output: Vec::new(),
        timeline: Vec::new(),
    };
    let (run, left_out): (Vec<_>, Vec<_>) = factor().checks().iter().partition(|check| ran(check.tier));
    let checks = run.into_iter().enumerate().map(finished).collect();
    Outcome { factors: vec![FactorOutcome { factor: factor(), blocked: None, checks, left_out }], ..Outcome::default() }
}

fn ends(state: &mut State, whole: bool, fails: bool) -> Vec<Wish> {
    let outcome = outcome(whole, fails);
    state.on(Input::Event(Box::new(Event::RunFinished(outcome.clone()))));
    state.on(Input::Ended(Ok(Ended::Finished(outcome))))
}

fn press(state: &mut State, character: char) -> Vec<Wish> {
    state.on(Input::Key(Key::of(character)))
}

/// A state in which the first core run has failed.
fn failed() -> State {
    let mut state = begun();
    assert_eq!(ends(&mut state, false, true), []);
    state
}

#[test]
fn a_save_grades_the_core_checks_until_they_pass_and_then_everything() {
    let mut state = failed();
    assert_eq!(state.on(Input::Saved), [Wish::Grade(Scope::Core)]);
    assert_eq!(ends(&mut state, false, false), [Wish::Grade(Scope::Whole)], "the rest follows at once");
    assert_eq!(state.note, Some(Note::CoreOpen));
    assert_eq!(ends(&mut state, true, false), []);
    assert!(state.passed && state.failure.is_none());
    assert_eq!(state.on(Input::Saved), [Wish::Grade(Scope::Whole)]);
}

#[test]
fn who_wants_the_core_checks_alone_gets_no_others() {
    let mut state = State::new(3, false, true, true);
    assert_eq!(state.begin(), [Wish::Grade(Scope::Core)]);
    assert_eq!(ends(&mut state, false, false), []);
    assert_eq!(state.on(Input::Saved), [Wish::Grade(Scope::Core)]);
}

#[test]
fn saves_during_a_run_are_graded_once_after_it() {
    let mut state = begun();
    assert_eq!(state.on(Input::Saved), []);
    assert_eq!(state.on(Input::Saved), []);
    assert_eq!(ends(&mut state, false, true), [Wish::Grade(Scope::Core)]);
    assert_eq!(ends(&mut state, false, true), []);
    // The newest content comes before the rest of the checks.
    state.on(Input::Saved);
    state.on(Input::Saved);
    assert_eq!(ends(&mut state, false, false), [Wish::Grade(Scope::Whole)]);
    assert_eq!(ends(&mut state, true, false), []);
}

#[test]
fn the_last_verdicts_stay_while_something_is_graded() {
    let mut state = failed();
    state.on(Input::Saved);
    state.on(Input::Event(Box::new(Event::RunAborted { why: String::new(), interrupted: false })));
    assert!(matches!(state.shown(), [Event::RunFinished(_)]));
    state.on(Input::Ended(Ok(Ended::Failed(LabError::new("", "")))));
    assert!(matches!(state.shown(), [Event::RunAborted { .. }]));
}

#[test]
fn the_first_report_is_seen_while_it_grows() {
    let mut state = begun();
    let run = RunStarted { run_id: String::new(), seed: 1, subject: String::new(), factors: vec![], strict: false };
    state.on(Input::Event(Box::new(Event::RunStarted(run))));
    assert_eq!(state.shown().len(), 1);
}

#[test]
fn keys_that_change_something_are_ignored_while_grading_and_reading_goes_on() {
    let mut state = begun();
    for key in ['n', 'h', 'l', 'c', 'r', 's', 'y'] {
        assert_eq!(press(&mut state, key), [], "{key}");
        assert_eq!(state.view, View::Report, "{key}");
    }
    assert_eq!(state.on(Input::Key(Key::Enter)), []);
    state.on(Input::Key(Key::Down));
    assert_eq!(state.scroll, Scroll::To(1));
}

#[test]
fn next_and_solution_open_with_the_core_checks_and_nothing_jumps_by_itself() {
    let mut state = failed();
    assert_eq!(press(&mut state, 'n'), []);
    assert_eq!(state.note, Some(Note::NextLocked));
    state.on(Input::Saved);
    ends(&mut state, false, false);
    ends(&mut state, true, false);
    assert_eq!(press(&mut state, 's'), [Wish::Solution]);
    assert_eq!(press(&mut state, 'n'), [Wish::GoOn]);
    assert_eq!(state.turned(11, false), [Wish::Grade(Scope::Core)]);
    assert_eq!((state.factor, state.core_open, state.report.len()), (11, false, 0));
}

#[test]
fn hints_are_about_what_failed() {
    let mut state = failed();
    assert_eq!(press(&mut state, 'h'), [Wish::Hint]);
    state.on(Input::Saved);
    ends(&mut state, false, false);
    ends(&mut state, true, false);
    assert_eq!(press(&mut state, 'h'), []);
    assert_eq!(state.note, Some(Note::NothingFailed));
}

#[test]
fn a_reset_asks_first_and_a_save_does_not_take_the_question_away() {
    let mut state = failed();
    assert_eq!(press(&mut state, 'r'), [Wish::AskReset]);
    state.show(View::Reset(vec!["src/main.rs".to_owned()]));
    assert_eq!(state.on(Input::Saved), []);
    assert!(matches!(state.view, View::Reset(_)));
    assert_eq!(press(&mut state, 'n'), [Wish::Grade(Scope::Core)], "the save is graded after the answer");
    ends(&mut state, false, true);
    state.show(View::Reset(vec!["src/main.rs".to_owned()]));
    assert_eq!(press(&mut state, 'ㅛ'), [Wish::Reset], "a keyboard that writes Hangul");
}

#[test]
fn the_list_is_filtered_and_leads_to_what_is_listed() {
    let mut state = failed();
    press(&mut state, 'l');
    let listed = |state: &mut State| {
        let View::List(list) = &mut state.view else { panic!("the list") };
        list.show(FACTORS.iter());
        list.at
    };
    assert_eq!(listed(&mut state), 3, "the mark stands where somebody works");
    assert_eq!(state.on(Input::Key(Key::Number(99))), [], "there is none");
    assert_eq!(state.on(Input::Key(Key::Number(9))), [Wish::TurnTo(9)]);
    press(&mut state, 'f');
    assert!(matches!(&state.view, View::List(list) if list.filter == Filter::Open));
    state.on(Input::Key(Key::Escape));
    assert_eq!(state.view, View::Report);
}

#[test]
fn a_check_of_everything_ends_in_the_list() {
    let mut state = failed();
    assert_eq!(press(&mut state, 'c'), [Wish::Grade(Scope::Every)]);
    assert_eq!(state.on(Input::Saved), []);
    assert_eq!(state.on(Input::AllEnded), [Wish::Grade(Scope::Core)], "what was saved meanwhile");
    assert!(matches!(state.view, View::List(_)));
}

#[test]
fn leaving_waits_for_the_run_and_only_a_key_has_to_tell_it() {
    let mut state = failed();
    assert_eq!(press(&mut state, 'q'), [Wish::Leave(Leave::Quit)]);
    let mut state = begun();
    assert_eq!(press(&mut state, 'ㅂ'), [Wish::Interrupt]);
    assert_eq!(state.on(Input::Signal), [], "the signal of the interruption itself");
    assert_eq!(state.on(Input::Ended(Ok(Ended::Interrupted))), [Wish::Leave(Leave::Quit)]);
    let mut state = begun();
    assert_eq!(state.on(Input::Signal), [], "the run has heard it as well");
    assert_eq!(state.on(Input::Ended(Ok(Ended::Interrupted))), [Wish::Leave(Leave::Interrupted)]);
    assert_eq!(failed().on(Input::Gone), [Wish::Leave(Leave::Interrupted)]);
}

#[test]
fn without_saves_and_without_keys_the_first_verdict_is_the_last() {
    let mut state = State::new(3, true, false, false);
    state.begin();
    assert_eq!(state.on(Input::NoKeys), []);
    assert_eq!(ends(&mut state, false, true), [Wish::Leave(Leave::Quit)]);
    let mut state = begun();
    state.on(Input::NoKeys);
    assert_eq!(ends(&mut state, false, true), []);
    assert_eq!(state.on(Input::Saved), [Wish::Grade(Scope::Core)]);
}

#[test]
fn a_file_system_that_reports_nothing_is_graded_by_hand() {
    let mut state = failed();
    state.on(Input::Blind("no inotify".to_owned()));
    assert!(state.manual);
    assert_eq!(state.on(Input::Key(Key::Enter)), [Wish::Grade(Scope::Core)]);
}

#[test]
fn a_run_that_cannot_begin_says_why_and_the_next_save_is_graded() {
    let mut state = begun();
    state.on(Input::Ended(Err("app.toml".to_owned())));
    assert_eq!(state.note, Some(Note::Said("app.toml".to_owned())));
    assert_eq!(state.on(Input::Saved), [Wish::Grade(Scope::Core)]);
}
