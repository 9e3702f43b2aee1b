//! However it ends, the terminal is as it was and nothing is left.

use crate::tmux::{Screen, is_missing};
use crate::world::World;

/// Brings a session to a place, ends it with Ctrl-C, and looks what is left.
fn interrupted_after(prepare: impl Fn(&World), reach: impl Fn(&Screen)) {
    if is_missing() {
        return;
    }
    let world = World::new();
    prepare(&world);
    let screen = Screen::open(&world, (80, 24), "--lang en");
    reach(&screen);
    screen.press("C-c");
    screen.ended(130);
    assert!(!screen.is_taken());
    screen.until(&["Next: cargo xtask watch factor-3"]);
    drop(screen);
    world.leaves_nothing();
}

#[test]
fn ctrl_c_while_grading() {
    interrupted_after(World::hang, |screen| screen.until(&["Grading the core checks: starting it"]));
}

#[test]
fn ctrl_c_at_a_report() {
    interrupted_after(|_| {}, |screen| screen.until(&["✗ FAIL factor-3/", "Waiting for a save"]));
}

#[test]
fn ctrl_c_at_a_hint() {
    let hint = |screen: &Screen| {
        screen.until(&["Waiting for a save", "h:hint"]);
        screen.press("h");
        screen.until(&["Hint 2 of 3"]);
    };
    interrupted_after(|_| {}, hint);
}

#[test]
fn ctrl_c_in_the_list() {
    let list = |screen: &Screen| {
        screen.until(&["Waiting for a save", "l:list"]);
        screen.press("l");
        screen.until(&["f:filter"]);
    };
    interrupted_after(|_| {}, list);
}

#[test]
fn ctrl_c_at_a_question() {
    let question = |screen: &Screen| {
        screen.until(&["Waiting for a save", "r:reset"]);
        screen.press("r");
        screen.until(&["y:put them back"]);
    };
    interrupted_after(|_| {}, question);
}

#[test]
fn ctrl_c_while_everything_is_graded() {
    let every = |screen: &Screen| {
        screen.until(&["Waiting for a save", "c:check all"]);
        screen.press("c");
        screen.until(&["Grading every exercise"]);
    };
    interrupted_after(|_| {}, every);
}

#[test]
fn q_while_grading_ends_the_run_too() {
    if is_missing() {
        return;
    }
    let world = World::new();
    world.hang();
    let screen = Screen::open(&world, (80, 24), "--lang en");
    screen.until(&["Grading the core checks: starting it"]);
    screen.press("q");
    screen.ended(0);
    drop(screen);
    world.leaves_nothing();
}

#[test]
fn a_panic_gives_the_screen_back_before_it_speaks() {
    if is_missing() {
        return;
    }
    let world = World::new();
    let line = format!("{} __panic; stty -a", env!("CARGO_BIN_EXE_workshop-watch"));
    let screen = Screen::running(&world, (80, 24), &line);
    screen.until(&["on purpose, in the middle of a screen", " icanon "]);
    assert!(!screen.is_taken());
}

#[test]
fn a_closed_terminal_ends_it() {
    if is_missing() {
        return;
    }
    let world = World::new();
    world.hang();
    let screen = Screen::open(&world, (80, 24), "--lang en");
    screen.until(&["Grading the core checks: starting it"]);
    drop(screen);
    world.leaves_nothing();
}
