//! A newcomer's whole session, from the first failure to the next exercise.

use crate::tmux::{Screen, is_missing};
use crate::world::World;

/// The words by which a language is recognised.
struct Words {
    lang: &'static str,
    hint: &'static str,
    reset: &'static str,
    left_alone: &'static str,
    open: &'static str,
    next: &'static str,
    solution: &'static str,
    put_back: &'static str,
    factor_11: &'static str,
    locked: &'static str,
}

const ENGLISH: Words = Words {
    lang: "en",
    hint: "Hint 2 of 3",
    reset: "Put the starter's files back?",
    left_alone: "Nothing was changed.",
    open: "The core checks pass.",
    next: "n:next",
    solution: "The reference solution",
    put_back: "is as it was delivered. Your files:",
    factor_11: "Factor 11: Logs",
    locked: "once the core checks pass",
};

const KOREAN: Words = Words {
    lang: "ko",
    hint: "힌트 2/3",
    reset: "처음 상태로 되돌릴까요?",
    left_alone: "아무것도 바꾸지 않았습니다.",
    open: "핵심 검사를 모두 통과했습니다.",
    next: "n:다음",
    solution: "정답 코드",
    put_back: "처음 상태로 되돌렸습니다.",
    factor_11: "팩터 11: 로그",
    locked: "핵심 검사를 통과하면 열립니다",
};

#[test]
fn a_newcomer_in_english() {
    whole(&ENGLISH, (80, 24), "");
}

#[test]
fn a_newcomer_in_english_in_a_narrow_terminal() {
    whole(&ENGLISH, (40, 30), "--core");
}

#[test]
fn a_newcomer_in_korean() {
    whole(&KOREAN, (80, 24), "--core");
}

#[test]
fn a_newcomer_in_korean_in_a_narrow_terminal() {
    whole(&KOREAN, (40, 30), "--core");
}

/// With the checks that are graded once the core checks pass, or without, since they take a while.
fn whole(words: &Words, size: (u16, u16), checks: &str) {
    if is_missing() {
        return;
    }
    let world = World::new();
    let screen = Screen::open(&world, size, &format!("--lang {} {checks}", words.lang));
    let failure = "✗ FAIL factor-3/";
    screen.until(&[failure, "h:", "✗"]);
    assert!(screen.is_taken());
    // What is not open yet is not offered, and says what opens it.
    assert!(!screen.shown().contains(words.next));
    screen.press("n");
    screen.until(&[words.locked]);
    screen.press("h");
    screen.until(&[words.hint]);
    screen.press("Escape");
    screen.until(&[failure]);
    the_list(&screen);
    screen.press("r");
    screen.until(&[words.reset, "src/links.py"]);
    screen.press("x");
    screen.until(&[words.left_alone, failure]);
    world.repair();
    screen.until(&[words.open, words.next]);
    // The rest of the checks follows, and the exercise stays where it is.
    let verdicts = if checks.is_empty() { 7 } else { 3 };
    screen.until_so("every verdict", |shown| shown.matches('✓').count() >= verdicts && shown.contains("s:"));
    screen.press("s");
    screen.until(&[words.solution, "solutions/factor-03-config"]);
    screen.press("Escape");
    // A key right behind Escape would be Alt with that key.
    screen.until_so("the report", |shown| !shown.contains("Esc:"));
    screen.press("r");
    screen.until(&[words.reset]);
    screen.press("y");
    // A service that was taken away does not start; the next save would be graded.
    screen.until(&[words.put_back, "BLOCKED"]);
    assert!(world.path("exercises/factor-03-config/src/main.rs").is_file());
    screen.press("n");
    screen.until(&[words.factor_11]);
    screen.press("q");
    screen.ended(0);
    assert!(!screen.is_taken());
    screen.until(&["cargo xtask watch factor-11"]);
    drop(screen);
    world.leaves_nothing();
}

fn the_list(screen: &Screen) {
    screen.press("l");
    screen.until(&["▸ ✗  3"]);
    // Both at once, as somebody types who knows the list: the second key is meant for what the first one leaves.
    screen.press("f Down");
    screen.until(&["▸ ○  4"]);
    screen.press("Escape");
    screen.until(&["✗ FAIL factor-3/"]);
}

#[test]
fn a_save_while_grading_is_graded_afterwards_and_a_resize_is_drawn_anew() {
    if is_missing() {
        return;
    }
    let world = World::new();
    world.hang();
    let screen = Screen::open(&world, (80, 24), "--lang en --core");
    screen.until(&["Grading the core checks: starting it"]);
    screen.resize(40, 20);
    screen.until_so("a narrow rule", |shown| shown.lines().any(|line| line == "─".repeat(40)));
    // Keys wait for nobody: what is pressed now is not done later.
    screen.press("l");
    world.repair();
    screen.until(&["The core checks pass.", "Waiting for a save"]);
    screen.press("C-c");
    screen.ended(130);
    drop(screen);
    world.leaves_nothing();
}

#[test]
fn colours_are_a_wish_and_the_words_stay() {
    if is_missing() {
        return;
    }
    let coloured =
        |painted: &str| ["\x1b[31m", "\x1b[32m", "\x1b[1m", ";31m", "[31"].iter().any(|code| painted.contains(code));
    for (prefix, expected) in [("", true), ("NO_COLOR=1", false)] {
        let world = World::new();
        let watch = format!("{prefix} {} watch factor-3", env!("CARGO_BIN_EXE_workshop-watch"));
        let screen = Screen::running(&world, (80, 24), &watch);
        screen.until(&["✗ FAIL factor-3/"]);
        assert_eq!(coloured(&screen.painted()), expected, "{:?}", screen.painted());
    }
}
